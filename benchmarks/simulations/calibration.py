"""What the calibration error shows for calibrated classifiers, and how often two of them are told apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.simulations.page import Section
from sentilora.evidence.statistics.calibration import NUM_CALIBRATION_BINS, confidence_bins
from sentilora.evidence.statistics.calibration_noise import calibration_floor, shared_bins, swap_p_value

Floats = NDArray[np.float64]


def calibration_section(rng: np.random.Generator, num_studies: int) -> Section:
    rows = []
    for num_test in (10, 50, 200, 1044, 1821):
        errors, floors, apart = [], [], []
        for _ in range(num_studies):
            arm, over = _calibrated_pair(rng, num_test)
            bins = confidence_bins(arm[0][0])
            errors.append(_calibration_error(arm[1][0], bins))
            floors.append(calibration_floor(arm[0][0], bins, 0))
            shared = shared_bins(arm[0], over[0], NUM_CALIBRATION_BINS)
            apart.append(swap_p_value(arm[1], over[1], shared, int(rng.integers(2**31))) < 0.05)
        rows.append(
            [
                f"{num_test:,}",
                f"{100 * np.mean(errors):.2f}",
                f"{100 * np.mean(floors):.2f}",
                f"**{100 * np.mean(apart):.1f}**",
            ]
        )
    return Section(
        title="Calibration error without miscalibration",
        text=(
            "Two arms of three seeds whose confidences are exactly the chances of being right (mean 91 %): "
            "the mean error of a run in points, the floor that the report shows beside it, and the per cent "
            "of studies where the two arms' errors differ with p < 0.05."
        ),
        head=["test rows", "error", "floor", "called different"],
        rows=rows,
    )


def _calibrated_pair(rng: np.random.Generator, num_test: int) -> list[tuple[Floats, Floats]]:
    """Confidences (S, N) and rightness less confidence of two arms that share the examples' difficulty."""
    difficulty = rng.normal(3.0, 1.5, num_test)
    shared = rng.random(num_test)
    arms: list[tuple[Floats, Floats]] = []
    for _ in range(2):
        logits = difficulty + 0.3 * rng.standard_normal((3, num_test))
        confidence = np.maximum(1 / (1 + np.exp(-logits)), 0.5)
        # One draw an example, mostly shared: runs that are sure of an example are mostly wrong together.
        luck = np.where(rng.random((3, num_test)) < 0.8, shared, rng.random((3, num_test)))
        gaps: Floats = (luck < confidence) - confidence
        arms.append((confidence, gaps))
    return arms


def _calibration_error(gaps: Floats, bins: NDArray[np.int64]) -> float:
    return float(np.abs(np.bincount(bins, weights=gaps)).sum() / len(gaps))
