"""How the arms learnt, what their rank costs, and how they do on other data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sentilora.evidence.analysis.arms import Scores
from sentilora.evidence.analysis.estimates import Estimate, Spread


@dataclass(frozen=True, kw_only=True)
class TradeoffPoint:
    """One arm between accuracy and cost.

    Attributes:
        arm: its name.
        method: its method.
        rank: LoRA rank, None for arms that have none.
        accuracy: on test.
        trainable_parameters: how many it trains.
        share_seconds: training time of one run.
        peak_memory_bytes: largest memory of a pack.
        pareto: cost (``trainable_parameters``, ``share_seconds``, ``peak_memory_bytes``) to whether no other
            arm is both at least as accurate and at least as cheap, and better in one of the two.
    """

    arm: str
    method: str
    rank: int | None
    accuracy: Estimate
    trainable_parameters: int
    share_seconds: float
    peak_memory_bytes: float
    pareto: Mapping[str, bool]


@dataclass(frozen=True, kw_only=True)
class Band:
    """A curve over seeds, one value a point.

    Attributes:
        mean: mean over seeds.
        low: lowest seed.
        high: highest seed.
    """

    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Curve:
    """How one arm's scored runs learnt. Arms solved exactly have none.

    Attributes:
        arm: its name.
        steps: optimizer steps at the evaluations that all seeds have.
        epochs: the same in epochs.
        train_loss: nats, mean since the last evaluation, dropout on.
        train_accuracy: likewise.
        dev_loss: nats.
        dev_accuracy: 0 to 1.
        steps_to_95: for each seed the first evaluated step whose dev accuracy reaches 95 % of the last one's.
        median_steps_to_95: their median.
    """

    arm: str
    steps: tuple[int, ...]
    epochs: tuple[float, ...]
    train_loss: Band
    train_accuracy: Band
    dev_loss: Band
    dev_accuracy: Band
    steps_to_95: tuple[int, ...]
    median_steps_to_95: float


@dataclass(frozen=True, kw_only=True)
class Overfitting:
    """How far training runs ahead of dev. Arms solved exactly have none.

    Attributes:
        arm: its name.
        rank: LoRA rank, None for arms that have none.
        kept_gap: train minus dev accuracy at the step that was kept.
        end_gap: train minus dev accuracy at the last evaluation.
        end_loss_gap: dev minus train loss at the last evaluation, nats.
    """

    arm: str
    rank: int | None
    kept_gap: Spread
    end_gap: Spread
    end_loss_gap: Spread


@dataclass(frozen=True, kw_only=True)
class TransferScore:
    """One arm on a data set it was not trained on.

    Attributes:
        arm: its name.
        scores: on the transfer set.
        home_accuracy: its mean accuracy on the home test set.
        drop: home accuracy minus transfer accuracy.
    """

    arm: str
    scores: Scores
    home_accuracy: float
    drop: float


@dataclass(frozen=True, kw_only=True)
class TransferSet:
    """A data set that the trained arms are tried on.

    Attributes:
        name: for example ``amazon``.
        num_examples: its size.
        arms: one entry an arm that was scored on it.
    """

    name: str
    num_examples: int
    arms: tuple[TransferScore, ...]
