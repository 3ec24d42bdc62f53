"""What accuracy costs: parameters, seconds and memory, and which arms no other arm beats at both.

The Pareto front is taken on point estimates. Two arms whose accuracies cannot be told apart may therefore
trade places on it; the pairwise comparison says which can.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sentilora.evidence.statistics.arms import ArmResult
from sentilora.evidence.statistics.estimates import Estimate


@dataclass(frozen=True, kw_only=True)
class TradeoffPoint:
    """One arm between accuracy and cost."""

    arm: str
    """Its name."""
    method: str
    """Its method."""
    rank: int | None
    """LoRA rank, None for arms that have none."""
    accuracy: Estimate
    """On test."""
    trainable_parameters: int
    """How many it trains."""
    share_seconds: float
    """Training time of one run."""
    peak_memory_bytes: float
    """Largest memory of a pack."""
    pareto: Mapping[str, bool]
    """Cost (``trainable_parameters``, ``share_seconds``, ``peak_memory_bytes``) to whether no other arm is
    both at least as accurate and at least as cheap, and better in one of the two.
    """


COSTS = ("trainable_parameters", "share_seconds", "peak_memory_bytes")


def tradeoff(arms: Sequence[ArmResult]) -> tuple[TradeoffPoint, ...]:
    """Accuracy beside cost for every arm that has scores, in the order given."""
    found = []
    for arm in arms:
        if arm.outcome is not None:
            costs = arm.outcome.costs
            cost = (
                arm.outcome.parameters.trainable,
                costs.share_seconds.mean,
                costs.peak_memory_bytes.high,
            )
            found.append((arm, arm.outcome.scores.accuracy, cost))
    accuracies = [accuracy.mean for _, accuracy, _ in found]
    fronts = [pareto_front(accuracies, [cost[i] for *_, cost in found]) for i in range(len(COSTS))]
    return tuple(
        TradeoffPoint(
            arm=arm.name,
            method=arm.method,
            rank=arm.rank,
            accuracy=accuracy,
            trainable_parameters=parameters,
            share_seconds=seconds,
            peak_memory_bytes=memory,
            pareto={name: front[i] for name, front in zip(COSTS, fronts, strict=True)},
        )
        for i, (arm, accuracy, (parameters, seconds, memory)) in enumerate(found)
    )


def pareto_front(gains: Sequence[float], costs: Sequence[float]) -> list[bool]:
    """For each point whether no other gains at least as much at no more cost, one of the two strictly."""
    points = list(zip(gains, costs, strict=True))
    return [
        not any(
            other_gain >= gain and other_cost <= cost and (other_gain, other_cost) != (gain, cost)
            for other_gain, other_cost in points
        )
        for gain, cost in points
    ]
