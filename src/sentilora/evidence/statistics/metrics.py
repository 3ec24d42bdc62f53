"""Scores of many runs on many resamples at once.

Accuracy, F1, Matthews correlation, calibration error and Brier score are all functions of a few sums over
examples. ``score_columns`` lays those summands out, one row an example; whoever sums them (all rows once for
the estimate, a bootstrap resample for an interval) gets the scores from ``scores_from_sums``. So the number
and its interval come from the same lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sentilora.evidence.statistics.bootstrap import LEVEL, ResampledScores, Resampling, estimate_of
from sentilora.evidence.statistics.calibration import NUM_CALIBRATION_BINS, confidence_bins
from sentilora.evidence.statistics.estimates import Estimate
from sentilora.evidence.statistics.random_effects import Floats, interval_of, mean_of_arm
from sentilora.evidence.statistics.scored_arms import ScoredArm


@dataclass(frozen=True, kw_only=True)
class ScoreEstimates:
    """Scores of one arm on one split: means over seeds with their intervals."""

    accuracy: Estimate
    """Share of examples with the right label."""
    f1: Estimate
    """F1 of the last class with two classes, macro F1 with more."""
    mcc: Estimate
    """Matthews correlation coefficient, -1 to 1."""
    ece: Estimate
    """Expected calibration error of the top label, 0 to 1; never 0 by chance (``calibration_noise``)."""
    brier: Estimate
    """Brier score summed over classes, 0 to 2."""


RANGES: Mapping[str, tuple[float, float]] = {
    "f1": (0, 1),
    "mcc": (-1, 1),
    "ece": (0, 1),
    "brier": (0, 2),
}
"""Lowest and highest value of each score that is resampled."""


def score_estimates(scores: ResampledScores, arm: ScoredArm, labels: NDArray[np.int64]) -> ScoreEstimates:
    """All scores of an arm as the report shows them.

    Args:
        scores: of its runs.
        arm: its runs.
        labels: (N,) of the examples.
    """
    accuracy = interval_of(mean_of_arm(arm.right), LEVEL)
    unseen = {}
    if arm.right.all():
        class_sizes = np.bincount(labels, minlength=arm.probabilities.shape[-1]).astype(np.float64)
        unseen = _scores_with_errors(1 - accuracy.low, class_sizes)
    estimates = {"accuracy": estimate_of(scores.on_data["accuracy"], accuracy)}
    for score, (lowest, highest) in RANGES.items():
        mean = scores.mean(score)
        interval = mean.interval(lowest=lowest, highest=highest)
        worst = unseen.get(score, mean.estimate)
        interval = replace(interval, low=min(interval.low, worst), high=max(interval.high, worst))
        estimates[score] = estimate_of(scores.on_data[score], interval)
    return ScoreEstimates(**estimates)


def _scores_with_errors(share: float, class_sizes: Floats) -> dict[str, float]:
    """Scores if this share of every class went wrong, in full confidence, to the other classes alike.

    No resample of examples without an error holds one. So a perfect arm's other scores get the bound that its
    accuracy has.
    """
    total, others = class_sizes.sum(), len(class_sizes) - 1
    right = (1 - share) * class_sizes
    predicted = right + share * (total - class_sizes) / others
    sums = np.concatenate([right, predicted, [2 * share * total, share * total]])
    return {score: float(value) for score, value in scores_from_sums(sums, class_sizes).items()}


def score_runs(probabilities: Floats, labels: NDArray[np.int64], resampling: Resampling) -> ResampledScores:
    """Scores of an arm's runs with their bootstrap distribution.

    Args:
        probabilities: (S, N, classes), rows summing to 1.
        labels: (N,) class indices.
        resampling: how to resample.
    """
    num_runs, _, num_classes = probabilities.shape
    one_hot = np.eye(num_classes)[labels]
    runs = [score_columns(run, labels) for run in probabilities]
    columns = np.concatenate([one_hot, *runs], axis=1)

    def scores_of(sums: Floats) -> dict[str, Floats]:
        label_sums = sums[..., None, :num_classes]
        run_sums = sums[..., num_classes:].reshape(*sums.shape[:-1], num_runs, -1)
        return scores_from_sums(run_sums, label_sums)

    return ResampledScores(
        scores_of(columns.sum(axis=0)),
        scores_of(resampling.sums(columns)),
    )


def score_columns(probabilities: Floats, labels: NDArray[np.int64]) -> Floats:
    """What one run adds to its scores at each example.

    Args:
        probabilities: (N, classes).
        labels: (N,).

    Returns:
        (N, 2 * classes + 1 + bins): right as class k; predicted as class k; squared error of the
        probabilities; rightness minus confidence in the example's confidence bin.
    """
    num_classes = probabilities.shape[1]
    predicted = np.eye(num_classes)[probabilities.argmax(axis=1)]
    one_hot = np.eye(num_classes)[labels]
    squared_error = ((probabilities - one_hot) ** 2).sum(axis=1, keepdims=True)
    right = predicted * one_hot
    gap = right.sum(axis=1) - probabilities.max(axis=1)
    bins = np.eye(NUM_CALIBRATION_BINS)[confidence_bins(probabilities.max(axis=1))]
    return np.concatenate([right, predicted, squared_error, gap[:, None] * bins], axis=1)


def scores_from_sums(sums: Floats, label_sums: Floats) -> dict[str, Floats]:
    """Scores from summed columns.

    Args:
        sums: (..., 2 * classes + 1 + bins), sums of ``score_columns``.
        label_sums: (..., classes), how many examples have each label; leading axes broadcast.

    Returns:
        Score to (...). Matthews correlation (Gorodkin 2004 for more classes) is 0 where it is undefined,
        as in scikit-learn; macro F1 is over the classes that occur.
    """
    num_classes = label_sums.shape[-1]
    right, predicted, rest = np.split(sums, [num_classes, 2 * num_classes], axis=-1)
    total = label_sums.sum(axis=-1)
    num_right = right.sum(axis=-1)
    occurring = predicted + label_sums
    f1 = 2 * right / np.maximum(occurring, 1)
    macro_f1 = f1.sum(axis=-1) / (occurring > 0).sum(axis=-1)
    covariance = num_right * total - (predicted * label_sums).sum(axis=-1)
    variance = (total**2 - (predicted**2).sum(axis=-1)) * (total**2 - (label_sums**2).sum(axis=-1))
    return {
        "accuracy": num_right / total,
        "f1": f1[..., -1] if num_classes == 2 else macro_f1,
        "mcc": np.where(variance > 0, covariance / np.sqrt(np.maximum(variance, 1)), 0.0),
        "ece": np.abs(rest[..., 1:]).sum(axis=-1) / total,
        "brier": rest[..., 0] / total,
    }
