"""Divisions: every text in one part, what belongs together together, each text of dev and test once."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentilora.data.dataset import SplitName
from sentilora.data.division import Division, divide
from sentilora.data.near_duplicates import near_duplicate_groups, text_key
from support.invented_reviews import reviews

WORDS = [
    "film",
    "Film!",
    "a fine film",
    "a fine film .",
    "dull",
    "so so",
    "never",
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
]
ROWS = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from("ab"), st.sampled_from("xyz")), min_size=1)
SHARES = st.sampled_from(({"dev": 0.1, "test": 0.1}, {"dev": 0.1}, {"test": 0.45, "dev": 0.45}))


def divided(rows: list[tuple[str, str, str]], shares: dict[SplitName, float], groups: bool) -> Division:
    texts, labels, of_group = map(list, zip(*rows, strict=True))
    return divide(texts, labels, shares=shares, groups=of_group if groups else None)


@settings(deadline=None)
@given(rows=ROWS, shares=SHARES, groups=st.booleans())
def test_what_belongs_together_stays_and_no_text_is_measured_twice(
    rows: list[tuple[str, str, str]], shares: dict[SplitName, float], groups: bool
) -> None:
    division = divided(rows, shares, groups)
    near = near_duplicate_groups([text for text, _, _ in rows]).tolist()
    parts_of: defaultdict[object, set[object]] = defaultdict(set)
    for row, split in enumerate(division.splits):
        if split is not None:
            parts_of[near[row]].add(split)
            if groups:
                parts_of[rows[row][2]].add(split)
    assert all(len(parts) == 1 for parts in parts_of.values())
    for part in shares:
        keys = [text_key(rows[i][0]) for i, split in enumerate(division.splits) if split == part]
        assert len(keys) == len(set(keys)) == division.num_texts.get(part, 0)
    kept = {text_key(rows[i][0]) for i, split in enumerate(division.splits) if split is not None}
    assert kept == {text_key(text) for text, _, _ in rows}, "no text is lost, only copies"
    assert sum(division.num_texts.values()) == len(kept)


@settings(deadline=None)
@given(rows=ROWS, shares=SHARES, seed=st.integers(0, 9))
def test_the_order_of_rows_does_not_matter(
    rows: list[tuple[str, str, str]], shares: dict[SplitName, float], seed: int
) -> None:
    order = np.random.default_rng(seed).permutation(len(rows)).tolist()
    shuffled = [rows[i] for i in order]

    def parts(rows: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
        splits = divided(rows, shares, groups=False).splits
        return sorted((text, label, str(its)) for (text, label, _), its in zip(rows, splits, strict=True))

    assert parts(rows) == parts(shuffled)


@pytest.mark.parametrize("num_rare", [1, 2, 3, 4, 20])
def test_every_class_has_its_share_or_stays_in_train(num_rare: int) -> None:
    texts = [text for text, _ in reviews(200)]
    labels = ["rare"] * num_rare + ["common"] * (200 - num_rare)
    division = divide(texts, labels, shares={"dev": 0.1, "test": 0.2})
    counts = {
        part: [labels[i] for i, split in enumerate(division.splits) if split == part].count("rare")
        for part in ("train", "dev", "test")
    }
    assert sum(counts.values()) == num_rare
    assert counts["train"] > 0
    expected = {1: (0, 0), 2: (0, 0), 3: (1, 1), 4: (1, 1), 20: (2, 4)}[num_rare]
    assert (counts["dev"], counts["test"]) == expected
    assert division.num_texts["dev"] == pytest.approx(20, abs=1)
    assert division.num_texts["test"] == pytest.approx(40, abs=1)


def test_a_large_set_of_near_duplicates_is_train() -> None:
    texts = [f"a fine film about number {i}" for i in range(60)] + [text for text, _ in reviews(40)]
    division = divide(texts, ["a"] * 100, shares={"dev": 0.1, "test": 0.1})
    assert set(division.splits[:60]) == {"train"}
    assert division.largest_unit == 60
    assert (division.num_texts["dev"], division.num_texts["test"]) == (10, 10)
