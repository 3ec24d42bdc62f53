"""The costs are where ``record.json`` has them, in the unit they state, each name once."""

from __future__ import annotations

from pathlib import Path

from sentilora.records.costs import COSTS, PEAK_MEMORY, TRAINED_SHARE, TRAINING_TIME, WEIGHED_AGAINST_ACCURACY
from sentilora.records.record import read_study_records

RECORDS = Path(__file__).parents[2] / "results" / "plan-b"


def test_a_record_holds_every_cost() -> None:
    record = read_study_records(RECORDS).records[0]
    costs = {cost.name: cost.of(record.fields) for cost in COSTS}
    assert costs["trainable_parameters"] == sum(
        costs[f"{part}_parameters"] for part in ("adapter", "head", "backbone")
    )
    assert 0 < TRAINED_SHARE.of(record.fields) < 1
    assert TRAINING_TIME.of(record.fields) * costs["pack_size"] == record.fields["costs"]["train_seconds"]
    assert 1e8 < PEAK_MEMORY.of(record.fields) < 1e11


def test_names_and_headings_are_unique() -> None:
    for values in ([cost.name for cost in COSTS], [cost.heading for cost in COSTS]):
        assert len(set(values)) == len(values)


def test_what_is_drawn_has_a_label() -> None:
    assert all(cost.axis for cost in WEIGHED_AGAINST_ACCURACY)
