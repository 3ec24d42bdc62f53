"""Which pairs of arms are compared, and p-values that allow for comparing several.

The family is stated and small: every arm against the baseline, every arm against the best on dev, and what
the claims name. Comparing all pairs would cost power for questions that nobody asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from statsmodels.stats.multitest import multipletests

SIGNIFICANCE = 0.05


def compared_pairs(
    arms: Sequence[str], *, baseline: str, best: str, claimed: Iterable[tuple[str, str]] = ()
) -> tuple[tuple[str, str], ...]:
    """The pairs of a study's family as (arm, over), each once.

    Args:
        arms: all arms that have scores, in the order of the study.
        baseline: always ``over``.
        best: the arm with the best score on dev; test chooses nothing.
        claimed: pairs that claims compare, either way round.
    """
    order = {name: position for position, name in enumerate([baseline, *arms])}
    wanted = [
        *((arm, baseline) for arm in arms),
        *((arm, best) for arm in arms),
        *(pair for pair in claimed if set(pair) <= set(arms)),
    ]
    pairs = {frozenset(pair) for pair in wanted if pair[0] != pair[1]}
    order[baseline] = -1
    in_order = [tuple(sorted(pair, key=order.__getitem__, reverse=True)) for pair in pairs]
    return tuple(sorted(((arm, over) for arm, over in in_order), key=lambda p: (order[p[1]], order[p[0]])))


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """P-values adjusted for being a family (Holm 1979), in the same order."""
    if not p_values:
        return ()
    return tuple(float(p) for p in multipletests(p_values, method="holm")[1])
