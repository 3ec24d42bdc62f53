"""A split on the device it is trained on, handed out batch by batch.

All tokens go to the device once, and a step asks for positions. Nothing is collated on the host, and
nothing is copied between steps but positions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sentilora.data.batches.tokens import Tokens


@dataclass(frozen=True)
class TokenBatch:
    """Token ids (K, S, T) int64, and their mask (K, S, T) bool; the mask is None where nothing is padded."""

    input_ids: Tensor
    mask: Tensor | None


class TokenCorpus:
    """A split's tokens and labels on a device.

    Args:
        tokens: of N texts.
        labels: (N,) class indices.
        pad_token_id: what fills a row after its text.
        device: where to lie.
    """

    def __init__(
        self, tokens: Tokens, labels: NDArray[np.int64], pad_token_id: int, device: torch.device
    ) -> None:
        self.lengths = tokens.lengths
        self.labels = torch.from_numpy(labels).to(device)
        self._ids = torch.from_numpy(tokens.ids).to(device)
        self._starts = torch.from_numpy(tokens.offsets[:-1]).to(device)
        self._lengths = torch.from_numpy(tokens.lengths).to(device)
        self._pad_token_id = pad_token_id

    def gather(self, positions: Tensor, length: int, *, padded: bool) -> TokenBatch:
        """The texts at ``positions`` (K, S), padded to ``length``.

        Args:
            positions: int64, on the device.
            length: T, at least the longest text's.
            padded: False where every text has exactly this length, and no mask is needed.
        """
        within = torch.arange(length, device=positions.device)
        at = self._starts[positions][..., None] + within
        if not padded:
            return TokenBatch(self._ids[at].long(), None)
        mask = within < self._lengths[positions][..., None]
        ids = self._ids[torch.where(mask, at, 0)].long()
        return TokenBatch(torch.where(mask, ids, self._pad_token_id), mask)


class FeatureCorpus:
    """A split already encoded by a frozen backbone: pooled features and labels on a device.

    Args:
        features: (N, H) fp32.
        labels: (N,) class indices.
        lengths: (N,) tokens of each text, so that batches are those that the tokens would give.
        device: where to lie.
    """

    def __init__(
        self,
        features: NDArray[np.float32],
        labels: NDArray[np.int64],
        lengths: NDArray[np.int64],
        device: torch.device,
    ) -> None:
        self.lengths = lengths
        self.labels = torch.from_numpy(labels).to(device)
        self._features = torch.from_numpy(features).to(device)

    def gather(self, positions: Tensor, length: int, *, padded: bool) -> Tensor:
        """The features at ``positions`` (K, S): (K, S, H)."""
        return self._features[positions]
