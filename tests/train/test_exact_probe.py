"""The exact probe: that it solves what it says, and leaves a plain linear head."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit, softmax

from sentilora.train.exact_probe import solve_probe


def features(
    num_classes: int, seed: int = 0, num: int = 400, width: int = 6
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    generator = np.random.default_rng(seed)
    weight = generator.normal(size=(num_classes, width))
    x = generator.normal(loc=3, scale=np.arange(1, width + 1), size=(num, width)).astype(np.float32)
    logits = (x - 3) @ weight.T
    labels = np.array([generator.choice(num_classes, p=softmax(row)) for row in logits])
    return x, labels


@pytest.mark.parametrize("num_classes", [2, 3])
def test_the_gradient_of_the_penalised_loss_is_zero(num_classes: int) -> None:
    x, labels = features(num_classes)
    strength = 0.05
    probe = solve_probe(x, labels, x, labels, inverse_l2=[strength], num_classes=num_classes)
    mean, scale = x.mean(axis=0, dtype=np.float64), x.std(axis=0, dtype=np.float64)
    standardised = (x - mean) / scale
    weight = probe.weight * scale
    logits = x @ probe.weight.T + probe.bias
    if num_classes == 2:
        # scikit-learn penalises the one score of two classes, the difference of the two logits.
        score = weight[1] - weight[0]
        residual = expit(logits[:, 1] - logits[:, 0]) - labels
        gradient = strength * standardised.T @ residual + score
        bias_gradient = residual.sum()
    else:
        residual = softmax(logits, axis=1) - np.eye(num_classes)[labels]
        gradient = strength * residual.T @ standardised + weight
        bias_gradient = residual.sum(axis=0)
    assert np.abs(gradient).max() < 1e-5
    assert np.abs(bias_gradient).max() < 1e-4


def test_the_penalty_is_chosen_on_dev() -> None:
    generator = np.random.default_rng(1)
    x = generator.normal(size=(60, 40)).astype(np.float32)
    labels = (x[:, 0] + generator.normal(size=60) > 0).astype(np.int64)
    dev_x = generator.normal(size=(2000, 40)).astype(np.float32)
    dev_labels = (dev_x[:, 0] + generator.normal(size=2000) > 0).astype(np.int64)
    grid = [1e-3, 1e-2, 1e-1, 10.0]
    chosen = solve_probe(x, labels, dev_x, dev_labels, inverse_l2=grid, num_classes=2)
    each = [solve_probe(x, labels, dev_x, dev_labels, inverse_l2=[c], num_classes=2) for c in grid]
    assert len({probe.dev_accuracy for probe in each}) > 1
    best = max(each, key=lambda probe: (probe.dev_accuracy, -probe.dev_loss))
    assert (chosen.inverse_l2, chosen.dev_accuracy) == (best.inverse_l2, best.dev_accuracy)
    np.testing.assert_allclose(chosen.weight, best.weight, rtol=1e-5)  # the solver's tolerance


def test_a_constant_feature_does_no_harm() -> None:
    x, labels = features(2)
    x[:, 2] = np.float32(7.0) + np.where(np.arange(len(x)) % 2, 0, np.float32(1e-6))
    probe = solve_probe(x, labels, x, labels, inverse_l2=[1.0], num_classes=2)
    without = np.delete(x, 2, axis=1)
    same = solve_probe(without, labels, without, labels, inverse_l2=[1.0], num_classes=2)
    assert np.abs(probe.weight[:, 2]).max() < 1
    np.testing.assert_allclose(
        x @ probe.weight.T + probe.bias, without @ same.weight.T + same.bias, atol=1e-5
    )
