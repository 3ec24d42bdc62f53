"""Learning: how fast the arms converge, and whether training runs ahead of dev."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.numbering import see
from sentilora.evidence.report.sections.section import Figure, Section, Slide, paragraph
from sentilora.evidence.statistics.learning import Curve, Overfitting
from sentilora.evidence.writing import figure_style as style
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.names import MOST_LISTED, differ_in_rank_alone, scored
from sentilora.evidence.writing.numbers import NBSP
from sentilora.evidence.writing.tables import (
    Cell,
    Column,
    Table,
    raw_range,
    words,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing


_MOST_TICK_CHARACTERS = 20
"""Of all names together, that stand side by side under a panel."""


def section(analysis: Analysis) -> Section | None:
    """Convergence and overfitting; None where every arm is solved exactly."""
    if not analysis.curves:
        return None
    several = any(len(outcome.seeds) > 1 for outcome in analysis.outcomes.values())
    figure = Figure(
        name="curves",
        draw=draw_curves,
        caption=f"How the arms learn ({'mean and range over seeds' if several else 'one seed'}): dev "
        "accuracy, cross-entropy on dev (thick) and in training (thin), and how far training accuracy is "
        "ahead of dev at the end.",
    )
    lora = [arm for arm in scored(analysis) if arm.method == "lora"]
    alike = {arm.outcome.learning_rate for arm in lora if arm.outcome is not None}
    by_rank = _overfitting_by_rank(analysis.overfitting) if differ_in_rank_alone(lora) else []
    if by_rank and len(alike) > 1:
        by_rank = ["The ranks were scored at different learning rates, so their gaps do not compare ranks."]
    text = (_convergence(analysis), *_gaps(analysis), *by_rank)
    return Section(
        heading="Learning",
        body=paragraph(*text),
        figures=(figure,),
        slides=(Slide(heading="How the arms learn", points=text[:2], figure=figure),),
        files=(curves_table(analysis), overfitting_table(analysis)),
    )


def curves_table(analysis: Analysis) -> Table:
    """The training curves, mean over seeds."""
    return Table(
        "curves",
        "Training curves, mean over seeds.",
        (
            Column("Arm", ("arm",), numeric=False),
            Column("Step", ("step",)),
            Column("Epoch", ("epoch",)),
            Column("Dev accuracy (%)", ("dev_accuracy", "dev_accuracy_lowest", "dev_accuracy_highest")),
            Column("Dev loss (nats)", ("dev_loss",)),
            Column("Training loss (nats)", ("train_loss",)),
        ),
        tuple(_curve_row(curve, place) for curve in analysis.curves for place in range(len(curve.steps))),
    )


def overfitting_table(analysis: Analysis) -> Table:
    """Steps to convergence, and how far training runs ahead of dev."""
    steps = {curve.arm: curve.median_steps_to_95 for curve in analysis.curves}
    return Table(
        "overfitting",
        "Convergence and overfitting: median steps to 95 % of the final dev accuracy; training minus dev "
        "accuracy at the state kept and at the end; dev minus training loss at the end.",
        (
            Column("Arm", ("arm",), numeric=False, width="1"),
            Column("Steps to 95 %", ("steps_to_95",)),
            Column("Gap, kept (points)", ("kept_gap", "kept_gap_lowest", "kept_gap_highest")),
            Column("Gap, end (points)", ("end_gap", "end_gap_lowest", "end_gap_highest")),
            Column("Loss gap (nats)", ("end_loss_gap", "end_loss_gap_lowest", "end_loss_gap_highest")),
        ),
        tuple(
            (
                words(entry.arm),
                Cell(notation.count(round(steps[entry.arm])), (steps[entry.arm],)),
                Cell(notation.bare_points(entry.kept_gap.mean), raw_range(entry.kept_gap)),
                Cell(notation.bare_points(entry.end_gap.mean), raw_range(entry.end_gap)),
                Cell(notation.decimal(entry.end_loss_gap.mean, 3), raw_range(entry.end_loss_gap)),
            )
            for entry in analysis.overfitting
        ),
    )


def draw_curves(analysis: Analysis) -> Drawing:
    """How the arms learnt: dev accuracy, training and dev loss, and how far training runs ahead."""
    looks = style.looks(analysis.arms)
    figure, panels = style.new_figure(style.PAGE_INCHES, 2.25, ncols=3)
    accuracy, loss, gap = panels
    for curve in analysis.curves:
        look, band = looks[curve.arm], curve.dev_accuracy
        marks = {"marker": look.marker, "markersize": 3.2, "markevery": max(1, len(curve.epochs) // 6)}
        line = {"color": look.colour, "linestyle": look.dashes, **marks}
        accuracy.fill_between(
            curve.epochs, _percent(band.low), _percent(band.high), color=look.colour, alpha=0.15, linewidth=0
        )
        accuracy.plot(curve.epochs, _percent(band.mean), label=curve.arm, **line)
        loss.plot(curve.epochs, curve.dev_loss.mean, **line)
        thin = {"color": look.colour, "linestyle": look.dashes, "linewidth": 0.6}
        loss.plot(curve.epochs, curve.train_loss.mean, **thin)
    _solved_exactly(accuracy, analysis)
    accuracy.set(xlabel="epoch", ylabel="dev accuracy (%)")
    loss.set(xlabel="epoch", ylabel="cross-entropy (nats)")
    loss.set_title("thick: dev, thin: training", color=style.QUIET)
    _gap_panel(gap, analysis)
    for axes in panels:
        style.grid(axes, "y")
    style.legend_above(figure, *accuracy.get_legend_handles_labels())
    return figure


def _convergence(analysis: Analysis) -> str:
    steps = [
        f"{notation.count(round(curve.median_steps_to_95))} ({curve.arm})"
        for curve in analysis.curves[:MOST_LISTED]
    ]
    return (
        f"Steps to 95{NBSP}% of the final dev accuracy, median over seeds: "
        f"{notation.listed(steps)}{see('curves')}."
    )


def _gaps(analysis: Analysis) -> list[str]:
    gaps = [
        f"{notation.points(entry.end_gap.mean)} ({entry.arm})" for entry in analysis.overfitting[:MOST_LISTED]
    ]
    if not gaps:
        return []
    return [
        f"At the end, training accuracy, taken with dropout on, less dev accuracy is {notation.listed(gaps)}."
    ]


def _overfitting_by_rank(entries: Sequence[Overfitting]) -> list[str]:
    """Whether more rank overfits more, by the smallest and the largest rank."""
    ranked = sorted((entry for entry in entries if entry.rank is not None), key=lambda entry: entry.rank or 0)
    if len({entry.rank for entry in ranked}) < 2:
        return []
    low, high = ranked[0], ranked[-1]
    if low.end_gap.sd is None or high.end_gap.sd is None:
        return ["One seed cannot show whether more rank overfits more."]
    if high.end_gap.low > low.end_gap.high:
        return [
            f"In every seed training runs further ahead with rank {high.rank} than with rank {low.rank}: a "
            "sign of overfitting."
        ]
    return [f"The seeds of ranks {low.rank} and {high.rank} overlap: no sign that more rank overfits more."]


def _curve_row(curve: Curve, place: int) -> tuple[Cell, ...]:
    dev, dev_loss, train_loss = curve.dev_accuracy, curve.dev_loss.mean[place], curve.train_loss.mean[place]
    return (
        words(curve.arm),
        Cell(notation.count(curve.steps[place]), (curve.steps[place],)),
        Cell(notation.decimal(curve.epochs[place], 2), (curve.epochs[place],)),
        Cell(notation.bare_percent(dev.mean[place]), (dev.mean[place], dev.low[place], dev.high[place])),
        Cell(notation.decimal(dev_loss, 3), (dev_loss,)),
        Cell(notation.decimal(train_loss, 3), (train_loss,)),
    )


def _solved_exactly(axes: Axes, analysis: Analysis) -> None:
    """A level for each arm that has no curve."""
    looks, with_curve = style.looks(analysis.arms), {curve.arm for curve in analysis.curves}
    for name, outcome in analysis.outcomes.items():
        if name not in with_curve:
            level = 100 * outcome.dev_accuracy.mean
            axes.axhline(level, color=looks[name].colour, linewidth=0.9, label=f"{name} (solved exactly)")


def _gap_panel(axes: Axes, analysis: Analysis) -> None:
    looks = style.looks(analysis.arms)
    names = [entry.arm for entry in analysis.overfitting]
    for place, entry in enumerate(analysis.overfitting):
        look, gap = looks[entry.arm], entry.end_gap
        axes.plot([place, place], [100 * gap.low, 100 * gap.high], color=look.colour)
        axes.plot(
            place,
            100 * gap.mean,
            look.marker,
            color=look.colour,
            markeredgecolor="white",
            markeredgewidth=0.6,
        )
    axes.axhline(0, color=style.QUIET, linewidth=0.7)
    crowded = sum(map(len, names)) > _MOST_TICK_CHARACTERS
    axes.set_xticks(range(len(names)), names, rotation=30 if crowded else 0)
    for label in axes.get_xticklabels():
        label.set_horizontalalignment("right" if crowded else "center")
    axes.set_xlim(-0.6, len(names) - 0.4)
    axes.set_ylabel(f"training {notation.MINUS} dev (points)")


def _percent(shares: Sequence[float]) -> list[float]:
    return [100 * share for share in shares]
