"""What a calibration error would be without any miscalibration, and whether two arms' calibration differs.

A binned calibration error is never 0: in each bin the share of right answers misses the mean confidence by
chance. ``calibration_floor`` is what a perfectly calibrated classifier with the same confidences would show
on average (Bröcker 2012; Kumar, Liang and Ma 2019 on the bias). An error near its floor is no error.

Differences are tested by swapping: if two arms were calibrated alike, every example's predictions could as
well have come from the other arm. Examples are swapped as a whole, with all seeds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sentilora.evidence.statistics.calibration import NUM_CALIBRATION_BINS, confidence_bins
from sentilora.evidence.statistics.random_effects import Floats

NUM_CALIBRATED = 500
"""Simulated answers: the floor is good to 2 % of itself."""
NUM_SWAPS = 2000


GENERATOR_SEED = 20_260_102


@dataclass(frozen=True)
class Confidences:
    """What an arm's runs say of their own predictions."""

    confidences: Floats
    """(S, N) probability of the predicted label."""
    gaps: Floats
    """(S, N) 1 where the prediction is right, else 0, less its confidence."""

    @classmethod
    def of(cls, probabilities: Floats, labels: NDArray[np.int64]) -> Confidences:
        """From (S, N, classes) probabilities and (N,) labels."""
        confidences = probabilities.max(axis=2)
        right = probabilities.argmax(axis=2) == labels
        return cls(confidences, right - confidences)

    def repeated(self, num_runs: int) -> Confidences:
        """The runs again and again until there are so many, a multiple of S."""
        times = num_runs // len(self.gaps)
        return Confidences(np.tile(self.confidences, (times, 1)), np.tile(self.gaps, (times, 1)))


def calibration_floor(arm: Confidences) -> float:
    """The mean calibration error of a run if confidences were exactly the chances of being right."""
    rng = np.random.default_rng(GENERATOR_SEED)
    errors = []
    for confidences in arm.confidences:
        gaps = (rng.random((NUM_CALIBRATED, len(confidences))) < confidences) - confidences
        bins = confidence_bins(confidences)
        errors.append(np.abs(gaps @ np.eye(int(bins.max()) + 1)[bins]).sum(axis=1).mean() / len(confidences))
    return float(np.mean(errors))


def swap_p_value(arm: Confidences, over: Confidences) -> float:
    """Two-sided p-value of a difference of two arms in mean calibration error over runs.

    The bins are of equal mass over both arms, so that they are the same whoever made a prediction.
    """
    num_runs = math.lcm(len(arm.gaps), len(over.gaps))
    arm, over = arm.repeated(num_runs), over.repeated(num_runs)
    edges = np.quantile(
        np.concatenate([arm.confidences.ravel(), over.confidences.ravel()]),
        np.arange(1, NUM_CALIBRATION_BINS) / NUM_CALIBRATION_BINS,
    )
    ours, theirs = (_by_bin(each, edges) for each in (arm, over))
    swapped = np.random.default_rng(GENERATOR_SEED).integers(0, 2, (NUM_SWAPS, len(ours)))
    moved = swapped.astype(np.float64) @ (theirs - ours)

    def difference(moved: Floats) -> Floats:
        excess: Floats = np.abs(ours.sum(axis=0) + moved) - np.abs(theirs.sum(axis=0) - moved)
        return np.asarray(excess.sum(axis=-1))

    found = abs(float(difference(np.zeros(ours.shape[1]))))
    as_large = (np.abs(difference(moved)) >= found - 1e-9).sum()
    return float((1 + as_large) / (1 + NUM_SWAPS))


def _by_bin(arm: Confidences, edges: Floats) -> Floats:
    """(N, S * bins): each example's gap in the column of its run and bin."""
    num_runs, num_examples = arm.gaps.shape
    columns = np.zeros((num_examples, num_runs, len(edges) + 1))
    runs, examples = np.indices(arm.gaps.shape)
    columns[examples, runs, np.searchsorted(edges, arm.confidences)] = arm.gaps
    return columns.reshape(num_examples, -1)
