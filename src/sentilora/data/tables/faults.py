"""How a data set's faults are told: all places that break one rule, in one error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sentilora.errors import DataError

Unit = Literal["line", "row"]
"""What places in a source count: lines of a text file, or rows of a file that has no lines."""

_NUM_EXAMPLES = 3
_EXAMPLE_CHARACTERS = 60


@dataclass(frozen=True)
class Fault:
    """One place that breaks a rule."""

    place: int
    """Line or row number."""
    example: str
    """What stands there."""


def refusal(
    what: str,
    faults: Sequence[Fault],
    *,
    where: str,
    rule: str,
    remedy: str,
    unit: Unit = "line",
) -> DataError:
    """The one error for all faults of one rule.

    Args:
        what: the fault in a few words, for example ``empty text``.
        faults: at least one, in the order of the file.
        where: the file.
        rule: what would have been right.
        remedy: what to do.
        unit: what the faults' places count.
    """
    first = faults[0].example
    shown = first if len(first) <= _EXAMPLE_CHARACTERS else first[:_EXAMPLE_CHARACTERS] + "…"
    places = ", ".join(str(fault.place) for fault in faults[:_NUM_EXAMPLES])
    if len(faults) > _NUM_EXAMPLES:
        places += f" and {len(faults) - _NUM_EXAMPLES} more"
    plural = "s" if len(faults) > 1 else ""
    return DataError(
        f"{what}: {len(faults)} {unit}{plural}, for example {shown!r}",
        where=f"{where}, {unit}{plural} {places}",
        rule=rule,
        remedy=remedy,
    )
