"""What each arm achieved and what it cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sentilora.evidence.analysis.estimates import Estimate, Spread


@dataclass(frozen=True, kw_only=True)
class FailedRun:
    """A run that did not come to its end.

    Attributes:
        run_id: its folder's name.
        arm: its arm.
        seed: its seed.
        learning_rate: its learning rate, None where the arm has none.
        reason: a short word, for example ``non-finite loss``.
        step: the step it failed at, None if it never started.
        message: the whole sentence.
    """

    run_id: str
    arm: str
    seed: int
    learning_rate: float | None
    reason: str
    step: int | None
    message: str


@dataclass(frozen=True, kw_only=True)
class RateTrial:
    """One learning rate that an arm tried.

    Attributes:
        learning_rate: the rate.
        num_finished: runs that finished at it.
        num_failed: runs that failed at it.
        dev_accuracy: over the finished runs, None if there are none.
        dev_loss: likewise, nats.
        chosen: whether this rate is the one that was scored on test.
    """

    learning_rate: float
    num_finished: int
    num_failed: int
    dev_accuracy: Spread | None
    dev_loss: Spread | None
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """What an arm trains.

    Attributes:
        adapter: trained adapter parameters.
        head: trained parameters of the classification head.
        backbone: trained backbone parameters (full fine-tuning only).
        trainable: the three together.
        total: all parameters of the model, adapter and head included.
        trainable_share: trainable over total.
    """

    adapter: int
    head: int
    backbone: int
    trainable: int
    total: int
    trainable_share: float


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What an arm's scored runs cost.

    Attributes:
        train_seconds: wall clock of the pack that each run trained in, evaluations left out.
        share_seconds: a run's share of it (train_seconds / pack_size): the fair cost of one run.
        evaluation_seconds: wall clock of the pack's evaluations.
        pack_size: runs in the pack.
        examples_per_second: training examples of all runs in the pack over train_seconds.
        peak_memory_bytes: largest memory of the pack.
        memory_kind: ``resident`` or ``cuda``.
        energy_joules: None where no driver tells.
        bytes_on_disk: what one run's record occupies.
    """

    train_seconds: Spread
    share_seconds: Spread
    evaluation_seconds: Spread
    pack_size: Spread
    examples_per_second: Spread
    peak_memory_bytes: Spread
    memory_kind: str
    energy_joules: Spread | None
    bytes_on_disk: Spread


@dataclass(frozen=True, kw_only=True)
class Scores:
    """Test scores of one arm.

    Attributes:
        accuracy: share of examples with the right label.
        f1: F1 of the last class with two classes, macro F1 with more.
        mcc: Matthews correlation coefficient, -1 to 1.
        ece: expected calibration error of the top label, 0 to 1; biased upward in small samples.
        brier: Brier score summed over classes, 0 to 2.
    """

    accuracy: Estimate
    f1: Estimate
    mcc: Estimate
    ece: Estimate
    brier: Estimate


@dataclass(frozen=True, kw_only=True)
class CalibrationBin:
    """One bin of a reliability diagram, all seeds pooled.

    Attributes:
        low: smallest confidence in the bin.
        high: largest confidence in the bin.
        mean_confidence: mean probability of the predicted label.
        accuracy: share predicted rightly.
        num_predictions: predictions in the bin (seeds times examples).
    """

    low: float
    high: float
    mean_confidence: float
    accuracy: float
    num_predictions: int


@dataclass(frozen=True, kw_only=True)
class ArmResult:
    """One arm at its chosen learning rate.

    Attributes:
        name: as the study calls it.
        method: ``probe``, ``lora``, ``peft`` or ``full``.
        settings: the arm's settings as recorded in the study, name and method included.
        rank: LoRA rank, None for arms that have none.
        seeds: seeds of the scored runs, ascending.
        run_ids: the scored runs, in the order of seeds.
        num_finished: finished runs of this arm, all learning rates.
        num_failed: failed runs of this arm, all learning rates.
        num_missing: planned runs of this arm without a sound record.
        learning_rate: chosen on dev, None for arms that have none or no result.
        rates: every rate tried, ascending; empty for arms that have none.
        scores: on test, None where there is nothing to score (see ``reason``).
        dev_accuracy: of the scored runs at the state that was kept, None likewise.
        parameters: None likewise.
        costs: None likewise.
        calibration: bins by rising confidence; empty likewise.
        reason: why there are no scores, in a sentence; None where there are.
    """

    name: str
    method: str
    settings: Mapping[str, Any]
    rank: int | None
    seeds: tuple[int, ...]
    run_ids: tuple[str, ...]
    num_finished: int
    num_failed: int
    num_missing: int
    learning_rate: float | None
    rates: tuple[RateTrial, ...]
    scores: Scores | None
    dev_accuracy: Spread | None
    parameters: Parameters | None
    costs: Costs | None
    calibration: tuple[CalibrationBin, ...]
    reason: str | None
