"""A study at a glance, one row an arm: what ``run`` prints when it is done. The report has the statistics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sentilora.records.choice import choose_learning_rates, chosen_records
from sentilora.records.record import Record


@dataclass(frozen=True)
class ArmSummary:
    """One arm at its chosen learning rate; scores are test scores, one for each seed.

    Attributes:
        arm: its name.
        learning_rate: as chosen on dev, None for an arm that has none.
        accuracy: test accuracy of each seed, 0 to 1.
        f1: test F1 of each seed, 0 to 1.
        adapter_parameters: trained in adapters.
        head_parameters: trained in the head.
        backbone_parameters: trained in the backbone.
        trainable_share: trained over all parameters, 0 to 1.
        train_seconds: mean wall clock of one run: its share of its pack's.
        peak_memory_bytes: the largest of its packs'.
        num_failed: runs of the arm that failed, at any learning rate.
    """

    arm: str
    learning_rate: float | None
    accuracy: tuple[float, ...]
    f1: tuple[float, ...]
    adapter_parameters: int
    head_parameters: int
    backbone_parameters: int
    trainable_share: float
    train_seconds: float
    peak_memory_bytes: int
    num_failed: int


def summarize(records: Sequence[Record]) -> list[ArmSummary]:
    """One row for each arm with a scored run, in the order of the records."""
    rates = choose_learning_rates(records)
    chosen = chosen_records(records)
    rows = []
    for arm, rate in rates.items():
        runs = [r.fields for r in chosen if r.arm == arm and "test" in r.fields["metrics"]]
        if not runs:
            continue
        parameters = runs[0]["parameters"]
        rows.append(
            ArmSummary(
                arm=arm,
                learning_rate=rate,
                accuracy=tuple(run["metrics"]["test"]["accuracy"] for run in runs),
                f1=tuple(run["metrics"]["test"]["f1"] for run in runs),
                adapter_parameters=parameters["adapter"],
                head_parameters=parameters["head"],
                backbone_parameters=parameters["backbone"],
                trainable_share=parameters["trainable_share"],
                train_seconds=sum(run["costs"]["share_seconds"] for run in runs) / len(runs),
                peak_memory_bytes=max(run["costs"]["peak_memory_bytes"] for run in runs),
                num_failed=sum(not r.finished for r in records if r.arm == arm),
            )
        )
    return rows
