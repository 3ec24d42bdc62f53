"""Plain linear heads on pooled hidden states, one for each run of a pack.

A head is ``logits = pooled @ W + b``: 768 x 2 + 2 = 1,538 numbers for DistilBERT, where transformers'
classification head trains 592,130 and would hide what the adapters contribute.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from sentilora.model.randomness import run_generator

Pooling = Literal["cls", "mean"]


@dataclass(frozen=True)
class ParameterCount:
    """Trained numbers of one run, by where they are."""

    adapter: int = 0
    """In low-rank or other adapters."""
    head: int = 0
    """In the classification head."""
    backbone: int = 0
    """In the backbone itself, with full fine-tuning."""

    @property
    def trainable(self) -> int:
        """All of them."""
        return self.adapter + self.head + self.backbone


def pool(hidden: Tensor, mask: Tensor | None, pooling: Pooling) -> Tensor:
    """Pooled hidden states (..., H) in fp32, from (..., T, H).

    Args:
        hidden: last hidden states; with ``cls``, T may be 1 (the first token alone).
        mask: (..., T) bool, True for a token; None where nothing is padded.
        pooling: the first token's state, or the mean over the tokens.
    """
    if pooling == "cls":
        return hidden[..., 0, :].float()
    if mask is None:
        return hidden.float().mean(dim=-2)
    weights = mask.to(torch.float32)[..., None]
    return (hidden.float() * weights).sum(dim=-2) / weights.sum(dim=-2)


def initial_head(seed: int, hidden_size: int, num_classes: int) -> Tensor:
    """One head's start, (H * C + C,): weights from N(0, 0.02) as transformers draws them, bias zero."""
    weights = torch.empty(hidden_size * num_classes).normal_(0, 0.02, generator=run_generator(seed, "head"))
    return torch.cat([weights, torch.zeros(num_classes)])


def apply_heads(flat_KP: Tensor, pooled: Tensor, num_classes: int) -> Tensor:
    """Logits (K, N, C) of K heads, from their numbers (K, H * C + C) and pooled states (K, N, H)."""
    weight, bias = head_parts(flat_KP, num_classes)
    return torch.baddbmm(bias[:, None, :], pooled, weight)


def head_parts(flat_KP: Tensor, num_classes: int) -> tuple[Tensor, Tensor]:
    """Weight (K, H, C) and bias (K, C) of K heads."""
    num_runs = flat_KP.shape[0]
    weight, bias = flat_KP.split([flat_KP.shape[1] - num_classes, num_classes], dim=1)
    return weight.reshape(num_runs, -1, num_classes), bias


def decay_mask(flat_KP: Tensor, num_classes: int) -> Tensor:
    """(P,) 1 where weight decay applies to a row that ends in a head: everywhere but the head's bias."""
    mask = torch.ones(flat_KP.shape[1], device=flat_KP.device)
    mask[-num_classes:] = 0
    return mask
