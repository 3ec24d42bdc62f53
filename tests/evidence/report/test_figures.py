"""Figures: the same bytes each time, distinct in colour and in grey, drawn only from what is there."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from sentilora.evidence.analysis import Analysis, analyse
from sentilora.evidence.report.captions import caption
from sentilora.evidence.report.figures import FIGURES, draw_figures
from sentilora.evidence.report.figures_performance import draw_comparisons, draw_tradeoff, shown_pairs
from sentilora.evidence.writing import figure_style as style
from sentilora.evidence.writing.names import central_arms
from sentilora.records.record import read_study_records
from support.synthetic_records import SyntheticArm, write_synthetic_study


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    arms = [
        SyntheticArm(name="frozen", method="probe", accuracy=0.78),
        *(
            SyntheticArm(name=f"lora-{rank}", method="lora", accuracy=0.88, rank=rank)
            for rank in (1, 2, 4, 8, 16)
        ),
    ]
    study = write_synthetic_study(
        tmp_path_factory.mktemp("figures"), arms=arms, num_test=200, transfer={"tweets": 80}
    )
    return analyse(read_study_records(study), num_resamples=100)


def test_all_figures_are_drawn_twice_the_same(analysis: Analysis, tmp_path: Path) -> None:
    assert draw_figures(analysis, tmp_path / "a") == tuple(FIGURES)
    with mpl.rc_context({"font.size": 30, "svg.hashsalt": "a user's own"}):
        draw_figures(analysis, tmp_path / "b")
    for path in sorted((tmp_path / "a").iterdir()):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_figures_are_as_wide_as_they_are_printed_and_hold_no_font(analysis: Analysis, tmp_path: Path) -> None:
    for name in draw_figures(analysis, tmp_path):
        root = ElementTree.parse(tmp_path / f"{name}.svg").getroot()
        width_inches = float(root.attrib["width"].removesuffix("pt")) / 72
        assert width_inches == pytest.approx(
            style.COLUMN_INCHES if name in ("comparisons", "reliability") else style.PAGE_INCHES, abs=0.01
        )
        assert not root.findall(".//{http://www.w3.org/2000/svg}text")
        with Image.open(tmp_path / f"{name}.png") as image:
            assert image.width == pytest.approx(200 * width_inches, abs=2)


def test_what_has_no_numbers_is_not_drawn(analysis: Analysis, tmp_path: Path) -> None:
    bare = replace(analysis, pairs=(), tradeoff=(), curves=(), transfer=(), slices=())
    assert draw_figures(bare, tmp_path) == ("reliability",)


def test_series_differ_in_more_than_colour() -> None:
    looks = style.looks([f"arm-{i}" for i in range(64)])
    assert len({(look.colour, look.marker) for look in looks.values()}) == 64
    first = list(looks.values())[:8]
    assert len({look.marker for look in first}) == len({look.colour for look in first}) == 8


def test_neighbouring_colours_differ_in_lightness() -> None:
    looks = style.looks([f"arm-{i}" for i in range(5)])
    grey = [
        sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), to_rgb(look.colour), strict=True))
        for look in looks.values()
    ]
    assert all(abs(a - b) > 0.08 for a, b in pairwise(grey))


def test_a_forest_plot_marks_each_difference_where_it_lies(analysis: Analysis) -> None:
    with style.house_style():
        figure = draw_comparisons(analysis)
    assert figure is not None
    marks = [line for line in figure.axes[0].lines if line.get_marker() != "None"]
    drawn = [np.asarray(line.get_xdata()).item() for line in marks]
    assert drawn == pytest.approx([100 * pair.accuracy.mean for pair in shown_pairs(analysis)])
    filled = [line.get_markerfacecolor() != "white" for line in marks]
    assert filled == [pair.significant for pair in shown_pairs(analysis)]


def test_points_of_the_tradeoff_lie_at_their_accuracy_and_cost(analysis: Analysis) -> None:
    with style.house_style():
        figure = draw_tradeoff(analysis)
    assert figure is not None
    marks = {str(line.get_label()): line for line in figure.axes[0].lines}
    for point in analysis.tradeoff:
        mark = marks[point.arm]
        assert np.asarray(mark.get_xdata()).item() == point.trainable_parameters
        assert np.asarray(mark.get_ydata()).item() == pytest.approx(100 * point.accuracy.mean)


def test_captions_say_what_is_left_out(analysis: Analysis) -> None:
    assert central_arms(analysis)[0] == "frozen"
    assert analysis.challenger in central_arms(analysis, 2)
    assert "5 of 6 arms are shown" in caption("reliability", analysis)
    assert "3 of 6 arms" in caption("errors", analysis)
    assert len(analysis.pairs) == 15
    assert f"{len(shown_pairs(analysis))} of 15 pairs" in caption("comparisons", analysis)
