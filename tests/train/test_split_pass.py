"""One pass over a split: every example once, at its own place."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from sentilora.data.batches.corpus import TokenBatch, TokenCorpus
from sentilora.data.batches.tokens import Tokens
from sentilora.train import split_pass
from sentilora.train.split_pass import compute_over

CPU = torch.device("cpu")


def corpus(lengths: list[int]) -> TokenCorpus:
    """Texts whose every token is their position in the split, counted from 1."""
    ids = np.repeat(np.arange(1, len(lengths) + 1), lengths).astype(np.int32)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    tokens = Tokens(ids, offsets, np.zeros(len(lengths), dtype=np.bool_))
    return TokenCorpus(tokens, np.zeros(len(lengths), dtype=np.int64), 0, CPU)


@given(lengths=st.lists(st.integers(1, 30), min_size=1, max_size=40))
def test_every_example_is_computed_once_and_lies_at_its_place(lengths: list[int]) -> None:
    seen: list[int] = []

    def sums(inputs: TokenBatch) -> Tensor:
        seen.extend(inputs.input_ids[0, :, 0].tolist())
        assert not torch.is_grad_enabled()
        assert inputs.mask is None or not inputs.mask.all(), "a mask where nothing is padded"
        total = inputs.input_ids.sum(dim=2).float()
        return torch.stack([total, -total]).flatten(0, 1)[..., None]  # two runs, one column

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(split_pass, "TOKENS_PER_BATCH", 64)
        result = compute_over(corpus(lengths), sums, onto=CPU)
    assert sorted(seen) == list(range(1, len(lengths) + 1))
    expected = torch.tensor([float(i * length) for i, length in enumerate(lengths, 1)])
    assert torch.equal(result[..., 0], torch.stack([expected, -expected]))
