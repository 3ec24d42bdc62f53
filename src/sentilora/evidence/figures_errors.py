"""Figures of where the arms go wrong: by slice, by confidence, and away from home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentilora.evidence import notation, style
from sentilora.evidence.analysis import Analysis, ArmResult, Slice

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WORDINGS = ("negation", "contrast", "comparative", "unseen words")


def draw_errors(analysis: Analysis) -> Figure | None:
    """Error rates with intervals by length, by strength and by wording; small slices in brackets."""
    by_family: dict[str, list[Slice]] = {}
    for part in analysis.slices:
        if part.errors:
            by_family.setdefault(part.family, []).append(part)
    wording = [part for family in _WORDINGS for part in by_family.get(family, [])]
    panels = [
        ("length of the text", by_family.get("length", [])),
        ("strength of the sentiment", by_family.get("strength", [])),
        ("wording", wording),
    ]
    panels = [(title, parts) for title, parts in panels if parts]
    if not panels:
        return None
    looks = style.looks([arm.name for arm in analysis.arms])
    widths = [max(2, len(parts)) for _, parts in panels]
    figure, axes_row = style.new_figure(
        style.PAGE_INCHES,
        2.45,
        ncols=len(panels),
        sharey=True,
        squeeze=False,
        gridspec_kw={"width_ratios": widths},
    )
    for axes, (title, parts) in zip(axes_row[0], panels, strict=True):
        _dodged_errors(axes, parts, looks)
        axes.set_title(title)
        style.grid(axes, "y")
    axes_row[0][0].set_ylabel("test error (%)")
    axes_row[0][0].set_ylim(bottom=0)
    handles, labels = axes_row[0][0].get_legend_handles_labels()
    style.legend_above(figure, handles, labels)
    return figure


def draw_reliability(analysis: Analysis) -> Figure | None:
    """Reliability diagram: how often an arm is right at each confidence, with its calibration error."""
    arms = [arm for arm in analysis.arms if arm.calibration and arm.scores is not None]
    if not arms:
        return None
    looks = style.looks([arm.name for arm in analysis.arms])
    figure, axes = style.new_figure(style.COLUMN_INCHES, 2.5)
    lowest = min(bin.mean_confidence for arm in arms for bin in arm.calibration)
    axes.plot([100 * lowest, 100], [100 * lowest, 100], color=style.RULE, linewidth=1)
    for arm in arms:
        look = looks[arm.name]
        axes.plot(
            [100 * bin.mean_confidence for bin in arm.calibration],
            [100 * bin.accuracy for bin in arm.calibration],
            color=look.colour,
            linestyle=look.dashes,
            marker=look.marker,
            markersize=3.5,
            label=_with_calibration_error(arm),
        )
    axes.annotate(
        "perfectly calibrated",
        (0.02, 0.06),
        xycoords="axes fraction",
        color=style.QUIET,
    ) if not arms else None
    axes.set(xlabel="mean confidence (%)", ylabel="right at that confidence (%)")
    style.grid(axes, "y")
    axes.legend(loc="upper left", handlelength=2.4, borderaxespad=0.1)
    return figure


def draw_transfer(analysis: Analysis) -> Figure | None:
    """Accuracy at home and on each data set the arms were not trained on."""
    if not analysis.transfer:
        return None
    looks = style.looks([arm.name for arm in analysis.arms])
    arms = [arm for arm in analysis.arms if arm.scores is not None]
    figure, axes = style.new_figure(style.COLUMN_INCHES, 2.2)
    for place, arm in enumerate(arms):
        assert arm.scores is not None
        look = looks[arm.name]
        shift = _shift(place, len(arms))
        estimates = {0: arm.scores.accuracy} | {
            column: entry.scores.accuracy
            for column, target in enumerate(analysis.transfer, start=1)
            for entry in target.arms
            if entry.arm == arm.name
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
            label=arm.name,
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


def _dodged_errors(axes: Axes, parts: list[Slice], looks: dict[str, style.SeriesLook]) -> None:
    names = [entry.arm for entry in parts[0].errors]
    for place, name in enumerate(names):
        look, shift = looks[name], _shift(place, len(names))
        means = []
        for column, part in enumerate(parts):
            rate = next(entry.error_rate for entry in part.errors if entry.arm == name)
            means.append(100 * rate.mean)
            axes.plot(
                [column + shift] * 2,
                [100 * rate.interval.low, 100 * rate.interval.high],
                color=look.colour,
                linewidth=1.0,
            )
        axes.plot(
            [column + shift for column in range(len(parts))],
            means,
            look.marker,
            color=look.colour,
            markeredgecolor="white",
            markeredgewidth=0.5,
            label=name,
        )
    axes.set_xticks(range(len(parts)), [_slice_label(part) for part in parts])
    axes.tick_params(axis="x", length=0)
    axes.set_xlim(-0.5, len(parts) - 0.5)


def _slice_label(part: Slice) -> str:
    size = f"n = {notation.count(part.num_examples)}"
    return f"{part.name}\n" + (f"({size}, small)" if part.small else size)


def _shift(place: int, num_arms: int) -> float:
    """Where within a category an arm's mark stands, so that intervals do not hide each other."""
    return 0.0 if num_arms == 1 else 0.6 * (place / (num_arms - 1) - 0.5)


def _with_calibration_error(arm: ArmResult) -> str:
    assert arm.scores is not None
    return f"{arm.name}, ECE {notation.percent(arm.scores.ece.mean)}"
