"""Cells of result tables: estimates, differences and counts, with the raw numbers behind them."""

from __future__ import annotations

from sentilora.evidence.statistics.bootstrap import Difference
from sentilora.evidence.statistics.estimates import Estimate, Spread
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.tables import Cell


def score_keys(score: str) -> tuple[str, ...]:
    """CSV columns of an estimate."""
    return (score, f"{score}_low", f"{score}_high", f"{score}_sd")


def raw_estimate(estimate: Estimate) -> tuple[float | str, ...]:
    """An estimate's mean, interval and standard deviation."""
    sd = "NA" if estimate.sd is None else estimate.sd
    return (estimate.mean, estimate.interval.low, estimate.interval.high, sd)


def raw_range(spread: Spread) -> tuple[float, ...]:
    """A spread's mean, lowest and highest run."""
    return (spread.mean, spread.low, spread.high)


def estimate_cell(estimate: Estimate, *, with_interval: bool = False) -> Cell:
    """An accuracy-like estimate in percent."""
    shown = notation.bare_percent(estimate.mean)
    if with_interval:
        shown += f"{notation.NBSP}{notation.percent_interval(estimate.interval)}"
    return Cell(shown, raw_estimate(estimate))


def difference_cell(difference: Difference) -> Cell:
    """A difference in points with its interval."""
    interval = difference.interval
    return Cell(
        f"{notation.bare_points(difference.mean)}{notation.NBSP}{notation.points_interval(interval)}",
        (difference.mean, interval.low, interval.high),
    )


def count_cell(number: int) -> Cell:
    """A whole number."""
    return Cell(notation.count(number), (number,))
