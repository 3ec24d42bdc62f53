"""Counts and costs of a whole study, and the machines that its runs were made with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sentilora.files import canonical_json
from sentilora.records.costs import STORAGE, TRAINING_TIME, Cost
from sentilora.records.record import Record


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A machine and software that runs were made with."""

    fields: Mapping[str, Any]
    """``record.json``'s ``environment``."""
    num_runs: int
    """Runs made with exactly this."""
    last_finished: str
    """ISO 8601, UTC."""


@dataclass(frozen=True, kw_only=True)
class Totals:
    """The whole study."""

    num_planned: int
    """Runs planned."""
    num_finished: int
    """Sound records of finished runs."""
    num_failed: int
    """Sound records of failed runs."""
    num_missing: int
    """Planned runs without a sound record."""
    train_seconds: float
    """Training time of all recorded runs together (the sum of their shares)."""
    bytes_on_disk: int
    """What all records occupied when written, weights included."""
    bytes_by_arm: Mapping[str, int]
    """The same for each arm that has a record."""
    num_test: int
    """Test examples."""
    first_started: str
    """When the first run began: ISO 8601, UTC."""


def study_totals(records: Sequence[Record], *, num_planned: int, num_test: int) -> Totals:
    """The counts and sums of a study, over its sound records."""
    num_finished = sum(record.finished for record in records)
    bytes_by_arm: dict[str, int] = {}
    for record in records:
        bytes_by_arm[record.arm] = bytes_by_arm.get(record.arm, 0) + int(_cost(record, STORAGE))
    return Totals(
        num_planned=num_planned,
        num_finished=num_finished,
        num_failed=len(records) - num_finished,
        num_missing=num_planned - len(records),
        train_seconds=sum(_cost(record, TRAINING_TIME) for record in records),
        bytes_on_disk=sum(bytes_by_arm.values()),
        bytes_by_arm=bytes_by_arm,
        num_test=num_test,
        first_started=min(str(record.fields["started"]) for record in records),
    )


def environments(records: Sequence[Record]) -> tuple[Environment, ...]:
    """What the runs were made with, the commonest first."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        # A commit made while a study runs does not make another machine of it.
        seen = {key: value for key, value in record.fields["environment"].items() if key != "git"}
        groups.setdefault(canonical_json(seen), []).append(record)
    return tuple(
        Environment(
            fields=dict(group[0].fields["environment"]),
            num_runs=len(group),
            last_finished=max(str(record.fields["finished"]) for record in group),
        )
        for group in sorted(groups.values(), key=len, reverse=True)
    )


def _cost(record: Record, cost: Cost) -> float:
    """What a run cost; a failed run may have been stopped before it could say."""
    return cost.of(record.fields) if record.fields.get(cost.section) else 0.0
