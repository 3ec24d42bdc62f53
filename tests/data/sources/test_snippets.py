"""The snippet sources: how a line is read, labelled and split, and that the split cannot drift."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import replace
from itertools import chain, combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentilora.data import splits as splitting
from sentilora.data.dataset import Dataset
from sentilora.data.near_duplicates import near_duplicate_groups, text_key
from sentilora.data.sources import snippets
from sentilora.data.sources.snippets import load_snippets, read_ratings
from sentilora.data.splits import assign_splits
from sentilora.errors import AssetError
from support.examples import as_rows

SOURCES = ("movie-snippets", "amazon", "tweets", "nyt")
SENTENCES = [
    f"The {noun} was {mood}." for noun in ("plot", "cast", "score") for mood in ("dull", "a joy", "fine")
]


@pytest.fixture
def rated_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Writes an invented ground-truth file for ``tweets`` and pins whatever split it gets."""

    def write(*lines: str) -> Path:
        path = tmp_path / "tweets_GroundTruth.txt"
        path.write_bytes("\r\n".join(lines).encode())
        monkeypatch.setattr(snippets, "fetch_asset", lambda name: tmp_path)
        monkeypatch.setattr(snippets, "_check_assignment", lambda *_: None)
        return path

    return write


def test_the_sign_is_the_label_the_size_the_strength_and_the_neutral_are_left_out(
    rated_file: Callable[..., Path],
) -> None:
    rated_file(
        "1\t-4\tAwful from the first minute",
        "2\t0.5\tBarely worth a look",
        "3\t0.49999\tIt is a film",
        "4\t-0.49999\tIt ends after two hours",
        "5\t-0.5\tNot quite worth a look",
        "6\t2\tWarm and clever throughout",
        "7\t0\tThere is a dog in it",
    )
    dataset = load_snippets("tweets")
    rows = [row for examples in dataset.splits.values() for row in as_rows(examples)]
    assert {id: (label, strength) for id, _, label, strength in rows} == {
        "1": (0, 1.0),
        "2": (1, 0.125),
        "5": (0, 0.125),
        "6": (1, 0.5),
    }
    assert dataset.label_names == ("negative", "positive")
    assert set(dataset.splits) == {"train", "dev", "test"}
    assert any("3 of 7 texts" in note for note in dataset.notes)


def test_texts_are_kept_but_for_surrounding_white_space(rated_file: Callable[..., Path]) -> None:
    path = rated_file('1\t1.5\t  "It\'s" good\x85 &amp; NA\u2028really \\ ', "2_1\t-1e0\tnull", "")
    assert read_ratings(path) == [
        ("1", 1.5, '"It\'s" good\x85 &amp; NA\u2028really \\'),
        ("2_1", -1.0, "null"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "2\t1.5",
        "2\t1.5\ta\tb",
        "2\tgood\ta film",
        "2\tnan\ta film",
        "2\t4.1\ta film",
        "2\t1\t  ",
        "\t1\ta film",
        "",
    ],
)
def test_a_damaged_line_is_named(rated_file: Callable[..., Path], line: str) -> None:
    path = rated_file("1\t1\tA fine film", line, "3\t1\tA fine film")
    with pytest.raises(AssetError, match=r"line 2") as raised:
        read_ratings(path)
    assert raised.value.rule
    assert str(path.parent) in raised.value.remedy


def test_broken_encoding_is_named(rated_file: Callable[..., Path]) -> None:
    path = rated_file("1\t1\tA fine film")
    path.write_bytes("1\t1\tA café\r\n".encode("latin-1"))
    with pytest.raises(AssetError, match=r"line 1"):
        read_ratings(path)


@given(st.lists(st.sampled_from(SENTENCES), max_size=12), st.randoms(use_true_random=False))
def test_a_texts_split_does_not_depend_on_the_order(texts: list[str], rng: random.Random) -> None:
    shuffled = rng.sample(texts, len(texts))
    assert dict(zip(texts, assign_splits(texts), strict=True)) == dict(
        zip(shuffled, assign_splits(shuffled), strict=True)
    )


