"""What a comparison of this size can find: power, the detectable difference, and what would decide a pair.

The chances are those of the rule in force (``random_effects``): the difference in accuracy is taken as
normal, the variances that seeds show as scaled chi-squared, and what the rule says to each of them is added
up over a grid of their quantiles. No random numbers are drawn. tests/evidence/statistics/test_power.py
compares with simulated studies.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2, norm

from sentilora.evidence.statistics.family import SIGNIFICANCE
from sentilora.evidence.statistics.random_effects import (
    TINY,
    Floats,
    SeedVariance,
    critical_gap,
    discordant_share,
    mean_of_arm,
)

GRID = 24
"""Quantiles of each arm's seed variance."""
MOST_SEEDS = 30
MOST_TEST_ROWS = 100_000
"""Beyond these a pair counts as one that more seeds or more rows cannot decide."""


@dataclass(frozen=True, kw_only=True)
class ComparisonSize:
    """What decides how sharp a comparison of two arms is."""

    num_test: int
    """Test examples."""
    num_seeds: int
    """Seeds of each arm that is not solved exactly, at least 2."""
    disagreement: float
    """Share of examples that exactly one of two runs of the two arms gets right."""
    own_disagreement: float
    """The same for two runs of one arm, mean over the arms that have seeds."""
    seed_sd: float
    """Standard deviation of the true accuracy between seeds of one arm, likewise."""
    num_seeded_arms: int = 2
    """How many of the two arms have seeds; an arm that is solved exactly has none."""


def comparison_size(arm_right: NDArray[np.bool_], over_right: NDArray[np.bool_]) -> ComparisonSize:
    """The size of a comparison as the runs show it.

    Args:
        arm_right: (S, N) whether each run of the arm gets each example right.
        over_right: (T, N) the same for the other arm.
    """
    arm, over = arm_right.mean(axis=0), over_right.mean(axis=0)
    seeded = [
        (len(right), mean_of_arm(right).seeds[0])
        for right in (arm_right, over_right)
        if (right != right[0]).any()
    ]
    num_test = len(arm)
    own = [2 * num_seeds * num_test * float(seeds.by_chance) for num_seeds, seeds in seeded]
    excess = [max(0.0, num_seeds * float(seeds.found - seeds.by_chance)) for num_seeds, seeds in seeded]
    return ComparisonSize(
        num_test=num_test,
        num_seeds=min((num_seeds for num_seeds, _ in seeded), default=2),
        disagreement=float((arm * (1 - over) + over * (1 - arm)).mean()),
        own_disagreement=float(np.mean(own)) if own else 0.0,
        seed_sd=float(np.mean(excess)) ** 0.5 if excess else 0.0,
        num_seeded_arms=len(seeded),
    )


def power(size: ComparisonSize, difference: float, *, significance: float = SIGNIFICANCE) -> float:
    """Chance of p < ``significance`` in the right direction at this true difference (at least 0)."""
    critical, sd = _critical(size, difference, 0.0, significance)
    return float(norm.sf((critical - difference) / sd).mean())


def equivalence_power(size: ComparisonSize, margin: float, *, difference: float = 0.0) -> float:
    """Chance that TOST at 5 % says "equivalent" at this true difference in accuracy."""
    upper, sd = _critical(size, difference, margin, 2 * SIGNIFICANCE)
    lower, _ = _critical(size, difference, -margin, 2 * SIGNIFICANCE)
    chances = norm.cdf((margin - upper - difference) / sd) - norm.cdf((lower - margin - difference) / sd)
    return float(np.maximum(chances, 0).mean())


def detectable_difference(
    size: ComparisonSize, *, wanted: float, significance: float = SIGNIFICANCE
) -> float | None:
    """The smallest true difference that is found with the power ``wanted``, to 1e-5.

    None where even the largest possible one, ``size.disagreement``, would be missed too often.
    """
    low, high = 0.0, size.disagreement
    if high <= 0 or power(size, high, significance=significance) < wanted:
        return None
    while high - low > 1e-5:
        middle = (low + high) / 2
        if power(size, middle, significance=significance) < wanted:
            low = middle
        else:
            high = middle
    return high


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """What would decide a pair with power 0.8 if its arms were as they look."""

    shows: Literal["difference", "equivalence"]
    """What it would be shown to be: a difference of the size found, or equivalence of equal arms."""
    num_seeds: int | None
    """Seeds of each arm at the same test set; None if no number up to 30 is enough."""
    num_test: int | None
    """Test examples with the same seeds; None if no number up to 100,000 is enough."""


def what_would_decide(
    size: ComparisonSize, difference: float, *, wanted: float, significance: float = SIGNIFICANCE
) -> Remedy:
    """The fewest seeds, or test examples, that find a difference of this size with the power ``wanted``."""

    def found(candidate: ComparisonSize) -> bool:
        return power(candidate, abs(difference), significance=significance) >= wanted

    return _remedy("difference", size, found)


def what_would_show_equivalence(size: ComparisonSize, margin: float, *, wanted: float) -> Remedy:
    """The fewest seeds, or test examples, that show equal arms equivalent with the power ``wanted``."""
    return _remedy("equivalence", size, lambda candidate: equivalence_power(candidate, margin) >= wanted)


def _remedy(
    shows: Literal["difference", "equivalence"],
    size: ComparisonSize,
    found: Callable[[ComparisonSize], bool],
) -> Remedy:
    return Remedy(
        shows=shows,
        num_seeds=_fewest(size.num_seeds, MOST_SEEDS, 1, lambda n: found(replace(size, num_seeds=n))),
        num_test=_fewest(
            size.num_test, MOST_TEST_ROWS, size.num_test // 100, lambda n: found(replace(size, num_test=n))
        ),
    )


def _fewest(low: int, most: int, step: int, enough: Callable[[int], bool]) -> int | None:
    """The smallest number above ``low``, to ``step``, that is enough; None if ``most`` is not."""
    high = most
    if not enough(high):
        return None
    while high - low > max(1, step):
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _critical(
    size: ComparisonSize, difference: float, hypothesised: float, significance: float
) -> tuple[Floats, float]:
    """How far the estimate must lie from ``hypothesised`` to reject it, on a grid of seed variances.

    Returns:
        The distances, and the standard deviation of the estimate.
    """
    seeds, rows, seeded = size.num_seeds, size.num_test, size.num_seeded_arms
    by_chance = size.own_disagreement / (2 * seeds * rows)
    shared = max(0.0, size.disagreement - seeded * size.own_disagreement / 2) / rows
    of_runs = shared + seeded * by_chance
    seed_variance = size.seed_sd**2 / seeds
    # Where the difference is larger than the disagreement allows, the disagreement is at least that.
    only_arm = max(size.disagreement + difference, 2 * difference) / 2
    only_over = only_arm - difference
    one_pair = only_arm + only_over - difference**2
    effect = min(1.0, of_runs * rows / one_pair) if one_pair > 0 else 1.0
    share = float(discordant_share(np.array(only_arm), np.array(only_over), np.array(hypothesised)))
    under = effect * max(0.0, share - hypothesised**2) / rows
    quantiles = chi2.ppf((np.arange(GRID) + 0.5) / GRID, seeds - 1) / (seeds - 1)
    shown = np.meshgrid(*[quantiles * (by_chance + seed_variance)] * seeded)
    arms = [SeedVariance(found, np.full_like(found, by_chance), seeds - 1) for found in shown]
    grid = np.full(shown[0].shape if shown else (1,), under)
    critical = critical_gap(grid, arms, effect / (2 * rows), significance)
    return critical, max(TINY, float(np.sqrt(of_runs + seeded * seed_variance)))
