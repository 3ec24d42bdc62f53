"""McNemar's exact test of two runs on the same examples (McNemar 1947).

It says what these two runs show, and nothing about runs with other seeds: for arms see ``random_effects``.
"""

from __future__ import annotations

from dataclasses import dataclass

from scipy.stats import binomtest

from sentilora.evidence.statistics.scored_arms import ScoredArm


@dataclass(frozen=True, kw_only=True)
class McNemar:
    """Exact McNemar test of one run against another on the same examples."""

    seed: int
    """The seed of both runs."""
    only_arm: int
    """Examples that only ``arm`` gets right."""
    only_over: int
    """Examples that only ``over`` gets right."""
    p_value: float
    """Two-sided."""


def mcnemar_p_value(only_arm: int, only_over: int) -> float:
    """Two-sided exact McNemar test.

    Args:
        only_arm: examples that only the one gets right.
        only_over: examples that only the other gets right.
    """
    if only_arm + only_over == 0:
        return 1.0
    return float(binomtest(only_arm, only_arm + only_over).pvalue)


def mcnemar_per_seed(arm: ScoredArm, over: ScoredArm) -> tuple[McNemar, ...]:
    """One test for each seed that both arms have, by rising seed."""
    tests = []
    for seed in sorted(set(arm.seeds) & set(over.seeds)):
        run, other = arm.right[arm.seeds.index(seed)], over.right[over.seeds.index(seed)]
        only_arm, only_over = int((run & ~other).sum()), int((other & ~run).sum())
        p_value = mcnemar_p_value(only_arm, only_over)
        tests.append(McNemar(seed=seed, only_arm=only_arm, only_over=only_over, p_value=p_value))
    return tuple(tests)
