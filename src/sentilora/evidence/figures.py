"""The figures of a study, in the order a report shows them; each drawn only where there is something to draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sentilora.evidence import style
from sentilora.evidence.analysis import Analysis
from sentilora.evidence.figures_errors import draw_errors, draw_reliability, draw_transfer
from sentilora.evidence.figures_performance import draw_comparisons, draw_curves, draw_tradeoff

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FIGURES: Mapping[str, Callable[[Analysis], Figure | None]] = {
    "tradeoff": draw_tradeoff,
    "comparisons": draw_comparisons,
    "curves": draw_curves,
    "errors": draw_errors,
    "reliability": draw_reliability,
    "transfer": draw_transfer,
}


def draw_figures(analysis: Analysis, folder: Path) -> tuple[str, ...]:
    """Writes ``<name>.svg`` and ``<name>.png`` of every figure the analysis has numbers for.

    Returns:
        The names drawn, in the report's order. The same analysis gives the same bytes.
    """
    drawn = []
    with style.house_style():
        for name, draw in FIGURES.items():
            figure = draw(analysis)
            if figure is not None:
                style.save(figure, folder, name)
                drawn.append(name)
    return tuple(drawn)
