"""Where an arm helps more than elsewhere, allowing for the search through all slices.

"Helps most on texts with a negation" is the largest of many gaps, and the largest of many gaps is large by
chance alone. So every gap (gain in the slice less gain on all other examples) is compared with the largest
gap that turns up when the examples' gains are dealt out to the slices at random (maxT, Westfall and Young
1993): the slices keep their sizes and overlaps, and only what they have to do with the gains is broken.

Seeds can move a whole slice: a run that says "positive" more often gains on positive texts. Where the runs'
gaps differ by more than chance on the examples explains, a gap is first made as small as its t-test over the
seeds says (see ``random_effects``), on the scale that the permutations have.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from sentilora.evidence.statistics.random_effects import Floats, SeedVariance, p_value_of

NUM_PERMUTATIONS = 2000
GENERATOR_SEED = 20_260_103
"""Of the permutations: the same records give the same p-values."""


@dataclass(frozen=True, kw_only=True)
class SliceGap:
    """The gain of an arm in one slice less its gain on all other examples."""

    gap: float
    """Difference of the two gains in accuracy."""
    p_value: float
    """Two-sided, adjusted for having looked at all slices."""


def slice_gaps(
    arm_right: NDArray[np.bool_],
    over_right: NDArray[np.bool_],
    members: NDArray[np.bool_],
    searched: NDArray[np.bool_],
) -> tuple[SliceGap, ...]:
    """One entry a slice, in their order.

    Args:
        arm_right: (S, N) whether each run of the arm gets each example right.
        over_right: (T, N) the same for the arm it is compared with.
        members: (N, P) the examples of each of P slices; each slice has examples, and so has the rest.
        searched: (P,) the slices that the search runs over. The others are tested as if they were one more.
    """
    num_examples = len(members)
    sizes = members.sum(axis=0)
    # gains @ weights is the mean inside less the mean outside.
    weights = np.where(members, 1 / sizes, -1 / (num_examples - sizes))
    arm, over = arm_right.astype(np.float64), over_right.astype(np.float64)
    gains = arm.mean(axis=0) - over.mean(axis=0)
    gaps = gains @ weights
    scale = gains.std(ddof=1) * np.sqrt(1 / sizes + 1 / (num_examples - sizes))
    if not scale.all():
        return tuple(SliceGap(gap=0.0, p_value=1.0) for _ in sizes)
    largest = _largest_by_chance(gains, (weights / scale)[:, searched])
    sizes_of_gaps = np.minimum(np.abs(gaps) / scale, _over_seeds(gaps, scale, arm, over, weights))
    as_large = (largest[:, None] >= sizes_of_gaps - 1e-9).sum(axis=0)
    return tuple(
        SliceGap(gap=float(gap), p_value=float(p))
        for gap, p in zip(gaps, (1 + as_large) / (1 + len(largest)), strict=True)
    )


def _largest_by_chance(gains: Floats, weights: Floats) -> Floats:
    """(B,) the largest standardised gap of the searched slices in each permutation; 0 if none is searched."""
    rng = np.random.default_rng([GENERATOR_SEED, len(gains)])
    largest = [
        np.abs(rng.permuted(np.tile(gains, (block, 1)), axis=1) @ weights).max(axis=1, initial=0)
        for block in (NUM_PERMUTATIONS // 10,) * 10
    ]
    return np.concatenate(largest)


def _over_seeds(gaps: Floats, scale: Floats, arm: Floats, over: Floats, weights: Floats) -> Floats:
    """The gaps as normal deviates (P,) with the p-values that they have over new seeds."""
    arms = [_seed_variance(values, weights) for values in (arm, over) if len(values) > 1]
    deviates: Floats = norm.isf(p_value_of(np.abs(gaps), scale**2, arms, 0.0) / 2)
    return deviates


def _seed_variance(values: Floats, weights: Floats) -> SeedVariance:
    num_seeds = len(values)
    return SeedVariance(
        found=(values @ weights).var(axis=0, ddof=1) / num_seeds,
        by_chance=values.var(axis=0, ddof=1) @ weights**2 / num_seeds,
        freedom=num_seeds - 1,
    )
