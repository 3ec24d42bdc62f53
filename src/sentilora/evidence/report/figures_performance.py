"""Figures of what was gained and at what cost: trade-off, pairwise differences, training curves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.statistics.pairs import Pair
from sentilora.evidence.statistics.tradeoff import TradeoffPoint
from sentilora.evidence.writing import figure_style as style
from sentilora.evidence.writing import numbers as notation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COSTS = (
    ("trainable_parameters", "trained parameters", 1.0),
    ("share_seconds", "training time of one run (s)", 1.0),
    ("peak_memory_bytes", "peak memory (GB)", 1e-9),
)
MOST_PAIRS = 10


def draw_tradeoff(analysis: Analysis) -> Figure | None:
    """Accuracy with its interval against three costs, with the Pareto front of each; none for one arm."""
    if len(analysis.tradeoff) < 2:
        return None
    looks = style.looks([arm.name for arm in analysis.arms])
    figure, panels = style.new_figure(style.PAGE_INCHES, 2.25, ncols=3, sharey=True)
    for axes, (cost, label, factor) in zip(panels, _COSTS, strict=True):
        costs = {point.arm: factor * float(getattr(point, cost)) for point in analysis.tradeoff}
        _pareto_front(axes, [point for point in analysis.tradeoff if point.pareto[cost]], costs)
        for point in analysis.tradeoff:
            look, interval = looks[point.arm], point.accuracy.interval
            axes.plot([costs[point.arm]] * 2, [100 * interval.low, 100 * interval.high], color=look.colour)
            axes.plot(
                costs[point.arm],
                100 * point.accuracy.mean,
                look.marker,
                color=look.colour,
                markeredgecolor="white",
                markeredgewidth=0.6,
                label=point.arm,
                zorder=3,
            )
        _cost_axis(axes, list(costs.values()))
        axes.set_xlabel(label)
        style.grid(axes, "y")
    panels[0].set_ylabel("test accuracy (%)")
    handles, labels = panels[0].get_legend_handles_labels()
    style.legend_above(figure, handles, labels)
    return figure


def draw_comparisons(analysis: Analysis) -> Figure | None:
    """Forest plot: differences in test accuracy, their intervals, and the band of equivalence."""
    pairs = shown_pairs(analysis)
    if not pairs:
        return None
    looks = style.looks([arm.name for arm in analysis.arms])
    figure, axes = style.new_figure(style.COLUMN_INCHES, max(1.3, 0.62 + 0.19 * len(pairs)))
    margin = 100 * analysis.settings.equivalence_margin
    axes.axvspan(-margin, margin, color=style.BAND, linewidth=0)
    axes.axvline(0, color=style.QUIET, linewidth=0.7)
    for row, pair in enumerate(pairs):
        look, interval = looks[pair.arm], pair.accuracy.interval
        axes.plot([100 * interval.low, 100 * interval.high], [row, row], color=look.colour, linewidth=1.5)
        face = look.colour if pair.significant else "white"
        axes.plot(
            100 * pair.accuracy.mean,
            row,
            look.marker,
            color=look.colour,
            markerfacecolor=face,
        )
        numbers = f"{notation.bare_points(pair.accuracy.mean)} {notation.points_interval(interval)}"
        axes.annotate(
            numbers, (1.03, row), xycoords=("axes fraction", "data"), va="center", annotation_clip=False
        )
    axes.set_yticks(range(len(pairs)), [f"{pair.arm} {notation.MINUS} {pair.over}" for pair in pairs])
    axes.set_ylim(len(pairs) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    style.grid(axes, "x")
    axes.set_xlabel("difference in test accuracy (points)")
    return figure


def draw_curves(analysis: Analysis) -> Figure | None:
    """How the arms learnt: dev accuracy, training and dev loss, and how far training runs ahead."""
    if not analysis.curves:
        return None
    looks = style.looks([arm.name for arm in analysis.arms])
    figure, panels = style.new_figure(style.PAGE_INCHES, 2.25, ncols=3)
    accuracy, loss, gap = panels
    for curve in analysis.curves:
        look = looks[curve.arm]
        band = curve.dev_accuracy
        accuracy.fill_between(
            curve.epochs, _percent(band.low), _percent(band.high), color=look.colour, alpha=0.15, linewidth=0
        )
        marks = {"marker": look.marker, "markersize": 3.2, "markevery": max(1, len(curve.epochs) // 6)}
        accuracy.plot(
            curve.epochs,
            _percent(band.mean),
            color=look.colour,
            linestyle=look.dashes,
            label=curve.arm,
            **marks,
        )
        loss.plot(curve.epochs, curve.dev_loss.mean, color=look.colour, linestyle=look.dashes, **marks)
        loss.plot(curve.epochs, curve.train_loss.mean, color=look.colour, linewidth=0.7, alpha=0.55)
    for name, outcome in analysis.outcomes.items():
        if name not in {curve.arm for curve in analysis.curves}:
            level = 100 * outcome.dev_accuracy.mean
            accuracy.axhline(level, color=looks[name].colour, linewidth=0.9)
            accuracy.annotate(
                f"{name}, solved exactly",
                (0.98, level),
                xycoords=("axes fraction", "data"),
                xytext=(0, 2.5),
                textcoords="offset points",
                ha="right",
                color=looks[name].colour,
            )
    accuracy.set(xlabel="epoch", ylabel="dev accuracy (%)")
    loss.set(xlabel="epoch", ylabel="cross-entropy (nats)")
    loss.annotate(
        "thick: dev, thin: training",
        (0.98, 0.97),
        xycoords="axes fraction",
        ha="right",
        va="top",
        color=style.QUIET,
    )
    _gap_panel(gap, analysis)
    for axes in panels:
        style.grid(axes, "y")
    handles, labels = accuracy.get_legend_handles_labels()
    style.legend_above(figure, handles, labels)
    return figure


def shown_pairs(analysis: Analysis) -> tuple[Pair, ...]:
    """The pairs a page has room for: all where they are few, else those with the baseline or challenger."""
    if len(analysis.pairs) <= MOST_PAIRS:
        return analysis.pairs
    central = [pair for pair in analysis.pairs if pair.over == analysis.baseline]
    central += [
        pair
        for pair in analysis.pairs
        if analysis.challenger in (pair.arm, pair.over) and pair.over != analysis.baseline
    ]
    return tuple(central[: MOST_PAIRS + 4])


def _gap_panel(axes: Axes, analysis: Analysis) -> None:
    looks = style.looks([arm.name for arm in analysis.arms])
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
    axes.set_xticks(range(len(names)), names, rotation=30 if len(names) > 3 else 0)
    for label in axes.get_xticklabels():
        label.set_horizontalalignment("right" if len(names) > 3 else "center")
    axes.set_xlim(-0.6, len(names) - 0.4)
    axes.set_ylabel(f"training {notation.MINUS} dev (points)")


def _pareto_front(axes: Axes, front: Sequence[TradeoffPoint], costs: dict[str, float]) -> None:
    ordered = sorted(front, key=lambda point: costs[point.arm])
    if len(ordered) > 1:
        axes.step(
            [costs[point.arm] for point in ordered],
            [100 * point.accuracy.mean for point in ordered],
            where="post",
            color=style.RULE,
            linewidth=1.0,
            zorder=1,
        )


def _cost_axis(axes: Axes, costs: list[float]) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    positive = [cost for cost in costs if cost > 0]
    if len(positive) == len(costs) and max(positive) / min(positive) > 4:
        axes.set_xscale("log")
        decades = math.log10(max(positive) / min(positive))
        axes.xaxis.set_major_locator(LogLocator(subs=(1.0,) if decades > 2 else (1.0, 2.0, 5.0), numticks=8))
        axes.xaxis.set_minor_locator(NullLocator())
    else:
        axes.margins(x=0.15)
        axes.locator_params(axis="x", nbins=5)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _short(value)))


def _short(value: float) -> str:
    """A tick's number: 1500 is "1.5k"."""
    for factor, suffix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= factor:
            return f"{value / factor:g}{suffix}"
    return f"{value:g}"


def _percent(shares: Sequence[float]) -> list[float]:
    return [100 * share for share in shares]
