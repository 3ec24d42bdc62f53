"""One pass over a split without training: evaluation, prediction and encoding are this loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sentilora.data.batches.batching import evaluation_batches

TOKENS_PER_BATCH = 4096

InputT = TypeVar("InputT")
InputT_co = TypeVar("InputT_co", covariant=True)


class Corpus(Protocol[InputT_co]):
    """A split on a device: see ``data.batches.corpus``."""

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(N,) tokens of each text."""

    @property
    def labels(self) -> Tensor:
        """(N,) int64, on the device."""

    def gather(self, positions: Tensor, length: int, *, padded: bool) -> InputT_co:
        """The inputs at ``positions`` (K, S), padded to ``length``."""


@torch.no_grad()
def compute_over(
    corpus: Corpus[InputT], compute: Callable[[InputT], Tensor], *, onto: torch.device | None = None
) -> Tensor:
    """What ``compute`` gives for every example of a split, in the split's order: (K, N, ...).

    Args:
        corpus: the split, of at least one example.
        compute: (K, S, ...) from the inputs of S examples.
        onto: where the result lies; the corpus's device if None.
    """
    device = corpus.labels.device
    outputs: Tensor | None = None
    for batch in evaluation_batches(corpus.lengths, TOKENS_PER_BATCH):
        positions = torch.from_numpy(batch.positions).to(device)
        padded = bool((corpus.lengths[batch.positions] < batch.length).any())
        rows = compute(corpus.gather(positions, batch.length, padded=padded))
        if outputs is None:
            shape = (rows.shape[0], len(corpus.lengths), *rows.shape[2:])
            outputs = rows.new_empty(shape, device=onto or device)
        outputs[:, positions[0].to(outputs.device)] = rows.to(outputs.device)
    assert outputs is not None, "a split without examples"
    return outputs
