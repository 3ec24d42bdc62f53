"""How often a study of equal arms calls any of its pairs different."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from benchmarks.simulations.differences import DISAGREEMENTS
from benchmarks.simulations.earlier_rule import compare
from benchmarks.simulations.page import Section, per_cent
from benchmarks.simulations.population import Population, Right, share
from sentilora.evidence.statistics.family import compared_pairs
from sentilora.evidence.statistics.random_effects import mean_difference

NUM_ARMS = 4
NUM_TEST, NUM_DEV = 1821, 872
ARMS = tuple(str(arm) for arm in range(NUM_ARMS))


def family_section(rng: np.random.Generator, num_studies: int) -> Section:
    rows = []
    for num_seeds in (2, 3, 5):
        row = [str(num_seeds)]
        for seed_sd in (0.0, 0.005, 0.01, 0.02):
            found = np.array(
                [_any_different(num_seeds, seed_sd, each, rng, num_studies) for each in DISAGREEMENTS]
            )
            ranges = [per_cent(column.min(), column.max()) for column in found.T]
            row.append(f"{ranges[0]} / {ranges[1]} → **{ranges[2]}**")
        rows.append(row)
    return Section(
        title="Some pair of four equal arms is called different",
        text=(
            "Per cent of studies (1,821 test rows, 872 dev rows). Before: Holm over all six pairs, sign "
            "flips alone / sign flips and interval. **After**: Holm over the stated family, every arm "
            "against the first and against the best on dev; the best is chosen with the same seeds."
        ),
        head=["seeds", "0 points", "0.5 points", "1 points", "2 points"],
        rows=rows,
    )


def _any_different(
    num_seeds: int,
    seed_sd: float,
    disagreements: tuple[float, float],
    rng: np.random.Generator,
    num_studies: int,
) -> tuple[float, float, float]:
    population = Population(
        num_seeds=(num_seeds,) * NUM_ARMS,
        gains=(0.0,) * NUM_ARMS,
        num_test=NUM_TEST + NUM_DEV,
        seed_sd=seed_sd,
        disagreement=disagreements[0],
        own_disagreement=disagreements[1],
    )
    flips, both, after = [], [], []
    for arms in population.studies(rng, num_studies):
        test = [arm[..., :NUM_TEST] for arm in arms]
        earlier = {pair: compare(test[pair[0]], test[pair[1]]) for pair in combinations(range(NUM_ARMS), 2)}
        # Holm rejects nothing unless the smallest p-value, times the size of the family, is below 5 %.
        level = 0.05 / len(earlier)
        flips.append(np.any([pair.p_value < level for pair in earlier.values()], axis=0))
        both.append(np.any([(pair.p_value < level) & pair.apart() for pair in earlier.values()], axis=0))
        after.append(_family_rejects(test, [arm[..., NUM_TEST:] for arm in arms]))
    return share(flips), share(both), share(after)


def _family_rejects(test: list[Right], dev: list[Right]) -> NDArray[np.bool_]:
    p_values = {
        frozenset((ARMS[i], ARMS[j])): mean_difference(test[i], test[j]).p_value()
        for i, j in combinations(range(NUM_ARMS), 2)
    }
    best = np.stack([arm.mean(axis=(-2, -1)) for arm in dev]).argmax(axis=0)
    rejected = np.zeros(len(best), bool)
    for arm in range(NUM_ARMS):
        family = compared_pairs(ARMS, baseline=ARMS[0], best=ARMS[arm])
        smallest = np.min([p_values[frozenset(pair)] for pair in family], axis=0)
        rejected |= (best == arm) & (smallest < 0.05 / len(family))
    return rejected
