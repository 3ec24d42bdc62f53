"""What a calibration error would be without any miscalibration, and whether two arms' calibration differs.

A binned calibration error is never 0: in each bin the share of right answers misses the mean confidence by
chance. ``calibration_floor`` is what a perfectly calibrated classifier with the same confidences would show
on average (Bröcker 2012; Kumar, Liang and Ma 2019 on the bias). An error near its floor is no error.

Differences are tested by swapping: if two arms were calibrated alike, every example's predictions could as
well have come from the other arm. Examples are swapped as a whole, with all seeds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sentilora.evidence.statistics.random_effects import Floats

NUM_CALIBRATED = 500
"""Simulated answers: the floor is good to 2 % of itself."""
NUM_SWAPS = 2000


def calibration_floor(confidences: Floats, bins: NDArray[np.int64], generator_seed: int) -> float:
    """The mean calibration error of one run if its confidences were exactly the chances of being right.

    Args:
        confidences: (N,) probability of the predicted label.
        bins: (N,) the bin of each.
        generator_seed: of the simulated answers; the same seed gives the same floor.
    """
    rng = np.random.default_rng([generator_seed, len(bins)])
    gaps = (rng.random((NUM_CALIBRATED, len(bins))) < confidences) - confidences
    return float(np.abs(gaps @ np.eye(int(bins.max()) + 1)[bins]).sum(axis=1).mean() / len(bins))


def swap_p_value(
    arm_gaps: Floats,
    over_gaps: Floats,
    bins: tuple[NDArray[np.int64], NDArray[np.int64]],
    generator_seed: int,
) -> float:
    """Two-sided p-value of a difference in mean calibration error over runs.

    Args:
        arm_gaps: (S, N) rightness less confidence of each prediction.
        over_gaps: (S, N) the same for the other arm, with as many runs.
        bins: the bin of each prediction, (S, N) for each arm, by edges that both arms share.
        generator_seed: of the swaps; the same seed gives the same p-value.
    """
    num_bins = 1 + max(int(each.max()) for each in bins)
    arm, over = (
        _by_bin(gaps, each, num_bins) for gaps, each in zip((arm_gaps, over_gaps), bins, strict=True)
    )
    swapped = np.random.default_rng([generator_seed, len(arm)]).integers(0, 2, (NUM_SWAPS, len(arm)))
    moved = swapped.astype(np.float64) @ (over - arm)

    def difference(moved: Floats) -> Floats:
        excess: Floats = np.abs(arm.sum(axis=0) + moved) - np.abs(over.sum(axis=0) - moved)
        return np.asarray(excess.sum(axis=-1))

    found = abs(float(difference(np.zeros(arm.shape[1]))))
    as_large = (np.abs(difference(moved)) >= found - 1e-9).sum()
    return float((1 + as_large) / (1 + NUM_SWAPS))


def shared_bins(arm: Floats, over: Floats, num_bins: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Bins of equal mass over all confidences of two arms, (S, N) for each of (S, N) and (S, N)."""
    edges = np.quantile(np.concatenate([arm.ravel(), over.ravel()]), np.arange(1, num_bins) / num_bins)
    arm_bins: NDArray[np.int64] = np.searchsorted(edges, arm)
    over_bins: NDArray[np.int64] = np.searchsorted(edges, over)
    return arm_bins, over_bins


def _by_bin(gaps: Floats, bins: NDArray[np.int64], num_bins: int) -> Floats:
    """(N, S * bins): each example's gap in the column of its run and bin."""
    num_runs, num_examples = gaps.shape
    columns = np.zeros((num_examples, num_runs, num_bins))
    rows = np.arange(num_examples)
    for run in range(num_runs):
        columns[rows, run, bins[run]] = gaps[run]
    return columns.reshape(num_examples, -1)
