"""How the scored runs learnt: their curves over seeds, how soon they were there, and how far they overfit.

Training accuracy is the mean since the last evaluation with dropout on, so it lags behind and understates
the fit a little: a gap between training and dev is a lower bound of the overfitting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sentilora.evidence.statistics.estimates import Spread
from sentilora.evidence.statistics.scored_arms import ScoredArm


@dataclass(frozen=True, kw_only=True)
class Band:
    """A curve over seeds, one value a point."""

    mean: tuple[float, ...]
    """Mean over seeds."""
    low: tuple[float, ...]
    """Lowest seed."""
    high: tuple[float, ...]
    """Highest seed."""


@dataclass(frozen=True, kw_only=True)
class Curve:
    """How one arm's scored runs learnt. Arms solved exactly have none."""

    arm: str
    """Its name."""
    steps: tuple[int, ...]
    """Optimizer steps at the evaluations that all seeds have."""
    epochs: tuple[float, ...]
    """The same in epochs."""
    train_loss: Band
    """Nats, mean since the last evaluation, dropout on."""
    dev_loss: Band
    """Nats."""
    dev_accuracy: Band
    """0 to 1."""
    steps_to_95: tuple[int, ...]
    """For each seed the first evaluated step whose dev accuracy reaches 95 % of the last one's."""
    median_steps_to_95: float
    """Their median."""


@dataclass(frozen=True, kw_only=True)
class Overfitting:
    """How far training runs ahead of dev. Arms solved exactly have none."""

    arm: str
    """Its name."""
    rank: int | None
    """LoRA rank, None for arms that have none."""
    kept_gap: Spread
    """Train minus dev accuracy at the step that was kept."""
    end_gap: Spread
    """Train minus dev accuracy at the last evaluation."""
    end_loss_gap: Spread
    """Dev minus train loss at the last evaluation, nats."""


SHARE_OF_FINAL = 0.95


def learning_curve(arm: ScoredArm) -> Curve | None:
    """The curve of an arm's scored runs, None for arms solved exactly."""
    curves = [record.curve() for record in arm.records]
    by_step = [{int(line["step"]): line for line in curve} for curve in curves]
    steps = sorted(set.intersection(*(set(lines) for lines in by_step)))
    if not steps:
        return None

    def band(name: str) -> Band:
        values = np.array([[lines[step][name] for step in steps] for lines in by_step])
        return Band(
            mean=tuple(values.mean(axis=0).tolist()),
            low=tuple(values.min(axis=0).tolist()),
            high=tuple(values.max(axis=0).tolist()),
        )

    arrivals = tuple(_first_step_near_the_end(curve) for curve in curves)
    return Curve(
        arm=arm.name,
        steps=tuple(steps),
        epochs=tuple(float(by_step[0][step]["epoch"]) for step in steps),
        train_loss=band("train_loss"),
        dev_loss=band("dev_loss"),
        dev_accuracy=band("dev_accuracy"),
        steps_to_95=arrivals,
        median_steps_to_95=float(np.median(arrivals)),
    )


def overfitting(arm: ScoredArm, rank: int | None) -> Overfitting | None:
    """Gaps between training and dev of an arm's scored runs, None for arms solved exactly."""
    curves = [record.curve() for record in arm.records]
    if not all(curves):
        return None
    kept = [
        min(curve, key=lambda line: abs(line["step"] - record.fields["selection"]["step"]))
        for curve, record in zip(curves, arm.records, strict=True)
    ]
    last = [curve[-1] for curve in curves]
    return Overfitting(
        arm=arm.name,
        rank=rank,
        kept_gap=Spread.over(line["train_accuracy"] - line["dev_accuracy"] for line in kept),
        end_gap=Spread.over(line["train_accuracy"] - line["dev_accuracy"] for line in last),
        end_loss_gap=Spread.over(line["dev_loss"] - line["train_loss"] for line in last),
    )


def _first_step_near_the_end(curve: Sequence[dict[str, float]]) -> int:
    enough = SHARE_OF_FINAL * curve[-1]["dev_accuracy"]
    return int(next(line["step"] for line in curve if line["dev_accuracy"] >= enough))
