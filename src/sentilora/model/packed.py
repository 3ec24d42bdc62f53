"""K LoRA classifiers over one frozen backbone: what packed training trains and packed scoring reads.

``flat`` (K, P) holds all that is trained, one row a run; everything else is frozen and shared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from sentilora.data.batches.corpus import TokenBatch
from sentilora.errors import BackboneError
from sentilora.model.backbone.loading import Backbone
from sentilora.model.encoders.post_norm import PostNormEncoder, is_post_norm
from sentilora.model.encoders.swapped import SwappedEncoder
from sentilora.model.heads import (
    ParameterCount,
    apply_heads,
    decay_mask,
    head_parts,
    initial_head,
    pool,
    pooled_size,
)
from sentilora.model.peft_io import load_head, load_lora, save_head, save_lora
from sentilora.model.updates.adapter_stack import AdapterRun, AdapterStack, Updates
from sentilora.study_file.arms import Pooling

Encoder = PostNormEncoder | SwappedEncoder


def frozen_encoder(backbone: Backbone, pooling: Pooling, device: torch.device, dtype: torch.dtype) -> Encoder:
    """The frozen part, which any number of packs can share."""
    if is_post_norm(backbone):
        return PostNormEncoder(backbone, device, dtype, first_token_only=pooling == "cls")
    return SwappedEncoder(backbone, device, dtype)


class PackedClassifier:
    """K low-rank adapters with a linear head each, trained and evaluated together.

    Args:
        backbone: the backbone they adapt.
        encoder: its frozen part, from ``frozen_encoder`` with the same pooling.
        runs: K runs; their ranks, targets, alphas, dropouts and seeds may differ.
        pooling: what the heads read.
        num_classes: C.
        device: where ``encoder`` computes.

    Raises:
        BackboneError: a run targets a role that the backbone has only fused with others, or there are several
            runs and the backbone takes one a pack.
    """

    reads: Final = "tokens"

    def __init__(
        self,
        backbone: Backbone,
        encoder: Encoder,
        runs: Sequence[AdapterRun],
        *,
        pooling: Pooling,
        num_classes: int,
        device: torch.device,
    ) -> None:
        for run in runs:
            backbone.adapted_linears(run.arm)
        if len(runs) > 1 and not encoder.packable:
            raise BackboneError(f"{backbone.model_type} takes one run a pack", where=backbone.name)
        self.num_runs = len(runs)
        self._backbone = backbone
        self._encoder = encoder
        self._pooling = pooling
        self._num_classes = num_classes
        self.stack = AdapterStack(encoder.groups(), runs, device)
        width = pooled_size(backbone.hidden_size, pooling)
        heads = torch.stack([initial_head(run.seed, width, num_classes) for run in runs])
        flat = torch.cat([self.stack.initial(), heads], dim=1)
        self.flat = flat.to(device).requires_grad_()

    @property
    def parameters(self) -> list[Tensor]:
        """What the optimizer updates: one tensor, (K, P) fp32."""
        return [self.flat]

    @property
    def decayed(self) -> list[Tensor]:
        """1 for factors and the head's weights, 0 for its biases."""
        return [decay_mask(self.flat, self._num_classes)]

    @property
    def capturable(self) -> bool:
        """Whether a step may become a CUDA graph: transformers' own modules may synchronise."""
        return isinstance(self._encoder, PostNormEncoder)

    def logits(self, inputs: TokenBatch, step: Tensor | None) -> Tensor:
        """Logits (K, S, C) in fp32.

        Args:
            inputs: K runs' texts, or one run's where all read the same.
            step: int32 scalar tensor to draw dropout for; None for none.
        """
        updates = Updates(self.stack, self.flat, self._encoder.dtype, step)
        hidden = self._encoder(inputs.input_ids, inputs.mask, updates, self.num_runs)
        pooled = pool(hidden, inputs.mask, self._pooling)
        return apply_heads(self.flat[:, self.stack.width :], pooled, self._num_classes)

    def count(self, k: int) -> ParameterCount:
        """What run k trains."""
        run = self.stack.runs[k]
        sites = self.stack.sites_of(run)
        adapter = sum(run.arm.rank * (site.in_features + site.out_features) for site in sites)
        return ParameterCount(adapter=adapter, head=self.flat.shape[1] - self.stack.width)

    def read_run(self, k: int) -> tuple[dict[str, tuple[Tensor, Tensor]], Tensor, Tensor]:
        """Run k's factors by module name, ``A`` (rank, in), ``B`` (out, rank), and its head, (C, H), (C,)."""
        row = self.flat.detach()[k : k + 1]
        weight, bias = head_parts(row[:, self.stack.width :], self._num_classes)
        return self.stack.read(row, k), weight[0].T.contiguous(), bias[0].clone()

    @torch.no_grad()
    def write_run(
        self, k: int, factors: Mapping[str, tuple[Tensor, Tensor]], weight: Tensor, bias: Tensor
    ) -> None:
        """Put a run's trained numbers, as ``read_run`` gives them, into row k."""
        row = self.flat[k : k + 1]
        self.stack.write(row, k, factors)
        row[0, self.stack.width :] = torch.cat([weight.T.flatten(), bias]).to(row)

    def save_run(self, k: int, folder: Path) -> None:
        """Write run k as an adapter folder."""
        factors, weight, bias = self.read_run(k)
        save_lora(folder, self.stack.runs[k].arm, self._backbone, factors)
        save_head(folder, weight, bias)

    def load_run(self, k: int, folder: Path) -> None:
        """Read an adapter folder into run k, whose arm must be the one it was saved with."""
        self.write_run(k, load_lora(folder), *load_head(folder))
