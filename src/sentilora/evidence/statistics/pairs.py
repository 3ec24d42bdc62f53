"""Two arms compared on the test set: how much, how sure, how often, and whether it matters.

The difference and its Multi-Bootstrap interval say how much. An exact paired test with Holm's correction and
the interval together say whether it is more than chance. P(A>B) says how often a new run of the one would
beat a new run of the other (Bouthillier et al. 2021). TOST says whether the two are the same for the
study's purposes, and the detectable difference says what this test size could have shown at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from sentilora.evidence.statistics.bootstrap import LEVEL, Draws, ResampledScores
from sentilora.evidence.statistics.estimates import Difference, Interval
from sentilora.evidence.statistics.paired_tests import (
    SIGNIFICANCE,
    detectable_difference,
    holm,
    mcnemar_p_value,
    paired_p_value,
)
from sentilora.evidence.statistics.scored_arms import ScoredArm


@dataclass(frozen=True, kw_only=True)
class McNemar:
    """Exact McNemar test of one run against another on the same examples."""

    seed: int
    """The seed of both runs."""
    only_arm: int
    """Examples that only ``arm`` gets right."""
    only_over: int
    """Examples that only ``over`` gets right."""
    p_value: float
    """Two-sided."""


@dataclass(frozen=True, kw_only=True)
class Equivalence:
    """Two one-sided tests at 5 % (TOST), by way of the 90 % interval."""

    margin: float
    """Accuracy differences smaller than this count as none."""
    interval: Interval
    """The 90 % Multi-Bootstrap interval of the difference in accuracy."""
    equivalent: bool
    """Whether the interval lies inside plus or minus the margin."""
    different: bool
    """Whether it lies wholly outside."""


@dataclass(frozen=True, kw_only=True)
class Superiority:
    """P(A>B) (Bouthillier et al. 2021): how often one new run of ``arm`` would beat one of ``over``."""

    probability: float
    """Over seeds and resampled test sets, a tie counting one half; 0.5 is no preference."""
    interval: Interval | None
    """Over seeds; None with one seed."""


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
    mcnemar: tuple[McNemar, ...]
    """One exact test a shared seed."""
    p_value: float
    """The one test of the pair, two-sided: exact sign flips of each example's difference in mean correctness
    over seeds; with one seed each this is exact McNemar.
    """
    adjusted_p_value: float
    """Holm, over all pairs of the study."""
    significant: bool
    """Adjusted_p_value < 0.05 and the interval of ``accuracy`` leaves out 0."""
    superiority: Superiority
    """P(arm > over) in accuracy."""
    equivalence: Equivalence
    """TOST on accuracy."""
    disagreement: float
    """Share of examples that exactly one of two runs gets right, mean over run pairs."""
    detectable_difference: float | None
    """Smallest true difference in accuracy that one exact McNemar test would find with power 0.8 at this test
    size and disagreement; None if none can be found.
    """


POWER = 0.8
TOST_LEVEL = 1 - 2 * SIGNIFICANCE
"""Two one-sided tests at 5 % are one 90 % interval (Schuirmann 1987)."""


def compare_all(
    arms: Sequence[ScoredArm], runs: dict[str, ResampledScores], *, equivalence_margin: float
) -> tuple[Pair, ...]:
    """All pairs of arms, Holm's correction over all of them.

    Args:
        arms: the baseline first, then in the order of the study; later arms are compared with earlier ones.
        runs: arm name to its scores.
        equivalence_margin: accuracy differences smaller than this count as none, 0 to 1.
    """
    pairs = [
        _compare(arm, over, runs[arm.name], runs[over.name], equivalence_margin)
        for over, arm in combinations(arms, 2)
    ]
    adjusted = holm([pair.p_value for pair in pairs])
    return tuple(
        replace(pair, adjusted_p_value=p, significant=is_significant(p, pair.accuracy))
        for pair, p in zip(pairs, adjusted, strict=True)
    )


def is_significant(adjusted_p_value: float, difference: Difference) -> bool:
    """Whether both the corrected test and the interval speak against no difference."""
    apart = difference.interval.low > 0 or difference.interval.high < 0
    return adjusted_p_value < SIGNIFICANCE and apart


def _compare(
    arm: ScoredArm, over: ScoredArm, runs: ResampledScores, others: ResampledScores, margin: float
) -> Pair:
    accuracy = runs.minus(others, "accuracy")
    p_value = paired_p_value(arm.right, over.right)
    disagreement = _disagreement(arm, over)
    return Pair(
        arm=arm.name,
        over=over.name,
        accuracy=accuracy.difference(),
        ece=runs.minus(others, "ece").difference(),
        mcnemar=_mcnemar_per_seed(arm, over),
        p_value=p_value,
        adjusted_p_value=p_value,
        significant=False,
        superiority=superiority(runs, others),
        equivalence=equivalence(accuracy, margin),
        disagreement=disagreement,
        detectable_difference=detectable_difference(arm.right.shape[1], disagreement, POWER),
    )


def _mcnemar_per_seed(arm: ScoredArm, over: ScoredArm) -> tuple[McNemar, ...]:
    tests = []
    for seed in sorted(set(arm.seeds) & set(over.seeds)):
        run, other = arm.right[arm.seeds.index(seed)], over.right[over.seeds.index(seed)]
        only_arm, only_over = int((run & ~other).sum()), int((other & ~run).sum())
        tests.append(
            McNemar(
                seed=seed,
                only_arm=only_arm,
                only_over=only_over,
                p_value=mcnemar_p_value(only_arm, only_over),
            )
        )
    return tuple(tests)


def _disagreement(arm: ScoredArm, over: ScoredArm) -> float:
    """Mean over run pairs (of the same seed, where possible) of the share that exactly one gets right."""
    if arm.seeds == over.seeds:
        return float((arm.right != over.right).mean())
    return float((arm.right[:, None] != over.right[None, :]).mean())


def superiority(runs: ResampledScores, others: ResampledScores) -> Superiority:
    """P(A>B) of every pair of runs over resampled test sets, then the mean over seeds, paired if the same."""
    gaps = runs.on_resamples["accuracy"][:, :, None] - others.on_resamples["accuracy"][:, None, :]
    # Accuracies are counts over one N: differences below half an example are rounding.
    wins = ((gaps > 1e-9) + 0.5 * (np.abs(gaps) <= 1e-9)).mean(axis=0)
    if runs.seeds == others.seeds:
        per_pair = np.diag(wins)
        on_resamples = runs.weights @ per_pair
    else:
        per_pair = wins.ravel()
        on_resamples = np.einsum("bs,st,bt->b", runs.weights, wins, others.weights)
    if per_pair.size == 1:
        return Superiority(probability=float(per_pair[0]), interval=None)
    low, high = np.clip(np.quantile(on_resamples, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]), 0, 1)
    return Superiority(
        probability=float(per_pair.mean()), interval=Interval(low=float(low), high=float(high), level=LEVEL)
    )


def equivalence(accuracy: Draws, margin: float) -> Equivalence:
    """TOST on a difference in accuracy, with a margin of 0 to 1."""
    interval = accuracy.interval(TOST_LEVEL)
    return Equivalence(
        margin=margin,
        interval=interval,
        equivalent=-margin < interval.low and interval.high < margin,
        different=interval.low > margin or interval.high < -margin,
    )
