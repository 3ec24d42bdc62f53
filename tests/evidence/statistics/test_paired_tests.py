"""Exact tests against enumeration, published examples, statsmodels and simulation."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar

from sentilora.evidence.statistics.paired_tests import (
    LEAST_P_VALUE,
    detectable_difference,
    holm,
    mcnemar_p_value,
    mcnemar_power,
    paired_p_value,
    sign_flip_p_value,
)


@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_equals_statsmodels(only_arm: int, only_over: int) -> None:
    expected = mcnemar([[10, only_arm], [only_over, 5]], exact=True).pvalue
    assert mcnemar_p_value(only_arm, only_over) == pytest.approx(min(1.0, expected))


@given(st.integers(0, 40), st.integers(0, 40))
def test_sign_flips_with_one_seed_are_exact_mcnemar(only_arm: int, only_over: int) -> None:
    arm = np.array([True] * only_arm + [False] * only_over + [True, False])[None]
    over = np.array([False] * only_arm + [True] * only_over + [True, False])[None]
    expected = max(mcnemar_p_value(only_arm, only_over), LEAST_P_VALUE)
    assert paired_p_value(arm, over) == pytest.approx(expected, abs=1e-12)


@given(st.lists(st.integers(-6, 6), min_size=1, max_size=10))
@settings(max_examples=60, deadline=None)
def test_sign_flips_equal_full_enumeration(differences: list[int]) -> None:
    values = np.array(differences)
    flips = np.array(list(product([-1, 1], repeat=len(values)))) @ np.abs(values)
    expected = float((np.abs(flips) >= abs(values.sum())).mean())
    assert sign_flip_p_value(values) == pytest.approx(expected, abs=1e-12)


def test_sign_flips_reproduce_fisher_on_darwins_maize() -> None:
    # Fisher 1935, The Design of Experiments, section 21: 863 of 2^15 sums reach Darwin's, on each side.
    heights = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    assert sign_flip_p_value(np.array(heights)) == pytest.approx(2 * 863 / 2**15, abs=1e-12)


def test_arms_with_different_numbers_of_seeds_are_weighed_alike() -> None:
    rng = np.random.default_rng(0)
    arm, over = rng.random((2, 80)) < 0.9, rng.random((1, 80)) < 0.7
    repeated = paired_p_value(np.repeat(arm, 3, axis=0), np.repeat(over, 2, axis=0))
    assert paired_p_value(arm, over) == pytest.approx(repeated, abs=1e-12)
    assert paired_p_value(arm, over) == pytest.approx(paired_p_value(over, arm))


def test_arms_with_different_numbers_of_seeds_equal_full_enumeration_of_mean_differences() -> None:
    rng = np.random.default_rng(5)
    arm, over = rng.random((2, 9)) < 0.8, rng.random((3, 9)) < 0.5
    differences = arm.mean(axis=0) - over.mean(axis=0)
    flips = np.array(list(product([-1, 1], repeat=9))) @ differences
    expected = (np.abs(flips) >= abs(differences.sum()) - 1e-9).mean()
    assert paired_p_value(arm, over) == pytest.approx(expected)


def test_equal_arms_give_one_and_hopeless_ones_the_least_p_value() -> None:
    right = np.random.default_rng(0).random((3, 50)) < 0.8
    assert paired_p_value(right, right) == 1
    assert paired_p_value(np.ones((2, 500), bool), np.zeros((2, 500), bool)) == LEAST_P_VALUE


def test_type_one_error_under_equality() -> None:
    # Two arms of 3 seeds with the same chances on every example: measured 0.045 over these 2,000 studies.
    rng = np.random.default_rng(1)
    chance = rng.beta(4, 1, size=300)
    rejected = [
        paired_p_value(rng.random((3, 300)) < chance, rng.random((3, 300)) < chance) < 0.05
        for _ in range(2000)
    ]
    assert 0.03 <= np.mean(rejected) <= 0.06


def test_mcnemar_never_rejects_too_often_under_equality() -> None:
    table = np.random.default_rng(2).multinomial(1821, [0.025, 0.025, 0.95], size=2000)
    rejected = np.mean([mcnemar_p_value(int(b), int(c)) < 0.05 for b, c, _ in table])
    assert 0.02 <= rejected <= 0.05, "exact, so conservative: measured 0.038"


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([0.9, 0.8]) == (1, 1)
    assert holm([]) == ()


@pytest.mark.parametrize(("disagreement", "points"), [(0.03, 1.2), (0.05, 1.5), (0.08, 1.9)])
def test_what_the_sst2_test_set_can_show(disagreement: float, points: float) -> None:
    found = detectable_difference(1821, disagreement, power=0.8)
    assert found is not None
    assert round(100 * found, 1) == points
    # The same by simulation, to Monte-Carlo error.
    chances = [(disagreement + found) / 2, (disagreement - found) / 2, 1 - disagreement]
    table = np.random.default_rng(3).multinomial(1821, chances, size=4000)
    p_values = {pair: mcnemar_p_value(*pair) for pair in {(int(b), int(c)) for b, c, _ in table}}
    power = np.mean([p_values[int(b), int(c)] <= 0.05 for b, c, _ in table])
    assert power == pytest.approx(0.8, abs=0.02)


def test_power_without_a_difference_is_at_most_the_level() -> None:
    assert 0.02 < mcnemar_power(1821, 0.05, 0.0) <= 0.05


def test_a_tiny_test_set_can_show_nothing() -> None:
    assert detectable_difference(20, 0.05, power=0.8) is None
    assert detectable_difference(1821, 0.0, power=0.8) is None
