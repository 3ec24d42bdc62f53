"""One arm at its chosen learning rate: what it scored, what it cost, and which of its runs did not count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentilora.evidence.analysis import ArmResult, Costs, FailedRun, Parameters, RateTrial, Spread
from sentilora.evidence.bootstrap import RunScores
from sentilora.evidence.metrics import all_scores, calibration
from sentilora.evidence.predictions import ScoredArm
from sentilora.study.records import Record

MEASURED = (
    "train_seconds",
    "share_seconds",
    "evaluation_seconds",
    "pack_size",
    "examples_per_second",
    "peak_memory_bytes",
    "bytes_on_disk",
)
"""Costs that every run states."""


def spread(values: Iterable[float]) -> Spread:
    """A measured quantity over one run or more."""
    runs = [float(value) for value in values]
    return Spread(
        mean=float(np.mean(runs)),
        low=min(runs),
        high=max(runs),
        sd=float(np.std(runs, ddof=1)) if len(runs) > 1 else None,
        per_run=tuple(runs),
    )


def arm_result(
    settings: Mapping[str, Any],
    planned: Sequence[Mapping[str, Any]],
    records: Sequence[Record],
    scored: ScoredArm | None,
    runs: RunScores | None,
    labels: NDArray[np.int64],
) -> ArmResult:
    """One arm, with scores or with the reason why it has none.

    Args:
        settings: the arm as the study states it.
        planned: the runs planned for it (``study.json``'s ``runs``).
        records: its sound records, finished or failed.
        scored: its runs with predictions on test, None if there are none.
        runs: their scores, None likewise.
        labels: (N,) of the test set.
    """
    finished = [record for record in records if record.finished]
    fields = [record.fields for record in scored.records] if scored else []
    return ArmResult(
        name=str(settings["name"]),
        method=str(settings["method"]),
        settings=dict(settings),
        rank=settings.get("rank"),
        seeds=scored.seeds if scored else (),
        run_ids=tuple(record.run_id for record in scored.records) if scored else (),
        num_finished=len(finished),
        num_failed=len(records) - len(finished),
        num_missing=len(planned) - len(records),
        learning_rate=fields[0]["learning_rate"] if fields else None,
        rates=_rates(planned, records, fields[0]["learning_rate"] if fields else None),
        scores=all_scores(runs, len(labels)) if runs else None,
        dev_accuracy=spread(run["metrics"]["dev"]["accuracy"] for run in fields) if fields else None,
        parameters=_parameters(fields[0]["parameters"]) if fields else None,
        costs=_costs([run["costs"] for run in fields]) if fields else None,
        calibration=calibration(scored.probabilities, labels) if scored else (),
        reason=None if scored else _reason(planned, records),
    )


def failed_run(record: Record) -> FailedRun:
    """A failed run, from its record."""
    failure = record.fields["failure"] or {}
    return FailedRun(
        run_id=record.run_id,
        arm=record.arm,
        seed=int(record.fields["seed"]),
        learning_rate=record.fields["learning_rate"],
        reason=str(failure.get("reason", "unknown")),
        step=failure.get("step"),
        message=str(failure.get("message", "")),
    )


def _reason(planned: Sequence[Mapping[str, Any]], records: Sequence[Record]) -> str:
    if any(record.finished for record in records):
        return "its runs finished but have no usable test predictions"
    if not records:
        return f"none of its {len(planned)} planned runs left a sound record"
    reasons = sorted({failed_run(record).reason for record in records})
    return f"every recorded run failed ({len(records)} of {len(planned)} planned): {', '.join(reasons)}"


def _rates(
    planned: Sequence[Mapping[str, Any]], records: Sequence[Record], chosen: float | None
) -> tuple[RateTrial, ...]:
    tried = sorted({run["learning_rate"] for run in planned if run["learning_rate"] is not None})
    trials = []
    for rate in tried:
        at_rate = [record for record in records if record.fields["learning_rate"] == rate]
        at_rate.sort(key=lambda record: int(record.fields["seed"]))
        dev = [record.fields["metrics"]["dev"] for record in at_rate if record.finished]
        trials.append(
            RateTrial(
                learning_rate=rate,
                num_finished=len(dev),
                num_failed=len(at_rate) - len(dev),
                dev_accuracy=spread(scores["accuracy"] for scores in dev) if dev else None,
                dev_loss=spread(scores["loss"] for scores in dev) if dev else None,
                chosen=rate == chosen,
            )
        )
    return tuple(trials)


def _parameters(recorded: Mapping[str, Any]) -> Parameters:
    return Parameters(
        adapter=int(recorded["adapter"]),
        head=int(recorded["head"]),
        backbone=int(recorded["backbone"]),
        trainable=int(recorded["trainable"]),
        total=int(recorded["total"]),
        trainable_share=float(recorded["trainable_share"]),
    )


def _costs(runs: Sequence[Mapping[str, Any]]) -> Costs:
    energies = [run["energy_joules"] for run in runs]
    return Costs(
        **{name: spread(run[name] for run in runs) for name in MEASURED},
        memory_kind=" and ".join(sorted({str(run["memory_kind"]) for run in runs})),
        energy_joules=None if None in energies else spread(energies),
    )
