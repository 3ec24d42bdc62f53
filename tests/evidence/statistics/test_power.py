"""Power as computed beforehand, against simulated studies and textbook cases."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from benchmarks.simulations.population import Population, share
from scipy.stats import norm

from sentilora.evidence.statistics.power import (
    ComparisonSize,
    detectable_difference,
    equivalence_power,
    power,
    what_would_decide,
    what_would_show_equivalence,
)
from sentilora.evidence.statistics.random_effects import mean_difference

SIZE = ComparisonSize(num_test=1044, num_seeds=3, disagreement=0.05, own_disagreement=0.035, seed_sd=0.003)


def simulated(size: ComparisonSize, difference: float, num_studies: int) -> tuple[float, float]:
    """Shares of studies that find a difference, and that find none beyond a margin of 1 point."""
    population = Population(
        num_seeds=(size.num_seeds, size.num_seeds),
        gains=(difference, 0.0),
        num_test=size.num_test,
        seed_sd=size.seed_sd,
        disagreement=size.disagreement,
        own_disagreement=size.own_disagreement,
    )
    found, equivalent = [], []
    for arm, over in population.studies(np.random.default_rng(0), num_studies):
        mean = mean_difference(arm, over)
        found.append((mean.p_value() < 0.05) & (mean.estimate > 0))
        inside = (mean.p_value(-0.01) < 0.1) & (mean.p_value(0.01) < 0.1)
        equivalent.append(inside & (np.abs(mean.estimate) < 0.01))
    return share(found) / 100, share(equivalent) / 100


def test_power_is_that_of_simulated_studies() -> None:
    found, _ = simulated(SIZE, 0.02, 600)
    assert power(SIZE, 0.02) == pytest.approx(found, abs=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("num_seeds", [2, 3, 5])
@pytest.mark.parametrize("seed_sd", [0.0, 0.005, 0.01])
@pytest.mark.parametrize("difference", [0.0, 0.01, 0.02])
def test_power_over_seeds_and_differences(num_seeds: int, seed_sd: float, difference: float) -> None:
    size = replace(SIZE, num_test=1821, num_seeds=num_seeds, seed_sd=seed_sd)
    found, equivalent = simulated(size, difference, 1000)
    assert power(size, difference) == pytest.approx(found, abs=0.05)
    assert equivalence_power(size, 0.01, difference=difference) == pytest.approx(equivalent, abs=0.05)


def test_with_many_seeds_power_is_that_of_a_normal_test() -> None:
    size = replace(SIZE, num_seeds=60, own_disagreement=0.02, num_test=20_000, seed_sd=0.01)
    sd = ((0.05 - 0.02) / 20_000 + 0.02 / 60 / 20_000 + 2 * 0.01**2 / 60) ** 0.5
    assert power(size, 0.005) == pytest.approx(norm.sf(1.96 - 0.005 / sd), abs=0.02)


def test_the_detectable_difference_has_the_wanted_power() -> None:
    found = detectable_difference(SIZE, wanted=0.8)
    assert found is not None
    assert power(SIZE, found) == pytest.approx(0.8, abs=0.002)
    in_a_family = detectable_difference(SIZE, wanted=0.8, significance=0.01)
    assert in_a_family is not None
    assert in_a_family > found


def test_a_tiny_test_set_can_show_nothing() -> None:
    assert detectable_difference(replace(SIZE, num_test=20), wanted=0.8) is None
    assert detectable_difference(replace(SIZE, disagreement=0.0, own_disagreement=0.0), wanted=0.8) is None
    assert equivalence_power(replace(SIZE, num_test=20), 0.01) == 0


def test_what_would_decide_is_the_least_that_has_the_wanted_power() -> None:
    remedy = what_would_decide(SIZE, -0.015, wanted=0.8)
    assert remedy.num_seeds is not None
    assert remedy.num_test is not None
    assert power(replace(SIZE, num_seeds=remedy.num_seeds), 0.015) >= 0.8
    assert power(replace(SIZE, num_seeds=remedy.num_seeds - 1), 0.015) < 0.8
    assert power(replace(SIZE, num_test=remedy.num_test), 0.015) >= 0.8
    assert power(replace(SIZE, num_test=int(0.97 * remedy.num_test)), 0.015) < 0.8


def test_seeds_alone_cannot_decide_what_too_few_examples_leave_open() -> None:
    remedy = what_would_decide(replace(SIZE, num_test=200), 0.003, wanted=0.8)
    assert remedy.num_seeds is None
    remedy = what_would_decide(replace(SIZE, num_seeds=2, seed_sd=0.02), 0.003, wanted=0.8)
    assert remedy.num_test is None


def test_equivalence_can_be_shown_with_more_seeds_or_rows() -> None:
    remedy = what_would_show_equivalence(SIZE, 0.01, wanted=0.8)
    assert remedy.num_test is not None
    assert equivalence_power(replace(SIZE, num_test=remedy.num_test), 0.01) >= 0.8
    assert equivalence_power(SIZE, 0.01) < 0.8
