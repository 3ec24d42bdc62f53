"""Exact tests of two arms on the same examples.

One run against one run: McNemar's exact test (McNemar 1947), the binomial test on the examples that exactly
one of the two gets right.

Arms with several seeds: the same idea on each example's difference in *mean* correctness over seeds. If the
arms were equal, every example's difference would have come out with the other sign as often; the exact
distribution of the sum under all sign flips (Fisher 1935, Pitman 1937; Dror et al. 2018 for this field) is a
product of binomials, computed by its characteristic function. With one seed each it is exact McNemar, number
for number. It uses every run, where a majority vote would test an ensemble that nobody trained.

What it leaves out: it tests these runs, not runs with other seeds. So a pair is called different only if the
Multi-Bootstrap interval, which counts seeds as drawn at random, leaves out zero as well.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom, binomtest
from statsmodels.stats.multitest import multipletests

SIGNIFICANCE = 0.05
LEAST_P_VALUE = 1e-12
"""The Fourier transform is good to about 1e-14; smaller p-values are given as this."""


def mcnemar_p_value(only_arm: int, only_over: int) -> float:
    """Two-sided exact McNemar test.

    Args:
        only_arm: examples that only the one gets right.
        only_over: examples that only the other gets right.
    """
    if only_arm + only_over == 0:
        return 1.0
    return float(binomtest(only_arm, only_arm + only_over).pvalue)


def paired_p_value(arm_right: NDArray[np.bool_], over_right: NDArray[np.bool_]) -> float:
    """Two-sided exact sign-flip test on the difference in mean correctness.

    Args:
        arm_right: (S, N) whether each run of the arm gets each example right.
        over_right: (T, N) the same for the other arm; S and T may differ.
    """
    common = math.lcm(len(arm_right), len(over_right))
    # In units of 1 / common, so that all differences are whole numbers.
    arm_part = arm_right.sum(axis=0, dtype=np.int64) * (common // len(arm_right))
    over_part = over_right.sum(axis=0, dtype=np.int64) * (common // len(over_right))
    return sign_flip_p_value(arm_part - over_part)


def sign_flip_p_value(differences: NDArray[np.int64]) -> float:
    """P(|sum of randomly signed differences| >= |sum|), never given below 1e-12.

    Args:
        differences: (N,) whole numbers.
    """
    sizes, counts = np.unique(np.abs(differences[differences != 0]), return_counts=True)
    if len(sizes) == 0:
        return 1.0
    unit = int(np.gcd.reduce(sizes))
    sizes = sizes // unit
    found = abs(int(differences.sum())) // unit
    reach = int(sizes @ counts)
    if found == 0:
        return 1.0
    # A random sign times k has characteristic function cos(k t); its inverse transform is exact on integers.
    period = 2 * reach + 1
    frequencies = 2 * np.pi * np.arange(period) / period
    transformed = np.ones(period)
    for size, count in zip(sizes.tolist(), counts.tolist(), strict=True):
        transformed *= np.cos(size * frequencies) ** count
    chances = np.fft.fft(transformed).real / period
    return float(np.clip(2 * chances[found : reach + 1].sum(), LEAST_P_VALUE, 1.0))


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """P-values adjusted for being a family (Holm 1979), in the same order."""
    if not p_values:
        return ()
    return tuple(float(p) for p in multipletests(p_values, alpha=SIGNIFICANCE, method="holm")[1])


def mcnemar_power(num_examples: int, disagreement: float, difference: float) -> float:
    """Chance that the two-sided exact McNemar test at 5 % finds a true difference in accuracy.

    Args:
        num_examples: test size.
        disagreement: share of examples that exactly one of the two gets right, 0 to 1.
        difference: true difference in accuracy, at most ``disagreement``.
    """
    # The number of discordant examples is binomial itself; all but 1e-12 of it is looked at.
    fewest, most = binom.ppf([5e-13, 1 - 5e-13], num_examples, disagreement)
    discordant = np.arange(max(1, int(fewest)), int(most) + 1)
    critical = binom.ppf(SIGNIFICANCE / 2, discordant, 0.5)
    critical -= binom.cdf(critical, discordant, 0.5) > SIGNIFICANCE / 2
    share = (1 + difference / disagreement) / 2
    rejected = binom.cdf(critical, discordant, share) + binom.sf(discordant - critical - 1, discordant, share)
    return float(binom.pmf(discordant, num_examples, disagreement) @ rejected)


def detectable_difference(num_examples: int, disagreement: float, power: float) -> float | None:
    """The smallest true difference in accuracy that exact McNemar finds with this power.

    Args:
        num_examples: test size.
        disagreement: share of examples that exactly one of the two gets right, 0 to 1.
        power: for example 0.8.

    Returns:
        0 to ``disagreement``, to 1e-6; None if even the largest difference would be missed too often.
    """
    if disagreement <= 0 or mcnemar_power(num_examples, disagreement, disagreement) < power:
        return None
    low, high = 0.0, disagreement
    while high - low > 1e-6:
        middle = (low + high) / 2
        if mcnemar_power(num_examples, disagreement, middle) < power:
            low = middle
        else:
            high = middle
    return high
