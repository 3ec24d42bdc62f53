"""Tokens: the tokenizer's own ids, cut where they must be, remembered by all that determines them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerFast

from sentilora.data.batches import tokens as module
from sentilora.data.batches.corpus import TokenCorpus
from sentilora.data.batches.tokens import Tokens, cached_tokens, tokenize
from sentilora.model.backbone.loading import load_tokenizer

TEXTS = ["a good film", "not a very good film at all , no", "", "\U0001f600 <b>&", "film " * 40]


@pytest.fixture(scope="module")
def tokenizer(tiny_model: Callable[[str], Path]) -> PreTrainedTokenizerFast:
    return load_tokenizer(str(tiny_model("bert")))


def rows(tokens: Tokens) -> list[list[int]]:
    return [tokens.ids[a:b].tolist() for a, b in zip(tokens.offsets, tokens.offsets[1:], strict=False)]


def test_ids_are_the_tokenizer_s_own(tokenizer: PreTrainedTokenizerFast) -> None:
    found = tokenize(TEXTS, tokenizer, 12)
    expected = [tokenizer(text, truncation=True, max_length=12)["input_ids"] for text in TEXTS]
    assert rows(found) == expected
    whole = [len(tokenizer(text)["input_ids"]) for text in TEXTS]
    assert found.truncated.tolist() == [length > 12 for length in whole]
    assert set(found.truncated.tolist()) == {True, False}
    assert found.lengths.max() == 12
    assert len(tokenize([], tokenizer, 12)) == 0


def test_the_cache_answers_for_the_same_texts_tokenizer_and_length_alone(
    tokenizer: PreTrainedTokenizerFast,
    tiny_model: Callable[[str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = []
    original = module.tokenize

    def spy(*args: Any) -> Tokens:
        calls.append(args)
        return original(*args)

    monkeypatch.setattr(module, "tokenize", spy)
    first = cached_tokens(TEXTS, tokenizer, 12, cache=tmp_path)
    again = cached_tokens(TEXTS, tokenizer, 12, cache=tmp_path)
    assert len(calls) == 1
    assert rows(again) == rows(first)
    cached_tokens(TEXTS, tokenizer, 8, cache=tmp_path)
    cached_tokens(TEXTS[::-1], tokenizer, 12, cache=tmp_path)
    cached_tokens(["a good", "film", *TEXTS[1:]], tokenizer, 12, cache=tmp_path)
    cached_tokens(TEXTS, load_tokenizer(str(tiny_model("roberta"))), 12, cache=tmp_path)
    assert len(calls) == 5


def test_a_damaged_cache_is_made_anew(tokenizer: PreTrainedTokenizerFast, tmp_path: Path) -> None:
    first = cached_tokens(TEXTS, tokenizer, 12, cache=tmp_path)
    (path,) = (tmp_path / "tokens").iterdir()
    path.write_bytes(path.read_bytes()[:100])
    assert rows(cached_tokens(TEXTS, tokenizer, 12, cache=tmp_path)) == rows(first)


@given(
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=20),
    picks=st.lists(st.integers(0, 10**6), min_size=1, max_size=6),
)
def test_a_batch_holds_each_text_and_nothing_of_its_neighbours(lengths: list[int], picks: list[int]) -> None:
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    ids = np.arange(1, offsets[-1] + 1, dtype=np.int32)
    tokens = Tokens(ids, offsets, np.zeros(len(lengths), dtype=np.bool_))
    corpus = TokenCorpus(tokens, np.zeros(len(lengths), dtype=np.int64), 0, torch.device("cpu"))
    positions = torch.tensor([[pick % len(lengths) for pick in picks]])
    length = max(lengths)
    batch = corpus.gather(positions, length, padded=True)
    assert batch.mask is not None
    for row, mask, position in zip(batch.input_ids[0], batch.mask[0], positions[0], strict=True):
        text = ids[offsets[position] : offsets[position + 1]].tolist()
        assert row.tolist() == text + [0] * (length - len(text))
        assert mask.tolist() == [True] * len(text) + [False] * (length - len(text))
    if len(set(lengths)) == 1:
        bare = corpus.gather(positions, length, padded=False)
        assert torch.equal(bare.input_ids, batch.input_ids)
        assert bare.mask is None
