"""Whether an arm's probabilities can be believed: confidence bins and the reliability diagram.

The calibration error takes the top label's confidence in 15 bins of equal mass (Nixon et al. 2019): bins of
equal width leave most bins of a confident classifier empty. Bins are set by the data and kept in resamples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sentilora.evidence.statistics.random_effects import Floats


@dataclass(frozen=True, kw_only=True)
class CalibrationBin:
    """One bin of a reliability diagram, all seeds pooled."""

    mean_confidence: float
    """Mean probability of the predicted label."""
    accuracy: float
    """Share predicted rightly."""


NUM_CALIBRATION_BINS = 15


def confidence_bins(confidences: Floats) -> NDArray[np.int64]:
    """The equal-mass bin of each of N confidences, (N,), 0 for the least confident."""
    ranks = np.empty(len(confidences), dtype=np.int64)
    ranks[np.argsort(confidences, kind="stable")] = np.arange(len(confidences))
    return ranks * NUM_CALIBRATION_BINS // len(confidences)


def reliability_diagram(probabilities: Floats, labels: NDArray[np.int64]) -> tuple[CalibrationBin, ...]:
    """Bins of a reliability diagram, all runs pooled, by rising confidence.

    Args:
        probabilities: (S, N, classes).
        labels: (N,).
    """
    confidences = probabilities.max(axis=2).ravel()
    right = (probabilities.argmax(axis=2) == labels).ravel()
    bins = confidence_bins(confidences)
    return tuple(
        CalibrationBin(
            mean_confidence=float(confidences[bins == number].mean()),
            accuracy=float(right[bins == number].mean()),
        )
        for number in np.unique(bins)
    )
