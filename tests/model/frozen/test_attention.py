"""Attention on short texts equals torch's own, whichever form of softmax a length takes."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from sentilora.model.frozen.attention import attend

LENGTHS = [1, 2, 13, 15, 16, 21, 31, 32, 40, 64, 70]
TOLERANCE = {torch.float32: 1e-5, torch.bfloat16: 2e-2}
HEADS, SIZE, TEXTS = 2, 8, 3


def rows_of(length: int, dtype: torch.dtype, seed: int = 0) -> torch.Tensor:
    """Query, key and value of two runs' texts, side by side."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(2, TEXTS * length, 3 * HEADS * SIZE, generator=generator).to(dtype).requires_grad_()


def ours(
    rows: torch.Tensor, bias: torch.Tensor | None, length: int, first_only: bool = False
) -> torch.Tensor:
    return attend(rows, bias, num_heads=HEADS, length=length, first_only=first_only)


def torchs(
    rows: torch.Tensor, bias: torch.Tensor | None, length: int, first_only: bool = False
) -> torch.Tensor:
    """The same through torch's own attention, text by text and head by head."""
    query, key, value = (
        part.reshape(-1, length, HEADS, SIZE).transpose(1, 2) for part in rows.chunk(3, dim=-1)
    )
    mask = None if bias is None else bias.to(rows.dtype).expand(-1, -1, length, -1)
    context = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, scale=1.0)
    context = context.transpose(1, 2).reshape(2, TEXTS, length, -1)
    return (context[:, :, :1] if first_only else context).flatten(1, 2)


def padding(length: int, dtype: torch.dtype) -> torch.Tensor:
    lengths = torch.tensor([length, max(1, length // 2), 1] * 2)
    mask = torch.arange(length) < lengths[:, None]
    return torch.zeros(mask.shape).masked_fill(~mask, torch.finfo(dtype).min).to(dtype)[:, None, None]


def assert_near(found: torch.Tensor | None, expected: torch.Tensor | None, dtype: torch.dtype) -> None:
    """The distance is small beside the expected values' norm, or beside 1."""
    assert found is not None
    assert expected is not None
    found, expected = found.detach().double(), expected.detach()
    assert float((found - expected).norm()) < TOLERANCE[dtype] * max(1.0, float(expected.norm()))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("first_only", [False, True])
@pytest.mark.parametrize("padded", [False, True])
def test_context_and_gradients_equal_torchs(
    dtype: torch.dtype, length: int, first_only: bool, padded: bool
) -> None:
    rows = rows_of(length, dtype)
    wide = rows.detach().double().requires_grad_()
    bias = padding(length, dtype) if padded else None
    context = ours(rows, bias, length, first_only)
    expected = torchs(wide, bias, length, first_only)
    assert context.dtype == dtype
    assert_near(context, expected, dtype)
    with torch.no_grad():
        assert_near(ours(rows, bias, length, first_only), expected, dtype)
    gradient = torch.randn(expected.shape, generator=torch.Generator().manual_seed(1)).to(dtype)
    context.backward(gradient)
    expected.backward(gradient.double())
    assert_near(rows.grad, wide.grad, dtype)


@pytest.mark.parametrize("length", [3, 17])
@pytest.mark.parametrize("first_only", [False, True])
def test_the_gradient_is_that_of_finite_differences(length: int, first_only: bool) -> None:
    rows = rows_of(length, torch.float64)[:1].detach().requires_grad_()
    assert torch.autograd.gradcheck(lambda rows: ours(rows, None, length, first_only), (rows,))


@given(scale=st.sampled_from([1e-3, 1.0, 1e2, 1e4]), length=st.integers(1, 20), seed=st.integers(0, 99))
def test_large_scores_stay_finite(scale: float, length: int, seed: int) -> None:
    rows = rows_of(length, torch.float32, seed).detach()
    rows[..., : HEADS * SIZE] *= scale
    context = ours(rows, None, length)
    assert torch.isfinite(context).all()
    assert float(context.abs().max()) <= float(rows[..., 2 * HEADS * SIZE :].abs().max()) * (1 + 1e-5)
