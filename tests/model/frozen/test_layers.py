"""Frozen layers compute what torch's own do, prepacked or not, and so do their gradients."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from sentilora.model.frozen.layers import FrozenLinear, FrozenNorm

CPU = torch.device("cpu")


def linears(bias: bool = True) -> list[nn.Linear]:
    torch.manual_seed(0)
    return [nn.Linear(24, size, bias=bias) for size in (40, 8)]


def side_by_side(
    layers: list[nn.Linear], inputs: torch.Tensor, dtype: torch.dtype, scales: list[float]
) -> torch.Tensor:
    return torch.cat(
        [
            nn.functional.linear(
                inputs,
                (layer.weight * scale).to(dtype),
                None if layer.bias is None else (layer.bias * scale).to(dtype),
            )
            for layer, scale in zip(layers, scales, strict=True)
        ],
        dim=-1,
    )


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(1, 7, 24), (3, 1, 24), (5, 24)])
@pytest.mark.parametrize("with_plus", [True, False])
def test_a_product_and_its_gradients_equal_torchs(
    dtype: torch.dtype, bias: bool, shape: tuple[int, ...], with_plus: bool
) -> None:
    layers = linears(bias)
    frozen = FrozenLinear(layers, CPU, dtype, scales=[0.5, 1.0])
    inputs, plus = torch.randn(shape).to(dtype), torch.randn(*shape[:-1], 48).to(dtype)
    ours, theirs = ([tensor.clone().requires_grad_() for tensor in (inputs, plus)] for _ in range(2))
    outputs = frozen(ours[0], ours[1] if with_plus else None)
    expected = side_by_side(layers, theirs[0], dtype, [0.5, 1.0]) + (theirs[1] if with_plus else 0)
    rtol, atol = (1e-5, 1e-6) if dtype == torch.float32 else (2e-2, 2e-2)
    torch.testing.assert_close(outputs, expected, rtol=rtol, atol=atol)
    gradient = torch.randn(expected.shape).to(dtype)
    outputs.backward(gradient)
    expected.backward(gradient)
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine.grad, other.grad, rtol=rtol, atol=atol)


@pytest.mark.parametrize("sizes", [(256, 64), (64, 256)])
def test_few_rows_and_many_equal_torchs_in_either_direction(sizes: tuple[int, int]) -> None:
    torch.manual_seed(0)
    layer = nn.Linear(*sizes)
    frozen = FrozenLinear([layer], CPU, torch.bfloat16)
    for num_rows in (1, 3, 1024, 1025, 7):
        inputs = torch.randn(num_rows, sizes[0]).bfloat16()
        gradient = torch.randn(num_rows, sizes[1]).bfloat16()
        expected = inputs.float() @ layer.weight.bfloat16().float().T + layer.bias
        torch.testing.assert_close(frozen.product(inputs).float(), expected, rtol=2e-2, atol=2e-2)
        expected = gradient.float() @ layer.weight.bfloat16().float()
        torch.testing.assert_close(
            frozen.transposed_product(gradient).float(), expected, rtol=2e-2, atol=2e-2
        )


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_what_is_added_stays_as_it_was(dtype: torch.dtype) -> None:
    frozen = FrozenLinear(linears(), CPU, dtype)
    plus = torch.randn(2, 3, 48).to(dtype)
    before = plus.clone()
    frozen(torch.randn(2, 3, 24).to(dtype), plus)
    frozen.transposed_product(plus, torch.zeros(2, 3, 24, dtype=dtype))
    assert torch.equal(plus, before)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_inputs_may_lie_anyhow_in_memory(dtype: torch.dtype) -> None:
    frozen = FrozenLinear(linears(), CPU, dtype)
    inputs = torch.randn(2, 6, 48).to(dtype)[:, ::2, 12:36]
    torch.testing.assert_close(frozen(inputs), frozen(inputs.contiguous()))


def test_layers_stay_as_they_were_and_get_no_gradient() -> None:
    layers = linears()
    before = [layer.weight.clone() for layer in layers]
    inputs = torch.randn(3, 24, dtype=torch.bfloat16, requires_grad=True)
    FrozenLinear(layers, CPU, torch.bfloat16)(inputs).float().sum().backward()
    for layer, weight in zip(layers, before, strict=True):
        assert layer.weight.grad is None
        assert torch.equal(layer.weight, weight)


def test_a_norm_equals_torchs() -> None:
    norm = nn.LayerNorm(24)
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    inputs = torch.randn(3, 24)
    assert torch.equal(FrozenNorm(norm, CPU, torch.float32)(inputs), norm(inputs))
