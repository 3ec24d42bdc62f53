"""Confidence bins of equal mass, and the reliability diagram."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentilora.evidence.statistics.calibration import (
    NUM_CALIBRATION_BINS,
    confidence_bins,
    reliability_diagram,
)


@given(st.integers(1, 200), st.integers(0, 1000))
def test_calibration_bins_have_equal_mass(num_examples: int, seed: int) -> None:
    confidences = np.random.default_rng(seed).random(num_examples).round(1)
    bins = confidence_bins(confidences)
    sizes = np.bincount(bins, minlength=NUM_CALIBRATION_BINS)
    assert sizes.max() - sizes.min() <= 1
    assert (np.diff(bins[np.argsort(confidences, kind="stable")]) >= 0).all()


def test_a_reliability_diagram_holds_every_prediction() -> None:
    rng = np.random.default_rng(2)
    positive = rng.random((3, 90))
    probabilities = np.stack([1 - positive, positive], axis=2)
    labels = rng.integers(0, 2, 90)
    bins = reliability_diagram(probabilities, labels)
    # 270 predictions in 15 bins of 18: every bin weighs the same.
    right = probabilities.argmax(axis=2) == labels
    assert np.mean([each.accuracy for each in bins]) == pytest.approx(right.mean())
    assert np.mean([each.mean_confidence for each in bins]) == pytest.approx(probabilities.max(axis=2).mean())
    assert all(one.mean_confidence < following.mean_confidence for one, following in pairwise(bins))
