"""How often arms that differ by the margin are called equivalent, and how often equal arms are."""

from __future__ import annotations

import numpy as np

from benchmarks.simulations.differences import DISAGREEMENTS
from benchmarks.simulations.earlier_rule import compare
from benchmarks.simulations.page import Section, per_cent
from benchmarks.simulations.population import Population, share
from sentilora.evidence.statistics.power import ComparisonSize, equivalence_power
from sentilora.evidence.statistics.random_effects import mean_difference

TEST_SIZES = (50, 200, 500, 1044, 1821, 2000)
MARGIN = 0.01
FEW_DISAGREE = (0.011, 0.0005)
"""Hardly any example is answered differently except those that make the difference."""


def margin_section(rng: np.random.Generator, num_studies: int) -> Section:
    rows = []
    for num_test in TEST_SIZES:
        for num_seeds in (2, 3, 5):
            row = [f"{num_test:,}", str(num_seeds)]
            for seed_sd in (0.0, 0.005, 0.01):
                found = np.array(
                    [
                        _equivalent(num_test, num_seeds, seed_sd, each, MARGIN, rng, num_studies)
                        for each in (FEW_DISAGREE, *DISAGREEMENTS)
                    ]
                )
                before, after = (per_cent(column.min(), column.max()) for column in found.T)
                row.append(f"{before} → **{after}**")
            rows.append(row)
    return Section(
        title='Arms that differ by the margin are called "equivalent"',
        text=(
            "Per cent of studies where TOST at 5 % says so though the true difference is the margin of 1 "
            "point; at most 5 is right. The settings of the first table, and one where the arms differ on "
            "next to no other examples."
        ),
        head=["test rows", "seeds", "0 points between seeds", "0.5 points", "1 point"],
        rows=rows,
    )


def power_section(rng: np.random.Generator, num_studies: int) -> Section:
    rows = []
    for num_test in (500, 1044, 1821):
        for num_seeds in (2, 3, 5):
            row = [f"{num_test:,}", str(num_seeds)]
            for seed_sd in (0.0, 0.005, 0.01):
                simulated = [
                    _equivalent(num_test, num_seeds, seed_sd, (0.05, own), 0.0, rng, num_studies)[1]
                    for own in (0.05, 0.035)
                ]
                computed = [
                    100
                    * equivalence_power(
                        ComparisonSize(
                            num_test=num_test,
                            num_seeds=num_seeds,
                            disagreement=0.05,
                            own_disagreement=own,
                            seed_sd=seed_sd,
                        ),
                        MARGIN,
                    )
                    for own in (0.05, 0.035)
                ]
                row.append(f"{simulated[0]:.0f} ({computed[0]:.0f}); {simulated[1]:.0f} ({computed[1]:.0f})")
            rows.append(row)
    return Section(
        title='Equal arms are called "equivalent"',
        text=(
            "Per cent of studies (in brackets: as `equivalence_power` computes it beforehand), for runs that "
            "disagree on 5 % of the examples, runs of one arm on 5 % or on 3.5 %; margin 1 point."
        ),
        head=["test rows", "seeds", "0 points between seeds", "0.5 points", "1 point"],
        rows=rows,
    )


def _equivalent(
    num_test: int,
    num_seeds: int,
    seed_sd: float,
    disagreements: tuple[float, float],
    difference: float,
    rng: np.random.Generator,
    num_studies: int,
) -> tuple[float, float]:
    population = Population(
        num_seeds=(num_seeds, num_seeds),
        gains=(difference, 0.0),
        num_test=num_test,
        seed_sd=seed_sd,
        disagreement=disagreements[0],
        own_disagreement=disagreements[1],
    )
    before, after = [], []
    for arm, over in population.studies(rng, num_studies):
        low, high = compare(arm, over).interval(0.9)
        before.append((low > -MARGIN) & (high < MARGIN))
        mean = mean_difference(arm, over)
        inside = np.abs(mean.estimate) < MARGIN
        # The 90 % interval lies inside the margins where both ends of them are rejected at 10 %.
        after.append(inside & (mean.p_value(-MARGIN) < 0.1) & (mean.p_value(MARGIN) < 0.1))
    return share(before), share(after)
