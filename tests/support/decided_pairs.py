"""Comparisons as they would be with another difference and other verdicts."""

from __future__ import annotations

from dataclasses import replace

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.statistics.estimates import Difference, Interval
from sentilora.evidence.statistics.pairs import Pair


def decided(pair: Pair, mean: float, *, significant: bool, equivalent: bool) -> Pair:
    """The pair as it would be with this difference in accuracy and these verdicts."""
    gap = Difference(mean=mean, interval=Interval(low=mean - 0.01, high=mean + 0.01))
    equivalence = replace(pair.equivalence, equivalent=equivalent)
    return replace(pair, accuracy=gap, significant=significant, equivalence=equivalence)


def all_decided(analysis: Analysis, mean: float, *, significant: bool, equivalent: bool) -> Analysis:
    """The analysis with every pair decided alike."""
    pairs = (decided(pair, mean, significant=significant, equivalent=equivalent) for pair in analysis.pairs)
    return replace(analysis, pairs=tuple(pairs))
