"""How much of an arm's uncertainty comes from its seeds, from the test examples, and from both together.

The two-way analysis of variance with one value a cell (seeds by examples). The estimates are those of the
method of moments, cut at 0; the interval of the seeds' part is that of their mean square, less what chance on
the examples explains.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.stats import chi2

from sentilora.evidence.statistics.estimates import Interval
from sentilora.evidence.statistics.random_effects import SampledMean

LARGEST_SD = 0.5
"""No accuracy varies more."""


@dataclass(frozen=True, kw_only=True)
class VarianceComponents:
    """Standard deviations behind the mean accuracy of one arm, or behind the difference of two."""

    seed_sd: float
    """Between the true accuracies of single seeds, without what a finite test set adds."""
    seed_sd_interval: Interval
    """Its 95 % interval; wide, since few seeds say little about their spread."""
    seeds: float
    """What the seeds add to the standard error of the mean."""
    examples: float
    """What the choice of test examples adds, alike for all runs."""
    seeds_by_examples: float
    """What is particular to single runs on single examples."""


def variance_components(mean: SampledMean, *, level: float = 0.95) -> VarianceComponents | None:
    """The components of one arm's mean accuracy, None with one seed.

    Args:
        mean: of one arm, without leading axes.
        level: coverage of the interval.
    """
    if not mean.seeds:
        return None
    (seeds,) = mean.seeds
    num_seeds = seeds.freedom + 1
    found, by_chance = float(seeds.found), float(seeds.by_chance)

    def seed_sd(variance_of_mean: float) -> float:
        return min(LARGEST_SD, math.sqrt(max(0.0, variance_of_mean - by_chance) * num_seeds))

    low, high = (
        seed_sd(found * seeds.freedom / chi2.ppf(chance, seeds.freedom))
        for chance in ((1 + level) / 2, (1 - level) / 2)
    )
    return VarianceComponents(
        seed_sd=seed_sd(found),
        seed_sd_interval=Interval(low=low, high=high, level=level),
        seeds=math.sqrt(max(0.0, found - by_chance)),
        examples=math.sqrt(max(0.0, float(mean.of_runs) - by_chance)),
        seeds_by_examples=math.sqrt(by_chance),
    )
