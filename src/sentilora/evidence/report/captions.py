"""What stands under each figure: what is drawn, with what spread, and how to read it."""

from __future__ import annotations

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.figures_errors import ERROR_ARMS
from sentilora.evidence.report.figures_performance import shown_pairs
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.names import central_arms, scored
from sentilora.evidence.writing.numbers import NBSP


def caption(figure: str, analysis: Analysis) -> str:
    """The caption of one of ``figures.FIGURES``."""
    level = notation.percent(analysis.settings.level, 0)
    margin = notation.decimal(100 * analysis.settings.equivalence_margin, 1)
    shown, pairs = len(shown_pairs(analysis)), len(analysis.pairs)
    some = f" {shown} of {pairs} pairs are shown; all are in tables/pairs.csv." if shown < pairs else ""
    central = len(central_arms(analysis))
    arms = len(scored(analysis))
    few = f" {central} of {arms} arms are shown." if central < arms else ""
    fewer = len(central_arms(analysis, ERROR_ARMS))
    error_arms = f" Shown are {fewer} of {arms} arms; tables/slices.csv has all." if fewer < arms else ""
    spread = "mean and range over seeds"
    if all(len(outcome.seeds) < 2 for outcome in analysis.outcomes.values()):
        spread = "one seed"
    return {
        "tradeoff": f"Test accuracy ({level} intervals) against three costs. The grey steps join the arms "
        "that no other arm beats in both: the Pareto front.",
        "comparisons": f"Differences in test accuracy with {level} intervals. Filled marks: beyond chance "
        f"after Holm's correction. Shaded: the margin of equivalence, ±{margin}{NBSP}points.{some}",
        "curves": f"How the arms learn ({spread}): dev accuracy, cross-entropy on dev (thick) and in "
        "training (thin), and how far training accuracy is ahead of dev at the end.",
        "errors": f"Test error with {level} intervals, by length, by strength of the sentiment where the "
        "data know it, and by wording; in brackets the number of examples. Small slices say "
        f"little.{error_arms}",
        "reliability": f"Reliability: how often an arm is right at each confidence, all seeds pooled. "
        f"Below the grey line an arm is overconfident. ECE: expected calibration error.{few}",
        "transfer": f"Accuracy ({level} intervals) on the home test set and, with nothing retrained, on "
        f"other data.{few}",
    }[figure]
