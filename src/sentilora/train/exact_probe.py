"""The exact probe: a convex problem, solved rather than descended upon.

Logistic regression on standardised frozen features, by Newton's method with Cholesky factorisation
(scikit-learn's ``newton-cholesky``): seconds where gradient descent takes minutes and stops short of the
optimum. The strength of the L2 penalty is
chosen on dev. Standardisation is folded into the weights, so that what is left is a plain linear head.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression


@dataclass(frozen=True)
class SolvedProbe:
    """A linear head and how it was chosen."""

    weight: NDArray[np.float64]
    """(C, H)."""
    bias: NDArray[np.float64]
    """(C,)."""
    inverse_l2: float
    """The chosen ``C`` of scikit-learn."""
    dev_accuracy: float
    """0 to 1."""
    dev_loss: float
    """Mean cross-entropy, nats."""


def solve_probe(
    train_features: NDArray[np.float32],
    train_labels: NDArray[np.int64],
    dev_features: NDArray[np.float32],
    dev_labels: NDArray[np.int64],
    *,
    inverse_l2: Sequence[float],
    num_classes: int,
) -> SolvedProbe:
    """The linear head that minimises penalised cross-entropy on train, its penalty chosen on dev.

    Args:
        train_features: (N, H).
        train_labels: (N,), every class at least once.
        dev_features: (M, H).
        dev_labels: (M,).
        inverse_l2: values of ``C`` to try; the best dev accuracy, then the lowest dev loss, wins.
        num_classes: C.
    """
    mean = train_features.mean(axis=0, dtype=np.float64)
    scale = train_features.std(axis=0, dtype=np.float64)
    # A feature that does not vary stays as it is: dividing by its rounding error would blow up its weight.
    scale[scale < 1e-5 * scale.max(initial=0)] = 1
    standardised = (train_features - mean) / scale
    solved = []
    # From the strongest penalty to the weakest, each from the solution before: half as many steps.
    model = LogisticRegression(solver="newton-cholesky", tol=1e-8, max_iter=100, warm_start=True)
    for strength in sorted(inverse_l2):
        model.set_params(C=strength)
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # not converged, or ill-conditioned: never a silent approximation
            model.fit(standardised, train_labels)
        coefficients, intercept = model.coef_, model.intercept_
        if num_classes == 2:
            # One score for the second class; halves of it, so that the two logits differ by that score.
            coefficients = np.concatenate([-coefficients, coefficients]) / 2
            intercept = np.concatenate([-intercept, intercept]) / 2
        weight = coefficients / scale
        bias = intercept - weight @ mean
        log_probabilities = log_softmax(dev_features @ weight.T + bias, axis=1)
        accuracy = float((log_probabilities.argmax(axis=1) == dev_labels).mean())
        loss = float(-log_probabilities[np.arange(len(dev_labels)), dev_labels].mean())
        solved.append(SolvedProbe(weight, bias, strength, accuracy, loss))
    return max(solved, key=lambda probe: (probe.dev_accuracy, -probe.dev_loss))
