"""A frozen layer with updates, and its gradients, equal what torch's own operations compose."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from sentilora.model.frozen.layers import FrozenLinear
from sentilora.model.updates.adapted_product import adapted_product

CPU = torch.device("cpu")
K, N, INPUTS = 2, 5, 6
OUTPUTS = (4, 3, 5)
COLUMNS = (slice(0, 4), slice(4, 7), slice(7, 12))
RANKS = {0: 2, 1: 1, 2: 3}


def case(
    adapted: tuple[int, ...], dtype: torch.dtype, num_layers: int = 3
) -> tuple[list[nn.Linear], torch.Tensor, list[torch.Tensor]]:
    """A product of layers side by side, of which some are adapted, and all that is differentiable in it."""
    torch.manual_seed(0)
    layers = [nn.Linear(INPUTS, size).to(dtype) for size in OUTPUTS[:num_layers]]
    width = sum(OUTPUTS[:num_layers])
    a = torch.randn(K, INPUTS, sum(RANKS[i] for i in adapted))
    b = [torch.randn(K, RANKS[i], OUTPUTS[i]) for i in adapted]
    tensors = [torch.randn(K, N, INPUTS), torch.randn(K, N, width), a, *b]
    keep = -(torch.rand(K, N, INPUTS) < 0.5).to(torch.int16)
    return layers, keep, [tensor.to(dtype).requires_grad_() for tensor in tensors]


def ours(
    frozen: FrozenLinear,
    keep: torch.Tensor | None,
    adapted: tuple[int, ...],
    inputs: torch.Tensor,
    plus: torch.Tensor | None,
    a: torch.Tensor,
    *b: torch.Tensor,
) -> torch.Tensor:
    columns = [COLUMNS[i] for i in adapted]
    return adapted_product(frozen, inputs, keep, a, list(zip(columns, b, strict=True)), plus)


def composed(
    layers: list[nn.Linear],
    keep: torch.Tensor | None,
    adapted: tuple[int, ...],
    inputs: torch.Tensor,
    plus: torch.Tensor | None,
    a: torch.Tensor,
    *b: torch.Tensor,
) -> torch.Tensor:
    kept = inputs if keep is None else inputs * (keep != 0)
    low = (kept @ a).split([RANKS[i] for i in adapted], dim=2)
    outputs = [layer(inputs) for layer in layers]
    for i, part, factor in zip(adapted, low, b, strict=True):
        outputs[i] = outputs[i] + part @ factor
    total = torch.cat(outputs, dim=-1)
    return total if plus is None else total + plus


@pytest.mark.parametrize("adapted", [(0,), (2,), (0, 2), (0, 1, 2)])
@pytest.mark.parametrize("dropped", [True, False])
@pytest.mark.parametrize("with_plus", [True, False])
def test_outputs_and_gradients(adapted: tuple[int, ...], dropped: bool, with_plus: bool) -> None:
    layers, mask, (inputs, plus, *factors) = case(adapted, torch.float64)
    keep = mask if dropped else None
    added = plus if with_plus else None
    frozen = FrozenLinear(layers, CPU, torch.float64)
    outputs = ours(frozen, keep, adapted, inputs, added, *factors)
    expected = composed(layers, keep, adapted, inputs, added, *factors)
    torch.testing.assert_close(outputs, expected)
    leaves = [inputs, *([plus] if with_plus else []), *factors]
    gradient = torch.randn_like(expected)
    found = torch.autograd.grad(outputs, leaves, gradient)
    for mine, other in zip(found, torch.autograd.grad(expected, leaves, gradient), strict=True):
        torch.testing.assert_close(mine, other)


def test_the_gradient_is_that_of_finite_differences() -> None:
    layers, keep, tensors = case((0, 2), torch.float64)
    frozen = FrozenLinear(layers, CPU, torch.float64)
    assert torch.autograd.gradcheck(lambda *tensors: ours(frozen, keep, (0, 2), *tensors), tensors)


def test_a_layer_alone_needs_no_columns_of_zeros() -> None:
    layers, keep, tensors = case((0,), torch.float64, num_layers=1)
    frozen = FrozenLinear(layers, CPU, torch.float64)
    torch.testing.assert_close(ours(frozen, keep, (0,), *tensors), composed(layers, keep, (0,), *tensors))


@pytest.mark.parametrize("adapted", [(0, 2), (1,)])
def test_bf16_is_near(adapted: tuple[int, ...]) -> None:
    layers, keep, tensors = case(adapted, torch.bfloat16)
    frozen = FrozenLinear(layers, CPU, torch.bfloat16)
    outputs, expected = ours(frozen, keep, adapted, *tensors), composed(layers, keep, adapted, *tensors)
    torch.testing.assert_close(outputs, expected, rtol=5e-2, atol=1e-1)
    gradient = torch.randn_like(expected)
    found = torch.autograd.grad(outputs, tensors, gradient)
    for mine, other in zip(found, torch.autograd.grad(expected, tensors, gradient), strict=True):
        torch.testing.assert_close(mine, other, rtol=5e-2, atol=2e-1)


def test_what_goes_in_stays_as_it_was() -> None:
    layers, keep, tensors = case((0, 2), torch.float32)
    before = [tensor.detach().clone() for tensor in (*tensors, keep)]
    outputs = ours(FrozenLinear(layers, CPU, torch.float32), keep, (0, 2), *tensors)
    outputs.sum().backward()
    for tensor, copy in zip((*tensors, keep), before, strict=True):
        assert torch.equal(tensor, copy)


def test_inputs_without_a_gradient_get_none() -> None:
    layers, keep, tensors = case((0,), torch.float32)
    inputs, plus, a, b = tensors
    inputs, plus = inputs.detach(), plus.detach()
    outputs = ours(FrozenLinear(layers, CPU, torch.float32), keep, (0,), inputs, plus, a, b)
    outputs.sum().backward()
    assert inputs.grad is None
    for factor in (a, b):
        assert factor.grad is not None
        assert factor.grad.abs().sum() > 0