@given(st.lists(st.sampled_from(SENTENCES).flatmap(lambda s: st.sampled_from([s, s.upper(), f"({s})"]))))
def test_near_duplicates_are_never_split(texts: list[str]) -> None:
    splits_of_group: dict[int, str] = {}
    for group, split in zip(near_duplicate_groups(texts).tolist(), assign_splits(texts), strict=True):
        assert splits_of_group.setdefault(group, split) == split


def test_the_shares_are_80_10_10() -> None:
    splits = assign_splits([f"{i} {i + 1} {i + 2}" for i in range(0, 60_000, 3)])
    shares = [splits.count(split) / len(splits) for split in ("train", "dev", "test")]
    assert shares == pytest.approx([0.8, 0.1, 0.1], abs=0.01)  # 3.5 standard errors


def test_a_split_that_drifts_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tweets_GroundTruth.txt").write_bytes(b"1\t2\tWarm and clever\r\n2\t-2\tCold and slow\r\n")
    monkeypatch.setattr(snippets, "fetch_asset", lambda name: tmp_path)
    first, second = assign_splits(["Warm and clever", "Cold and slow"])
    digest = hashlib.sha256(f"{first}\t1\n{second}\t2\n".encode()).hexdigest()
    pinned = replace(snippets._SNIPPETS["tweets"], assignment_sha256=digest)
    monkeypatch.setitem(snippets._SNIPPETS, "tweets", pinned)
    assert sum(map(len, load_snippets("tweets").splits.values())) == 2

    monkeypatch.setattr(splitting, "_split_of", lambda key: "train" if first != "train" else "dev")
    with pytest.raises(AssetError, match=digest):
        load_snippets("tweets")


@pytest.fixture(scope="module")
def real() -> dict[str, Dataset]:
    return {name: load_snippets(name) for name in SOURCES}


@pytest.mark.slow
def test_the_real_sources_have_the_published_sizes(real: dict[str, Dataset]) -> None:
    num_left_out = {"movie-snippets": 533, "amazon": 723, "tweets": 768, "nyt": 2220}
    num_rated = {"movie-snippets": 10_605, "amazon": 3_708, "tweets": 4_200, "nyt": 5_190}
    for name, dataset in real.items():
        sizes = {split: len(examples) for split, examples in dataset.splits.items()}
        assert sum(sizes.values()) == num_rated[name] - num_left_out[name]
        assert sizes["dev"] / sum(sizes.values()) == pytest.approx(0.1, abs=0.02)
        assert sizes["test"] / sum(sizes.values()) == pytest.approx(0.1, abs=0.02)
        for examples in dataset.splits.values():
            assert set(examples.labels.tolist()) == {0, 1}
            assert ((examples.strengths >= 0.125) & (examples.strengths <= 1)).all()
        ids = [id for examples in dataset.splits.values() for id in examples.ids]
        assert len(set(ids)) == len(ids)


@pytest.mark.slow
@pytest.mark.parametrize("name", SOURCES)
def test_no_near_duplicate_crosses_a_real_split(real: dict[str, Dataset], name: str) -> None:
    splits = real[name].splits
    groups = near_duplicate_groups(list(chain.from_iterable(splits[split].texts for split in splits)))
    bounds = np.cumsum([len(splits[split]) for split in splits])[:-1]
    for first, second in combinations(np.split(groups, bounds), 2):
        assert not set(first.tolist()) & set(second.tolist())


@pytest.mark.slow
def test_no_sentence_of_two_sources_lies_in_train_and_test(real: dict[str, Dataset]) -> None:
    keys = {
        split: {text_key(text) for dataset in real.values() for text in dataset.splits[split].texts}
        for split in ("train", "dev", "test")
    }
    assert not keys["train"] & keys["test"]
    assert not keys["train"] & keys["dev"]
