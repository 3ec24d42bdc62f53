from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentilora.data.audit import audit, audit_rows
from sentilora.data.dataset import Dataset, Examples
from sentilora.data.near_duplicates import text_key
from sentilora.records.about import About
from support.examples import examples_of
from support.sst2_folders import needs_sst2, real_sst2

TEXTS = st.lists(st.sampled_from(["fine", "Fine !", "fine .", "dull", "DULL", "so so", "!", "?"]), min_size=1)


def make_dataset(**texts: list[str]) -> Dataset:
    """Splits of these texts, labelled by whether their position is odd."""
    splits: dict[Any, Examples] = {
        split: examples_of(its, [i % 2 for i in range(len(its))], split) for split, its in texts.items()
    }
    return Dataset("invented", ("negative", "positive"), splits, About(title="invented"))


def test_the_figures_of_a_data_set_small_enough_to_count() -> None:
    dataset = make_dataset(
        train=["a fine film", "a fine film", "A fine film !", "dull", "dull", "so so"],
        dev=["so so", "new"],
        test=["Dull .", "a film of nine words that nobody has seen"],
    )
    found = audit(
        dataset, token_lengths=lambda texts: [len(text.split()) + 2 for text in texts], max_length=6
    )
    train, test = found.splits["train"], found.splits["test"]
    assert train.num_examples == 6
    assert train.label_counts == {"negative": 3, "positive": 3}
    assert train.majority_share == 0.5
    assert (train.words.mean, train.words.median, train.words.p95, train.words.max) == (14 / 6, 2.5, 4, 4)
    assert train.tokens is not None
    assert train.tokens.max == 6
    assert (train.num_truncated, test.num_truncated) == (0, 1)
    assert (train.exact.num_distinct, train.exact.num_duplicate_rows, train.exact.num_conflicting) == (
        4,
        2,
        2,
    )
    loose = train.ignoring_punctuation
    assert (loose.num_distinct, loose.num_duplicate_rows, loose.num_conflicting) == (3, 3, 2)
    leaks = {(leak.earlier, leak.later): leak for leak in found.leakage}
    assert leaks["train", "dev"].num_exact == 1
    assert (leaks["train", "test"].num_exact, leaks["train", "test"].num_ignoring_punctuation) == (0, 1)
    assert leaks["dev", "test"].num_ignoring_punctuation == 0


@given(train=TEXTS, test=TEXTS)
def test_repeats_and_leaks_are_those_of_a_search_pair_by_pair(train: list[str], test: list[str]) -> None:
    found = audit(make_dataset(train=train, test=test))
    for repeats, key in (
        (found.splits["train"].exact, str),
        (found.splits["train"].ignoring_punctuation, text_key),
    ):
        keys = [key(text) for text in train]
        firsts = [i for i in range(len(keys)) if keys[i] not in keys[:i]]
        assert repeats.num_distinct == len(firsts)
        assert repeats.num_duplicate_rows == len(train) - len(firsts)
        assert repeats.num_conflicting == sum(
            any(keys[j] == keys[i] and (i - j) % 2 for j in range(len(keys))) for i in firsts
        )
    (leak,) = found.leakage
    assert leak.num_exact == sum(any(one == other for other in train) for one in test)
    assert leak.num_ignoring_punctuation == sum(
        any(text_key(one) == text_key(other) for other in train) for one in test
    )


def test_json_is_plain_and_the_table_has_a_cell_for_every_split() -> None:
    dataset = make_dataset(train=["fine", "dull"], dev=["fine"], test=["x"])
    plain = audit(dataset)
    assert json.loads(json.dumps(plain.to_json()))["splits"]["dev"]["words"]["max"] == 1
    with_tokens = audit(dataset, token_lengths=lambda texts: np.ones(len(texts)))
    assert len(audit_rows(with_tokens)) == len(audit_rows(plain)) + 2
    for rows in (audit_rows(plain), audit_rows(with_tokens)):
        assert {len(row) for row in rows} == {4}
        assert all(cell for row in rows[1:] for cell in row)
        assert rows[-2] == ("rows also in train", "–", "1 (1)", "0 (0)")


@needs_sst2
def test_sst2_has_the_figures_that_are_known_of_it() -> None:
    dataset = real_sst2()
    found = audit(dataset)
    train, dev, test = (found.splits[split] for split in ("train", "dev", "test"))
    assert [round(split.majority_share, 3) for split in (train, dev, test)] == [0.558, 0.509, 0.501]
    assert [round(split.words.mean, 1) for split in (train, dev, test)] == [9.4, 19.5, 19.2]
    assert (train.words.median, train.words.max) == (7, 52)
    assert (train.exact.num_distinct, train.exact.num_duplicate_rows) == (66_978, 371)
    assert train.exact.num_conflicting == 5
    assert train.ignoring_punctuation.num_conflicting == pytest.approx(155, abs=5)
    leaks = {leak.later: leak.num_ignoring_punctuation for leak in found.leakage if leak.earlier == "train"}
    assert leaks == {"dev": 2, "test": 6}


@needs_sst2
@pytest.mark.slow
def test_sst2_has_the_lengths_in_wordpieces_that_are_known_of_it() -> None:
    from sentilora.data.batches.tokens import tokenize
    from sentilora.model.backbone.loading import load_tokenizer

    tokenizer = load_tokenizer("minilm")
    found = audit(real_sst2(), token_lengths=lambda texts: tokenize(texts, tokenizer, 10_000).lengths)
    train = found.splits["train"].tokens
    assert train is not None
    assert train.mean == pytest.approx(13.3, abs=0.05)
    assert [split.num_truncated for split in found.splits.values()] == [0, 0, 0]
