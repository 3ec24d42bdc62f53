"""What was found of each quantity of a claim, in a sentence with its numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.statistics.estimates import Interval
from sentilora.evidence.statistics.judged_claims import JudgedClaim, JudgedQuantity
from sentilora.evidence.writing.numbers import (
    NBSP,
    bare_percent,
    bare_points,
    counted,
    decimal,
    duration,
    p_value,
    percent,
    points,
)
from sentilora.records.costs import PEAK_MEMORY, TRAINED_SHARE


@dataclass(frozen=True)
class _Notation:
    """How a quantity of a claim is named and written."""

    words: str
    unit: str
    """Printed behind the number."""
    decimals: int
    """Printed at least."""
    write: Callable[[float, int], str] = decimal
    """Number and decimals to text, without the unit."""
    factor: float = 1
    """From the study file's unit to the printed one."""


_NOTATION: Mapping[str, _Notation] = {
    "accuracy": _Notation("test accuracy", "%", 1, bare_percent, 100),
    "f1": _Notation("test F1", "%", 1, bare_percent, 100),
    "gain": _Notation("gain in test accuracy", "points", 1, bare_points, 100),
    "trainable_share": _Notation(TRAINED_SHARE.words, "%", 2, bare_percent, 100),
    "trainable_parameters": _Notation("number of trained parameters", "", 0),
    "adapter_parameters": _Notation("number of adapter parameters", "", 0),
    "training_minutes": _Notation("training time of one run", "min", 1),
    "peak_memory_gb": _Notation(PEAK_MEMORY.words, "GB", 2),
    "storage_gb": _Notation("storage of all records", "GB", 2),
    "study_minutes": _Notation("training time of all runs", "min", 1),
}


def finding_sentence(analysis: Analysis, claim: JudgedClaim, finding: JudgedQuantity) -> str:
    """One quantity of a claim: what was found, where it may lie, and what was stated."""
    if isinstance(finding.stated, bool):
        return _comparison(analysis, claim, finding)
    words = _NOTATION[finding.quantity].words
    if finding.value is None:
        return f"The {words} cannot be known: {finding.reason}."
    of = f" of {claim.arm}" if claim.arm else " of the study"
    over = f" over {claim.over}" if finding.quantity == "gain" else ""
    return f"The {words}{of}{over} is {_number(analysis, claim, finding)}."


def _comparison(analysis: Analysis, claim: JudgedClaim, finding: JudgedQuantity) -> str:
    is_better = finding.quantity == "better"
    if finding.value is None or finding.interval is None:
        words = "higher test accuracy" if is_better else "equivalence"
        return f"The {words} cannot be known: {finding.reason}."
    ends = f"{bare_points(finding.interval.low)} to {points(finding.interval.high)}"
    difference = f"{points(finding.value)} ({_interval_words(finding.interval)} {ends})"
    if is_better:
        (pair,) = (pair for pair in analysis.pairs if {pair.arm, pair.over} == {claim.arm, claim.over})
        beside = f"Holm-adjusted {p_value(pair.adjusted_p_value)}"
    else:
        beside = f"margin {points(analysis.settings.equivalence_margin).lstrip('+')}"
    expected = ("" if finding.stated else "not ") + ("more accurate" if is_better else "equivalent")
    return f"{claim.arm} against {claim.over}: difference {difference}, {beside}; stated: {expected}."


def _number(analysis: Analysis, claim: JudgedClaim, finding: JudgedQuantity) -> str:
    """The number, where it may lie, and its bounds, all with as many decimals as they need."""
    notation, interval = _NOTATION[finding.quantity], finding.interval
    assert finding.value is not None
    found = [finding.value] + ([] if interval is None else [interval.low, interval.high])
    bounds = [bound for bound in (finding.bound_low, finding.bound_high) if bound is not None]
    decimals = _decimals(notation, found, bounds)
    unit = NBSP + notation.unit if notation.unit else ""
    stated = _stated(finding, notation, decimals) + unit
    # "0.0 min" says nothing where seconds would.
    in_seconds = notation.unit == "min" and max(found) < 1 <= min(bounds)
    value, *ends = [
        duration(60 * number) if in_seconds else notation.write(number, decimals) for number in found
    ]
    unit = "" if in_seconds else unit
    source = "" if interval is None else f" ({_source(analysis, claim, interval)} {' to '.join(ends)}{unit})"
    return f"{value}{unit}{source}; stated: {stated}"


def _stated(finding: JudgedQuantity, notation: _Notation, decimals: int) -> str:
    bounds = (finding.bound_low, finding.bound_high)
    low, high = ["" if bound is None else notation.write(bound, decimals) for bound in bounds]
    if low and high:
        span = f"{low} to {high}"
        if isinstance(finding.stated, tuple):
            return span
        return f"about {notation.write(finding.stated, decimals)}, {span}"
    return f"at least {low}" if low else f"at most {high}"


def _source(analysis: Analysis, claim: JudgedClaim, interval: Interval) -> str:
    if interval.level < 1:
        return _interval_words(interval)
    return f"range over {counted(len(analysis.outcomes[claim.arm or ''].seeds), 'run')}"


def _interval_words(interval: Interval) -> str:
    return f"{percent(interval.level, 0)} interval"


def _decimals(notation: _Notation, numbers: Sequence[float], bounds: Sequence[float]) -> int:
    """As few decimals as show every number on its own side of the bounds: 89.96 is not "90.0"."""

    def side(number: float, bound: float, decimals: int) -> float:
        printed = [round(each * notation.factor, decimals) for each in (number, bound)]
        return float(np.sign(printed[0] - printed[1]))

    for decimals in range(notation.decimals, notation.decimals + 4):
        if all(side(n, b, decimals) == np.sign(n - b) for n in numbers for b in bounds):
            return decimals
    return notation.decimals
