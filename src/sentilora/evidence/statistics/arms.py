"""One arm of a study: what its scored runs came to, what they cost, and which runs did not count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentilora.evidence.statistics.bootstrap import RunScores
from sentilora.evidence.statistics.estimates import Spread
from sentilora.evidence.statistics.metrics import CalibrationBin, Scores, all_scores, calibration
from sentilora.evidence.statistics.predictions import ScoredArm
from sentilora.records.record import Record


@dataclass(frozen=True, kw_only=True)
class FailedRun:
    """A run that did not come to its end."""

    run_id: str
    """Its folder's name."""
    arm: str
    """Its arm."""
    seed: int
    """Its seed."""
    learning_rate: float | None
    """Its learning rate, None where the arm has none."""
    reason: str
    """A short word, for example ``non-finite loss``."""
    step: int | None
    """The step it failed at, None if it never started."""
    message: str
    """The whole sentence."""


@dataclass(frozen=True, kw_only=True)
class RateTrial:
    """One learning rate that an arm tried."""

    learning_rate: float
    """The rate."""
    num_finished: int
    """Runs that finished at it."""
    num_failed: int
    """Runs that failed at it."""
    dev_accuracy: Spread | None
    """Over the finished runs, None if there are none."""
    dev_loss: Spread | None
    """Likewise, nats."""
    chosen: bool
    """Whether this rate is the one that was scored on test."""


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """What an arm trains."""

    adapter: int
    """Trained adapter parameters."""
    head: int
    """Trained parameters of the classification head."""
    backbone: int
    """Trained backbone parameters (full fine-tuning only)."""
    trainable: int
    """The three together."""
    total: int
    """All parameters of the model, adapter and head included."""
    trainable_share: float
    """Trainable over total."""


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What an arm's scored runs cost."""

    train_seconds: Spread
    """Wall clock of the pack that each run trained in, evaluations left out."""
    share_seconds: Spread
    """A run's share of it (train_seconds / pack_size): the fair cost of one run."""
    evaluation_seconds: Spread
    """Wall clock of the pack's evaluations."""
    pack_size: Spread
    """Runs in the pack."""
    examples_per_second: Spread
    """Training examples of all runs in the pack over train_seconds."""
    peak_memory_bytes: Spread
    """Largest memory of the pack."""
    memory_kind: str
    """``resident`` or ``cuda``."""
    energy_joules: Spread | None
    """None where no driver tells."""
    bytes_on_disk: Spread
    """What one run's record occupies."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What an arm's scored runs came to, at the learning rate chosen on dev."""

    seeds: tuple[int, ...]
    """Seeds of the scored runs, ascending; at least one."""
    run_ids: tuple[str, ...]
    """The scored runs, in the order of seeds."""
    learning_rate: float | None
    """The chosen rate, None for arms that have none."""
    scores: Scores
    """On test."""
    dev_accuracy: Spread
    """At the state that was kept."""
    parameters: Parameters
    """What is trained."""
    costs: Costs
    """What the runs cost."""
    calibration: tuple[CalibrationBin, ...]
    """Bins of the reliability diagram, by rising confidence."""


@dataclass(frozen=True, kw_only=True)
class ArmResult:
    """One arm of the study, and what became of its runs."""

    name: str
    """As the study calls it."""
    method: str
    """``probe``, ``lora``, ``peft`` or ``full``."""
    settings: Mapping[str, Any]
    """The arm's settings as recorded in the study, name and method included."""
    rank: int | None
    """LoRA rank, None for arms that have none."""
    num_finished: int
    """Finished runs of this arm, all learning rates."""
    num_failed: int
    """Failed runs of this arm, all learning rates."""
    num_missing: int
    """Planned runs of this arm without a sound record."""
    rates: tuple[RateTrial, ...]
    """Every rate tried, ascending; empty for arms that have none."""
    outcome: Outcome | None
    """None where no run could be scored (see ``reason``)."""
    reason: str | None
    """Why there is no outcome, in a sentence; None where there is one."""


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
    outcome: Outcome | None,
) -> ArmResult:
    """One arm, with its outcome or with the reason why it has none.

    Args:
        settings: the arm as the study states it.
        planned: the runs planned for it (``study.json``'s ``runs``).
        records: its sound records, finished or failed.
        outcome: of its runs with predictions on test, None if there are none.
    """
    num_finished = sum(record.finished for record in records)
    return ArmResult(
        name=str(settings["name"]),
        method=str(settings["method"]),
        settings=dict(settings),
        rank=settings.get("rank"),
        num_finished=num_finished,
        num_failed=len(records) - num_finished,
        num_missing=len(planned) - len(records),
        rates=_rates(planned, records, outcome.learning_rate if outcome else None),
        outcome=outcome,
        reason=None if outcome else _reason(planned, records),
    )


def arm_outcome(arm: ScoredArm, runs: RunScores, labels: NDArray[np.int64]) -> Outcome:
    """What the scored runs of one arm came to.

    Args:
        arm: its runs with predictions on test.
        runs: their scores.
        labels: (N,) of the test set.
    """
    fields = [record.fields for record in arm.records]
    return Outcome(
        seeds=arm.seeds,
        run_ids=tuple(record.run_id for record in arm.records),
        learning_rate=fields[0]["learning_rate"],
        scores=all_scores(runs, len(labels)),
        dev_accuracy=spread(run["metrics"]["dev"]["accuracy"] for run in fields),
        parameters=_parameters(fields[0]["parameters"]),
        costs=_costs([run["costs"] for run in fields]),
        calibration=calibration(arm.probabilities, labels),
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
