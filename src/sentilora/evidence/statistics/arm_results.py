"""One arm of a study: what its scored runs came to, what they cost, and which runs did not count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sentilora.evidence.statistics.bootstrap import ResampledScores
from sentilora.evidence.statistics.calibration import CalibrationBin, reliability_diagram
from sentilora.evidence.statistics.calibration_noise import Confidences, calibration_floor
from sentilora.evidence.statistics.estimates import Spread
from sentilora.evidence.statistics.metrics import ScoreEstimates, score_estimates
from sentilora.evidence.statistics.random_effects import mean_of_arm
from sentilora.evidence.statistics.scored_arms import ScoredArm
from sentilora.evidence.statistics.variance_components import VarianceComponents, variance_components
from sentilora.records.costs import COSTS, Cost
from sentilora.records.record import Record
from sentilora.study_file.arms import Arm


@dataclass(frozen=True, kw_only=True)
class FailedRun:
    """A run that did not come to its end."""

    run_id: str
    """Its folder's name."""
    arm: str
    """Its arm."""
    reason: str
    """A short word, for example ``non-finite loss``."""
    step: int
    """The step it failed at."""


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
class Outcome:
    """What an arm's scored runs came to, at the learning rate chosen on dev."""

    seeds: tuple[int, ...]
    """Seeds of the scored runs, ascending; at least one."""
    run_ids: tuple[str, ...]
    """The scored runs, in the order of seeds."""
    learning_rate: float | None
    """The chosen rate, None for arms that have none."""
    precision: str
    """That of training on the machine that was used: ``fp32`` or ``bf16``."""
    scores: ScoreEstimates
    """On test."""
    dev_accuracy: Spread
    """At the state that was kept."""
    costs: Mapping[str, Spread]
    """The name of each cost in ``records.costs.COSTS`` to what the scored runs cost."""
    calibration: tuple[CalibrationBin, ...]
    """Bins of the reliability diagram, by rising confidence."""
    calibration_floor: float
    """The calibration error that these confidences would show on average without any miscalibration."""
    overconfidence: float
    """Mean confidence less accuracy."""
    variance_components: VarianceComponents | None
    """What seeds and examples add to the uncertainty of accuracy; None with one seed."""

    def cost(self, cost: Cost) -> Spread:
        """What the scored runs cost."""
        return self.costs[cost.name]


@dataclass(frozen=True, kw_only=True)
class ArmResult:
    """One arm of the study, and what became of its runs."""

    name: str
    """As the study calls it."""
    method: str
    """``probe``, ``lora``, ``peft`` or ``full``."""
    trains: Literal["head", "adapters", "backbone"]
    """What is trained, as ``study_file.arms`` says it."""
    is_solved: bool
    """Whether it is computed exactly, without gradient descent."""
    rank: int | None
    """LoRA rank, None for arms that have none."""
    settings: Mapping[str, Any]
    """The arm's settings as recorded in the study, name and method included."""
    num_missing: int
    """Planned runs of this arm without a sound record."""
    rates: tuple[RateTrial, ...]
    """Every rate tried, ascending; empty for arms that have none."""
    outcome: Outcome | None
    """None where no run could be scored (see ``reason``)."""
    reason: str | None
    """Why there is no outcome, in a sentence; None where there is one."""


def arm_result(
    arm: Arm, planned: Sequence[Mapping[str, Any]], records: Sequence[Record], outcome: Outcome | None
) -> ArmResult:
    """One arm, with its outcome or with the reason why it has none.

    Args:
        arm: as the study states it.
        planned: the runs planned for it (``study.json``'s ``runs``).
        records: its sound records, finished or failed.
        outcome: of its runs with predictions on test, None if there are none.
    """
    settings = arm.model_dump(mode="json")
    return ArmResult(
        name=arm.name,
        method=arm.method,
        trains=arm.trains,
        is_solved=arm.is_solved,
        rank=settings.get("rank"),
        settings=settings,
        num_missing=len(planned) - len(records),
        rates=_rates(planned, records, outcome.learning_rate if outcome else None),
        outcome=outcome,
        reason=None if outcome else _reason(planned, records),
    )


def arm_outcome(arm: ScoredArm, scores: ResampledScores, labels: NDArray[np.int64]) -> Outcome:
    """What the scored runs of one arm came to.

    Args:
        arm: its runs with predictions on test.
        scores: of these runs.
        labels: (N,) of the test set.
    """
    fields = [record.fields for record in arm.records]
    confidences = Confidences.of(arm.probabilities, labels)
    return Outcome(
        seeds=arm.seeds,
        run_ids=tuple(record.run_id for record in arm.records),
        learning_rate=fields[0]["learning_rate"],
        precision=str(fields[0]["training"]["precision"]),
        scores=score_estimates(scores, arm, labels),
        dev_accuracy=Spread.over(run["metrics"]["dev"]["accuracy"] for run in fields),
        costs={cost.name: Spread.over(cost.of(run) for run in fields) for cost in COSTS},
        calibration=reliability_diagram(arm.probabilities, labels),
        calibration_floor=calibration_floor(confidences),
        overconfidence=-float(confidences.gaps.mean()),
        variance_components=variance_components(mean_of_arm(arm.right)),
    )


def failed_run(record: Record) -> FailedRun:
    """A failed run, from its record."""
    failure = record.fields["failure"]
    return FailedRun(run_id=record.run_id, arm=record.arm, reason=failure["reason"], step=failure["step"])


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
                dev_accuracy=Spread.over(scores["accuracy"] for scores in dev) if dev else None,
                dev_loss=Spread.over(scores["loss"] for scores in dev) if dev else None,
                chosen=rate == chosen,
            )
        )
    return tuple(trials)
