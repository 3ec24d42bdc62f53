"""Learning rates: ranks are compared at equal rates, and the figure marks what was chosen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.sections import learning
from sentilora.evidence.report.sections.learning_rates import draw_rates, section
from sentilora.evidence.writing import figure_style as style


def test_every_rate_is_marked_where_its_dev_accuracy_lies(analysis: Analysis) -> None:
    with style.house_style():
        figure = draw_rates(analysis)
    lines = {str(line.get_label()): line for line in figure.axes[0].lines}
    for arm in analysis.arms:
        if len(arm.rates) > 1:
            drawn = np.asarray(lines[arm.name].get_ydata())
            means = [trial.dev_accuracy.mean for trial in arm.rates if trial.dev_accuracy is not None]
            assert drawn == pytest.approx([100 * mean for mean in means])


def test_ranks_are_compared_at_equal_rates_alone(analysis: Analysis) -> None:
    found = section(analysis)
    assert found is not None
    assert "At equal learning rates, lora-16 less lora-8" in " ".join(found.body[0].lines)
    *others, last = analysis.arms
    shifted = tuple(replace(trial, learning_rate=trial.learning_rate * 3) for trial in last.rates)
    apart = replace(analysis, arms=(*others, replace(last, rates=shifted)))
    found = section(apart)
    assert found is not None
    assert "no learning rate in common" in " ".join(found.body[0].lines)


def test_overfitting_by_rank_is_not_said_of_ranks_at_different_rates(analysis: Analysis) -> None:
    *others, last = analysis.arms
    assert last.outcome is not None
    moved = replace(last, outcome=replace(last.outcome, learning_rate=0.5))
    found = learning.section(replace(analysis, arms=(*others, moved)))
    assert found is not None
    assert "do not compare ranks" in found.body[0].lines[-1]


def test_a_study_of_solved_arms_has_no_rates(analysis: Analysis) -> None:
    arms = tuple(replace(arm, rates=()) for arm in analysis.arms)
    assert section(replace(analysis, arms=arms)) is None
