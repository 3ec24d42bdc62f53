"""Cost: points of the trade-off lie at their accuracy and cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.sections.cost import draw_tradeoff, section
from sentilora.evidence.writing import figure_style as style
from sentilora.records.costs import TRAINED_PARAMETERS


def test_points_of_the_tradeoff_lie_at_their_accuracy_and_cost(analysis: Analysis) -> None:
    with style.house_style():
        figure = draw_tradeoff(analysis)
    marks = {str(line.get_label()): line for line in figure.axes[0].lines}
    assert set(analysis.outcomes) <= set(marks)
    for name, outcome in analysis.outcomes.items():
        assert np.asarray(marks[name].get_xdata()).item() == outcome.cost(TRAINED_PARAMETERS).mean
        assert np.asarray(marks[name].get_ydata()).item() == pytest.approx(100 * outcome.scores.accuracy.mean)


def test_one_arm_has_costs_and_nothing_to_trade(analysis: Analysis) -> None:
    found = section(replace(analysis, arms=analysis.arms[:1]))
    assert found.tables
    assert not found.figures
    assert not found.slides
