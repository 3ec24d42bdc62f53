"""Cost: what each arm trains, what a run takes, and which arms no other beats in accuracy and cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.numbering import see
from sentilora.evidence.report.sections.section import Figure, Section, Slide, paragraph
from sentilora.evidence.statistics.arm_results import ArmResult
from sentilora.evidence.statistics.estimates import Spread
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
from sentilora.records.costs import (
    ADAPTER_PARAMETERS,
    COSTS,
    HEAD_PARAMETERS,
    PEAK_MEMORY,
    TRAINED_PARAMETERS,
    TRAINING_TIME,
    WEIGHED_AGAINST_ACCURACY,
    Cost,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing


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
    outcomes, looks = analysis.outcomes, style.looks(analysis.arms)
    figure, panels = style.new_figure(style.PAGE_INCHES, 2.25, ncols=3, sharey=True)
    for axes, cost in zip(panels, WEIGHED_AGAINST_ACCURACY, strict=True):
        costs = {name: cost.axis_factor * outcome.cost(cost).mean for name, outcome in outcomes.items()}
        front = analysis.pareto_fronts[cost.name]
        _pareto_front(axes, [(costs[name], outcomes[name].scores.accuracy.mean) for name in front])
        for name, outcome in outcomes.items():
            colour, accuracy = looks[name].colour, outcome.scores.accuracy
            ends = [100 * accuracy.interval.low, 100 * accuracy.interval.high]
            axes.plot([costs[name]] * 2, ends, color=colour)
            axes.plot(
                costs[name],
                100 * accuracy.mean,
                looks[name].marker,
                color=colour,
                markeredgecolor="white",
                markeredgewidth=0.6,
                label=name,
                zorder=3,
            )
        _cost_axis(axes, list(costs.values()))
        axes.set_xlabel(cost.axis)
        style.grid(axes, "y")
    panels[0].set_ylabel("test accuracy (%)")
    style.legend_above(figure, *panels[0].get_legend_handles_labels())
    return figure


def _keys(cost: Cost) -> tuple[str, ...]:
    """CSV columns of a cost; times differ from run to run, and so have their range."""
    ends = ("_lowest", "_highest") if cost.unit == "seconds" else ()
    return (cost.name, *(cost.name + end for end in ends))


_SHOWN = tuple(cost for cost in COSTS if cost is not TRAINED_PARAMETERS)
_COLUMNS = (
    Column("Arm", ("arm",), numeric=False, width="1"),
    *(Column(cost.heading, _keys(cost)) for cost in _SHOWN),
)


def _cost_row(arm: ArmResult) -> tuple[Cell, ...]:
    if arm.outcome is None:
        return (words(arm.name), *(missing(len(column.keys)) for column in _COLUMNS[1:]))
    return (words(arm.name), *(_cost_cell(cost, arm.outcome.cost(cost)) for cost in _SHOWN))


def _cost_cell(cost: Cost, spread: Spread) -> Cell:
    mean = spread.mean
    match cost.unit:
        case "parameters":
            return count_cell(round(mean))
        case "share":
            return Cell(notation.bare_small_share(mean), (mean,))
        case "seconds":
            return Cell(notation.duration(mean), raw_range(spread))
        case "bytes":
            return Cell(notation.size(mean), (mean,))
        case "runs":
            return Cell(notation.decimal(mean, 0 if mean.is_integer() else 1), (mean,))
        case "examples per second":
            return Cell(notation.decimal(mean, 0 if mean >= 10 else 1), (mean,))


def _parameters(analysis: Analysis) -> list[str]:
    shares = []
    for arm in scored(analysis):
        if arm.trains == "adapters":
            outcome = analysis.outcomes[arm.name]
            adapter, head = (round(outcome.cost(cost).mean) for cost in (ADAPTER_PARAMETERS, HEAD_PARAMETERS))
            shares.append(
                f"{arm.name} trains {notation.count(adapter)} adapter and {notation.count(head)} head "
                f"parameters, {trained_share(outcome)} of the model"
            )
    return [sentence(f"the arm {'; '.join(shares[:3])}{see('costs')}")] if shares else []


def _time_and_memory(analysis: Analysis) -> list[str]:
    outcomes = analysis.outcomes
    seconds = {name: outcome.cost(TRAINING_TIME).mean for name, outcome in outcomes.items()}
    times = [f"{notation.duration(time)} for {name}" for name, time in seconds.items()]
    memory = sorted(outcome.cost(PEAK_MEMORY).mean for outcome in outcomes.values())
    low, high = notation.size(memory[0]), notation.size(memory[-1])
    mentioned = bool(_parameters(analysis))
    return [
        f"One run takes {notation.listed(times[:MOST_LISTED])}{'' if mentioned else see('costs')}.",
        f"Peak memory is {low}." if low == high else f"Peak memory lies between {low} and {high}.",
    ]


def _fronts(analysis: Analysis) -> list[str]:
    """Which arms no other arm beats in accuracy and cost together; nothing with a single arm."""
    if len(analysis.outcomes) < 2:
        return []
    fronts: dict[tuple[str, ...], list[str]] = {}
    for cost in WEIGHED_AGAINST_ACCURACY:
        fronts.setdefault(analysis.pareto_fronts[cost.name], []).append(cost.words)
    text = [
        f"Against {notation.listed(names)}, the Pareto front holds {notation.listed(list(front))}"
        for front, names in fronts.items()
    ]
    return [f"{text[0]}{see('tradeoff')}.", *(f"{words}." for words in text[1:])]


def _pareto_front(axes: Axes, front: Sequence[tuple[float, float]]) -> None:
    """Steps through the costs and accuracies of a front."""
    ordered = sorted(front)
    if len(ordered) > 1:
        axes.step(
            [cost for cost, _ in ordered],
            [100 * accuracy for _, accuracy in ordered],
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
