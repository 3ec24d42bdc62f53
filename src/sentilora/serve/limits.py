"""What the demo takes: how much, how many at a time, for how long. Beyond it the answer is a sentence."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

MAX_CHARACTERS = 2000
"""Of one text. 128 wordpieces, which is what most studies read, are about 600."""
MAX_TEXTS = 64
"""Of one request of a program."""
MAX_BODY_BYTES = 2_000_000
"""Of any request: a pasted text of 100,000 characters still reaches the sentence that says it was cut."""
MAX_WAITING_REQUESTS = 128
"""Requests of programs that wait for a classifier; 50 clients that ask in turn never fill it."""
MAX_WAITING_CLICKS = 32
"""Clicks on the page that wait; the wait for the last of them is then bounded too."""
MAX_CONNECTIONS = 512
MAX_SECONDS = 10
"""Longest wait for an answer to a program."""
ROWS_A_PAGE = 10
"""Of the table of errors."""

_KEPT_CONTROLS = "\n\r\t\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"


@dataclass(frozen=True)
class Accepted:
    """A text as it is read: within bounds, and nothing in it that cannot be shown."""

    text: str
    """The text; empty if nothing is left."""
    notice: str
    """What was done to it, in a sentence; empty if nothing was."""


def accept(text: str) -> Accepted:
    """A visitor's text, cut to ``MAX_CHARACTERS``, control characters and lone surrogates left out.

    Nothing is escaped here: what shows a text shows it as text.
    """
    cut = text[:MAX_CHARACTERS]
    shown = "".join(character for character in cut if _can_be_shown(character)).strip()
    notices = []
    if len(cut) < len(text):
        notices.append(f"Only the first {MAX_CHARACTERS:,} of {len(text):,} characters were read.")
    if any(not _can_be_shown(character) for character in cut):
        notices.append("Control characters were left out.")
    return Accepted(shown, " ".join(notices))


def _can_be_shown(character: str) -> bool:
    return character in _KEPT_CONTROLS or unicodedata.category(character) not in ("Cc", "Cf", "Cs")
