"""P-values and intervals of accuracies and their differences, with seeds and test examples drawn at random.

The variance of a mean over S runs on N examples has two parts (Clark 1973; Owen 2007). What the examples add
is seen within the runs at hand. What the seeds add is seen in how the runs' means differ, less what chance on
N examples explains. Each question "could the true value be x?" is answered twice, and the larger p-value
counts:

- **for these runs**: a score test on the examples (Wilson 1927 for an accuracy, Tango 1998 for a difference)
  with a continuity correction. Its variance is that under x, so that no interval can shrink to a point and
  none can leave the possible range. The variance is scaled to that of the mean over seeds (a design effect,
  Rao and Scott 1984).
- **for runs with new seeds**: Student's t with the seeds' variance. Satterthwaite's degrees of freedom (1946)
  trust a variance that few seeds happen to show as small; so they are computed at its 75 % upper bound.

Where three seeds or more show hardly more variance than chance explains, the seeds may well add nothing,
and the mean of both answers counts, if it is larger than the first. An interval is the set of values that are
not rejected: the p-value of 0 is below 5 % exactly where the 95 % interval leaves 0 out.

The seeds of two arms count as separate draws, also where they have the same numbers. That doubles the degrees
of freedom, and is on the safe side where equal seeds pull two arms the same way.
docs/explanation/statistics.md has the error rates.

All functions take leading axes, so that simulations run the same lines as reports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtri, ndtr, stdtr

from sentilora.evidence.statistics.estimates import Interval

Floats = NDArray[np.float64]

UPPER_BOUND = 0.75
"""Coverage of the one-sided bound on a seed variance that the degrees of freedom are computed at."""
NOTABLE = 1.5
"""Seeds that show at least so many times the variance that chance explains surely add something."""
ENOUGH_FREEDOM = 2
"""Degrees of freedom of an arm's seeds (three seeds) from which they can show that they add little."""
FARTHEST = 2.0
"""No two scores are farther apart."""
BISECTIONS = 30
"""Halvings of the possible range when an interval's end is looked for: to 2e-9."""
TINY = 1e-300


@dataclass(frozen=True)
class SeedVariance:
    """What one arm's seeds add to the variance of its mean."""

    found: Floats
    """(...) variance of the mean over seeds, as the runs differ."""
    by_chance: Floats
    """(...) the part that runs on finitely many examples would show with equal true accuracies."""
    freedom: int
    """Degrees of freedom of ``found``: seeds less one."""


def p_value_of(
    gap: ArrayLike, of_runs: ArrayLike, seeds: Sequence[SeedVariance], correction: ArrayLike
) -> Floats:
    """Two-sided p-value of an estimate this far from the hypothesised value.

    Args:
        gap: (...) distance, at least 0.
        of_runs: (...) variance over examples with the runs as they are.
        seeds: one entry an arm with at least two seeds; with none the runs are all there is.
        correction: (...) continuity correction of the test for these runs.
    """
    gap, of_runs = np.asarray(gap, dtype=np.float64), np.asarray(of_runs, dtype=np.float64)
    corrected = np.maximum(gap - correction, 0)
    for_runs: Floats = 2 * ndtr(-corrected / np.sqrt(np.maximum(of_runs, TINY)))
    if not seeds:
        return for_runs
    found = _sum(seed.found for seed in seeds)
    by_chance = _sum(seed.by_chance for seed in seeds)
    examples = np.maximum(of_runs - by_chance, 0)
    bounds = [seed.found * seed.freedom / chdtri(seed.freedom, UPPER_BOUND) for seed in seeds]
    freedom = _satterthwaite(examples + _sum(bounds), bounds, [seed.freedom for seed in seeds])
    for_seeds = 2 * stdtr(freedom, -gap / np.sqrt(np.maximum(examples + found, TINY)))
    # A mean of two p-values is at least half of either, so that small p-values stay honest.
    enough = min(seed.freedom for seed in seeds) >= ENOUGH_FREEDOM
    answer = np.where(enough & (found <= NOTABLE * by_chance), (for_runs + for_seeds) / 2, for_seeds)
    larger: Floats = np.maximum(for_runs, answer)
    return larger


def critical_gap(
    of_runs: Floats, seeds: Sequence[SeedVariance], correction: ArrayLike, significance: float
) -> Floats:
    """The distance (...) at which ``p_value_of`` falls to ``significance``."""
    low, high = np.zeros_like(of_runs), np.full_like(of_runs, FARTHEST)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        kept = p_value_of(middle, of_runs, seeds, correction) >= significance
        low, high = np.where(kept, middle, low), np.where(kept, high, middle)
    return high


