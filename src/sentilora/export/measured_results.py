"""What a study has measured of the classifier to export, read from the records around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sentilora.errors import RecordError
from sentilora.evidence.analysis import analyse
from sentilora.evidence.statistics.arm_results import Outcome
from sentilora.evidence.statistics.pairs import Pair
from sentilora.records.record import Record, StudyRecords, read_record, read_study_records
from sentilora.use.adapter_folder import Adapter


@dataclass(frozen=True)
class MeasuredResults:
    """A run's own metrics, and where they stand in its study."""

    record: Mapping[str, Any]
    """The run's ``record.json``."""
    study: Mapping[str, Any]
    """The study's ``study.json``."""
    split: str
    """``test``, or ``dev`` where this run was not chosen and so never scored on test."""
    metrics: Mapping[str, float]
    """Of this very run on that split: accuracy, f1, mcc, loss."""
    outcome: Outcome | None
    """All seeds of its arm on test with intervals; None where this run is not among those scored."""
    over_baseline: Pair | None
    """Its arm against the study's baseline; None for the baseline itself."""
    level: float
    """Of the intervals, for example 0.95."""


def read_measured_results(adapter: Adapter) -> MeasuredResults | None:
    """What the records around an adapter tell; None where it lies in no sound record of a study."""
    if adapter.record is None:
        return None
    try:
        record = read_record(adapter.record)
        study = read_study_records(adapter.record.parent)
    except RecordError:
        return None
    metrics = record.fields["metrics"]
    split = "test" if "test" in metrics else "dev"
    return _in_its_study(record, study, split, metrics[split])


def _in_its_study(
    record: Record, study: StudyRecords, split: str, metrics: Mapping[str, float]
) -> MeasuredResults:
    outcome: Outcome | None = None
    pair: Pair | None = None
    level = 0.95
    try:
        analysis = analyse(study)
    except RecordError:  # no run of the study was scored on test yet
        pass
    else:
        level = analysis.settings.level
        outcome = next((each for each in analysis.outcomes.values() if record.run_id in each.run_ids), None)
        pair = next((p for p in analysis.pairs if {p.arm, p.over} == {record.arm, analysis.baseline}), None)
    return MeasuredResults(record.fields, study.study, split, metrics, outcome, pair, level)
