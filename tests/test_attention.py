"""Attention on short texts equals torch's own, whichever form of softmax a length takes."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from sentilora.model.attention import attend

LENGTHS = [1, 2, 13, 15, 16, 21, 31, 32, 40]
TOLERANCE = {torch.float32: 1e-5, torch.bfloat16: 2e-2}


def inputs(length, num_queries, dtype, seed=0):
    generator = torch.Generator().manual_seed(seed)
    sizes = [num_queries, length, length]
    return [torch.randn(3, 2, n, 8, generator=generator).to(dtype).requires_grad_() for n in sizes]


def assert_near(found, expected, dtype):
    """The distance is small beside the expected values' norm, or beside 1."""
    found, expected = found.detach().double(), expected.detach()
    assert float((found - expected).norm()) < TOLERANCE[dtype] * max(1.0, float(expected.norm()))


def padding(lengths, length, dtype):
    mask = torch.arange(length) < torch.tensor(lengths)[:, None]
    return torch.zeros(mask.shape).masked_fill(~mask, torch.finfo(dtype).min).to(dtype)[:, None, None]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("first_only", [False, True])
@pytest.mark.parametrize("padded", [False, True])
def test_context_and_gradients_equal_torchs(dtype, length, first_only, padded):
    ours = inputs(length, 1 if first_only else length, dtype)
    theirs = [tensor.detach().double().requires_grad_() for tensor in ours]
    bias = padding([length, max(1, length // 2), 1], length, dtype) if padded else None
    context = attend(*ours, bias)
    expected = F.scaled_dot_product_attention(
        *theirs, attn_mask=None if bias is None else bias.double(), scale=1.0
    )
    assert context.dtype == dtype
    assert_near(context, expected, dtype)
    gradient = torch.randn(expected.shape, generator=torch.Generator().manual_seed(1)).to(dtype)
    context.backward(gradient)
    expected.backward(gradient.double())
    for mine, other in zip(ours, theirs, strict=True):
        assert_near(mine.grad, other.grad, dtype)


@given(scale=st.sampled_from([1e-3, 1.0, 1e2, 1e4]), length=st.integers(1, 20), seed=st.integers(0, 99))
def test_large_scores_stay_finite(scale, length, seed):
    query, key, value = (tensor.detach() for tensor in inputs(length, length, torch.float32, seed))
    context = attend(query * scale, key, value, None)
    assert torch.isfinite(context).all()
    assert float(context.abs().max()) <= float(value.abs().max()) * (1 + 1e-5)
