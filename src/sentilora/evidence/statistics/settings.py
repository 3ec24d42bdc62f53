"""How the statistics of a study are made: resamples, levels, margins and marks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sentilora.evidence.statistics.bootstrap import LEVEL
from sentilora.evidence.statistics.calibration import NUM_CALIBRATION_BINS
from sentilora.evidence.statistics.pairs import POWER
from sentilora.evidence.statistics.scored_arms import ScoredArm
from sentilora.evidence.statistics.slices import SMALL_SLICE


@dataclass(frozen=True, kw_only=True)
class StatisticsSettings:
    """How the numbers were made; the report's methods section reads this."""

    num_resamples: int
    """Bootstrap resamples."""
    level: float
    """Coverage of intervals, 0.95."""
    drawn: str
    """What intervals count as drawn at random: ``seeds and examples`` where every arm with results has two
    seeds or more, ``examples`` where every arm has one, ``examples, and seeds where an arm has several``
    otherwise.
    """
    num_calibration_bins: int
    """Bins of the calibration error."""
    calibration_binning: str
    """``equal-mass``."""
    equivalence_margin: float
    """TOST's margin on accuracy, as the study states it."""
    margin_stated_beforehand: bool | None
    """Whether it was stated before all runs; None where the records do not say."""
    power: float
    """Power of the detectable difference, 0.8."""
    small_slice: int
    """Slices with fewer examples than this are marked."""


def statistics_settings(
    arms: Collection[ScoredArm],
    *,
    num_resamples: int,
    equivalence_margin: float,
    margin_stated_beforehand: bool | None,
) -> StatisticsSettings:
    """The settings in force for a study whose scored arms are these."""
    several = [len(arm.seeds) > 1 for arm in arms]
    if all(several):
        drawn = "seeds and examples"
    else:
        drawn = "examples, and seeds where an arm has several" if any(several) else "examples"
    return StatisticsSettings(
        num_resamples=num_resamples,
        level=LEVEL,
        drawn=drawn,
        num_calibration_bins=NUM_CALIBRATION_BINS,
        calibration_binning="equal-mass",
        equivalence_margin=equivalence_margin,
        margin_stated_beforehand=margin_stated_beforehand,
        power=POWER,
        small_slice=SMALL_SLICE,
    )
