"""The Multi-Bootstrap: intervals that count both the luck of the seeds and the luck of the test examples.

Sellam et al. 2022 ("The MultiBERTs", section 3) resample seeds and test examples together, and average the
score over the resampled seeds. Every statistic here is a mean over seeds of a per-run score, so one resample
is a vector of example counts and a vector of seed weights, and all runs' scores follow from one matrix
product of the counts. Arms that share seeds share both vectors: their difference is a paired one.

The plain method is off where studies have two to five seeds (the tests of this module measure it):

- it shows only (n - 1) / n of the variance between n seeds, and counts what is particular to one seed *and*
  one example three times (Owen 2007), which is most of what two LoRA arms differ by;
- it trusts the variance of a few seeds as if it were known.

So the draws keep their shape and are rescaled to the unbiased variance: that of the examples, plus that
between seeds, less what both contain; times Student's t over the normal quantile at Satterthwaite's degrees
of freedom. They are centred on the estimate, since a calibration error is larger on resamples than on the
data. The price: two seeds that differ much give a very wide interval. That is what two seeds can say.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, t
from statsmodels.stats.proportion import proportion_confint

from sentilora.evidence.statistics.estimates import Difference, Estimate, Interval

Floats = NDArray[np.float64]

LEVEL = 0.95
BLOCK_ENTRIES = 4_000_000
"""Largest counts matrix held at once: 32 MB."""


@dataclass(frozen=True)
class Resampling:
    """Resamples of seeds and examples, drawn afresh and alike at every call."""

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

    def seed_weights(self, seeds: Sequence[int]) -> Floats:
        """(B, S) weights of S seeds in each resample, summing to 1.

        The same seeds get the same weights: that is what pairs two arms.
        """
        rng = np.random.default_rng([self.generator_seed, *seeds])
        shares = np.full(len(seeds), 1 / len(seeds))
        weights: Floats = rng.multinomial(len(seeds), shares, size=self.num_resamples) / len(seeds)
        return weights


@dataclass(frozen=True)
class SeedVariance:
    """What the seeds add to the variance of an arm's mean."""

    between: float
    """Variance of the mean as the seeds differ on the data."""
    excess: float
    """The part of it that resampling the examples does not show already, at least 0."""
    freedom: int
    """Degrees of freedom of ``between``, at least 1."""


@dataclass(frozen=True)
class Draws:
    """A statistic with its bootstrap distribution."""

    estimate: float
    """On the data."""
    values: Floats
    """(B,) on resamples of seeds and examples."""
    over_examples: Floats
    """(B,) on the same resamples of the examples, with the seeds as they are."""
    seed_variances: tuple[SeedVariance, ...]
    """One for each arm in it that has two seeds or more."""

    def minus(self, other: Draws) -> Draws:
        """The difference to a statistic whose seeds are not this one's."""
        return Draws(
            self.estimate - other.estimate,
            self.values - other.values,
            self.over_examples - other.over_examples,
            self.seed_variances + other.seed_variances,
        )

    def interval(
        self, level: float = LEVEL, *, lowest: float = -math.inf, highest: float = math.inf
    ) -> Interval:
        """The central interval of this coverage, cut to the statistic's range."""
        deviations = (self.values - self.values.mean()) * self._scale(level)
        low, high = self.estimate + np.quantile(deviations, [(1 - level) / 2, (1 + level) / 2])
        return Interval(low=max(lowest, float(low)), high=min(highest, float(high)), level=level)

    def difference(self) -> Difference:
        """The statistic as a difference of two arms."""
        return Difference(mean=self.estimate, interval=self.interval())

    def _scale(self, level: float) -> float:
        """From the draws' spread to the unbiased one, and from the normal to Student's t."""
        drawn = float(self.values.var())
        if drawn == 0:
            return 1.0
        variance = float(self.over_examples.var()) + sum(seeds.excess for seeds in self.seed_variances)
        uncertainty = sum(seeds.between**2 / seeds.freedom for seeds in self.seed_variances)
        widening = 1.0
        if uncertainty > 0:
            fewest = min(seeds.freedom for seeds in self.seed_variances)
            upper = (1 + level) / 2
            widening = t.ppf(upper, max(fewest, variance**2 / uncertainty)) / norm.ppf(upper)
        return float(math.sqrt(variance / drawn) * widening)


@dataclass(frozen=True)
class ResampledScores:
    """Scores of one arm's runs, on the data and on every resample of the examples."""

    seeds: tuple[int, ...]
    """S seeds."""
    on_data: Mapping[str, Floats]
    """Score to (S,)."""
    on_resamples: Mapping[str, Floats]
    """Score to (B, S)."""
    weights: Floats
    """(B, S) from ``Resampling.seed_weights``."""

    def mean(self, score: str) -> Draws:
        """The mean over seeds of a score."""
        return _over_seeds(self.on_data[score], self.on_resamples[score], self.weights)

    def minus(self, other: ResampledScores, score: str) -> Draws:
        """The difference in a mean score: paired over examples, and over seeds where both have the same."""
        if self.seeds != other.seeds:
            return self.mean(score).minus(other.mean(score))
        return _over_seeds(
            self.on_data[score] - other.on_data[score],
            self.on_resamples[score] - other.on_resamples[score],
            self.weights,
        )

    def estimate(
        self, score: str, *, lowest: float, highest: float, num_trials: int | None = None
    ) -> Estimate:
        """A mean score as the report shows it.

        Args:
            score: its name.
            lowest: the least it can be; the interval is cut there.
            highest: the most it can be.
            num_trials: for a proportion the number of examples. Where all of them come out alike, no
                resample can differ, and the interval is the exact binomial one (Clopper and Pearson 1934).
        """
        per_seed = self.on_data[score]
        interval = self.mean(score).interval(lowest=lowest, highest=highest)
        if num_trials is not None and (per_seed == per_seed[0]).all() and per_seed[0] in (0.0, 1.0):
            low, high = proportion_confint(per_seed[0] * num_trials, num_trials, 1 - LEVEL, method="beta")
            interval = Interval(low=float(low), high=float(high), level=LEVEL)
        return Estimate(
            mean=float(per_seed.mean()),
            sd=float(per_seed.std(ddof=1)) if len(per_seed) > 1 else None,
            interval=interval,
            per_seed=tuple(per_seed.tolist()),
        )


def _over_seeds(per_seed: Floats, draws: Floats, weights: Floats) -> Draws:
    num_seeds = len(per_seed)
    over_examples = draws.mean(axis=1)
    seed_variances: tuple[SeedVariance, ...] = ()
    if num_seeds > 1:
        between = float(per_seed.var(ddof=1)) / num_seeds
        # How runs part from their mean as examples are resampled: particular to a seed and an example.
        both = float((draws - over_examples[:, None]).var(axis=0).sum()) / (num_seeds * (num_seeds - 1))
        seed_variances = (SeedVariance(between, max(0.0, between - both), num_seeds - 1),)
    return Draws(float(per_seed.mean()), (weights * draws).sum(axis=1), over_examples, seed_variances)
