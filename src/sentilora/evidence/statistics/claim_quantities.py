"""The numbers that a claim may state: their names, directions and units, and a sentence on each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sentilora.evidence.statistics.estimates import Interval
from sentilora.evidence.writing.numbers import NBSP, bare_percent, bare_points, decimal
from sentilora.study_file.claims import Claim


@dataclass(frozen=True)
class Quantity:
    """How a quantity of a claim is named, bounded and written."""

    name: str
    """In words."""
    unit: str
    """Printed behind the number."""
    decimals: int
    """Printed at least."""
    write: Callable[[float, int], str] = decimal
    """Number and decimals to text, without the unit."""
    factor: float = 1
    """From the study file's unit to the printed one."""
    is_floor: bool = False
    """Whether a plain number is the least that is claimed; otherwise it is the most."""


QUANTITIES: Mapping[str, Quantity] = {
    "accuracy": Quantity("test accuracy", "%", 1, bare_percent, 100, is_floor=True),
    "f1": Quantity("test F1", "%", 1, bare_percent, 100, is_floor=True),
    "gain": Quantity("gain in test accuracy", "points", 1, bare_points, 100, is_floor=True),
    "trainable_share": Quantity("share of parameters trained", "%", 2, bare_percent, 100),
    "trainable_parameters": Quantity("number of trained parameters", "", 0),
    "adapter_parameters": Quantity("number of adapter parameters", "", 0),
    "training_minutes": Quantity("training time of one run", "min", 1),
    "peak_memory_gb": Quantity("peak memory", "GB", 2),
    "storage_gb": Quantity("storage of all records", "GB", 2),
    "study_minutes": Quantity("training time of all runs", "min", 1),
}


@dataclass(frozen=True)
class Measured:
    """A number to judge."""

    value: float
    """In the unit of the study file."""
    interval: Interval | None = None
    """Where it may lie; None where the value is exact."""
    source: str = ""
    """What the interval is, in words."""


def number_sentence(
    name: str, claim: Claim, measured: Measured, bounds: tuple[float | None, float | None]
) -> str:
    """What was found, where it may lie, and what was stated.

    Args:
        name: the quantity's key in the study file.
        claim: the claim it belongs to.
        measured: what was found.
        bounds: what was stated, lower and upper; None where open.
    """
    quantity = QUANTITIES[name]
    numbers = [measured.value]
    if measured.interval is not None:
        numbers += [measured.interval.low, measured.interval.high]
    decimals = _decimals(quantity, numbers, [bound for bound in bounds if bound is not None])
    unit = NBSP + quantity.unit if quantity.unit else ""
    value, *ends = [quantity.write(number, decimals) for number in numbers]
    low, high = ["" if bound is None else quantity.write(bound, decimals) for bound in bounds]
    within = f" ({measured.source} {ends[0]} to {ends[1]}{unit})" if ends else ""
    stated = f"{low} to {high}" if low and high else f"at least {low}" if low else f"at most {high}"
    of = f" of {claim.arm}" if claim.arm else " of the study"
    over = f" over {claim.over}" if name == "gain" else ""
    return f"The {quantity.name}{of}{over} is {value}{unit}{within}; stated: {stated}{unit}."


def _decimals(quantity: Quantity, numbers: Sequence[float], bounds: Sequence[float]) -> int:
    """As few decimals as show every number on its own side of the bounds: 89.96 is not "90.0"."""

    def side(number: float, bound: float, decimals: int) -> float:
        printed = [round(each * quantity.factor, decimals) for each in (number, bound)]
        return float(np.sign(printed[0] - printed[1]))

    for decimals in range(quantity.decimals, quantity.decimals + 4):
        if all(side(n, b, decimals) == np.sign(n - b) for n in numbers for b in bounds):
            return decimals
    return quantity.decimals
