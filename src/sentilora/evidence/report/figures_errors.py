"""Figures of where the arms go wrong: by slice, by confidence, and away from home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.statistics.slices import Slice
from sentilora.evidence.writing import figure_style as style
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.names import central_arms
from sentilora.evidence.writing.safe_text import excerpt

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ERROR_ARMS = 3
_SIDES = (("length", "strength"), ("negation", "contrast", "comparative", "unseen words"))


def draw_errors(analysis: Analysis) -> Figure | None:
    """Error rates with intervals by length, by strength and by wording; small slices are marked."""
    by_family: dict[str, list[Slice]] = {}
    for part in analysis.slices:
        if part.errors and not part.name.startswith("without"):
            by_family.setdefault(part.family, []).append(part)
    sides = [
        [(family, by_family[family]) for family in families if family in by_family] for families in _SIDES
    ]
    sides = [side for side in sides if side]
    if not sides:
        return None
    num_rows = max(sum(len(parts) for _, parts in side) for side in sides)
    row_inches = 0.16 + 0.04 * len(central_arms(analysis, ERROR_ARMS))
    figure, panels = style.new_figure(
        style.PAGE_INCHES, 0.75 + row_inches * num_rows, ncols=len(sides), sharex=True, squeeze=False
    )
    for axes, side in zip(panels[0], sides, strict=True):
        _dodged_errors(axes, side, analysis)
        axes.set_xlabel("test error (%)")
    panels[0][0].set_xlim(left=0)
    style.legend_above(figure, *panels[0][0].get_legend_handles_labels())
    return figure


def draw_reliability(analysis: Analysis) -> Figure:
    """Reliability diagram: how often an arm is right at each confidence, with its calibration error."""
    arms = {name: analysis.outcomes[name] for name in central_arms(analysis)}
    looks = style.looks([arm.name for arm in analysis.arms])
    figure, axes = style.new_figure(style.COLUMN_INCHES, 2.4)
    lowest = min(bin.mean_confidence for arm in arms.values() for bin in arm.calibration)
    axes.plot([100 * lowest, 100], [100 * lowest, 100], color=style.RULE, linewidth=1)
    for name, arm in arms.items():
        look = looks[name]
        axes.plot(
            [100 * bin.mean_confidence for bin in arm.calibration],
            [100 * bin.accuracy for bin in arm.calibration],
            color=look.colour,
            linestyle=look.dashes,
            marker=look.marker,
            markersize=3.5,
            label=f"{name}, ECE {notation.percent(arm.scores.ece.mean)}",
        )
    axes.set(xlabel="mean confidence (%)", ylabel="right at that confidence (%)")
    style.grid(axes, "y")
    axes.legend(loc="upper left", handlelength=2.4, borderaxespad=0.1)
    return figure


def draw_transfer(analysis: Analysis) -> Figure | None:
    """Accuracy at home and on each data set the arms were not trained on."""
    if not analysis.transfer:
        return None
    looks = style.looks([arm.name for arm in analysis.arms])
    arms = central_arms(analysis)
    figure, axes = style.new_figure(style.PAGE_INCHES, 1.9)
    for place, name in enumerate(arms):
        look = looks[name]
        shift = _shift(place, len(arms))
        estimates = {0: analysis.outcomes[name].scores.accuracy} | {
            column: entry.scores.accuracy
            for column, target in enumerate(analysis.transfer, start=1)
            for entry in target.arms
            if entry.arm == name
        }
        for column, estimate in estimates.items():
            x = column + shift
            interval = estimate.interval
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
    names = ["home", *(target.name for target in analysis.transfer)]
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


def _dodged_errors(axes: Axes, side: list[tuple[str, list[Slice]]], analysis: Analysis) -> None:
    """Slices from top to bottom, a gap between families, the arms of a slice one below the other."""
    looks = style.looks([arm.name for arm in analysis.arms])
    names = central_arms(analysis, ERROR_ARMS)
    rows, row = [], 0.0
    for _, parts in side:
        for part in parts:
            rows.append((row, part))
            row += 1
        # A gap between families, but not between single slices.
        row += 0.4 if len(parts) > 1 else 0.0
    for place, name in enumerate(names):
        look, shift = looks[name], _shift(place, len(names))
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
    size = f"{notation.count(part.num_examples)}{', small' if part.small else ''}"
    return f"{name} ({size})"


def _shift(place: int, num_arms: int) -> float:
    """Where within a category an arm's mark stands, so that intervals do not hide each other."""
    spread = min(0.6, 0.22 * (num_arms - 1))
    return 0.0 if num_arms == 1 else spread * (place / (num_arms - 1) - 0.5)
