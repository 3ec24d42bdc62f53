"""Scores against scikit-learn and by hand; resampled scores against scoring the resampled examples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, f1_score, matthews_corrcoef

from sentilora.evidence.statistics.bootstrap import Resampling
from sentilora.evidence.statistics.calibration import confidence_bins
from sentilora.evidence.statistics.metrics import (
    RANGES,
    ScoreEstimates,
    score_columns,
    score_estimates,
    score_runs,
    scores_from_sums,
)
from sentilora.evidence.statistics.random_effects import Floats
from sentilora.evidence.statistics.scored_arms import ScoredArm
from sentilora.records.record import Record
from sentilora.records.scores import score as recorded_score

Labels = NDArray[np.int64]


def draw(seed: int, num_examples: int, num_classes: int, num_runs: int = 1) -> tuple[Floats, Labels]:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, num_classes, num_examples)
    logits = rng.normal(size=(num_runs, num_examples, num_classes)) + 1.5 * np.eye(num_classes)[labels]
    exponentials = np.exp(logits)
    return exponentials / exponentials.sum(axis=2, keepdims=True), labels


def by_hand(probabilities: Floats, labels: Labels) -> dict[str, float]:
    """Every score the plain way, calibration error apart."""
    predicted = probabilities.argmax(axis=1)
    num_classes = probabilities.shape[1]
    average = "binary" if num_classes == 2 else "macro"
    return {
        "accuracy": accuracy_score(labels, predicted),
        "f1": f1_score(labels, predicted, average=average, zero_division=0.0),
        # scikit-learn warns where a single label occurs at all.
        "mcc": matthews_corrcoef(labels, predicted) if len({*labels, *predicted}) > 1 else 0.0,
        "brier": float(np.mean(np.sum((probabilities - np.eye(num_classes)[labels]) ** 2, axis=1))),
    }


def calibration_error_by_hand(probabilities: Floats, labels: Labels, bins: Labels) -> float:
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    gaps = [
        (bins == b).mean() * abs(right[bins == b].mean() - confidence[bins == b].mean())
        for b in np.unique(bins)
    ]
    return float(sum(gaps))


@given(st.integers(0, 10_000), st.integers(2, 120), st.integers(2, 4))
@settings(max_examples=60, deadline=None)
def test_scores_equal_scikit_learn(seed: int, num_examples: int, num_classes: int) -> None:
    (probabilities,), labels = draw(seed, num_examples, num_classes)
    found = scores_from_sums(
        score_columns(probabilities, labels).sum(axis=0), np.eye(num_classes)[labels].sum(axis=0)
    )
    for name, expected in by_hand(probabilities, labels).items():
        assert found[name] == pytest.approx(expected, abs=1e-9), name
    bins = confidence_bins(probabilities.max(axis=1))
    assert found["ece"] == pytest.approx(calibration_error_by_hand(probabilities, labels, bins), abs=1e-9)


def test_scores_equal_those_in_the_records() -> None:
    (probabilities,), labels = draw(0, 200, 2)
    runs = score_runs(probabilities[None], labels, Resampling(10, 0))
    recorded = recorded_score(np.log(probabilities), labels).to_json()
    for name in ("accuracy", "f1", "mcc"):
        assert runs.on_data[name][0] == pytest.approx(recorded[name])


@pytest.mark.parametrize("num_classes", [2, 3])
def test_a_resampled_score_is_the_score_of_the_resampled_examples(num_classes: int) -> None:
    probabilities, labels = draw(1, 60, num_classes, num_runs=3)
    resampling = Resampling(8, 5)
    runs = score_runs(probabilities, labels, resampling)
    counts = resampling.sums(np.eye(60)).astype(int)
    for resample, run in ((0, 0), (3, 1), (7, 2)):
        rows = np.repeat(np.arange(60), counts[resample])
        expected = by_hand(probabilities[run][rows], labels[rows])
        bins = confidence_bins(probabilities[run].max(axis=1))[rows]
        expected["ece"] = calibration_error_by_hand(probabilities[run][rows], labels[rows], bins)
        for name, value in expected.items():
            assert runs.on_resamples[name][resample, run] == pytest.approx(value, abs=1e-9), name


def test_one_class_predicted_has_no_correlation() -> None:
    labels = np.array([0, 1, 1])
    probabilities = np.array([[0.2, 0.8]] * 3)
    found = scores_from_sums(score_columns(probabilities, labels).sum(axis=0), np.array([1.0, 2.0]))
    assert found["mcc"] == 0


def test_a_calibrated_arm_has_a_small_calibration_error_and_an_overconfident_one_has_not() -> None:
    rng = np.random.default_rng(0)
    positive = rng.uniform(0.02, 0.98, 20_000)
    labels = (rng.random(20_000) < positive).astype(np.int64)
    honest = np.stack([1 - positive, positive], axis=1)
    bold = np.where(honest > 0.5, 0.99, 0.01)
    errors = score_runs(np.stack([honest, bold]), labels, Resampling(5, 0)).on_data["ece"]
    assert errors[0] < 0.015
    assert errors[1] == pytest.approx(0.99 - (bold.argmax(axis=1) == labels).mean(), abs=0.001)


def estimates(probabilities: Floats, labels: Labels) -> ScoreEstimates:
    records = tuple(Record(Path(), {"seed": seed}) for seed in range(len(probabilities)))
    right = probabilities.argmax(axis=2) == labels
    arm = ScoredArm("any", records, probabilities, right)
    return score_estimates(score_runs(probabilities, labels, Resampling(500, 0)), arm, labels)


def test_an_estimate_is_a_mean_over_seeds_inside_its_interval() -> None:
    scores = estimates(*draw(3, 300, 2, num_runs=4))
    for name, (lowest, highest) in {**RANGES, "accuracy": (0, 1)}.items():
        estimate = getattr(scores, name)
        assert estimate.mean == pytest.approx(np.mean(estimate.per_seed))
        assert estimate.sd == pytest.approx(np.std(estimate.per_seed, ddof=1))
        assert lowest <= estimate.interval.low < estimate.mean < estimate.interval.high <= highest


@pytest.mark.parametrize("num_classes", [2, 3])
def test_no_score_of_a_perfect_arm_is_certain(num_classes: int) -> None:
    labels = np.arange(60) % num_classes
    scores = estimates(np.tile(np.eye(num_classes)[labels], (3, 1, 1)), labels)
    low = scores.accuracy.interval.low
    assert 0.85 < low < 1
    assert scores.f1.mean == scores.mcc.mean == 1
    # With equal classes F1 is the accuracy, and the correlation follows from it.
    assert scores.f1.interval.low == pytest.approx(low, abs=1e-6)
    assert scores.mcc.interval.low == pytest.approx(1 - (1 - low) * num_classes / (num_classes - 1))
    assert scores.ece.interval.high == pytest.approx(1 - low)
    assert scores.brier.interval.high == pytest.approx(2 * (1 - low))
