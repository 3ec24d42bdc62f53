"""Choosing each arm's learning rate: on dev, by the mean over its seeds, never on test."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from sentilora.records.record import Record


def choose_learning_rates(records: Iterable[Record]) -> dict[str, float | None]:
    """The chosen learning rate of each arm that has a finished run.

    Highest mean dev accuracy over seeds; ties go to the lower mean dev loss, then to the smaller rate.
    A rate at which a seed failed comes after every rate with fewer failures: no arm is presented at a
    setting that does not reliably train.

    Returns:
        Arm name to learning rate, None for arms that have none.
    """
    finished: dict[str, dict[float | None, list[tuple[float, float]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for record in records:
        if record.finished:
            dev = record.fields["metrics"]["dev"]
            finished[record.arm][record.fields["learning_rate"]].append((dev["accuracy"], dev["loss"]))
    return {arm: min(rates, key=lambda rate: _rank(rate, rates[rate])) for arm, rates in finished.items()}


def chosen_records(records: Iterable[Record]) -> list[Record]:
    """The finished records at each arm's chosen learning rate."""
    records = list(records)
    chosen = choose_learning_rates(records)
    return [
        record
        for record in records
        if record.finished and record.fields["learning_rate"] == chosen[record.arm]
    ]


def _rank(rate: float | None, scores: list[tuple[float, float]]) -> tuple[float, ...]:
    accuracy, loss = np.mean(scores, axis=0)
    return (-len(scores), -float(accuracy), float(loss), rate or 0.0)
