"""Limits are named where they hold, and only there."""

from __future__ import annotations

from pathlib import Path

from sentilora.evidence.analysis import Analysis, analyse
from sentilora.evidence.report.sections.limits import limits
from sentilora.records.record import read_study_records
from support.synthetic_records import ARMS, write_synthetic_study


def test_failed_runs_are_a_limit(tmp_path: Path) -> None:
    study = write_synthetic_study(tmp_path, failed={("lora-16", seed) for seed in range(3)})
    found = limits(analyse(read_study_records(study), num_resamples=50))
    assert any("6 of 15 planned runs" in limit for limit in found)


def test_one_seed_is_a_limit_and_many_are_not(tmp_path: Path, analysis: Analysis) -> None:
    study = write_synthetic_study(tmp_path, arms=ARMS[:2], seeds=[4])
    single = analyse(read_study_records(study), num_resamples=50)
    assert any("one seed only" in limit for limit in limits(single))
    assert not any("one seed" in limit for limit in limits(analysis))


def test_a_rate_at_the_end_of_its_grid_is_a_limit(analysis: Analysis) -> None:
    assert any("chosen at an end of the range" in limit for limit in limits(analysis))
