"""Other people's text, made safe to show: reviews, class names, claims and messages are never markup.

Typst and matplotlib receive text as data, so nothing in it is executed there; what is left is text that
breaks a layout (10,000 characters, a word without a space, direction overrides, towers of accents,
control characters) and text that CSV and Markdown readers would interpret. The excerpt is lossy on
purpose: the records keep the text as it was.
"""

from __future__ import annotations

import re
import unicodedata

ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_BREAK_HERE = "\N{ZERO WIDTH SPACE}"
_WORD_JOINER = "\N{WORD JOINER}"
_JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"
_MOST_ACCENTS = 2
_LONGEST_WORD = 24
_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


def excerpt(text: str, most: int = 160) -> str:
    """One line of at most ``most`` visible characters, cut with an ellipsis, free of control characters.

    Line breaks and tabs become spaces; direction overrides and other invisible controls go, as do accents
    beyond two on one letter; lone surrogates and private-use characters become U+FFFD.
    """
    # A text's length is not bounded: only what can be shown is worth cleaning.
    head = text[: 8 * most]
    line = " ".join("".join(_visible(character) for character in head).split())
    line = _at_most_two_accents(unicodedata.normalize("NFC", line))
    if len(line) <= most and len(head) == len(text):
        return line
    cut = line[: most - 1]
    space = cut.rfind(" ")
    return (cut[:space] if space > 0.8 * most else cut).rstrip() + ELLIPSIS


def breakable(text: str) -> str:
    """The text with invisible break opportunities in words too long for a line of a report."""
    return re.sub(rf"\S{{{_LONGEST_WORD}}}(?=\S)", lambda word: word[0] + _BREAK_HERE, text)


def csv_cell(value: str | float | int | None) -> str:
    """A cell that a spreadsheet reads as text or as a number, and never as a formula (OWASP's rule).

    Numbers, negative ones too, stay numbers; only *text* that starts like a formula gets an apostrophe.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.lstrip(" \N{NO-BREAK SPACE}").startswith(_FORMULA_STARTS) else value
    return repr(value)


def markdown_cell(text: str) -> str:
    """A Markdown table cell in which nothing is a link, a tag, a mention, emphasis or a column's end."""
    escaped = re.sub(r"[\\`*_{}\[\]<>#|~&$!]|:(?=//)", r"\\\g<0>", text)
    escaped = re.sub(r"(?i)(www)\.", r"\1\\.", escaped)
    return escaped.replace("@", "@" + _WORD_JOINER)


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    if category in ("Cs", "Co"):
        return _REPLACEMENT
    if category == "Cf" and character not in _JOINERS:
        return ""
    return character


def _at_most_two_accents(text: str) -> str:
    kept, accents = [], 0
    for character in text:
        accents = accents + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if accents <= _MOST_ACCENTS:
            kept.append(character)
    return "".join(kept)
