"""Learning rates: how dev accuracy depends on them, which was chosen, and ranks at equal rates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.numbering import see
from sentilora.evidence.report.sections.section import Figure, Section, paragraph
from sentilora.evidence.statistics.arm_results import ArmResult
from sentilora.evidence.statistics.estimates import Spread
from sentilora.evidence.writing import figure_style as style
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.names import MOST_LISTED, differ_in_rank_alone, scored
from sentilora.evidence.writing.tables import Cell, Column, Table, missing, words

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing


def section(analysis: Analysis) -> Section | None:
    """What the search found on dev; None where no arm has a learning rate."""
    if not any(arm.rates for arm in analysis.arms):
        return None
    searched = _searched(analysis)
    figure = Figure(
        name="rates",
        draw=draw_rates,
        caption="Dev accuracy at every learning rate tried: mean and range over seeds. Filled marks: the "
        "rate that was chosen and scored on test.",
        wide=False,
    )
    return Section(
        heading="Learning rates",
        body=paragraph(*_chosen(searched), *_ranks_at_equal_rates(searched)),
        figures=(figure,) if searched else (),
        files=(search_table(analysis),),
    )


def search_table(analysis: Analysis) -> Table:
    """Every learning rate every arm tried."""
    rows = []
    for arm in analysis.arms:
        for trial in arm.rates:
            accuracy, loss = trial.dev_accuracy, trial.dev_loss
            rows.append(
                (
                    words(arm.name),
                    Cell(notation.rate(trial.learning_rate), (trial.learning_rate,)),
                    Cell(str(trial.num_finished), (trial.num_finished,)),
                    Cell(str(trial.num_failed), (trial.num_failed,)),
                    missing(3)
                    if accuracy is None
                    else Cell(
                        notation.bare_percent(accuracy.mean), (accuracy.mean, accuracy.low, accuracy.high)
                    ),
                    missing(1) if loss is None else Cell(notation.decimal(loss.mean, 3), (loss.mean,)),
                    words("yes" if trial.chosen else "no"),
                )
            )
    return Table(
        "search",
        "Learning rates tried: mean over seeds on dev, where the rate was chosen.",
        (
            Column("Arm", ("arm",), numeric=False, width="1"),
            Column("Learning rate", ("learning_rate",)),
            Column("Finished", ("finished",)),
            Column("Failed", ("failed",)),
            Column("Dev accuracy (%)", ("dev_accuracy", "dev_accuracy_lowest", "dev_accuracy_highest")),
            Column("Dev loss (nats)", ("dev_loss",)),
            Column("Chosen", ("chosen",), numeric=False),
        ),
        tuple(rows),
    )


def draw_rates(analysis: Analysis) -> Drawing:
    """Dev accuracy against the learning rate, one line an arm."""
    from matplotlib.ticker import FuncFormatter, NullLocator

    looks = style.looks(analysis.arms)
    figure, axes = style.new_figure(style.HALF_INCHES, 2.2)
    axes.set_xscale("log")
    for arm in _searched(analysis):
        look, dev = looks[arm.name], _dev_accuracies(arm)
        means = [100 * accuracy.mean for accuracy in dev.values()]
        axes.plot([*dev], means, look.marker, color=look.colour, linestyle=look.dashes, label=arm.name)
        for rate, accuracy in dev.items():
            ends = [100 * accuracy.low, 100 * accuracy.high]
            axes.plot([rate, rate], ends, color=look.colour, linewidth=0.8)
        others = [trial.learning_rate for trial in arm.rates if not trial.chosen and trial.dev_accuracy]
        means = [100 * dev[rate].mean for rate in others]
        axes.plot(others, means, look.marker, color=look.colour, markerfacecolor="white")
    rates = sorted({trial.learning_rate for arm in _searched(analysis) for trial in arm.rates})
    axes.set_xticks(rates if len(rates) <= _MOST_TICKS else rates[:: len(rates) // _MOST_TICKS + 1])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: notation.rate(value)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set(xlabel="learning rate", ylabel="dev accuracy (%)")
    style.grid(axes, "y")
    style.legend_above(figure, *axes.get_legend_handles_labels())
    return figure


_MOST_TICKS = 6


def _searched(analysis: Analysis) -> list[ArmResult]:
    """The scored arms that tried several learning rates."""
    return [arm for arm in scored(analysis) if len(arm.rates) > 1]


def _dev_accuracies(arm: ArmResult) -> dict[float, Spread]:
    """Learning rate to dev accuracy, for the rates that some run finished at."""
    return {trial.learning_rate: trial.dev_accuracy for trial in arm.rates if trial.dev_accuracy is not None}


def _chosen(searched: Sequence[ArmResult]) -> list[str]:
    if not searched:
        return ["Every trained arm has one learning rate: nothing was searched."]
    shown = []
    for arm in searched[:MOST_LISTED]:
        means = [accuracy.mean for accuracy in _dev_accuracies(arm).values()]
        rate = next(trial.learning_rate for trial in arm.rates if trial.chosen)
        span = notation.unsigned_points(max(means) - min(means))
        shown.append(f"{notation.rate(rate)} for {arm.name} ({span})")
    return [
        "The learning rate with the best mean dev accuracy, and in brackets how much accuracy the best rate "
        f"gains over the worst, is {notation.listed(shown)}{see('rates')}."
    ]


def _ranks_at_equal_rates(searched: Sequence[ArmResult]) -> list[str]:
    """The largest rank against the smallest at every rate that both tried, on dev."""
    lora = sorted((arm for arm in searched if arm.method == "lora"), key=lambda arm: arm.rank or 0)
    if not differ_in_rank_alone(lora):
        return []
    low, high = _dev_accuracies(lora[0]), _dev_accuracies(lora[-1])
    gaps = [high[rate].mean - low[rate].mean for rate in low.keys() & high.keys()]
    if not gaps:
        return [f"The arms {lora[0].name} and {lora[-1].name} tried no learning rate in common."]
    span = f"{notation.bare_points(min(gaps))} to {notation.points(max(gaps))}"
    return [
        f"At equal learning rates, {lora[-1].name} less {lora[0].name} is {span} on dev "
        f"({notation.counted(len(gaps), 'rate')}, each arm scaled by its own α/r)."
    ]
