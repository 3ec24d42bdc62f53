"""What the calibration error shows for calibrated classifiers, and how often two of them are told apart."""

from __future__ import annotations

import numpy as np

from benchmarks.simulations.page import Section
from sentilora.evidence.statistics.calibration import confidence_bins
from sentilora.evidence.statistics.calibration_noise import Confidences, calibration_floor, swap_p_value


def calibration_section(rng: np.random.Generator, num_studies: int) -> Section:
    rows = []
    for num_test in (10, 50, 200, 1044, 1821):
        errors, floors, apart = [], [], []
        for _ in range(num_studies):
            arm, over = _calibrated_pair(rng, num_test)
            errors.append(_calibration_error(arm))
            floors.append(calibration_floor(arm))
            apart.append(swap_p_value(arm, over) < 0.05)
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


def _calibrated_pair(rng: np.random.Generator, num_test: int) -> list[Confidences]:
    """Two arms that share the examples' difficulty."""
    difficulty = rng.normal(3.0, 1.5, num_test)
    shared = rng.random(num_test)
    arms = []
    for _ in range(2):
        logits = difficulty + 0.3 * rng.standard_normal((3, num_test))
        confidences = np.maximum(1 / (1 + np.exp(-logits)), 0.5)
        # One draw an example, mostly shared: runs that are sure of an example are mostly wrong together.
        luck = np.where(rng.random((3, num_test)) < 0.8, shared, rng.random((3, num_test)))
        arms.append(Confidences(confidences, (luck < confidences) - confidences))
    return arms


def _calibration_error(arm: Confidences) -> float:
    """The mean of the runs'."""
    errors = [
        np.abs(np.bincount(confidence_bins(confidences), weights=gaps)).sum() / len(gaps)
        for confidences, gaps in zip(arm.confidences, arm.gaps, strict=True)
    ]
    return float(np.mean(errors))
