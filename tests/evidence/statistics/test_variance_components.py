"""Components of variance, recovered from populations where they are known."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.simulations.population import Population

from sentilora.evidence.statistics.random_effects import mean_of_arm
from sentilora.evidence.statistics.variance_components import VarianceComponents, variance_components


def components(seed_sd: float, *, num_seeds: int, num_studies: int) -> list[VarianceComponents]:
    population = Population(
        num_seeds=(num_seeds,),
        gains=(0.0,),
        num_test=1000,
        seed_sd=seed_sd,
        disagreement=0.06,
        own_disagreement=0.06,
    )
    studies = population.studies(np.random.default_rng(0), num_studies)
    found = [variance_components(mean_of_arm(right)) for (block,) in studies for right in block]
    return [each for each in found if each is not None]


def test_the_parts_are_those_of_the_population() -> None:
    found = components(0.01, num_seeds=10, num_studies=200)
    assert np.mean([each.seed_sd**2 for each in found]) ** 0.5 == pytest.approx(0.01, rel=0.1)
    # Half the disagreement of two runs is particular to one run: 0.03 / (10 seeds * 1,000 examples).
    assert np.mean([each.seeds_by_examples for each in found]) == pytest.approx(
        (0.03 / 10_000) ** 0.5, rel=0.03
    )
    # All of the variance of a right answer is 0.09; what is not the run's own is the example's.
    assert np.mean([each.examples for each in found]) == pytest.approx((0.06 / 1000) ** 0.5, rel=0.03)


def test_the_interval_of_the_seeds_covers() -> None:
    found = components(0.01, num_seeds=4, num_studies=500)
    covered = np.mean([each.seed_sd_interval.low <= 0.01 <= each.seed_sd_interval.high for each in found])
    assert 0.92 <= covered <= 0.98


def test_no_seed_variance_is_found_as_none() -> None:
    found = components(0.0, num_seeds=5, num_studies=200)
    assert np.median([each.seed_sd for each in found]) < 0.002
    assert np.mean([each.seed_sd_interval.low == 0 for each in found]) > 0.9


def test_one_seed_says_nothing_and_copies_say_none() -> None:
    right = np.random.default_rng(0).random((1, 100)) < 0.9
    assert variance_components(mean_of_arm(right)) is None
    copies = variance_components(mean_of_arm(np.repeat(right, 3, axis=0)))
    assert copies is not None
    assert (copies.seed_sd, copies.seeds, copies.seeds_by_examples) == (0, 0, 0)
    assert copies.seed_sd_interval.high == 0
