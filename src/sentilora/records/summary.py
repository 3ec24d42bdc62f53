"""A study at a glance, one row an arm: what ``run`` prints when it is done. The report has the statistics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sentilora.records.choice import choose_learning_rates, chosen_records
from sentilora.records.costs import (
    ADAPTER_PARAMETERS,
    BACKBONE_PARAMETERS,
    HEAD_PARAMETERS,
    PEAK_MEMORY,
    TRAINED_SHARE,
    TRAINING_TIME,
)
from sentilora.records.record import Record


@dataclass(frozen=True)
class ArmSummary:
    """One arm at its chosen learning rate; scores are test scores, one for each seed."""

    arm: str
    """Its name."""
    learning_rate: float | None
    """As chosen on dev, None for an arm that has none."""
    accuracy: tuple[float, ...]
    """Test accuracy of each seed, 0 to 1."""
    f1: tuple[float, ...]
    """Test F1 of each seed, 0 to 1."""
    adapter_parameters: int
    """Trained in adapters."""
    head_parameters: int
    """Trained in the head."""
    backbone_parameters: int
    """Trained in the backbone."""
    trainable_share: float
    """Trained over all parameters, 0 to 1."""
    train_seconds: float
    """Mean wall clock of one run: its share of its pack's."""
    peak_memory_bytes: int
    """The largest of its packs'."""
    num_failed: int
    """Runs of the arm that failed, at any learning rate."""


def summarize(records: Sequence[Record]) -> list[ArmSummary]:
    """One row for each arm with a scored run, in the order of the records."""
    rates = choose_learning_rates(records)
    chosen = chosen_records(records)
    rows = []
    for arm, rate in rates.items():
        runs = [r.fields for r in chosen if r.arm == arm and "test" in r.fields["metrics"]]
        if not runs:
            continue
        rows.append(
            ArmSummary(
                arm=arm,
                learning_rate=rate,
                accuracy=tuple(run["metrics"]["test"]["accuracy"] for run in runs),
                f1=tuple(run["metrics"]["test"]["f1"] for run in runs),
                adapter_parameters=int(ADAPTER_PARAMETERS.of(runs[0])),
                head_parameters=int(HEAD_PARAMETERS.of(runs[0])),
                backbone_parameters=int(BACKBONE_PARAMETERS.of(runs[0])),
                trainable_share=TRAINED_SHARE.of(runs[0]),
                train_seconds=sum(map(TRAINING_TIME.of, runs)) / len(runs),
                peak_memory_bytes=int(max(map(PEAK_MEMORY.of, runs))),
                num_failed=sum(not r.finished for r in records if r.arm == arm),
            )
        )
    return rows
