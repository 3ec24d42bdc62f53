"""Near-duplicate groups against a brute-force oracle, and the invariants that splits rely on."""

from __future__ import annotations

import random
import unicodedata
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sentilora.data.near_duplicates import near_duplicate_groups, text_key, word_pairs

WORDS = st.sampled_from(["a", "b", "c", "d", "É", "e!"])
TEXTS = st.lists(st.lists(WORDS, max_size=6).map(" ".join), max_size=12)


def partition(groups: NDArray[np.int64]) -> set[frozenset[int]]:
    """The sets of positions that share a group."""
    return {frozenset(np.flatnonzero(groups == group).tolist()) for group in groups.tolist()}


def brute_force(texts: list[str]) -> set[frozenset[int]]:
    """Compares every text with every other, by the rule as it is stated, and closes it transitively."""
    component = list(range(len(texts)))
    for i, j in combinations(range(len(texts)), 2):
        x, y = word_pairs(texts[i]), word_pairs(texts[j])
        if text_key(texts[i]) == text_key(texts[j]) or len(x & y) / len(x | y) >= 0.5:
            component = [component[i] if group == component[j] else group for group in component]
    return partition(np.array(component, dtype=np.int64))


@given(TEXTS)
def test_groups_are_those_of_comparing_all_pairs(texts: list[str]) -> None:
    assert partition(near_duplicate_groups(texts)) == brute_force(texts)


@given(TEXTS, st.randoms(use_true_random=False))
def test_the_order_of_the_texts_does_not_matter(texts: list[str], rng: random.Random) -> None:
    order = list(range(len(texts)))
    rng.shuffle(order)
    shuffled = near_duplicate_groups([texts[i] for i in order])
    restored = np.empty_like(shuffled)
    restored[order] = shuffled
    assert partition(restored) == partition(near_duplicate_groups(texts))


@given(TEXTS)
def test_groups_are_numbered_in_order_of_appearance(texts: list[str]) -> None:
    groups = near_duplicate_groups(texts)
    assert groups.shape == (len(texts),)
    assert groups.dtype == np.int64
    assert list(dict.fromkeys(groups.tolist())) == list(range(len(set(groups.tolist()))))


@given(st.text(min_size=1), st.lists(st.text(), max_size=5))
def test_the_same_text_is_always_one_group(text: str, others: list[str]) -> None:
    groups = near_duplicate_groups([text, *others, text])
    assert groups[0] == groups[-1]


@given(st.text())
def test_a_key_is_its_own_key(text: str) -> None:
    assert text_key(text_key(text)) == text_key(text)


@given(st.text())
def test_composed_and_decomposed_text_have_one_key(text: str) -> None:
    assert text_key(unicodedata.normalize("NFD", text)) == text_key(unicodedata.normalize("NFC", text))


@pytest.mark.parametrize(
    "variant",
    [
        "it's a café—and it DOESN'T close",
        "It’s a Cafe, and it does n't close .",
        "  its a cafe and\tit doesnt\n close!!!",
        "it's a ｃａｆｅ, and it doesn't close",
    ],
)
def test_case_accents_punctuation_and_white_space_do_not_count(variant: str) -> None:
    assert text_key(variant) == "itsacafeanditdoesntclose"


def test_punctuation_counts_where_there_is_nothing_else() -> None:
    assert text_key(" : ) ") == ":)" != text_key(":(")
    assert partition(near_duplicate_groups([":)", ":(", ": )"])) == {frozenset({0, 2}), frozenset({1})}


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ("a film with a big heart", "a film with a big impact", True),  # 4 of 6 pairs
        ("a film with heart", "a film with style", True),  # 2 of 4, the threshold itself
        ("a film about style", "a film with heart", False),  # 1 of 5
        ("good", "good film", False),
        ("heart big a with film a", "a film with a big heart", False),  # the same words, no pair
    ],
)
def test_half_of_the_word_pairs_decide(first: str, second: str, together: bool) -> None:
    groups = near_duplicate_groups([first, second])
    assert (groups[0] == groups[1]) == together


def test_a_chain_of_small_edits_is_one_group() -> None:
    words = [f"word{i}" for i in range(16)]
    chain = [" ".join([*words[i:], *(f"new{j}" for j in range(i))]) for i in range(len(words))]
    assert len(word_pairs(chain[0]) & word_pairs(chain[-1])) == 0
    assert set(near_duplicate_groups(chain).tolist()) == {0}
