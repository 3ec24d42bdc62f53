"""How much too good an arm looks whose learning rate was chosen with the seeds that are reported."""

from __future__ import annotations

from itertools import product

import numpy as np

from benchmarks.simulations.page import Section

RATE_SD = 0.003
"""Between the true accuracies of the rates tried, beyond the one that no choice could miss."""


def choice_section(rng: np.random.Generator, num_studies: int) -> Section:
    rows = []
    for num_rates, num_seeds in product((3, 4), (2, 3, 5)):
        row = [str(num_rates), str(num_seeds)]
        for seed_sd in (0.0025, 0.005, 0.01, 0.02):
            optimism = [
                _optimism(num_rates, num_seeds, num_dev, seed_sd, rate_sd, rng, 10 * num_studies)
                for num_dev, rate_sd in product((500, 872), (0.0, RATE_SD))
            ]
            row.append(f"{100 * min(optimism):.2f} to {100 * max(optimism):.2f}")
        rows.append(row)
    return Section(
        title="A learning rate chosen with the seeds that are reported",
        text=(
            "Points by which the reported mean test accuracy of the chosen rate exceeds what new seeds at "
            "that rate would reach, on average. The rate with the best mean dev accuracy is chosen, dev has "
            "500 or 872 rows (runs of one arm disagree on 5 % of them), the rates are equally good or differ "
            "by 0.3 points (standard deviation). Columns: standard deviation between seeds of one rate."
        ),
        head=["rates", "seeds", "0.25 points", "0.5 points", "1 point", "2 points"],
        rows=rows,
        outcome=(
            "A mean over seeds is too good by about 0.85 (three rates) or 1.03 (four) of its standard error "
            "over seeds, less what dev's own noise hides. An arm that is not tuned has no such advantage."
        ),
    )


def _optimism(
    num_rates: int,
    num_seeds: int,
    num_dev: int,
    seed_sd: float,
    rate_sd: float,
    rng: np.random.Generator,
    num_studies: int,
) -> float:
    """Mean of the chosen seeds' true accuracies less the chosen rate's."""
    rates = rate_sd * rng.standard_normal((num_studies, num_rates))
    luck = seed_sd / num_seeds**0.5 * rng.standard_normal((num_studies, num_rates))
    # What is particular to a run on a dev example: half of the disagreement of two runs.
    noise = (0.05 / 2 / num_seeds / num_dev) ** 0.5 * rng.standard_normal((num_studies, num_rates))
    chosen = (rates + luck + noise).argmax(axis=1)
    return float(luck[np.arange(num_studies), chosen].mean())
