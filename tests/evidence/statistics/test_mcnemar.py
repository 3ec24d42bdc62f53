"""McNemar's exact test against statsmodels, and by hand for every seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from statsmodels.stats.contingency_tables import mcnemar

from sentilora.evidence.statistics.mcnemar import mcnemar_p_value, mcnemar_per_seed
from sentilora.evidence.statistics.scored_arms import ScoredArm
from sentilora.records.record import Record


@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_equals_statsmodels(only_arm: int, only_over: int) -> None:
    expected = mcnemar([[10, only_arm], [only_over, 5]], exact=True).pvalue
    assert mcnemar_p_value(only_arm, only_over) == pytest.approx(min(1.0, expected))


def test_mcnemar_never_rejects_too_often_under_equality() -> None:
    table = np.random.default_rng(2).multinomial(1821, [0.025, 0.025, 0.95], size=2000)
    rejected = np.mean([mcnemar_p_value(int(b), int(c)) < 0.05 for b, c, _ in table])
    assert 0.02 <= rejected <= 0.05, "exact, so conservative: measured 0.038"


def arm_of(right: NDArray[np.bool_], seeds: tuple[int, ...]) -> ScoredArm:
    records = tuple(Record(Path(), {"seed": seed}) for seed in seeds)
    return ScoredArm("any", records, np.zeros((*right.shape, 2)), right)


def test_counts_by_hand_for_every_shared_seed() -> None:
    rng = np.random.default_rng(0)
    arm = arm_of(rng.random((3, 200)) < 0.85, (1, 2, 3))
    over = arm_of(rng.random((3, 200)) < 0.8, (0, 1, 2))
    found = mcnemar_per_seed(arm, over)
    assert [test.seed for test in found] == [1, 2]
    only_arm = int((arm.right[0] & ~over.right[1]).sum())
    only_over = int((over.right[1] & ~arm.right[0]).sum())
    assert (found[0].only_arm, found[0].only_over) == (only_arm, only_over)
    assert found[0].p_value == mcnemar_p_value(only_arm, only_over)
