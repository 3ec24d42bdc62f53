"""Simulated studies have the accuracies, disagreements and seed variance that they were asked for."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.simulations.population import Population


@pytest.fixture(scope="module")
def studies() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    population = Population(
        num_seeds=(3, 2, 2),
        gains=(0.02, 0.0, 0.0),
        num_test=2000,
        seed_sd=0.01,
        disagreement=0.06,
        own_disagreement=0.04,
        solved=(2,),
    )
    blocks = list(population.studies(np.random.default_rng(0), 300))
    first, second, third = (np.concatenate(arm) for arm in zip(*blocks, strict=True))
    return first, second, third


def test_accuracies_and_their_spread(studies: tuple[np.ndarray, ...]) -> None:
    assert [arm.shape for arm in studies] == [(300, 3, 2000), (300, 2, 2000), (300, 2, 2000)]
    assert [arm.mean() for arm in studies] == pytest.approx([0.92, 0.9, 0.9], abs=0.002)
    between = studies[1].mean(axis=2).var(axis=1, ddof=1).mean()
    assert between == pytest.approx(0.01**2 + 0.04 / 2 / 2000, rel=0.2)


def test_disagreements(studies: tuple[np.ndarray, ...]) -> None:
    _, arm, solved = studies
    assert (arm[:, 0] != arm[:, 1]).mean() == pytest.approx(0.04, rel=0.06)
    assert (arm[:, 0] != solved[:, 0]).mean() == pytest.approx(0.06, rel=0.05)
    assert (solved[:, 0] == solved[:, 1]).all()
