"""A frozen linear layer with K runs' low-rank updates, as one differentiable function.

One node of the graph instead of a dozen: updates are added in place, a gradient that two products share is
summed by the second of them, and what the layers side by side have learned is one product each way.

Shape suffixes: K runs, N rows (texts x tokens), I inputs, O outputs of all layers side by side, R rank
(summed over the layers).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from sentilora.model.frozen.layers import FrozenLinear
from sentilora.model.updates.dropout import keep_only


def adapted_product(
    layer: FrozenLinear,
    inputs_KNI: Tensor,
    keep_KNI: Tensor | None,
    a_KIR: Tensor,
    b: Sequence[tuple[slice, Tensor]],
    plus_KNO: Tensor | None,
) -> Tensor:
    """``layer(inputs) + dropout(inputs) @ A @ B + plus``: (K, N, O).

    Args:
        layer: frozen layers side by side.
        inputs_KNI: what they read.
        keep_KNI: what dropout keeps of it for the updates, from ``Masks.keep``; None for all.
        a_KIR: the adapted layers' scaled ``A`` side by side.
        b: for each adapted layer its columns in O and its ``B`` (K, its rank, its outputs).
        plus_KNO: added to the result; None for nothing.
    """
    columns = [place for place, _ in b]
    outputs: Tensor = _AdaptedProduct.apply(  # type: ignore[no-untyped-call]
        layer, columns, keep_KNI, inputs_KNI, plus_KNO, a_KIR, *(factor for _, factor in b)
    )
    return outputs


class _AdaptedProduct(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        layer: FrozenLinear,
        columns: Sequence[slice],
        keep: Tensor | None,
        inputs: Tensor,
        plus: Tensor | None,
        a: Tensor,
        *b: Tensor,
    ) -> Tensor:
        outputs = layer.product(inputs, plus)
        kept = inputs if keep is None else keep_only(inputs, keep)
        low = torch.bmm(kept, a)
        b_KRO = _block_diagonal(b, columns, outputs.shape[-1])
        ctx.save_for_backward(kept, keep, low, a, b_KRO)
        ctx.layer, ctx.columns, ctx.ranks = layer, columns, [factor.shape[1] for factor in b]
        return outputs.baddbmm_(low, b_KRO)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Any, ...]:
        kept, keep, low, a, b_KRO = ctx.saved_tensors
        of_low = torch.bmm(gradient, b_KRO.mT)
        of_inputs = None
        if ctx.needs_input_grad[3]:
            of_inputs = torch.bmm(of_low, a.mT)
            of_inputs = of_inputs if keep is None else keep_only(of_inputs, keep)
            of_inputs = ctx.layer.transposed_product(gradient, of_inputs)
        of_plus = gradient if ctx.needs_input_grad[4] else None
        rows = torch.bmm(low.mT, gradient).split(ctx.ranks, dim=1)
        of_b = [block[..., place] for block, place in zip(rows, ctx.columns, strict=True)]
        return None, None, None, of_inputs, of_plus, torch.bmm(kept.mT, of_low), *of_b


def _block_diagonal(b: Sequence[Tensor], columns: Sequence[slice], width: int) -> Tensor:
    """(K, R, O): each layer's ``B`` at its own columns, below the one before; 0 elsewhere."""
    if len(b) == 1 and b[0].shape[2] == width:
        return b[0]
    ranks = [factor.shape[1] for factor in b]
    result = b[0].new_zeros(b[0].shape[0], sum(ranks), width)
    for rows, place, factor in zip(result.split(ranks, dim=1), columns, b, strict=True):
        rows[..., place] = factor
    return result
