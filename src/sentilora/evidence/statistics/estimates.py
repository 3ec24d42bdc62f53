"""Estimates and their spread: the small values that every finding is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["held", "refuted", "undecided", "present", "absent", "unclear"]
"""A claim is held, refuted or undecided; a risk is present, absent or unclear."""


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A confidence interval.

    Attributes:
        low: lower end.
        high: upper end.
        level: nominal coverage, 0.95 unless a field says otherwise.
    """

    low: float
    high: float
    level: float = 0.95


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A score with what is known of its spread.

    Attributes:
        mean: mean over seeds; never a maximum.
        sd: standard deviation between seeds (n - 1), None with one seed.
        interval: Multi-Bootstrap interval over seeds and examples; over examples only with one seed
            (``StatisticsSettings.resampled`` and ``ArmResult.seeds`` say which).
        per_seed: the value of each seed.
    """

    mean: float
    sd: float | None
    interval: Interval
    per_seed: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Spread:
    """A measured quantity over runs, with no sampling model behind it.

    Attributes:
        mean: mean over runs.
        low: smallest run.
        high: largest run.
        sd: standard deviation between runs (n - 1), None with one run.
        per_run: every run's value.
    """

    mean: float
    low: float
    high: float
    sd: float | None
    per_run: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class StatisticsSettings:
    """How the numbers were made; the report's methods section reads this.

    Attributes:
        num_resamples: bootstrap resamples.
        generator_seed: seed of the resampling, fixed: the same records give the same numbers.
        level: coverage of intervals, 0.95.
        resampled: ``seeds and examples`` where every arm with results has two seeds or more, ``examples``
            where every arm has one, ``examples, and seeds where an arm has several`` otherwise.
        num_calibration_bins: bins of the calibration error.
        calibration_binning: ``equal-mass``.
        equivalence_margin: TOST's margin on accuracy, as the study states it.
        power: power of the detectable difference, 0.8.
        small_slice: slices with fewer examples than this are marked.
    """

    num_resamples: int
    generator_seed: int
    level: float
    resampled: str
    num_calibration_bins: int
    calibration_binning: str
    equivalence_margin: float
    power: float
    small_slice: int
