"""Linear probes: K linear heads on the features of a frozen backbone, encoded once and reused by all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from sentilora.model.heads import ParameterCount, apply_heads, decay_mask, head_parts, initial_head
from sentilora.model.peft_io import load_head, save_head


class ProbeClassifier:
    """K linear heads on (K, S, H) features: a ``train.engine.Trainee`` for the gradient-descent probe.

    Args:
        seeds: K, of initialisation.
        hidden_size: H.
        num_classes: C.
        device: where the features lie.
    """

    reads: Final = "features"
    capturable = True

    def __init__(
        self, seeds: Sequence[int], *, hidden_size: int, num_classes: int, device: torch.device
    ) -> None:
        self.num_runs = len(seeds)
        self._num_classes = num_classes
        heads = torch.stack([initial_head(seed, hidden_size, num_classes) for seed in seeds])
        self.flat = heads.to(device).requires_grad_()

    @property
    def parameters(self) -> list[Tensor]:
        """What the optimizer updates: one tensor, (K, H * C + C) fp32."""
        return [self.flat]

    @property
    def decayed(self) -> list[Tensor]:
        """1 for weights, 0 for biases."""
        return [decay_mask(self.flat, self._num_classes)]

    def logits(self, inputs: Tensor, step: Tensor | None) -> Tensor:
        """Logits (K, S, C) from features (K, S, H), or (1, S, H) where all runs read the same."""
        return apply_heads(self.flat, inputs.expand(self.num_runs, -1, -1), self._num_classes)

    def count(self, k: int) -> ParameterCount:
        """What run k trains."""
        return ParameterCount(head=self.flat.shape[1])

    @torch.no_grad()
    def write_run(self, k: int, weight: Tensor, bias: Tensor) -> None:
        """Put a head, weight (C, H) and bias (C,), into run k."""
        self.flat[k] = torch.cat([weight.T.flatten(), bias]).to(self.flat)

    def save_run(self, k: int, folder: Path) -> None:
        """Write run k's head."""
        weight, bias = head_parts(self.flat.detach()[k : k + 1], self._num_classes)
        save_head(folder, weight[0].T, bias[0])

    def load_run(self, k: int, folder: Path) -> None:
        """Read a head into run k."""
        self.write_run(k, *load_head(folder))
