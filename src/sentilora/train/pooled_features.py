"""A split's texts as a frozen backbone pools them: encoded once, remembered by all that determines them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sentilora.data.batches.array_cache import Arrays, cached_arrays
from sentilora.data.batches.corpus import TokenBatch, TokenCorpus
from sentilora.data.batches.tokens import Tokens
from sentilora.files import sha256_of
from sentilora.model.heads import pool
from sentilora.model.packed import Encoder
from sentilora.model.updates.adapter_stack import AdapterStack, Updates
from sentilora.study_file.arms import Pooling
from sentilora.train.split_pass import compute_over


def encode(encoder: Encoder, corpus: TokenCorpus, pooling: Pooling) -> NDArray[np.float32]:
    """Pooled hidden states (N, H) of a split, in its order, on the host."""
    device = corpus.labels.device
    stack = AdapterStack([], [], device)
    updates = Updates(stack, torch.zeros(1, 0, device=device), encoder.dtype, None)

    def pooled(inputs: TokenBatch) -> Tensor:
        return pool(encoder(inputs.input_ids, inputs.mask, updates, 1), inputs.mask, pooling)

    features: NDArray[np.float32] = compute_over(corpus, pooled, onto=torch.device("cpu"))[0].numpy()
    return features


@dataclass(frozen=True)
class Features:
    """A split as a frozen backbone pools it."""

    values: NDArray[np.float32]
    """(N, P) fp32, P as the pooling has it."""
    seconds: float
    """What encoding took, when it was done."""


def cached_features(
    encoder: Encoder,
    corpus: TokenCorpus,
    *,
    tokens: Tokens,
    backbone_fingerprint: str,
    cache: Path,
) -> Features:
    """``encode`` with ``both`` poolings, remembered by tokens, backbone, precision and kind of device.

    Returns:
        (N, 2 H): the first token's state, then the mean over the tokens.
    """
    kind = corpus.labels.device.type
    rest = (backbone_fingerprint, "both", str(encoder.dtype), kind, torch.__version__)
    digest = sha256_of(tokens.ids.tobytes(), tokens.offsets.tobytes(), repr(rest))

    def compute() -> Arrays:
        start = time.perf_counter()
        values = encode(encoder, corpus, "both")
        return {"values": values, "seconds": np.array(time.perf_counter() - start)}

    arrays = cached_arrays(cache / "features" / f"{digest}.npz", compute)
    return Features(arrays["values"], float(arrays["seconds"]))
