"""How every figure looks: one style, colour-blind safe, and legible in grey print.

Colours are Okabe and Ito's, ordered so that neighbours also differ in lightness; every series has its own
marker and dash pattern besides. Figures are drawn at the size they are printed at, so that 7 points are
7 points on paper. Type is outlined in the SVG: no viewer can substitute a font, and the bytes do not depend
on the machine's fonts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentilora.evidence.statistics.arm_results import ArmResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HALF_INCHES = 3.02
PAGE_INCHES = 6.3

INK = "#222222"
QUIET = "#6b6b6b"
RULE = "#cfcfcf"
BAND = "#eef1f4"

_COLOURS = ("#3c3c3c", "#0072b2", "#e69f00", "#d55e00", "#56b4e9", "#009e73", "#cc79a7", "#8c6d31")
_MARKERS = ("s", "o", "^", "D", "v", "<", ">", "p")
_DASHES: tuple[Any, ...] = (
    "-",
    "--",
    (0, (4, 1.2, 1, 1.2)),
    (0, (1, 1)),
    (0, (6, 2)),
    (0, (3, 1, 1, 1, 1, 1)),
)

_NUM_LOOKS = len(_COLOURS) * len(_MARKERS)

_SETTINGS: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.labelsize": 7.5,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlepad": 5,
    "axes.titlesize": 7.5,
    "axes.unicode_minus": True,
    "font.family": "DejaVu Sans",
    "font.size": 7.0,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.5,
    "legend.fontsize": 6.8,
    "legend.frameon": False,
    "lines.linewidth": 1.3,
    "lines.markersize": 5.0,
    "savefig.dpi": 200,
    "svg.fonttype": "path",
    "svg.hashsalt": "sentilora",
    "text.color": INK,
    # Class names and arm names are shown as they are: a dollar sign starts no formula.
    "text.parse_math": False,
    "xtick.color": QUIET,
    "xtick.labelcolor": INK,
    "xtick.labelsize": 7.0,
    "xtick.major.size": 2.5,
    "xtick.major.width": 0.6,
    "xtick.minor.size": 0.0,
    "ytick.color": QUIET,
    "ytick.labelcolor": INK,
    "ytick.labelsize": 7.0,
    "ytick.major.size": 2.5,
    "ytick.major.width": 0.6,
}


@dataclass(frozen=True)
class SeriesLook:
    """How one arm looks in every figure."""

    colour: str
    """Hex."""
    marker: str
    """Matplotlib's marker."""
    dashes: Any
    """Matplotlib's line style."""


def looks(arms: Sequence[ArmResult]) -> dict[str, SeriesLook]:
    """A look for each arm, distinct for the first 64: the same method and rank look alike in every study."""
    places: dict[str, int] = {}
    for arm in arms:
        place = _usual_place(arm)
        while place in places.values():
            place = (place + 1) % _NUM_LOOKS
        places[arm.name] = place
    return {name: _look(place) for name, place in places.items()}


def _usual_place(arm: ArmResult) -> int:
    """Where in the order of looks an arm stands if no other has taken its place."""
    if arm.trains == "head":
        return 0 if arm.is_solved else 1
    if arm.trains == "backbone":
        return 5
    return {8: 2, 16: 3, 4: 4, 32: 6, 2: 7, 1: 8, 64: 9}.get(arm.rank or 0, 10)


def _look(place: int) -> SeriesLook:
    return SeriesLook(
        colour=_COLOURS[place % len(_COLOURS)],
        marker=_MARKERS[(place + place // len(_COLOURS)) % len(_MARKERS)],
        dashes=_DASHES[place % len(_DASHES)],
    )


@contextmanager
def house_style(type_scale: float = 1.0) -> Iterator[None]:
    """Within it matplotlib draws in the house style, whatever a user's own matplotlibrc says.

    Args:
        type_scale: factor on type, lines and marks; above 1 for slides, which are read from afar.
    """
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_scaled(type_scale))
        yield


def _scaled(type_scale: float) -> Any:
    """The settings with sizes and widths scaled; matplotlib types its keys one by one."""
    return {
        name: type_scale * value if name.endswith(("size", "linewidth")) else value
        for name, value in _SETTINGS.items()
    }


def new_figure(width_inches: float, height_inches: float, **subplots: Any) -> tuple[Figure, Any]:
    """A figure of this printed size and its axes, without pyplot's global state."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width_inches, height_inches), layout="constrained")
    FigureCanvasAgg(figure)
    figure.set_layout_engine("constrained", w_pad=0.02, h_pad=0.02, wspace=0.06)
    return figure, figure.subplots(**subplots)


def grid(axes: Axes, which: str) -> None:
    """Faint lines across one axis (``x`` or ``y``), and that axis's ticks gone: the lines say it."""
    axes.grid(axis=which)  # type: ignore[arg-type]
    axes.tick_params(axis=which, length=0)  # type: ignore[arg-type]


def save(figure: Figure, folder: Path, name: str, kinds: Sequence[str]) -> list[Path]:
    """``name.svg`` and ``name.png``, or one of them; the same bytes for the same figure."""
    folder.mkdir(parents=True, exist_ok=True)
    metadata = {"svg": {"Date": None, "Creator": None}, "png": {"Software": None}}
    files = [folder / f"{name}.{kind}" for kind in kinds]
    for kind, file in zip(kinds, files, strict=True):
        figure.savefig(file, metadata=metadata[kind])
    return files


def legend_above(figure: Figure, handles: Sequence[Any], labels: Sequence[str]) -> None:
    """One legend for all panels, above them, in as many rows as their width needs."""
    import matplotlib as mpl

    has_lines = any(handle.get_linestyle() != "None" for handle in handles)
    handle_ems = 2.4 if has_lines else 1.0
    entry_inches = (
        float(mpl.rcParams["legend.fontsize"]) / 72 * (handle_ems + 1.8 + 0.6 * max(map(len, labels)))
    )
    num_columns = max(1, min(len(labels), int(figure.get_figwidth() / entry_inches)))
    # A legend fills column by column; readers go row by row.
    by_rows = [place for column in range(num_columns) for place in range(column, len(labels), num_columns)]
    figure.legend(
        [handles[place] for place in by_rows],
        [labels[place] for place in by_rows],
        loc="outside upper left",
        ncols=num_columns,
        handlelength=handle_ems,
        handletextpad=0.5,
        columnspacing=1.3,
        borderaxespad=0.2,
    )


def shifts(num_arms: int) -> list[float]:
    """Where within a category each arm's mark stands, so that intervals do not hide each other."""
    spread = min(0.6, 0.22 * (num_arms - 1))
    return [spread * (place / max(1, num_arms - 1) - 0.5) for place in range(num_arms)]


def mark_size() -> float:
    """The size of a mark in points, as the style in force scales it."""
    import matplotlib as mpl

    return float(mpl.rcParams["lines.markersize"])
