"""Where simulated studies come from: arms whose true accuracies are known.

A run gets an example right if a normal score lies below the run's threshold. The score is the example's
difficulty (shared by all arms), what the arm makes of the example (shared by its seeds), and the run's own
noise. Thresholds follow from the true accuracies, which vary between seeds. The shares of the three parts
follow from how often runs disagree, which is what records show.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import multivariate_normal, norm

BLOCK_ENTRIES = 6_000_000
"""Scores held at once."""
Right = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Population:
    """Arms on the same examples."""

    num_seeds: tuple[int, ...]
    """Seeds of each arm."""
    gains: tuple[float, ...]
    """True accuracy of each arm less ``accuracy``."""
    num_test: int
    """Examples of a study."""
    seed_sd: float
    """Standard deviation of true accuracies between the seeds of one arm."""
    disagreement: float
    """Share of examples that exactly one of two runs of two equal arms gets right."""
    own_disagreement: float
    """The same for two runs of one arm, at most ``disagreement``."""
    accuracy: float = 0.9
    solved: tuple[int, ...] = ()
    """Arms (by position) whose seeds are copies of one exact solution."""

    def studies(self, rng: np.random.Generator, num_studies: int) -> Iterator[tuple[Right, ...]]:
        """Blocks of studies: for each arm whether its runs are right, (studies, seeds, examples)."""
        block = max(1, BLOCK_ENTRIES // (sum(self.num_seeds) * self.num_test))
        for start in range(0, num_studies, block):
            yield self._block(rng, min(block, num_studies - start))

    def _block(self, rng: np.random.Generator, num_studies: int) -> tuple[Right, ...]:
        between = score_correlation(self.accuracy, self.disagreement)
        within = score_correlation(self.accuracy, self.own_disagreement)
        shape = (num_studies, 1, self.num_test)
        difficulty = between**0.5 * _normal(rng, shape)
        arms = []
        for arm, (seeds, gain) in enumerate(zip(self.num_seeds, self.gains, strict=True)):
            solved = arm in self.solved
            runs = 1 if solved else seeds
            noise = (1 - within) ** 0.5 * _normal(rng, (num_studies, runs, self.num_test))
            score = difficulty + (within - between) ** 0.5 * _normal(rng, shape) + noise
            sd = 0.0 if solved else self.seed_sd
            true = self.accuracy + gain + sd * rng.standard_normal((num_studies, runs, 1))
            right = score < norm.ppf(np.clip(true, 0.001, 0.999)).astype(np.float32)
            arms.append(np.repeat(right, seeds, axis=1) if solved else right)
        return tuple(arms)


@lru_cache
def score_correlation(accuracy: float, disagreement: float) -> float:
    """Correlation of two runs' scores with which they disagree on this share of examples."""
    threshold = norm.ppf(accuracy)

    def excess(correlation: float) -> float:
        both = multivariate_normal.cdf([threshold] * 2, cov=[[1, correlation], [correlation, 1]])
        return 2 * (accuracy - float(both)) - disagreement

    return float(brentq(excess, 0, 1 - 1e-9))


def share(outcomes: Sequence[NDArray[np.bool_]]) -> float:
    """Per cent of studies."""
    return float(100 * np.concatenate(outcomes).mean())


def _normal(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float32]:
    return rng.standard_normal(shape, dtype=np.float32)
