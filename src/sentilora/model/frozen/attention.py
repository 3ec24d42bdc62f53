"""Attention within each text, in the fastest form a device has (LOG.md, "Speed").

A GPU takes torch's fused kernel. A CPU takes it only for long texts without a gradient, and otherwise
explicit products as one differentiable function, which copies half as often as torch's own would.

Shape suffixes: K runs, S texts of all runs, T tokens, H hidden size, D head size; N = rows of one run.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

_LANES = 16
"""fp32 values in an AVX-512 register; twice as many in bf16."""

_FUSED_FROM = 64
"""Tokens from which a CPU's fused kernel is the faster without a gradient."""


def attend(
    rows_KN3H: Tensor, bias: Tensor | None, *, num_heads: int, length: int, first_only: bool
) -> Tensor:
    """Context (K, N, H), or (K, N / T, H) of the first token of each text.

    Args:
        rows_KN3H: query, scaled already, key and value of each token, side by side.
        bias: added to the scores, broadcasts to (S, heads, T, T); None for nothing.
        num_heads: H / D.
        length: T.
        first_only: whether the first token alone asks.
    """
    if bias is not None and first_only:
        bias = bias[:, :, :1]
    without_gradient = not (torch.is_grad_enabled() and rows_KN3H.requires_grad)
    if not rows_KN3H.is_cuda and not (without_gradient and length >= _FUSED_FROM):
        context: Tensor = _Attention.apply(rows_KN3H, bias, num_heads, length, first_only)  # type: ignore[no-untyped-call]
        return context
    query, key, value = _by_head(rows_KN3H, num_heads, length)
    if first_only:
        query = query[:, :, :1]
    context = F.scaled_dot_product_attention(query, key, value, attn_mask=bias, scale=1.0)
    return context.transpose(1, 2).reshape(rows_KN3H.shape[0], -1, rows_KN3H.shape[2] // 3)


def _by_head(rows_KN3H: Tensor, num_heads: int, length: int) -> Tensor:
    """Query, key and value by head: a view (3, S, heads, T, D)."""
    head_size = rows_KN3H.shape[2] // (3 * num_heads)
    by_text = rows_KN3H.view(-1, length, 3, num_heads, head_size)
    return by_text.permute(2, 0, 3, 1, 4)


class _Attention(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, rows: Tensor, bias: Tensor | None, num_heads: int, length: int, first_only: bool
    ) -> Tensor:
        query, key, value = _by_head(rows, num_heads, length).contiguous().flatten(1, 2)
        query = query[:, :1] if first_only else query
        scores = torch.bmm(query, key.mT)
        if scores.dtype == torch.bfloat16 and length < 2 * _LANES:
            scores = scores.float()
        if bias is not None:
            scores.unflatten(0, (-1, num_heads)).add_(bias.to(scores.dtype))
        wide = _softmax(scores)
        weights = wide.to(rows.dtype)
        ctx.save_for_backward(query, key, value, wide, weights)
        ctx.shape, ctx.num_heads = rows.shape, num_heads
        by_head: Tensor = torch.bmm(weights, value).unflatten(0, (-1, num_heads))
        return by_head.transpose(1, 2).reshape(rows.shape[0], -1, rows.shape[2] // 3)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None, None, None]:
        query, key, value, wide, weights = ctx.saved_tensors
        num_queries = query.shape[1]
        by_head = gradient.reshape(-1, num_queries, ctx.num_heads, value.shape[2]).transpose(1, 2)
        of_context = by_head.flatten(0, 1)
        of_scores = _softmax_backward(torch.bmm(of_context, value.mT), wide).to(value.dtype)
        found = value.new_empty(3, *value.shape)
        found[0, :, num_queries:] = 0
        torch.bmm(of_scores, key, out=found[0, :, :num_queries])
        torch.bmm(of_scores.mT, query, out=found[1])
        torch.bmm(weights.mT, of_context, out=found[2])
        rows = found.unflatten(1, (-1, ctx.num_heads)).permute(1, 3, 0, 2, 4)
        return rows.reshape(ctx.shape), None, None, None, None


def _softmax(scores: Tensor) -> Tensor:
    """Softmax over the last dimension, by steps where torch's own is slow: rows shorter than a register."""
    if scores.shape[-1] >= _LANES:
        return torch.softmax(scores, dim=-1)
    weights = (scores - scores.amax(dim=-1, keepdim=True)).exp_()
    return weights.div_(weights.sum(dim=-1, keepdim=True))


def _softmax_backward(gradient: Tensor, weights: Tensor) -> Tensor:
    """The scores' gradient from that of the weights, which is overwritten; in the weights' dtype."""
    gradient = gradient.to(weights.dtype)
    if weights.shape[-1] >= _LANES:
        found: Tensor = torch._softmax_backward_data(gradient, weights, -1, weights.dtype)
        return found
    gradient.mul_(weights)
    return gradient.addcmul_(weights, gradient.sum(dim=-1, keepdim=True), value=-1)
