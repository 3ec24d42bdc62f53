from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentilora.data.dataset import SplitName
from sentilora.data.sources.treebank import Treebank, normal_form, parse_trees, read_treebank, strength_of
from sentilora.errors import DataError
from support.sst2_folders import TREEBANK_FOLDER, needs_sst2

WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Z"], exclude_characters="()"), min_size=1, max_size=6
)
LABELS = st.integers(0, 4)

Node: TypeAlias = tuple[int, "str | list[Node]"]

TREES = st.recursive(
    st.tuples(LABELS, WORDS), lambda nodes: st.tuples(LABELS, st.lists(nodes, min_size=1, max_size=3))
)


def bracketed(node: Node) -> str:
    label, below = node
    inner = below if isinstance(below, str) else " ".join(bracketed(child) for child in below)
    return f"({label} {inner})"


def phrases_of(node: Node) -> list[tuple[str, int]]:
    """Every phrase with its label, children first: read off the tree without brackets."""
    label, below = node
    if isinstance(below, str):
        return [(below, label)]
    children = [phrases_of(child) for child in below]
    whole = " ".join(child[-1][0] for child in children)
    return [*(phrase for child in children for phrase in child), (whole, label)]


@given(node=TREES)
def test_a_tree_gives_its_sentence_and_every_phrase(node: Node) -> None:
    (tree,) = parse_trees([bracketed(node)], where="here")
    assert list(tree.phrases()) == phrases_of(node)
    assert (tree.sentence, tree.label) == phrases_of(node)[-1]


@settings(max_examples=50)
@given(node=TREES, num_before=st.integers(0, 5), data=st.data())
def test_a_broken_tree_is_refused_with_its_line(node: Node, num_before: int, data: st.DataObject) -> None:
    line = bracketed(node)
    brackets = [i for i, character in enumerate(line) if character in "()"]
    cut = data.draw(st.sampled_from(brackets))
    with pytest.raises(DataError, match="lines that are not trees: 1 line") as caught:
        parse_trees([*["(2 fine)"] * num_before, line[:cut] + line[cut + 1 :]], where="trees.txt")
    assert caught.value.where == f"trees.txt, line {num_before + 1}"


@pytest.mark.parametrize(
    "line",
    ["fine", "(5 fine)", "(2 )", "(2 fine) (2 film)", "(2 fine film)", "()", "((2 fine))", "(2 (2 fine)) x"],
)
def test_what_is_no_tree(line: str) -> None:
    with pytest.raises(DataError):
        parse_trees([line], where="here")


@pytest.mark.parametrize(
    ("glue", "tree"),
    [
        ("a -lrb- fine -rrb- film", "A -LRB- fine -RRB- film"),
        ("a ( fine ) film", "A -LRB- fine -RRB- film"),
        ("action/drama", r"Action\/Drama"),
        ("a \\*\\*\\* gem", "a *** gem"),
        ("humor and color in theaters", "Humour and colour in theatres"),
        ("center , labeled , recognize , gray", "centre , labelled , recognise , grey"),
        ("cafe crème", "caf\u00c3\u00a9 cr\u00e8me"),
        ("cre\u0300me bru\u0302le\u0301e", "cr\u00e8me br\u00fbl\u00e9e"),
        ("you 're gon na like plays , films , etc .", "You 're gonna like plays , films , etc."),
        ("one\u00a0two", "one two"),
    ],
)
def test_spellings_of_one_text_have_one_normal_form(glue: str, tree: str) -> None:
    assert normal_form(glue) == normal_form(tree)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("four hours of it", "for hors of it"),
        ("a moral", "amoral"),
        ("no .", "no"),
        ("fine !", "fine ?"),
        ("...", "."),
    ],
)
def test_different_texts_keep_different_normal_forms(one: str, other: str) -> None:
    assert normal_form(one) != normal_form(other)


@given(words=st.lists(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1)))
def test_case_and_white_space_do_not_matter(words: list[str]) -> None:
    assert normal_form(" ".join(words)) == normal_form(f"\t{'  '.join(words).upper()}\u00a0")


def test_strength_is_the_distance_from_neutral() -> None:
    scores = np.array([0, 1, 2, 3, 4, 2.5, np.nan])
    np.testing.assert_array_equal(strength_of(scores), [1, 0.5, 0, 0.5, 1, 0.25, np.nan])


def make_treebank() -> Treebank:
    sentences: dict[SplitName, list[tuple[str, int]]] = {
        "train": [("A fine film", 4)],
        "dev": [("Fine", 3), ("Neither here nor there", 2), ("Seen twice", 1), ("seen twice", 3)],
    }
    phrases = [("A fine film", 4), ("fine", 3), ("Fine", 4), ("film", 2)]
    return Treebank.of(sentences, phrases, where="the trees")


def test_phrases_that_two_trees_label_differently_get_the_mean() -> None:
    strengths = make_treebank().phrase_strengths(["fine", "film", "a fine film", "unheard of"])
    np.testing.assert_array_equal(strengths, [0.75, 0, 1, np.nan])


def test_sentences_without_a_clear_tree_are_named() -> None:
    treebank = make_treebank()
    assert treebank.scores_of("dev", ["fine"]).tolist() == [3]
    with pytest.raises(DataError, match="does not have: 1 row, for example 'unheard of'") as caught:
        treebank.scores_of("dev", ["fine", "unheard of"])
    assert caught.value.where == "dev split, joined with the trees, row 2"
    with pytest.raises(DataError, match="neither negative nor positive: 2 rows, for example 'neither here"):
        treebank.scores_of("dev", ["neither here nor there", "seen twice"])


def test_a_folder_without_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("(2 fine)\n")
    with pytest.raises(DataError, match="cannot be read") as caught:
        read_treebank(tmp_path)
    assert caught.value.where.endswith("dev.txt")
    (tmp_path / "dev.txt").write_bytes(b"(2 caf\xe9)\n")
    with pytest.raises(DataError, match="cannot be read"):
        read_treebank(tmp_path)
    (tmp_path / "dev.txt").write_text("\n")
    with pytest.raises(DataError, match="no trees"):
        read_treebank(tmp_path)


@needs_sst2
def test_the_real_trees_are_all_read() -> None:
    files = [(TREEBANK_FOLDER / f"{split}.txt") for split in ("train", "dev", "test")]
    trees = [parse_trees(file.read_text("utf-8").split("\n"), where=file.name) for file in files]
    assert [len(its) for its in trees] == [8544, 1101, 2210]
    assert sum(len(tree.spans) for tree in trees[0]) == 318_582
