"""The figures of a study, in a report's order; each drawn only where there is something to draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.figures_errors import draw_errors, draw_reliability, draw_transfer
from sentilora.evidence.report.figures_performance import draw_comparisons, draw_curves, draw_tradeoff
from sentilora.evidence.writing import figure_style as style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FIGURES: Mapping[str, Callable[[Analysis], Figure | None]] = {
    "comparisons": draw_comparisons,
    "reliability": draw_reliability,
    "tradeoff": draw_tradeoff,
    "curves": draw_curves,
    "errors": draw_errors,
    "transfer": draw_transfer,
}


def draw_figures(
    analysis: Analysis, folder: Path, *, type_scale: float = 1.0, kinds: Sequence[str] = ("svg", "png")
) -> tuple[str, ...]:
    """Writes ``<name>.<kind>`` of every figure the analysis has numbers for.

    Args:
        analysis: what to draw.
        folder: where to; made if absent.
        type_scale: factor on the size of type, lines and marks.
        kinds: ``svg``, ``png``.

    Returns:
        The names drawn, in the report's order. The same analysis gives the same bytes.
    """
    drawn = []
    with style.house_style(type_scale):
        for name, draw in FIGURES.items():
            figure = draw(analysis)
            if figure is not None:
                style.save(figure, folder, name, kinds)
                drawn.append(name)
                continue
            # An earlier report's figure must not stand beside records that no longer have it.
            for kind in kinds:
                (folder / f"{name}.{kind}").unlink(missing_ok=True)
    return tuple(drawn)
