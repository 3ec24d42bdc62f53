"""Calibration: whether the probabilities can be believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.numbering import see
from sentilora.evidence.report.sections.section import Figure, Section, Slide, paragraph
from sentilora.evidence.statistics.family import SIGNIFICANCE
from sentilora.evidence.writing import figure_style as style
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.names import MOST_LISTED, central_arms, some_arms

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing


def section(analysis: Analysis) -> Section:
    """Calibration errors, and whether they differ from the baseline's."""
    figure = Figure(
        name="reliability",
        draw=draw_reliability,
        caption="Reliability: how often an arm is right at each confidence, all seeds pooled. Below the grey "
        f"line an arm is overconfident. ECE: expected calibration error.{some_arms(analysis)}",
        wide=False,
    )
    text = (_errors(analysis), *_beside_the_baseline(analysis))
    return Section(
        heading="Calibration",
        body=paragraph(*text),
        figures=(figure,),
        slides=(Slide(heading="Whether the probabilities can be believed", points=text, figure=figure),),
    )


def draw_reliability(analysis: Analysis) -> Drawing:
    """Reliability diagram: how often an arm is right at each confidence, with its calibration error."""
    looks = style.looks(analysis.arms)
    shown = {name: analysis.outcomes[name] for name in central_arms(analysis)}
    figure, axes = style.new_figure(style.HALF_INCHES, 2.7)
    lowest = min(bin.mean_confidence for outcome in shown.values() for bin in outcome.calibration)
    axes.plot([100 * lowest, 100], [100 * lowest, 100], color=style.RULE, linewidth=1)
    for name, outcome in shown.items():
        look = looks[name]
        axes.plot(
            [100 * bin.mean_confidence for bin in outcome.calibration],
            [100 * bin.accuracy for bin in outcome.calibration],
            color=look.colour,
            linestyle=look.dashes,
            marker=look.marker,
            markersize=3.5,
            label=f"{name}, ECE {notation.percent(outcome.scores.ece.mean)}",
        )
    axes.set(xlabel="mean confidence (%)", ylabel="right (%)")
    style.grid(axes, "y")
    style.legend_above(figure, *axes.get_legend_handles_labels())
    return figure


def _errors(analysis: Analysis) -> str:
    """The errors beside what chance alone would show, and the direction of the gap."""
    shown = list(analysis.outcomes.items())[:MOST_LISTED]
    errors = [
        f"{notation.percent(outcome.scores.ece.mean)} for {name} "
        f"({notation.percent(outcome.calibration_floor)}; {notation.points(outcome.overconfidence)})"
        for name, outcome in shown
    ]
    return (
        "The expected calibration error (in brackets: what its confidences would show without any "
        "miscalibration; then mean confidence less accuracy) is "
        f"{notation.listed(errors)}{see('reliability')}."
    )


def _beside_the_baseline(analysis: Analysis) -> list[str]:
    """Arms whose error differs from the baseline's by the test of swapped predictions and by the interval."""
    beside = [pair for pair in analysis.pairs if pair.over == analysis.baseline]
    proven = [pair for pair in beside if pair.ece_p_value < SIGNIFICANCE]
    lower = [pair.arm for pair in proven if pair.ece.interval.high < 0]
    higher = [pair.arm for pair in proven if pair.ece.interval.low > 0]
    if beside and not lower and not higher:
        return ["No arm's is shown to differ from the baseline's."]
    return [
        f"It is {word} than the baseline's for {notation.listed(arms)}, by the interval of the difference "
        "and by a permutation test that swaps the arms' predictions."
        for word, arms in (("lower", lower), ("higher", higher))
        if arms
    ]
