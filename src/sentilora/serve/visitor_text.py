"""A visitor's text, cut to what the server takes and freed of what cannot be shown."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from sentilora.serve.server_limits import MAX_CHARACTERS

_KEPT_CONTROLS = "\n\r\t\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"


@dataclass(frozen=True)
class VisitorText:
    """A text as it is read, and what was left out of it."""

    text: str
    """Within the limit, every character can be shown; empty if nothing is left."""
    notice: str
    """What was left out, in a sentence; empty if nothing was."""


def clean_text(text: str) -> VisitorText:
    """Cut a text to ``MAX_CHARACTERS``, and leave out control characters and lone surrogates.

    Nothing is escaped here: what shows a text shows it as text.
    """
    cut = text[:MAX_CHARACTERS]
    shown = "".join(filter(_can_be_shown, cut))
    notices = []
    if len(cut) < len(text):
        notices.append(f"Only the first {MAX_CHARACTERS:,} of {len(text):,} characters were read.")
    if len(shown) < len(cut):
        notices.append("Control characters were left out.")
    return VisitorText(shown.strip(), " ".join(notices))


def _can_be_shown(character: str) -> bool:
    return character in _KEPT_CONTROLS or unicodedata.category(character) not in ("Cc", "Cf", "Cs")
