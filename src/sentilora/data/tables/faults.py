"""How faults in a table are told: all places that break one rule, in one error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sentilora.errors import DataError

Unit = Literal["line", "row"]
"""What places in a source count: lines of a text file, or rows of a file that has no lines."""

_NUM_PLACES = 3
_EXAMPLE_CHARACTERS = 60


@dataclass(frozen=True)
class Rule:
    """A rule that a table must keep, in the words of the error for breaking it."""

    what: str
    """The fault in a few words, for example ``no text``."""
    rule: str
    """What would have been right."""
    remedy: str
    """What to do."""


class Faults:
    """The faults met while a file is read.

    A whole table is refused with all faults of one rule; a stream with the first fault alone.

    Args:
        where: the file, as errors name it.
        unit: what places count.
        at_once: raise for the first fault rather than wait for ``refuse``.
    """

    def __init__(self, where: str, unit: Unit = "line", *, at_once: bool = False) -> None:
        self.where = where
        self.unit = unit
        self._at_once = at_once
        self._found: dict[Rule, tuple[list[int], str]] = {}

    def add(self, rule: Rule, place: int, example: str) -> None:
        """Note that a line or row breaks a rule, and what stands there.

        Raises:
            DataError: faults are to be raised at once.
        """
        places, _ = self._found.setdefault(rule, ([], example))
        places.append(place)
        if self._at_once:
            self.refuse()

    def refuse(self) -> None:
        """Refuse the file if it has faults: all those of the rule that was broken first.

        Raises:
            DataError: there are faults.
        """
        if not self._found:
            return
        rule, (places, example) = min(self._found.items(), key=lambda found: found[1][0][0])
        shown = example if len(example) <= _EXAMPLE_CHARACTERS else example[:_EXAMPLE_CHARACTERS] + "…"
        at = ", ".join(str(place) for place in places[:_NUM_PLACES])
        if len(places) > _NUM_PLACES:
            at += f" and {len(places) - _NUM_PLACES} more"
        unit = self.unit if len(places) == 1 else f"{self.unit}s"
        raise DataError(
            f"{rule.what}: {len(places)} {unit}, for example {shown!r}",
            where=f"{self.where}, {unit} {at}",
            rule=rule.rule,
            remedy=rule.remedy,
        )
