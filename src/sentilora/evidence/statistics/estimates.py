"""Estimates and their spread: the small values that every finding is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["held", "refuted", "undecided", "present", "absent", "unclear"]
"""A claim is held, refuted or undecided; a risk is present, absent or unclear."""


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A confidence interval."""

    low: float
    """Lower end."""
    high: float
    """Upper end."""
    level: float = 0.95
    """Nominal coverage, 0.95 unless a field says otherwise."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A score with what is known of its spread."""

    mean: float
    """Mean over seeds; never a maximum."""
    sd: float | None
    """Standard deviation between seeds (n - 1), None with one seed."""
    interval: Interval
    """Multi-Bootstrap interval over seeds and examples; over examples only with one seed
    (``StatisticsSettings.resampled`` and ``Outcome.seeds`` say which).
    """
    per_seed: tuple[float, ...]
    """The value of each seed."""


@dataclass(frozen=True, kw_only=True)
class Spread:
    """A measured quantity over runs, with no sampling model behind it."""

    mean: float
    """Mean over runs."""
    low: float
    """Smallest run."""
    high: float
    """Largest run."""
    sd: float | None
    """Standard deviation between runs (n - 1), None with one run."""
    per_run: tuple[float, ...]
    """Every run's value."""


@dataclass(frozen=True, kw_only=True)
class StatisticsSettings:
    """How the numbers were made; the report's methods section reads this."""

    num_resamples: int
    """Bootstrap resamples."""
    generator_seed: int
    """Seed of the resampling, fixed: the same records give the same numbers."""
    level: float
    """Coverage of intervals, 0.95."""
    resampled: str
    """``seeds and examples`` where every arm with results has two seeds or more, ``examples`` where every arm
    has one, ``examples, and seeds where an arm has several`` otherwise.
    """
    num_calibration_bins: int
    """Bins of the calibration error."""
    calibration_binning: str
    """``equal-mass``."""
    equivalence_margin: float
    """TOST's margin on accuracy, as the study states it."""
    power: float
    """Power of the detectable difference, 0.8."""
    small_slice: int
    """Slices with fewer examples than this are marked."""
