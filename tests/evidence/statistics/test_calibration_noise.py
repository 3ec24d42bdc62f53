"""The floor of the calibration error and the swap test, where the truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.simulations.calibration import calibration_section
from numpy.typing import NDArray

from sentilora.evidence.statistics.calibration_noise import calibration_floor, shared_bins, swap_p_value

Floats = NDArray[np.float64]
BINS = 15


def test_the_floor_of_one_bin_is_the_mean_deviation_of_a_binomial() -> None:
    # E|X - 1| of a binomial of 2 examples with chance one half is 0.5, over 2 examples 0.25.
    assert calibration_floor(np.array([0.5, 0.5]), np.array([0, 0]), 0) == pytest.approx(0.25, abs=0.03)
    assert calibration_floor(np.ones(9), np.arange(9), 0) == 0


def gaps(rng: np.random.Generator, num_examples: int, overconfident: float) -> tuple[Floats, Floats]:
    """Confidences (2, N) of an arm, and rightness less confidence."""
    chances = rng.uniform(0.55, 0.95, (2, num_examples))
    confidences = np.minimum(chances + overconfident, 1)
    return confidences, (rng.random(chances.shape) < chances) - confidences


def test_an_overconfident_arm_is_told_from_a_calibrated_one() -> None:
    rng = np.random.default_rng(0)
    (arm, arm_gaps), (over, over_gaps) = gaps(rng, 800, 0.1), gaps(rng, 800, 0.0)
    assert swap_p_value(arm_gaps, over_gaps, shared_bins(arm, over, BINS), 1) < 0.01
    assert swap_p_value(over_gaps, over_gaps, shared_bins(over, over, BINS), 1) == 1


@pytest.mark.parametrize("num_examples", [10, 200])
def test_equally_calibrated_arms_are_seldom_told_apart(num_examples: int) -> None:
    rng = np.random.default_rng(2)
    p_values = []
    for number in range(200):
        (arm, arm_gaps), (over, over_gaps) = (gaps(rng, num_examples, 0.05) for _ in range(2))
        p_values.append(swap_p_value(arm_gaps, over_gaps, shared_bins(arm, over, BINS), number))
    # Two standard errors of 200 studies are 3 %.
    assert np.mean(np.array(p_values) < 0.05) <= 0.08
    assert np.mean(np.array(p_values) < 0.5) >= 0.3, "the test is not merely silent"


def test_bins_are_the_same_for_both_arms() -> None:
    confidences = np.random.default_rng(0).random((2, 150))
    one, other = shared_bins(confidences, confidences[:, ::-1].copy(), BINS)
    np.testing.assert_array_equal(one, other[:, ::-1])
    assert np.bincount(one.ravel()).max() <= 22
    assert one.max() == BINS - 1


@pytest.mark.slow
def test_the_error_of_calibrated_arms_is_the_floor() -> None:
    rows = calibration_section(np.random.default_rng(0), 150).rows
    for num_test, error, floor, apart in rows:
        assert float(error) == pytest.approx(float(floor), rel=0.06), num_test
        assert float(apart.strip("*")) <= 9
