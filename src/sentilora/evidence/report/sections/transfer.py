"""Transfer: how accurate the arms are, with nothing retrained, on data that they were not trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.numbering import see
from sentilora.evidence.report.sections.section import Figure, Section, Slide, paragraph
from sentilora.evidence.statistics.transfer import TransferSet
from sentilora.evidence.writing import figure_style as style
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.names import about_transfer_set, central_arms, some_arms
from sentilora.evidence.writing.numbers import NBSP
from sentilora.evidence.writing.tables import (
    Cell,
    Column,
    Table,
    percent_cell,
    score_keys,
    words,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing


def section(analysis: Analysis) -> Section | None:
    """Baseline and challenger on every transfer set; None where there is none."""
    if not analysis.transfer:
        return None
    first, *others = [_scores_in_words(analysis, target) for target in analysis.transfer]
    text = (f"{first}{see('transfer')}.", *(f"{target}." for target in others))
    figure = Figure(
        name="transfer",
        draw=draw_transfer,
        caption=f"Accuracy ({notation.percent(analysis.settings.level, 0)} intervals) on the study's own "
        f"test set and, with nothing retrained, on other data.{some_arms(analysis)}",
    )
    return Section(
        heading="Transfer",
        body=paragraph(*text),
        figures=(figure,),
        files=(transfer_table(analysis),),
        slides=(Slide(heading="Accuracy on other data", points=text[:3], figure=figure),),
    )


def transfer_table(analysis: Analysis) -> Table:
    """Scores on the data sets the arms were not trained on."""
    return Table(
        "transfer",
        "Accuracy on other data. Drop: accuracy on the study's own test set minus accuracy here.",
        (
            Column("Data", ("data",), numeric=False),
            Column("Examples", ("examples",)),
            Column("Arm", ("arm",), numeric=False),
            Column("Accuracy (%)", score_keys("accuracy")),
            Column("Own test set (%)", ("home_accuracy",)),
            Column("Drop (points)", ("drop",)),
        ),
        tuple(
            (
                words(about_transfer_set(analysis.data, target.name).title),
                Cell(notation.count(target.num_examples), (target.num_examples,)),
                words(entry.arm),
                percent_cell(entry.scores.accuracy),
                Cell(notation.bare_percent(entry.home_accuracy), (entry.home_accuracy,)),
                Cell(notation.bare_points(entry.drop), (entry.drop,)),
            )
            for target in analysis.transfer
            for entry in target.arms
        ),
    )


def draw_transfer(analysis: Analysis) -> Drawing:
    """Accuracy on the study's own test set and on each data set the arms were not trained on."""
    looks = style.looks(analysis.arms)
    arms = central_arms(analysis)
    figure, axes = style.new_figure(style.PAGE_INCHES, 1.9)
    for name, shift in zip(arms, style.shifts(len(arms)), strict=True):
        look = looks[name]
        estimates = {0: analysis.outcomes[name].scores.accuracy} | {
            column: entry.scores.accuracy
            for column, target in enumerate(analysis.transfer, start=1)
            for entry in target.arms
            if entry.arm == name
        }
        for column, estimate in estimates.items():
            x, interval = column + shift, estimate.interval
            axes.plot([x, x], [100 * interval.low, 100 * interval.high], color=look.colour)
        axes.plot(
            [column + shift for column in estimates],
            [100 * estimate.mean for estimate in estimates.values()],
            look.marker,
            color=look.colour,
            markeredgecolor="white",
            markeredgewidth=0.5,
            label=name,
        )
    names = ["own test set", *(target.name for target in analysis.transfer)]
    sizes = [analysis.totals.num_test, *(target.num_examples for target in analysis.transfer)]
    labels = [f"{name}\nn = {notation.count(size)}" for name, size in zip(names, sizes, strict=True)]
    axes.set_xticks(range(len(names)), labels)
    axes.tick_params(axis="x", length=0)
    axes.set_xlim(-0.5, len(names) - 0.5)
    axes.set_ylabel("accuracy (%)")
    axes.axvline(0.5, color=style.RULE, linewidth=0.8)
    style.grid(axes, "y")
    style.legend_above(figure, *axes.get_legend_handles_labels())
    return figure


def _scores_in_words(analysis: Analysis, target: TransferSet) -> str:
    """Baseline and challenger on one transfer set, beside what they reach on the study's own."""
    where = f"On {about_transfer_set(analysis.data, target.name).title}"
    where += f" (n{NBSP}={NBSP}{notation.count(target.num_examples)})"
    shown = [entry for entry in target.arms if entry.arm in (analysis.challenger, analysis.baseline)]
    if not shown:
        return f"{where}, neither the baseline nor the challenger was scored"
    reached = [
        f"{entry.arm}{'' if place else ' reaches'} {notation.percent(entry.scores.accuracy.mean)} "
        f"{notation.percent_interval(entry.scores.accuracy.interval)}"
        for place, entry in enumerate(shown)
    ]
    apart = [
        f"{notation.unsigned_points(entry.drop)} {'less' if entry.drop > 0 else 'more'}" for entry in shown
    ]
    return f"{where}, {notation.listed(reached)}: {notation.listed(apart)} than on the study's own test set"
