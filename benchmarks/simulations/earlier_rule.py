"""The rule for a pair before variance between seeds was part of its p-value, kept to be compared with.

Exact sign flips of each example's difference in mean correctness gave the p-value, a rescaled Multi-Bootstrap
of seeds and examples the interval, with Satterthwaite's degrees of freedom. Both are written here in closed
form: the normal limit of the sign flips, and the bootstrap with infinitely many resamples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, t

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class EarlierPair:
    """(...) studies of two arms with equally many seeds."""

    difference: Floats
    p_value: Floats
    """Sign flips: the seeds as they are."""
    variance: Floats
    """Of the bootstrap, rescaled."""
    freedom: Floats

    def interval(self, level: float) -> tuple[Floats, Floats]:
        half = t.isf((1 - level) / 2, self.freedom) * np.sqrt(self.variance)
        return self.difference - half, self.difference + half

    def apart(self) -> NDArray[np.bool_]:
        """Whether the 95 % interval leaves 0 out."""
        low, high = self.interval(0.95)
        return (low > 0) | (high < 0)


def compare(arm: NDArray[np.bool_], over: NDArray[np.bool_]) -> EarlierPair:
    """Of (..., S, N) outcomes of either arm, S at least 2."""
    values = arm.astype(np.float64) - over
    num_seeds, num_examples = values.shape[-2:]
    per_example = values.mean(axis=-2)
    difference = per_example.mean(axis=-1)
    flips = np.sqrt((per_example**2).sum(axis=-1)) / num_examples
    of_examples = per_example.var(axis=-1) / num_examples
    between = values.mean(axis=-1).var(axis=-1, ddof=1) / num_seeds
    apart = values - per_example[..., None, :]
    both = apart.var(axis=-1).sum(axis=-1) / (num_examples * num_seeds * (num_seeds - 1))
    variance = of_examples + np.maximum(between - both, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        freedom = np.fmax(num_seeds - 1, variance**2 / (between**2 / (num_seeds - 1)))
        deviates = np.where(flips > 0, np.abs(difference) / flips, 0)
    return EarlierPair(difference, 2 * norm.sf(deviates), variance, np.minimum(freedom, 1e9))
