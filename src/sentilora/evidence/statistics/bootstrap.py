"""Bootstrap intervals of scores that are no plain means, such as F1 or the calibration error.

Test examples are resampled, the same ones for every arm and run; the mean over the runs at hand on each
resample shows what the examples add to the variance, and in which shape. What the seeds add is seen in how
the runs differ, and the draws are widened to what ``random_effects`` makes of both. Resampling seeds as well
(Sellam et al. 2022) would show only (n - 1) / n of the variance between n seeds, count three times what is
particular to one seed and one example (Owen 2007), and trust the variance of a few seeds as if it were known.

The draws are centred on the estimate, since a calibration error is larger on resamples than on the data.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from sentilora.evidence.statistics.estimates import Difference, Estimate, Interval
from sentilora.evidence.statistics.random_effects import TINY, Floats, SeedVariance, critical_gap

LEVEL = 0.95
BLOCK_ENTRIES = 4_000_000
"""Largest counts matrix held at once: 32 MB."""


@dataclass(frozen=True)
class Resampling:
    """Resamples of test examples, drawn afresh and alike at every call."""

    num_resamples: int
    """B, at least 1."""
    generator_seed: int
    """The same seed gives the same resamples."""

    def sums(self, columns: Floats) -> Floats:
        """Column sums over every resample of the rows.

        Args:
            columns: (N, C), one row an example, N >= 1.

        Returns:
            (B, C). For the same N the same rows are drawn, whatever the columns.
        """
        num_examples = len(columns)
        rng = np.random.default_rng([self.generator_seed, num_examples])
        block = max(1, BLOCK_ENTRIES // num_examples)
        totals = []
        for start in range(0, self.num_resamples, block):
            rows = min(block, self.num_resamples - start)
            drawn = rng.integers(num_examples, size=(rows, num_examples))
            drawn += num_examples * np.arange(rows)[:, None]
            counts = np.bincount(drawn.ravel(), minlength=rows * num_examples)
            totals.append(counts.reshape(rows, num_examples).astype(np.float64) @ columns)
        return np.concatenate(totals)


@dataclass(frozen=True)
class Draws:
    """A mean score over runs with its bootstrap distribution."""

    estimate: float
    """On the data."""
    values: Floats
    """(B,) on resamples of the examples, with the runs as they are."""
    seeds: tuple[SeedVariance, ...]
    """One for each arm in it that has two seeds or more."""

    def minus(self, other: Draws) -> Draws:
        """The difference to another arm's score on the same resamples."""
        return Draws(self.estimate - other.estimate, self.values - other.values, self.seeds + other.seeds)

    def interval(
        self, level: float = LEVEL, *, lowest: float = -math.inf, highest: float = math.inf
    ) -> Interval:
        """The central interval of this coverage, cut to the score's range."""
        spread = float(self.values.std())
        half_width = float(critical_gap(np.asarray(spread**2), self.seeds, 0.0, 1 - level))
        deviations = (self.values - self.values.mean()) / max(spread, TINY) / norm.isf((1 - level) / 2)
        low, high = self.estimate + half_width * np.quantile(deviations, [(1 - level) / 2, (1 + level) / 2])
        return Interval(low=max(lowest, float(low)), high=min(highest, float(high)), level=level)

    def difference(self) -> Difference:
        """The score as a difference of two arms."""
        return Difference(mean=self.estimate, interval=self.interval())


@dataclass(frozen=True)
class ResampledScores:
    """Scores of one arm's runs, on the data and on every resample of the examples."""

    on_data: Mapping[str, Floats]
    """Score to (S,)."""
    on_resamples: Mapping[str, Floats]
    """Score to (B, S)."""

    def mean(self, score: str) -> Draws:
        """The mean over seeds of a score."""
        per_seed, draws = self.on_data[score], self.on_resamples[score]
        num_seeds, over_examples = len(per_seed), draws.mean(axis=1)
        if num_seeds == 1:
            return Draws(float(per_seed.mean()), over_examples, ())
        # How runs part from their mean as examples are resampled: particular to a seed and an example.
        by_chance = (draws - over_examples[:, None]).var(axis=0).sum() / (num_seeds * (num_seeds - 1))
        found = per_seed.var(ddof=1) / num_seeds
        seeds = SeedVariance(np.asarray(found), np.asarray(by_chance), num_seeds - 1)
        return Draws(float(per_seed.mean()), over_examples, (seeds,))

    def minus(self, other: ResampledScores, score: str) -> Draws:
        """The difference in a mean score, paired over examples."""
        return self.mean(score).minus(other.mean(score))


def estimate_of(per_seed: Floats, interval: Interval) -> Estimate:
    """A score of (S,) runs with the interval of its mean."""
    return Estimate(
        mean=float(per_seed.mean()),
        sd=float(per_seed.std(ddof=1)) if len(per_seed) > 1 else None,
        interval=interval,
        per_seed=tuple(per_seed.tolist()),
    )
