"""How text points at tables and figures without knowing their numbers.

A section writes a name (``see("costs")``) where a reference belongs. Whoever prints knows the numbers and
puts " (Table 4)" there, or nothing where no such table or figure is printed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sentilora.evidence.writing.numbers import NBSP

# Private-use characters: ``excerpt`` lets none through, so no text of a data set can hold a reference.
_START, _END = "\ue000", "\ue001"
_REFERENCE = re.compile(f"{_START}([^{_END}]*){_END}")


def see(*names: str) -> str:
    """A reference to these tables and figures, brackets and the space before them included."""
    return f"{_START}{','.join(names)}{_END}"


@dataclass(frozen=True)
class Numbering:
    """The tables and figures that a document prints, in its order; no two have one name."""

    tables: Sequence[str] = ()
    """Names of the tables."""
    figures: Sequence[str] = ()
    """Names of the figures."""

    def resolve(self, text: str) -> str:
        """The text with every reference spelled out, or gone where nothing of it is printed."""
        return _REFERENCE.sub(lambda found: self._words(found[1].split(",")), text)

    def _words(self, names: Sequence[str]) -> str:
        there = [word for word in map(self._of, names) if word]
        return f" ({', '.join(there)})" if there else ""

    def _of(self, name: str) -> str:
        for word, printed in (("Table", self.tables), ("Figure", self.figures)):
            if name in printed:
                return f"{word}{NBSP}{printed.index(name) + 1}"
        return ""
