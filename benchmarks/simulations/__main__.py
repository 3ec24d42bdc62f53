"""``python -m benchmarks.simulations`` writes docs/explanation/statistics.md, how often verdicts err."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click
import numpy as np

from benchmarks.simulations.calibration import calibration_section
from benchmarks.simulations.choice import choice_section
from benchmarks.simulations.differences import coverage_section, equal_arms_section, solved_arm_section
from benchmarks.simulations.equivalence import margin_section, power_section
from benchmarks.simulations.families import family_section
from benchmarks.simulations.page import Section
from benchmarks.simulations.slices import slices_section

PAGE = Path("docs/explanation/statistics.md")
GENERATOR_SEED = 11
SECTIONS: Sequence[Callable[[np.random.Generator, int], Section]] = (
    equal_arms_section,
    solved_arm_section,
    coverage_section,
    family_section,
    margin_section,
    power_section,
    slices_section,
    calibration_section,
    choice_section,
)
INTRODUCTION = """# The statistics, and how often they are wrong

Written by `make simulate`: studies are drawn from populations whose true accuracies are known, and judged by
the lines that the report uses. Seeds and test examples are crossed, as in a study: every run answers every
example. "Before" is the rule of version 0.1.0: exact sign flips for the p-value, a Multi-Bootstrap for the
interval.

The rule in force is in `evidence/statistics/random_effects.py`: a pair is different if its p-value, which
counts the seeds as drawn at random, is below 0.05 after Holm's correction. Without a correction that is
exactly where the 95 % interval leaves 0 out.

What to read in it:

- **Two seeds** give verdicts on large differences only. The report says then how many seeds would decide.
- **Three seeds** lose much power where seeds differ by 0.5 points or more; five are the better bargain.
- **Equivalence within 1 point** needs about 1,800 test rows and five seeds that differ little.
"""


def sections(num_studies: int) -> Iterator[Section]:
    """One after the other, each with random numbers of its own."""
    for number, section in enumerate(SECTIONS):
        yield section(np.random.default_rng([GENERATOR_SEED, number]), num_studies)


@click.command()
@click.option(
    "--studies", type=click.IntRange(min=10), default=2000, show_default=True, help="For each cell."
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), default=PAGE, show_default=True)
def simulate(studies: int, output: Path) -> None:
    """Judge simulated studies and write down how often the verdicts are wrong (about 25 minutes)."""
    started = time.monotonic()
    parts = [INTRODUCTION]
    for section in sections(studies):
        parts.append(section.markdown() + "\n")
        click.echo(f"{time.monotonic() - started:6.0f} s  {section.title}", err=True)
    parts.append(f"{studies:,} studies in each cell of the tables.\n")
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    simulate()
