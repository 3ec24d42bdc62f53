"""How often two equal arms are called different, and how often intervals hold the truth."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from benchmarks.simulations.earlier_rule import compare
from benchmarks.simulations.page import Section, per_cent
from benchmarks.simulations.population import Population, share
from sentilora.evidence.statistics.random_effects import mean_difference, mean_of_arm

TEST_SIZES = (1821, 1044, 200, 50)
SEEDS = (2, 3, 5)
SEED_SDS = (0.0, 0.005, 0.01, 0.02)
DISAGREEMENTS = ((0.03, 0.03), (0.05, 0.05), (0.05, 0.035), (0.1, 0.07))
"""Between runs of two arms, and between runs of one."""
EQUAL_ARMS_OUTCOME = (
    "With three seeds or more and 1,000 rows it is about 3 to 6 % where seeds differ, and less where they "
    "do not: few seeds cannot show that they add nothing. With two seeds the rule is on the safe side "
    "throughout, and so it is where so few examples are answered differently (200 and 50 rows) that exact "
    "tests are too."
)
SD_HEADS = [f"{100 * sd:g} points" for sd in SEED_SDS]


def populations(
    num_test: int, num_seeds: int, seed_sd: float, *, gain: float = 0.0, solved: tuple[int, ...] = ()
) -> Iterator[Population]:
    """Two arms with each pair of disagreements; the first is better by ``gain``."""
    for disagreement, own in DISAGREEMENTS:
        yield Population(
            num_seeds=(num_seeds, num_seeds),
            gains=(gain, 0.0),
            num_test=num_test,
            seed_sd=seed_sd,
            disagreement=disagreement,
            own_disagreement=own,
            solved=solved,
        )


def equal_arms_section(rng: np.random.Generator, num_studies: int) -> Section:
    rows = [
        [f"{num_test:,}", str(num_seeds), *_error_rates(num_test, num_seeds, (), rng, num_studies)]
        for num_test, num_seeds in product(TEST_SIZES, SEEDS)
    ]
    return Section(
        title="Two equal arms are called different",
        text=(
            "Per cent of studies with p < 0.05. Before: sign flips alone / sign flips and interval. "
            "**After**: the p-value in force. Columns: the standard deviation of true accuracy between the "
            "seeds of an arm. Each cell is the range over four settings (runs of the two arms disagree on 3, "
            "5, 5 and 10 % of the examples, runs of one arm on 3, 5, 3.5 and 7 %)."
        ),
        head=["test rows", "seeds", *SD_HEADS],
        rows=rows,
        outcome=EQUAL_ARMS_OUTCOME,
    )


def _error_rates(
    num_test: int, num_seeds: int, solved: tuple[int, ...], rng: np.random.Generator, num_studies: int
) -> Iterator[str]:
    """One cell a seed variance."""
    for seed_sd in SEED_SDS:
        found = np.array(
            [
                _called_different(each, rng, num_studies)
                for each in populations(num_test, num_seeds, seed_sd, solved=solved)
            ]
        )
        flips, both, after = (per_cent(column.min(), column.max()) for column in found.T)
        yield f"{flips} / {both} → **{after}**"


def _called_different(
    population: Population, rng: np.random.Generator, num_studies: int
) -> tuple[float, float, float]:
    flips, both, after = [], [], []
    for arm, over in population.studies(rng, num_studies):
        earlier = compare(arm, over)
        flips.append(earlier.p_value < 0.05)
        both.append((earlier.p_value < 0.05) & earlier.apart())
        after.append(mean_difference(arm, over).p_value() < 0.05)
    return share(flips), share(both), share(after)


def solved_arm_section(rng: np.random.Generator, num_studies: int) -> Section:
    return Section(
        title="An arm with seeds against one that is solved exactly",
        text="As above with 1,044 test rows; the second arm has no seed variance, like an exact probe.",
        head=["seeds", *SD_HEADS],
        rows=[
            [str(num_seeds), *_error_rates(1044, num_seeds, (1,), rng, num_studies)] for num_seeds in SEEDS
        ],
    )


def coverage_section(rng: np.random.Generator, num_studies: int) -> Section:
    rows = []
    for num_test, num_seeds in product((1821, 200), SEEDS):
        row = [f"{num_test:,}", str(num_seeds)]
        for seed_sd in SEED_SDS:
            found = np.array(
                [
                    _covered(each, rng, num_studies)
                    for each in populations(num_test, num_seeds, seed_sd, gain=0.03)
                ]
            )
            row.append("; ".join(per_cent(column.min(), column.max()) for column in found.T))
        rows.append(row)
    return Section(
        title="95 % intervals hold the truth",
        text=(
            "Per cent of studies whose interval holds the true value: that of an arm's accuracy (90 %); that "
            "of the difference to an arm that is 3 points better."
        ),
        head=["test rows", "seeds", *SD_HEADS],
        rows=rows,
    )


def _covered(population: Population, rng: np.random.Generator, num_studies: int) -> tuple[float, float]:
    alone, differences = [], []
    gain = population.gains[0]
    for arm, over in population.studies(rng, num_studies):
        # An interval holds the values with p >= 0.05, so there is no need to compute its ends.
        alone.append(mean_of_arm(over).p_value(population.accuracy) >= 0.05)
        differences.append(mean_difference(arm, over).p_value(gain) >= 0.05)
    return share(alone), share(differences)
