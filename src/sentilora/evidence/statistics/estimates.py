"""Estimates, differences and ranges: the small values that every result of the statistics is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A confidence interval."""

    low: float
    """Lower end."""
    high: float
    """Upper end."""
    level: float = 0.95
    """Nominal coverage, 0.95 unless a field says otherwise."""

    def turned(self) -> Interval:
        """The interval of the same difference with its sign changed."""
        return Interval(low=-self.high, high=-self.low, level=self.level)


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A score with what is known of its uncertainty."""

    mean: float
    """Mean over seeds; never a maximum."""
    sd: float | None
    """Standard deviation between seeds (n - 1), None with one seed."""
    interval: Interval
    """Counts seeds and examples as drawn at random; examples only with one seed (``Outcome.seeds``)."""
    per_seed: tuple[float, ...]
    """The value of each seed."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The difference of two arms in one score, ``arm`` minus ``over``."""

    mean: float
    """Difference of the means over seeds."""
    interval: Interval
    """Counts seeds and examples as drawn at random, examples paired."""


@dataclass(frozen=True, kw_only=True)
class Spread:
    """A measured quantity over runs, with no sampling model behind it."""

    mean: float
    """Mean over runs."""
    low: float
    """Smallest run."""
    high: float
    """Largest run."""
    sd: float | None
    """Standard deviation between runs (n - 1), None with one run."""
    per_run: tuple[float, ...]
    """Every run's value."""

    @classmethod
    def over(cls, values: Iterable[float]) -> Spread:
        """The spread of one value or more."""
        runs = [float(value) for value in values]
        low, high = min(runs), max(runs)
        return cls(
            # Rounding must not move the mean of equal values off them.
            mean=min(max(float(np.mean(runs)), low), high),
            low=low,
            high=high,
            sd=float(np.std(runs, ddof=1)) if len(runs) > 1 else None,
            per_run=tuple(runs),
        )
