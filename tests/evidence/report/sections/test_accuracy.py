"""Scores: raw numbers in the CSV, words where a number is missing, every run by itself."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from sentilora.evidence.analysis import Analysis, analyse
from sentilora.evidence.report.sections.accuracy import arms_table, runs_table, section
from sentilora.evidence.writing.tables import Table, to_csv
from sentilora.records.record import read_study_records
from support.decided_pairs import all_decided
from support.synthetic_records import write_synthetic_study


@pytest.fixture(scope="module")
def one_arm_failed(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    folder: Path = tmp_path_factory.mktemp("failed")
    study = write_synthetic_study(folder, failed={("lora-16", seed) for seed in range(3)})
    return analyse(read_study_records(study), num_resamples=200)


def rows_of(table: Table) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(to_csv(table))))


def test_the_csv_holds_unrounded_numbers_and_names_what_is_missing(one_arm_failed: Analysis) -> None:
    rows = {row["arm"]: row for row in rows_of(arms_table(one_arm_failed))}
    scores = one_arm_failed.outcomes["lora-8"].scores
    assert float(rows["lora-8"]["accuracy"]) == scores.accuracy.mean
    assert float(rows["lora-8"]["f1_low"]) == scores.f1.interval.low
    assert rows["lora-16"]["accuracy"] == "NA"
    assert rows["frozen"]["learning_rate"] == "NA"


def test_every_scored_run_is_listed_by_itself(one_arm_failed: Analysis) -> None:
    assert [row["run_id"] for row in rows_of(runs_table(one_arm_failed))] == [
        run for outcome in one_arm_failed.outcomes.values() for run in outcome.run_ids
    ]


@pytest.mark.parametrize(
    ("mean", "significant", "equivalent", "heading"),
    [
        (0.083, True, False, "gains 8.3\xa0points on frozen"),
        (-0.083, True, False, "loses 8.3\xa0points on frozen"),
        (0.004, False, False, "beats frozen is undecided"),
        (0.0, False, True, "and frozen are equivalent"),
    ],
)
def test_the_slide_is_headed_by_what_the_results_say(
    analysis: Analysis, mean: float, significant: bool, equivalent: bool, heading: str
) -> None:
    changed = all_decided(analysis, mean, significant=significant, equivalent=equivalent)
    (slide,) = section(changed).slides
    assert heading in slide.heading
