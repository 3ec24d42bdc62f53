"""What accuracy costs: for each cost the arms that no other arm beats, the Pareto front.

A front is taken on point estimates. Two arms whose accuracies cannot be told apart may therefore trade places
on it; the comparison of pairs says which can.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sentilora.evidence.statistics.arm_results import Outcome
from sentilora.records.costs import WEIGHED_AGAINST_ACCURACY


def pareto_fronts(outcomes: Mapping[str, Outcome]) -> dict[str, tuple[str, ...]]:
    """The arms on the front of accuracy and each cost.

    Args:
        outcomes: arm name to outcome, in the order of the study.

    Returns:
        The name of each cost in ``WEIGHED_AGAINST_ACCURACY`` to the arms on its front, in the same order.
    """
    accuracies = [outcome.scores.accuracy.mean for outcome in outcomes.values()]
    fronts = {}
    for cost in WEIGHED_AGAINST_ACCURACY:
        costs = [outcome.cost(cost).mean for outcome in outcomes.values()]
        on_front = pareto_front(accuracies, costs)
        fronts[cost.name] = tuple(arm for arm, kept in zip(outcomes, on_front, strict=True) if kept)
    return fronts


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
