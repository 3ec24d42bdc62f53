"""AdamW for K runs at once: each with its own learning rate and its own gradient clipping.

The arithmetic is torch's AdamW (Loshchilov & Hutter 2019) with gradient-norm clipping before it, written over
tensors whose first dimension is the run. All state lies in tensors and nothing is read back to the
host, so a step can be captured in a CUDA graph. Runs never mix: every reduction stops at the first dimension.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8


class StackedAdamW:
    """AdamW over K runs.

    Args:
        parameters: tensors whose first dimension is K; with K = 1, tensors of any shape.
        decayed: for each parameter, a tensor that broadcasts over one run's part of it: 1 where weight decay
            applies, 0 where not.
        num_runs: K.
        weight_decay: decoupled decay.
        gradient_clip: largest gradient norm of one run.
    """

    def __init__(
        self,
        parameters: Sequence[Tensor],
        decayed: Sequence[Tensor],
        *,
        num_runs: int,
        weight_decay: float,
        gradient_clip: float,
    ) -> None:
        self._parameters = [parameter.detach().view(num_runs, -1) for parameter in parameters]
        self._decays = [
            (mask * weight_decay).expand(parameter.shape if num_runs == 1 else parameter.shape[1:]).flatten()
            if mask.numel() > 1
            else mask * weight_decay
            for mask, parameter in zip(decayed, parameters, strict=True)
        ]
        self._means = [torch.zeros_like(parameter) for parameter in self._parameters]
        self._squares = [torch.zeros_like(parameter) for parameter in self._parameters]
        self._num_runs = num_runs
        self._gradient_clip = gradient_clip
        self._count = torch.zeros((), device=self._parameters[0].device)

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor], learning_rates: Tensor) -> Tensor:
        """Update all runs in place.

        Args:
            gradients: as the parameters.
            learning_rates: (K,).

        Returns:
            (K,) gradient norms before clipping.
        """
        gradients = [gradient.reshape(self._num_runs, -1) for gradient in gradients]
        norms = torch.stack([gradient.square().sum(dim=1) for gradient in gradients]).sum(dim=0).sqrt()
        shrink = (self._gradient_clip / (norms + 1e-6)).clamp(max=1.0)[:, None]
        rates = learning_rates[:, None]
        self._count += 1
        # 1 - beta**count, without the cancellation that costs four digits in fp32.
        correction_1 = -torch.expm1(self._count * math.log(BETA_1))
        correction_2 = (-torch.expm1(self._count * math.log(BETA_2))).sqrt()
        for parameter, gradient, mean, square, decay in zip(
            self._parameters, gradients, self._means, self._squares, self._decays, strict=True
        ):
            clipped = gradient * shrink
            mean.lerp_(clipped, 1 - BETA_1)
            square.mul_(BETA_2).addcmul_(clipped, clipped, value=1 - BETA_2)
            denominator = (square.sqrt() / correction_2).add_(EPSILON)
            parameter.mul_(1 - rates * decay)
            parameter.sub_(mean / denominator * (rates / correction_1))
        return norms


def linear_schedule(num_steps: int, warmup_fraction: float) -> Tensor:
    """(num_steps,) factors on the learning rate: up from 0 over the warm-up, then down to 0, linearly.

    The first step has a factor above 0 and so has the last: no step is wasted.
    """
    steps = torch.arange(num_steps, dtype=torch.float64)
    warmup = round(num_steps * warmup_fraction)
    rising = (steps + 1) / max(1, warmup)
    falling = (num_steps - steps) / max(1, num_steps - warmup)
    return torch.minimum(rising, falling).clamp(max=1.0).to(torch.float32)
