"""Intervals: against hand arithmetic where the answer is known, and by simulation where it is not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from benchmarks.simulations.population import Population
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import norm, t

from sentilora.evidence.statistics import bootstrap
from sentilora.evidence.statistics.bootstrap import ResampledScores, Resampling

Floats = NDArray[np.float64]


def run_scores(values: Floats, resampling: Resampling) -> ResampledScores:
    """The mean of (S, N) values as the score of S runs."""
    draws = resampling.sums(values.T) / values.shape[1]
    return ResampledScores({"mean": values.mean(axis=1)}, {"mean": draws})


def test_a_resample_is_n_rows_drawn_with_replacement() -> None:
    counts = Resampling(50, 3).sums(np.eye(17))
    assert counts.shape == (50, 17)
    assert (counts == counts.round()).all()
    assert (counts.sum(axis=1) == 17).all()
    assert (counts == 0).any(), "drawn with replacement, so some rows are left out"


@given(st.integers(1, 30), st.integers(1, 4), st.integers(0, 1000))
def test_every_call_draws_the_same_rows(num_examples: int, num_columns: int, seed: int) -> None:
    resampling = Resampling(20, seed)
    columns = np.random.default_rng(seed).normal(size=(num_examples, num_columns))
    counts = resampling.sums(np.eye(num_examples))
    np.testing.assert_allclose(resampling.sums(columns), counts @ columns, atol=1e-12)


def test_large_tests_are_resampled_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "BLOCK_ENTRIES", 100)
    counts = Resampling(31, 0).sums(np.eye(40))
    assert counts.shape == (31, 40)
    assert (counts.sum(axis=1) == 40).all()
    assert len(np.unique(counts, axis=0)) == 31, "blocks must not repeat each other"


def test_one_seed_gives_the_binomial_standard_error() -> None:
    right = (np.arange(2000) < 1700).astype(float)[None]
    interval = run_scores(right, Resampling(4000, 0)).mean("mean").interval()
    half_width = norm.ppf(0.975) * math.sqrt(0.85 * 0.15 / 2000)
    assert (interval.high - interval.low) / 2 == pytest.approx(half_width, rel=0.05)
    assert (interval.high + interval.low) / 2 == pytest.approx(0.85, abs=0.001)


def test_seeds_that_differ_much_widen_by_student_t() -> None:
    # Seed effects alone, so that the interval is that of a t test with 4 degrees of freedom.
    rng = np.random.default_rng(0)
    seeds = rng.normal(0, 0.05, size=(5, 1)) + rng.normal(0, 1e-4, size=(5, 1500))
    interval = run_scores(seeds, Resampling(20_000, 1)).mean("mean").interval()
    half_width = t.ppf(0.975, 4) * math.sqrt(seeds.mean(axis=1).var(ddof=1) / 5)
    assert (interval.high - interval.low) / 2 == pytest.approx(half_width, rel=0.03)


def test_what_is_particular_to_seed_and_example_counts_once() -> None:
    # Pure noise: the mean of S * N independent values. Resampling seeds too would be sqrt(3) too wide.
    ratios = []
    for seed in range(30):
        noise = np.random.default_rng(seed).normal(size=(10, 300))
        interval = run_scores(noise, Resampling(500, seed)).mean("mean").interval()
        ratios.append((interval.high - interval.low) / 2 / (1.96 / math.sqrt(3000)))
    assert 0.95 < np.median(ratios) < 1.3


def test_a_difference_of_an_arm_to_itself_is_none() -> None:
    rng = np.random.default_rng(0)
    runs = run_scores((rng.random((3, 100)) < 0.8).astype(float), Resampling(100, 0))
    difference = runs.minus(runs, "mean").difference()
    assert difference.mean == 0
    assert difference.interval.low <= 0 <= difference.interval.high


def test_pairing_over_examples_narrows_a_difference() -> None:
    rng = np.random.default_rng(0)
    shared = (rng.random(1000) < 0.85).astype(float)
    flipped = np.abs(shared - (rng.random(1000) < 0.03))
    resampling = Resampling(1000, 0)
    one, other = (run_scores(values[None], resampling) for values in (shared, flipped))
    paired = one.minus(other, "mean").interval()
    alone = one.mean("mean").interval()
    assert paired.high - paired.low < 0.7 * (alone.high - alone.low)


def test_an_interval_stays_in_range() -> None:
    right = (np.arange(30) < 29).astype(float)[None]
    interval = run_scores(right, Resampling(500, 0)).mean("mean").interval(lowest=0, highest=1)
    assert 0 <= interval.low < 29 / 30 < interval.high <= 1


@pytest.mark.parametrize("seed_sd", [0.0, 0.02])
def test_coverage_is_near_95_percent(seed_sd: float) -> None:
    # The bootstrap sees the mean of right answers as any other score.
    population = Population(
        num_seeds=(5,), gains=(0.0,), num_test=400, seed_sd=seed_sd, disagreement=0.06, own_disagreement=0.06
    )
    covered = []
    for (block,) in population.studies(np.random.default_rng(0), 300):
        for study, right in enumerate(block):
            interval = run_scores(right.astype(float), Resampling(300, study)).mean("mean").interval()
            covered.append(interval.low <= 0.9 <= interval.high)
    assert 0.92 <= np.mean(covered) <= 0.985
