"""Frozen layers in the dtype they compute in: linear layers and layer norms that no gradient reaches.

On a CPU in bf16 a linear layer's weights are laid out once as oneDNN's kernels want them, which otherwise
happens at every product: at MiniLM's shapes and 416 rows the frozen products of a step take 14 ms where
``F.linear`` and its backward take 22. Inductor, torch's compiler, does the same with the same operators.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class FrozenLinear:
    """Frozen linear layers with one input, side by side as one product.

    Args:
        layers: the layers; their own weights are read, and stay as they are.
        device: where to compute.
        dtype: of inputs and outputs.
        scale: factor of weights and biases.
    """

    def __init__(
        self, layers: Sequence[nn.Linear], device: torch.device, dtype: torch.dtype, scale: float = 1.0
    ) -> None:
        self._layers = tuple(layers)
        self._device = device
        self._dtype = dtype
        self._scale = scale
        biases: list[Tensor] = [layer.bias for layer in layers if layer.bias is not None]
        assert len(biases) in (0, len(layers))
        self._bias = self._cast(torch.cat(biases)) if biases else None
        self._prepacked = device.type == "cpu" and dtype == torch.bfloat16 and _can_prepack()
        weight = self._weight()
        self._forward_weight = _prepack(weight) if self._prepacked else weight

    def __call__(self, inputs: Tensor) -> Tensor:
        """(..., out) from (..., in), differentiable by the inputs."""
        if not self._prepacked:
            return F.linear(inputs, self._forward_weight, self._bias)
        outputs: Tensor = _PrepackedProduct.apply(inputs, self)  # type: ignore[no-untyped-call]
        return outputs

    def product(self, inputs: Tensor) -> Tensor:
        """The same with prepacked weights, and not differentiable."""
        return _prepacked_linear(inputs, self._forward_weight, self._bias)

    def transposed_product(self, gradient: Tensor) -> Tensor:
        """The inputs' gradient (..., in) from the outputs' (..., out), with prepacked weights."""
        return _prepacked_linear(gradient, self._backward_weight, None)

    @cached_property
    def _backward_weight(self) -> Tensor:
        return _prepack(self._weight().T.contiguous())  # on first use: prediction never asks for it

    def _weight(self) -> Tensor:
        return self._cast(torch.cat([layer.weight for layer in self._layers]))

    def _cast(self, values: Tensor) -> Tensor:
        return (values.detach() * self._scale).to(self._device, self._dtype)


class _PrepackedProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, inputs: Tensor, layer: FrozenLinear) -> Tensor:
        ctx.layer = layer
        return layer.product(inputs)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return ctx.layer.transposed_product(gradient), None


def _can_prepack() -> bool:
    return torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")


def _prepack(weight: Tensor) -> Tensor:
    packed: Tensor = torch.ops.mkldnn._reorder_linear_weight(weight)
    return packed


def _prepacked_linear(inputs: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    rows = inputs.reshape(-1, inputs.shape[-1])
    outputs: Tensor = torch.ops.mkldnn._linear_pointwise(rows, weight, bias, "none", [], "")
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
