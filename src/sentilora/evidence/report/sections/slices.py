"""Errors by slice: on which texts the arms err, and where one helps most and least."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.numbering import see
from sentilora.evidence.report.sections.section import Figure, Section, Slide, paragraph
from sentilora.evidence.statistics.family import SIGNIFICANCE
from sentilora.evidence.statistics.slices import Slice, SliceGain
from sentilora.evidence.writing import figure_style as style
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.names import central_arms, some_arms
from sentilora.evidence.writing.numbers import NBSP
from sentilora.evidence.writing.safe_text import excerpt
from sentilora.evidence.writing.tables import (
    Cell,
    Column,
    Table,
    difference_cell,
    missing,
    words,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

_PANELS = (("length", "strength"), ("negation", "contrast", "comparative", "unseen words"))
"""Families of slices in the two panels of the figure."""


def section(analysis: Analysis) -> Section | None:
    """Where the errors lie; None where the test set cannot be cut."""
    if not analysis.slices:
        return None
    text = _gains(analysis) or _hardest(analysis)
    figures = (_figure(analysis),) if _panels(analysis) else ()
    return Section(
        heading="Error analysis",
        body=paragraph(*text),
        figures=figures,
        files=(slices_table(analysis),),
        slides=tuple(
            Slide(heading="Where the errors are", points=tuple(text[:2]), figure=figure) for figure in figures
        ),
    )


def slices_table(analysis: Analysis) -> Table:
    """Error rates and gains in every slice."""
    return Table(
        "slices",
        "Test errors by slice, and each arm's gain over the baseline there. Small: fewer than "
        f"{analysis.settings.small_slice} examples. p: seeds and examples at random, adjusted by Holm over "
        "the slices of an arm; beyond the rest: the gain less that on all other examples, with a p-value "
        "that allows for the search through all slices.",
        (
            Column("Slice", ("family", "slice"), numeric=False),
            Column("Examples", ("examples", "small")),
            Column("Arm", ("arm",), numeric=False),
            Column("Error (%)", ("error", "error_low", "error_high")),
            Column("Gain (points)", ("gain", "gain_low", "gain_high")),
            Column("p, Holm", ("adjusted_p_value",)),
            Column("Beyond the rest (points)", ("beyond_rest",)),
            Column("p, search", ("beyond_rest_p_value",)),
        ),
        tuple(row for part in analysis.slices for row in _slice_rows(part)),
    )


def draw_errors(analysis: Analysis) -> Drawing:
    """Error rates with intervals by length, by strength and by wording; small slices are marked."""
    panels = _panels(analysis)
    num_rows = max(sum(len(parts) for parts in panel) for panel in panels)
    row_inches = 0.16 + 0.04 * len(central_arms(analysis))
    figure, all_axes = style.new_figure(
        style.PAGE_INCHES, 0.75 + row_inches * num_rows, ncols=len(panels), sharex=True, squeeze=False
    )
    for axes, panel in zip(all_axes[0], panels, strict=True):
        _draw_panel(axes, panel, analysis)
        axes.set_xlabel("test error (%)")
    all_axes[0][0].set_xlim(left=0)
    style.legend_above(figure, *all_axes[0][0].get_legend_handles_labels())
    return figure


def _panels(analysis: Analysis) -> list[list[list[Slice]]]:
    """For each panel its families, for each family its slices; what has none is left out."""
    families: dict[str, list[Slice]] = {}
    for part in analysis.slices:
        if not part.name.startswith("without"):
            families.setdefault(part.family, []).append(part)
    panels = [[families[name] for name in names if name in families] for names in _PANELS]
    return [panel for panel in panels if panel]


def _figure(analysis: Analysis) -> Figure:
    level = notation.percent(analysis.settings.level, 0)
    some = some_arms(analysis)
    return Figure(
        name="errors",
        draw=draw_errors,
        caption=f"Test error with {level} intervals, by length, by strength of the sentiment where the "
        "data know it, and by wording; in brackets the number of examples. Small slices say "
        f"little.{some}",
    )


def _gains(analysis: Analysis) -> list[str]:
    """Where the challenger gains more and less than elsewhere; nothing without a challenger."""
    arm = analysis.challenger
    extreme = next((entry for entry in analysis.extremes if entry.arm == arm), None)
    if arm is None or extreme is None:
        return []
    gains = {
        (part.family, part.name): (part, gain)
        for part in analysis.slices
        for gain in part.gains
        if gain.arm == arm
    }
    proven = [
        f"{word} on {_slice_words(part)}, {_gain_words(part, gain)}"
        for word, (part, gain) in (("more", gains[extreme.most]), ("less", gains[extreme.least]))
        if is_apart(gain, word == "more")
    ]
    if proven:
        text = f"Over the baseline, {arm} gains {notation.listed(proven)}, than on the rest"
    else:
        text = f"No slice is shown where {arm} gains more or less over the baseline than on the rest"
    return [
        f"{text}{see('errors')}.",
        _beyond_chance([gain for part, gain in gains.values() if not part.small], analysis),
    ]


def is_apart(gain: SliceGain, more: bool) -> bool:
    """Whether an arm is shown to gain more (or less) in a slice than on the rest, allowing for the search."""
    gap = gain.beyond_rest
    return gap.p_value < SIGNIFICANCE and (gap.gap > 0) == more


def _hardest(analysis: Analysis) -> list[str]:
    """Without a challenger: where the only arm errs most."""
    name = analysis.baseline
    rates = [
        (entry.error_rate, part)
        for part in analysis.slices
        for entry in part.errors
        if entry.arm == name and not part.small
    ]
    if not rates:
        return []
    rate, worst = max(rates, key=lambda found: found[0].mean)
    return [
        f"The arm {name} errs most on {_slice_words(worst)}: {notation.percent(rate.mean)} "
        f"{notation.percent_interval(rate.interval)} of {notation.count(worst.num_examples)} "
        f"examples{see('errors')}."
    ]


def _slice_words(part: Slice) -> str:
    return f"“{part.family}: {part.name}”"


def _gain_words(part: Slice, entry: SliceGain) -> str:
    return (
        f"{notation.points(entry.gain.mean)} {notation.points_interval(entry.gain.interval)} "
        f"(n{NBSP}={NBSP}{notation.count(part.num_examples)}; {notation.points(entry.beyond_rest.gap)} "
        f"beyond the rest, {notation.p_value(entry.beyond_rest.p_value)} allowing for the search)"
    )


def _beyond_chance(gains: list[SliceGain], analysis: Analysis) -> str:
    """In how many slices of a fair size the gain is beyond chance."""
    proven, small = sum(gain.significant for gain in gains), sum(part.small for part in analysis.slices)
    text = f"In {proven} of {len(gains)} slices the difference is beyond chance after Holm's correction"
    if small:
        verb = "is" if small == 1 else "are"
        text += f"; {notation.counted(small, 'small slice')} {verb} left out of this count"
    return f"{text}."


def _slice_rows(part: Slice) -> Iterator[tuple[Cell, ...]]:
    gains = {entry.arm: entry for entry in part.gains}
    for entry in part.errors:
        rate, gain = entry.error_rate, gains.get(entry.arm)
        yield (
            Cell(f"{part.family}: {part.name}", (part.family, part.name)),
            Cell(
                notation.count(part.num_examples) + (" (small)" if part.small else ""),
                (part.num_examples, "yes" if part.small else "no"),
            ),
            words(entry.arm),
            Cell(
                f"{notation.bare_percent(rate.mean)} {notation.percent_interval(rate.interval)}",
                (rate.mean, rate.interval.low, rate.interval.high),
            ),
            missing(3, "baseline") if gain is None else difference_cell(gain.gain),
            missing(1, "no test")
            if gain is None
            else Cell(notation.bare_p_value(gain.adjusted_p_value), (gain.adjusted_p_value,)),
            missing(1, "no test")
            if gain is None
            else Cell(notation.bare_points(gain.beyond_rest.gap), (gain.beyond_rest.gap,)),
            missing(1, "no test")
            if gain is None
            else Cell(notation.bare_p_value(gain.beyond_rest.p_value), (gain.beyond_rest.p_value,)),
        )


def _draw_panel(axes: Axes, panel: list[list[Slice]], analysis: Analysis) -> None:
    """Slices from top to bottom, a gap between families, the arms of a slice one below the other."""
    looks = style.looks(analysis.arms)
    names = central_arms(analysis)
    rows, row = [], 0.0
    for family in panel:
        rows += [(row + place, part) for place, part in enumerate(family)]
        # A gap between families, but not between single slices.
        row += len(family) + (0.4 if len(family) > 1 else 0.0)
    for name, shift in zip(names, style.shifts(len(names)), strict=True):
        look = looks[name]
        rates = [next(entry.error_rate for entry in part.errors if entry.arm == name) for _, part in rows]
        for (at, _), rate in zip(rows, rates, strict=True):
            span = [100 * rate.interval.low, 100 * rate.interval.high]
            axes.plot(span, [at + shift] * 2, color=look.colour, linewidth=1.0)
        axes.plot(
            [100 * rate.mean for rate in rates],
            [at + shift for at, _ in rows],
            look.marker,
            color=look.colour,
            markersize=0.8 * style.mark_size(),
            markeredgecolor="white",
            markeredgewidth=0.4,
            label=name,
        )
    for at, _ in rows[::2]:
        axes.axhspan(at - 0.5, at + 0.5, color=style.BAND, linewidth=0, zorder=0)
    axes.set_yticks([at for at, _ in rows], [_slice_label(part) for _, part in rows])
    axes.set_ylim(rows[-1][0] + 0.6, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    style.grid(axes, "x")


def _slice_label(part: Slice) -> str:
    name = excerpt(part.name.replace(" (", ", ").rstrip(")"), 40)
    return f"{name} ({notation.count(part.num_examples)}{', small' if part.small else ''})"
