"""Two arms compared on the test set: how much they differ, how sure that is, and whether it matters.

The difference in accuracy has an interval and a p-value that belong together and count the seeds as drawn at
random (``random_effects``); Holm's correction runs over the stated family (``family``). TOST says whether the
two are the same for the study's purposes. The detectable difference says what this comparison could have
shown, and an undecided pair is given what would decide it (``power``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sentilora.evidence.statistics.bootstrap import LEVEL, ResampledScores
from sentilora.evidence.statistics.calibration_noise import Confidences, swap_p_value
from sentilora.evidence.statistics.estimates import Difference, Interval
from sentilora.evidence.statistics.family import SIGNIFICANCE, holm
from sentilora.evidence.statistics.mcnemar import McNemar, mcnemar_per_seed
from sentilora.evidence.statistics.power import (
    ComparisonSize,
    Remedy,
    comparison_size,
    detectable_difference,
    what_would_decide,
    what_would_show_equivalence,
)
from sentilora.evidence.statistics.random_effects import SampledMean, interval_of, mean_difference
from sentilora.evidence.statistics.scored_arms import ScoredArm


@dataclass(frozen=True, kw_only=True)
class Equivalence:
    """Two one-sided tests at 5 % (TOST), by way of the 90 % interval."""

    margin: float
    """Accuracy differences smaller than this count as none."""
    interval: Interval
    """The 90 % interval of the difference in accuracy."""
    equivalent: bool
    """Whether the interval lies inside plus or minus the margin."""
    different: bool
    """Whether it lies wholly outside."""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two arms compared on test.

    The baseline is always ``over``; among the other arms the one earlier in the study is.
    """

    arm: str
    """The one whose gain is stated."""
    over: str
    """The one it is compared with."""
    accuracy: Difference
    """Difference in accuracy."""
    ece: Difference
    """Difference in calibration error (negative: ``arm`` is better calibrated)."""
    ece_p_value: float
    """Two-sided test of it by swapping the two arms' predictions example by example, all seeds together."""
    mcnemar: tuple[McNemar, ...]
    """One exact test a shared seed."""
    seeds_counted: bool
    """Whether ``p_value`` speaks of new seeds. It does not where an arm that is not solved exactly has one
    seed: then nothing is known of what another would change, and the pair stays undecided.
    """
    p_value: float
    """Two-sided, for the difference in accuracy, seeds and examples at random."""
    adjusted_p_value: float
    """Holm, over the family of the study."""
    significant: bool
    """``adjusted_p_value`` < 0.05, seeds counted."""
    equivalence: Equivalence
    """TOST on accuracy."""
    disagreement: float
    """Share of examples that exactly one of two runs gets right, mean over run pairs."""
    detectable_difference: float | None
    """Smallest true difference in accuracy that would be called different with power 0.8 with these seeds,
    test examples and family; None if none can be found, or seeds are not counted.
    """
    remedy: Remedy | None
    """What would decide an undecided pair; None for others, or where seeds are not counted."""


POWER = 0.8
TOST_LEVEL = 1 - 2 * SIGNIFICANCE
"""Two one-sided tests at 5 % are one 90 % interval (Schuirmann 1987)."""


def compare_pairs(
    family: Sequence[tuple[str, str]],
    arms: Mapping[str, ScoredArm],
    scores: Mapping[str, ResampledScores],
    labels: NDArray[np.int64],
    *,
    solved: Collection[str],
    equivalence_margin: float,
) -> tuple[Pair, ...]:
    """The pairs of a family, Holm's correction over all of them.

    Args:
        family: pairs as (arm, over).
        arms: arm name to its runs.
        scores: arm name to its scores.
        labels: (N,) of the test set.
        solved: arms without seed variance, which are computed exactly.
        equivalence_margin: accuracy differences smaller than this count as none, 0 to 1.
    """
    means = [mean_difference(arms[arm].right, arms[over].right) for arm, over in family]
    adjusted = holm([float(mean.p_value()) for mean in means])
    return tuple(
        _compare(
            arms[arm],
            arms[over],
            mean,
            adjusted_p_value=p_value,
            ece=scores[arm].minus(scores[over], "ece").difference(),
            labels=labels,
            seeds_counted=all(name in solved or len(arms[name].seeds) > 1 for name in (arm, over)),
            margin=equivalence_margin,
            significance=SIGNIFICANCE / len(family),
        )
        for (arm, over), mean, p_value in zip(family, means, adjusted, strict=True)
    )


def _compare(
    arm: ScoredArm,
    over: ScoredArm,
    mean: SampledMean,
    *,
    adjusted_p_value: float,
    ece: Difference,
    labels: NDArray[np.int64],
    seeds_counted: bool,
    margin: float,
    significance: float,
) -> Pair:
    size = comparison_size(arm.right, over.right)
    pair = Pair(
        arm=arm.name,
        over=over.name,
        accuracy=Difference(mean=float(mean.estimate), interval=interval_of(mean, LEVEL)),
        ece=ece,
        ece_p_value=swap_p_value(*(Confidences.of(each.probabilities, labels) for each in (arm, over))),
        mcnemar=mcnemar_per_seed(arm, over),
        seeds_counted=seeds_counted,
        p_value=float(mean.p_value()),
        adjusted_p_value=adjusted_p_value,
        significant=seeds_counted and adjusted_p_value < SIGNIFICANCE,
        equivalence=_equivalence(mean, margin, seeds_counted),
        disagreement=size.disagreement,
        detectable_difference=detectable_difference(size, wanted=POWER, significance=significance)
        if seeds_counted
        else None,
        remedy=None,
    )
    if not seeds_counted or pair.significant or pair.equivalence.equivalent:
        return pair
    return replace(pair, remedy=_remedy(size, float(mean.estimate), margin, significance))


def _equivalence(mean: SampledMean, margin: float, seeds_counted: bool) -> Equivalence:
    """TOST on a difference in accuracy, with a margin of 0 to 1."""
    interval = interval_of(mean, TOST_LEVEL)
    return Equivalence(
        margin=margin,
        interval=interval,
        equivalent=seeds_counted and -margin < interval.low and interval.high < margin,
        different=seeds_counted and (interval.low > margin or interval.high < -margin),
    )


def _remedy(size: ComparisonSize, difference: float, margin: float, significance: float) -> Remedy:
    """What would show the difference that was found, or that there is none where it is within the margin."""
    if abs(difference) < margin:
        return what_would_show_equivalence(size, margin, wanted=POWER)
    return what_would_decide(size, difference, wanted=POWER, significance=significance)
