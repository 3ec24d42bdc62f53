"""Frozen layers in the dtype they compute in: linear layers and layer norms that no gradient reaches.

On a CPU in bf16 a linear layer's weights are laid out once as oneDNN's kernels want them, which otherwise
happens at every product. Inductor, torch's compiler, does the same with the same operators. oneDNN has one
layout for a single row and another for all other counts; with many inputs the first is the faster for up to a
thousand rows, so that such a layer keeps both (LOG.md, "Speed").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_FEW_ROWS = 1024
"""Rows up to which the layout for one row is the faster, in a layer with many inputs."""

_MANY_INPUTS = 2
"""Inputs for each output from which a layer has many: feed-forward layers have four."""


class FrozenLinear:
    """Frozen linear layers with one input, side by side as one product.

    Args:
        layers: the layers; their own weights are read, and stay as they are.
        device: where to compute.
        dtype: of inputs and outputs.
        scales: a factor of each layer's weights and bias; None for 1.
    """

    def __init__(
        self,
        layers: Sequence[nn.Linear],
        device: torch.device,
        dtype: torch.dtype,
        scales: Sequence[float] | None = None,
    ) -> None:
        self._scaled = list(zip(layers, scales or [1.0] * len(layers), strict=True))
        self._device = device
        self._dtype = dtype
        biases = [layer.bias * scale for layer, scale in self._scaled if layer.bias is not None]
        assert len(biases) in (0, len(layers))
        self._bias = self._cast(torch.cat(biases)) if biases else None
        self._prepacked = device.type == "cpu" and dtype == torch.bfloat16 and _can_prepack()
        self._num_weights = sum(layer.weight.numel() for layer in layers)
        self._layouts: dict[tuple[bool, bool], Tensor] = {}
        if not self._prepacked:
            self._plain = self._weight()

    def __call__(self, inputs: Tensor, plus: Tensor | None = None) -> Tensor:
        """(..., out) from (..., in), plus something else; differentiable by both."""
        outputs: Tensor = _Product.apply(self, inputs, plus)  # type: ignore[no-untyped-call]
        return outputs

    def product(self, inputs: Tensor, plus: Tensor | None = None) -> Tensor:
        """The same, not differentiable; the result is always newly allocated."""
        if self._prepacked:
            return _prepacked_linear(inputs, self._layout(inputs, transposed=False), self._bias, plus)
        outputs = F.linear(inputs, self._plain, self._bias)
        return outputs if plus is None else outputs.add_(plus)

    def transposed_product(self, gradient: Tensor, plus: Tensor | None = None) -> Tensor:
        """The inputs' gradient (..., in) from the outputs' (..., out), plus something else."""
        if self._prepacked:
            return _prepacked_linear(gradient, self._layout(gradient, transposed=True), None, plus)
        outputs = torch.matmul(gradient, self._plain)
        return outputs if plus is None else outputs.add_(plus)

    def _layout(self, inputs: Tensor, *, transposed: bool) -> Tensor:
        """The weight laid out for these inputs, on first use: prediction asks for no transposed one."""
        num_inputs = inputs.shape[-1]
        num_outputs = self._num_weights // num_inputs
        for_few = inputs.numel() <= _FEW_ROWS * num_inputs and num_inputs >= _MANY_INPUTS * num_outputs
        if (transposed, for_few) not in self._layouts:
            weight = self._weight()
            self._layouts[transposed, for_few] = _prepack(weight.T if transposed else weight, for_few)
        return self._layouts[transposed, for_few]

    def _weight(self) -> Tensor:
        return self._cast(torch.cat([layer.weight * scale for layer, scale in self._scaled]))

    def _cast(self, values: Tensor) -> Tensor:
        return values.detach().to(self._device, self._dtype)


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, layer: FrozenLinear, inputs: Tensor, plus: Tensor | None) -> Tensor:
        ctx.layer = layer
        return layer.product(inputs, plus)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[None, Tensor | None, Tensor | None]:
        _, needs_inputs, needs_plus = ctx.needs_input_grad
        of_inputs = ctx.layer.transposed_product(gradient) if needs_inputs else None
        return None, of_inputs, gradient if needs_plus else None


def _can_prepack() -> bool:
    return torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")


def _prepack(weight: Tensor, for_few: bool) -> Tensor:
    """A weight (out, in) as oneDNN wants it for one row, or for many."""
    packed: Tensor = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous(), 1 if for_few else None)
    return packed


def _prepacked_linear(inputs: Tensor, weight: Tensor, bias: Tensor | None, plus: Tensor | None) -> Tensor:
    rows = inputs.reshape(-1, inputs.shape[-1])
    linear = torch.ops.mkldnn._linear_pointwise
    outputs: Tensor
    if plus is None:
        outputs = linear.default(rows, weight, bias, "none", [], "")
    else:
        outputs = linear.binary(rows, plus.reshape(-1, plus.shape[-1]), weight, bias, "add")
    return outputs.view(*inputs.shape[:-1], outputs.shape[-1])


class FrozenNorm:
    """A frozen layer norm.

    Args:
        norm: its weights are read, and stay as they are.
        device: where to compute.
        dtype: of inputs and outputs.
    """

    def __init__(self, norm: nn.LayerNorm, device: torch.device, dtype: torch.dtype) -> None:
        self._weight = norm.weight.detach().to(device, dtype)
        self._bias = norm.bias.detach().to(device, dtype)
        self._eps = norm.eps

    def __call__(self, inputs: Tensor) -> Tensor:
        """Normalised over the last dimension."""
        return F.layer_norm(inputs, self._weight.shape, self._weight, self._bias, self._eps)
