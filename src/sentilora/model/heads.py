"""Plain linear heads on pooled hidden states, one for each run of a pack.

A head is ``logits = pooled @ W + b``: 768 x 2 + 2 = 1,538 numbers for DistilBERT, where transformers'
classification head trains 592,130 and would hide what the adapters contribute.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from sentilora.model.randomness import run_generator
from sentilora.study_file.arms import Pooling


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
    """Pooled hidden states (..., P) in fp32, from (..., T, H); P is ``pooled_size``.

    Args:
        hidden: last hidden states; with ``cls``, T may be 1 (the first token alone).
        mask: (..., T) bool, True for a token; None where nothing is padded.
        pooling: the first token's state, the mean over the tokens, or the two in this order.
    """
    if pooling == "cls":
        return hidden[..., 0, :].float()
    if mask is None:
        mean = hidden.float().mean(dim=-2)
    else:
        weights = mask.to(torch.float32)[..., None]
        mean = (hidden.float() * weights).sum(dim=-2) / weights.sum(dim=-2)
    return mean if pooling == "mean" else torch.cat([hidden[..., 0, :].float(), mean], dim=-1)


def pooled_size(hidden_size: int, pooling: Pooling) -> int:
    """Numbers that a head reads of a text."""
    return 2 * hidden_size if pooling == "both" else hidden_size


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
