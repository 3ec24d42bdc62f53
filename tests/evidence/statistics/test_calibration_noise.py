"""The floor of the calibration error and the swap test, where the truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.simulations.calibration import calibration_section

from sentilora.evidence.statistics.calibration_noise import Confidences, calibration_floor, swap_p_value
from sentilora.evidence.statistics.random_effects import Floats


def sure(confidences: Floats) -> Confidences:
    """Runs of which only the confidences matter."""
    return Confidences(confidences, np.zeros_like(confidences))


def test_the_floor_is_the_mean_deviation_of_what_falls_in_a_bin() -> None:
    # Each example has a bin of its own: E|right - c| is 2 c (1 - c).
    confidences = np.array([[0.5, 0.6, 0.7, 0.8, 0.9]])
    expected = (2 * confidences * (1 - confidences)).mean()
    assert calibration_floor(sure(confidences)) == pytest.approx(expected, rel=0.06)
    assert calibration_floor(sure(np.ones((2, 40)))) == 0


def predictions(
    rng: np.random.Generator, num_examples: int, overconfident: float, num_runs: int = 2
) -> Confidences:
    """An arm whose confidences are its chances and somewhat more."""
    chances = rng.uniform(0.55, 0.95, (num_runs, num_examples))
    confidences = np.minimum(chances + overconfident, 1)
    return Confidences(confidences, (rng.random(chances.shape) < chances) - confidences)


def test_an_overconfident_arm_is_told_from_a_calibrated_one() -> None:
    rng = np.random.default_rng(0)
    arm, over = predictions(rng, 800, 0.1, num_runs=3), predictions(rng, 800, 0.0)
    assert swap_p_value(arm, over) < 0.01
    assert swap_p_value(over, over) == 1


@pytest.mark.parametrize("num_examples", [10, 200])
def test_equally_calibrated_arms_are_seldom_told_apart(num_examples: int) -> None:
    rng = np.random.default_rng(2)
    p_values = np.array(
        [swap_p_value(*(predictions(rng, num_examples, 0.05) for _ in range(2))) for _ in range(200)]
    )
    # Two standard errors of 200 studies are 3 %.
    assert np.mean(p_values < 0.05) <= 0.08
    assert np.mean(p_values < 0.5) >= 0.3, "the test is not merely silent"


@pytest.mark.slow
def test_the_error_of_calibrated_arms_is_the_floor() -> None:
    rows = calibration_section(np.random.default_rng(0), 150).rows
    for num_test, error, floor, apart in rows:
        assert float(error) == pytest.approx(float(floor), rel=0.06), num_test
        assert float(apart.strip("*")) <= 9
