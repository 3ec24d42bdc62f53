"""Cost: what each arm trains, what a run takes, and which arms no other beats in accuracy and cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sentilora.evidence.analysis import ADAPTER_METHODS, Analysis
from sentilora.evidence.report.numbering import see
from sentilora.evidence.report.sections.section import Figure, Section, Slide, paragraph
from sentilora.evidence.statistics.arms import ArmResult
from sentilora.evidence.statistics.tradeoff import TradeoffPoint
from sentilora.evidence.writing import figure_style as style
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.names import MOST_LISTED, scored, trained_share
from sentilora.evidence.writing.numbers import sentence
from sentilora.evidence.writing.tables import (
    Cell,
    Column,
    Table,
    count_cell,
    missing,
    raw_range,
    words,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

_COSTS = (
    ("trainable_parameters", "trained parameters", "trained parameters", 1.0),
    ("share_seconds", "training time", "training time of one run (s)", 1.0),
    ("peak_memory_bytes", "memory", "peak memory (GB)", 1e-9),
)
"""For each cost of a ``TradeoffPoint``: its words, its axis, and the factor to the axis's unit."""


def section(analysis: Analysis) -> Section:
    """Parameters, time and memory; with two arms or more the trade-off as well."""
    front = _fronts(analysis)
    figure = Figure(
        name="tradeoff",
        draw=draw_tradeoff,
        caption=f"Test accuracy ({notation.percent(analysis.settings.level, 0)} intervals) against three "
        "costs. The grey steps join the arms that no other arm beats in both: the Pareto front.",
    )
    return Section(
        heading="Cost",
        body=paragraph(*_parameters(analysis), *_time_and_memory(analysis), *front),
        tables=(costs_table(analysis),),
        figures=(figure,) if front else (),
        slides=(Slide(heading="What accuracy costs", points=tuple(front[:3]), figure=figure),)
        if front
        else (),
    )


def costs_table(analysis: Analysis) -> Table:
    """What each arm trains and what one run of it costs."""
    return Table(
        "costs",
        "What an arm trains and what one of its scored runs costs. Time of a run: its share of the pack it "
        "trained in, evaluations left out; examples per second, peak memory: the whole pack's.",
        _COLUMNS,
        tuple(_cost_row(arm) for arm in analysis.arms),
    )


def draw_tradeoff(analysis: Analysis) -> Drawing:
    """Accuracy with its interval against three costs, with the Pareto front of each."""
    looks = style.looks([arm.name for arm in analysis.arms])
    figure, panels = style.new_figure(style.PAGE_INCHES, 2.25, ncols=3, sharey=True)
    for axes, (cost, _, label, factor) in zip(panels, _COSTS, strict=True):
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
    style.legend_above(figure, *panels[0].get_legend_handles_labels())
    return figure


_COLUMNS = (
    Column("Arm", ("arm",), numeric=False, width="1"),
    Column("Adapter", ("adapter_parameters",)),
    Column("Head", ("head_parameters",)),
    Column("Backbone", ("backbone_parameters",)),
    Column("Trained (%)", ("trainable_share",)),
    Column("Time of a run", ("run_seconds", "run_seconds_lowest", "run_seconds_highest")),
    Column("Pack", ("pack_size",)),
    Column("Examples/s", ("examples_per_second",)),
    Column("Peak memory", ("peak_memory_bytes",)),
    Column("Record", ("bytes_on_disk",)),
)


def _cost_row(arm: ArmResult) -> tuple[Cell, ...]:
    if arm.outcome is None:
        return (words(arm.name), *(missing(len(column.keys)) for column in _COLUMNS[1:]))
    parameters, costs = arm.outcome.parameters, arm.outcome.costs
    pack, speed = costs.pack_size.mean, costs.examples_per_second.mean
    return (
        words(arm.name),
        count_cell(parameters.adapter),
        count_cell(parameters.head),
        count_cell(parameters.backbone),
        Cell(notation.bare_small_share(parameters.trainable_share), (parameters.trainable_share,)),
        Cell(notation.duration(costs.share_seconds.mean), raw_range(costs.share_seconds)),
        Cell(notation.decimal(pack, 0 if pack.is_integer() else 1), (pack,)),
        Cell(notation.decimal(speed, 0 if speed >= 10 else 1), (speed,)),
        Cell(notation.size(costs.peak_memory_bytes.mean), (costs.peak_memory_bytes.mean,)),
        Cell(notation.size(costs.bytes_on_disk.mean), (costs.bytes_on_disk.mean,)),
    )


def _parameters(analysis: Analysis) -> list[str]:
    shares = []
    for arm in scored(analysis):
        if arm.method in ADAPTER_METHODS:
            outcome = analysis.outcomes[arm.name]
            shares.append(
                f"{arm.name} trains {notation.count(outcome.parameters.adapter)} adapter and "
                f"{notation.count(outcome.parameters.head)} head parameters, {trained_share(outcome)} of the "
                "model"
            )
    return [sentence(f"the arm {'; '.join(shares[:3])}{see('costs')}")] if shares else []


def _time_and_memory(analysis: Analysis) -> list[str]:
    costs = {name: outcome.costs for name, outcome in analysis.outcomes.items()}
    times = [f"{notation.duration(cost.share_seconds.mean)} for {name}" for name, cost in costs.items()]
    memory = sorted(cost.peak_memory_bytes.mean for cost in costs.values())
    low, high = notation.size(memory[0]), notation.size(memory[-1])
    mentioned = bool(_parameters(analysis))
    return [
        f"One run takes {notation.listed(times[:MOST_LISTED])}{'' if mentioned else see('costs')}.",
        f"Peak memory is {low}." if low == high else f"Peak memory lies between {low} and {high}.",
    ]


def _fronts(analysis: Analysis) -> list[str]:
    """Which arms no other arm beats in accuracy and cost together; nothing with a single arm."""
    if len(analysis.tradeoff) < 2:
        return []
    fronts: dict[tuple[str, ...], list[str]] = {}
    for cost, name, *_ in _COSTS:
        front = tuple(point.arm for point in analysis.tradeoff if point.pareto[cost])
        fronts.setdefault(front, []).append(name)
    text = [
        f"Against {notation.listed(names)}, the Pareto front holds {notation.listed(list(front))}"
        for front, names in fronts.items()
    ]
    return [f"{text[0]}{see('tradeoff')}.", *(f"{words}." for words in text[1:])]


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
