"""Comparisons: undecided stays undecided, and marks lie where the differences are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.sections import pairs
from sentilora.evidence.report.sections.pairs import (
    comparison,
    draw_comparisons,
    mcnemar_table,
    section,
    shown_pairs,
    verdict_on,
)
from sentilora.evidence.writing import figure_style as style
from support.decided_pairs import decided


@given(mean=st.floats(-0.3, 0.3), equivalent=st.booleans())
def test_a_difference_that_is_not_shown_is_never_called_one(
    analysis: Analysis, mean: float, equivalent: bool
) -> None:
    words = comparison(decided(analysis.pairs[0], mean, significant=False, equivalent=equivalent))
    assert "accurate than" not in words
    assert ("equivalent" in words) == equivalent
    assert ("undecided" in words) == (not equivalent)


@given(mean=st.floats(-0.3, 0.3).filter(lambda gap: abs(gap) > 1e-6), equivalent=st.booleans())
def test_a_difference_that_is_shown_has_its_direction(
    analysis: Analysis, mean: float, equivalent: bool
) -> None:
    words = comparison(decided(analysis.pairs[0], mean, significant=True, equivalent=equivalent))
    assert ("more accurate" in words, "less accurate" in words) == (mean > 0, mean < 0)
    assert ("by less than" in words) == equivalent


def test_verdicts_are_four(analysis: Analysis) -> None:
    verdicts = {
        verdict_on(decided(analysis.pairs[0], 0.1, significant=significant, equivalent=equivalent))
        for significant in (True, False)
        for equivalent in (True, False)
    }
    assert verdicts == {"different", "different, within margin", "equivalent", "undecided"}


def test_a_forest_plot_marks_each_difference_where_it_lies(many_arms: Analysis) -> None:
    with style.house_style():
        figure = draw_comparisons(many_arms)
    marks = [line for line in figure.axes[0].lines if line.get_marker() != "None"]
    drawn = [np.asarray(line.get_xdata()).item() for line in marks]
    assert drawn == pytest.approx([100 * pair.accuracy.mean for pair in shown_pairs(many_arms)])
    filled = [line.get_markerfacecolor() != "white" for line in marks]
    assert filled == [pair.significant for pair in shown_pairs(many_arms)]


def test_what_a_page_has_no_room_for_is_in_the_file(
    many_arms: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pairs, "MOST_PAIRS", 6)
    found = section(many_arms)
    assert found is not None
    (printed,), (whole, _) = found.tables, found.files
    # Five arms against the baseline, and four against the best of them.
    assert len(many_arms.pairs) == len(whole.rows) == 9
    assert len(printed.rows) == len(shown_pairs(many_arms)) == 6
    assert "6 of 9 pairs" in found.figures[0].caption


def test_mcnemar_is_listed_for_every_pair_and_seed(analysis: Analysis) -> None:
    rows = [[value for cell in row for value in cell.raw] for row in mcnemar_table(analysis).rows]
    assert len(rows) == 3 * 3
    (pair,) = [pair for pair in analysis.pairs if (pair.arm, pair.over) == ("lora-8", "frozen")]
    test = pair.mcnemar[1]
    assert ["lora-8", "frozen", test.seed, test.only_arm, test.only_over, test.p_value] in rows