@dataclass(frozen=True)
class SampledMean:
    """A mean over seeds and examples, and what its sampling distribution needs."""

    estimate: Floats
    """(...) the mean on the data."""
    num_examples: int
    """N."""
    of_runs: Floats
    """(...) its variance over examples with the runs as they are."""
    seeds: tuple[SeedVariance, ...]
    """One entry an arm with two seeds or more."""
    lowest: float
    """The least it can be: 0 for an accuracy, -1 for a difference."""
    one_run: Callable[[Floats], Floats]
    """The variance of one run's value (one pair's, for a difference) on one example if the mean were x."""

    def p_value(self, hypothesised: ArrayLike = 0.0) -> Floats:
        """Two-sided: how well the data agree with this true mean, (...) broadcast with ``hypothesised``."""
        x = np.asarray(hypothesised, dtype=np.float64)
        effect = self._design_effect()
        of_runs = effect * np.maximum(self.one_run(x), 0) / self.num_examples
        return p_value_of(np.abs(self.estimate - x), of_runs, self.seeds, effect / (2 * self.num_examples))

    def interval(self, level: float) -> tuple[Floats, Floats]:
        """Lower and upper end, (...) each: the values with a p-value of at least 1 - ``level``."""
        return self._end(self.lowest, level), self._end(1.0, level)

    def _end(self, bound: float, level: float) -> Floats:
        inside, outside = self.estimate, np.full_like(self.estimate, bound)
        whole = self.p_value(outside) >= 1 - level
        for _ in range(BISECTIONS):
            middle = (inside + outside) / 2
            kept = self.p_value(middle) >= 1 - level
            inside, outside = np.where(kept, middle, inside), np.where(kept, outside, middle)
        return np.where(whole, bound, inside)

    def _design_effect(self) -> Floats:
        """Variance of the mean over seeds to that of one run, over examples; 1 where no run ever differs."""
        one_run = np.maximum(self.one_run(self.estimate), 0)
        known = one_run > 1e-12
        ratio = self.of_runs * self.num_examples / np.where(known, one_run, 1)
        return np.where(known, np.minimum(ratio, 1), 1)


def interval_of(mean: SampledMean, level: float) -> Interval:
    """The interval of a mean without leading axes."""
    low, high = mean.interval(level)
    return Interval(low=float(low), high=float(high), level=level)


def mean_of_arm(right: NDArray[np.bool_]) -> SampledMean:
    """The accuracy of an arm.

    Args:
        right: (..., S, N) whether each run gets each example right.
    """
    values = right.astype(np.float64)
    seeds = _seed_variance(values)
    per_example = values.mean(axis=-2)
    return SampledMean(
        estimate=per_example.mean(axis=-1),
        num_examples=values.shape[-1],
        of_runs=_of_runs(per_example, seeds),
        seeds=seeds,
        lowest=0.0,
        one_run=lambda x: x * (1 - x),
    )


def mean_difference(arm_right: NDArray[np.bool_], over_right: NDArray[np.bool_]) -> SampledMean:
    """The difference in accuracy of two arms on the same examples, paired over examples.

    Args:
        arm_right: (..., S, N) whether each run of the arm gets each example right.
        over_right: (..., T, N) the same for the other arm; S and T may differ.
    """
    arm_values, over_values = arm_right.astype(np.float64), over_right.astype(np.float64)
    arm, over = arm_values.mean(axis=-2), over_values.mean(axis=-2)
    seeds = _seed_variance(arm_values) + _seed_variance(over_values)
    only_arm = (arm * (1 - over)).mean(axis=-1)
    only_over = (over * (1 - arm)).mean(axis=-1)

    def one_pair(x: Floats) -> Floats:
        return discordant_share(only_arm, only_over, x) - x**2

    return SampledMean(
        estimate=only_arm - only_over,
        num_examples=arm.shape[-1],
        of_runs=_of_runs(arm - over, seeds),
        seeds=seeds,
        lowest=-1.0,
        one_run=one_pair,
    )


def discordant_share(only_arm: Floats, only_over: Floats, difference: Floats) -> Floats:
    """Likeliest share of examples that one of two runs gets right, given the difference (Tango 1998).

    Args:
        only_arm: (...) share that only the arm got right.
        only_over: (...) share that only the other got right.
        difference: (...) hypothesised difference, -1 to 1.
    """
    linear = (2 - only_arm + only_over) * difference - only_arm - only_over
    root = np.sqrt(np.maximum(linear**2 + 8 * only_over * difference * (1 - difference), 0))
    share: Floats = np.maximum((root - linear) / 2 + difference, np.abs(difference))
    return share


def _of_runs(per_example: Floats, seeds: Sequence[SeedVariance]) -> Floats:
    """Variance of the mean of (..., N) values over examples, at least what is particular to single runs."""
    variance = per_example.var(axis=-1) / max(1, per_example.shape[-1] - 1)
    at_least: Floats = np.maximum(variance, _sum(seed.by_chance for seed in seeds))
    return at_least


def _seed_variance(values: Floats) -> tuple[SeedVariance, ...]:
    """Of (..., S, N) values; empty with one seed."""
    num_seeds, num_examples = values.shape[-2:]
    if num_seeds == 1:
        return ()
    found = values.mean(axis=-1).var(axis=-1, ddof=1) / num_seeds
    by_chance = values.var(axis=-2, ddof=1).mean(axis=-1) / (num_seeds * num_examples)
    return (SeedVariance(found, by_chance, num_seeds - 1),)


def _sum(terms: Iterable[Floats]) -> Floats:
    """The sum of arrays, 0 without any."""
    total: Floats = np.sum(list(terms), axis=0, dtype=np.float64)
    return total


def _satterthwaite(total: Floats, parts: Sequence[Floats], freedoms: Sequence[int]) -> Floats:
    """Degrees of freedom of a variance whose parts have these; 1e9 at most, and where the parts are 0."""
    uncertainty = _sum(part**2 / freedom for part, freedom in zip(parts, freedoms, strict=True))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.where(uncertainty > 0, np.minimum(total**2 / uncertainty, 1e9), 1e9)
