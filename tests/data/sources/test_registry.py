"""A data set by the name that a study gives it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sentilora.data.dataset import Dataset
from sentilora.data.sources import registry
from sentilora.data.sources.registry import SOURCES, load_dataset, require_disjoint
from sentilora.data.sources.source import NamedSource
from sentilora.errors import DataError, StudyError
from sentilora.records.about import About

ROWS = "split\ttext\tlabel\ntrain\tfine\t1\ntrain\tdull\t0\ndev\tgreat\t1\ntest\tpoor\t0\n"


def test_a_path_is_a_source(tmp_path: Path) -> None:
    path = tmp_path / "rows.tsv"
    path.write_text(ROWS)
    dataset = load_dataset(str(path))
    assert dataset.name == str(path)
    assert [len(dataset.splits[split]) for split in ("train", "dev", "test")] == [2, 1, 1]
    folder = tmp_path / "folder"
    folder.mkdir()
    for split in ("train", "val", "test"):
        (folder / f"{split}.tsv").write_text("text\tlabel\nfine\t1\ndull\t0\n")
    assert [len(examples) for examples in load_dataset(str(folder)).splits.values()] == [2, 2, 2]


def test_a_named_source_is_found_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(SOURCES) == {"sst2", "movie-snippets", "amazon", "tweets", "nyt"}
    found = Dataset("tweets", ("negative", "positive"), {}, About(title="tweets"))
    monkeypatch.setitem(registry.SOURCES, "tweets", NamedSource("tweets", lambda: found))
    assert load_dataset("tweets") is found


@pytest.mark.parametrize(
    ("source", "transfer"), [("sst2", "movie-snippets"), ("movie-snippets", "sst2"), ("nyt", "nyt")]
)
def test_sources_that_share_texts_are_never_trained_and_tested_on(source: str, transfer: str) -> None:
    with pytest.raises(StudyError, match="share sentences") as caught:
        require_disjoint(source, ["amazon", transfer])
    assert "never train on one and test on the other" in caught.value.rule
    require_disjoint(source, ["amazon", "tweets"])


def test_a_transfer_source_may_hold_a_test_split_alone(tmp_path: Path) -> None:
    (tmp_path / "test.tsv").write_text("text\tlabel\nfine\tgood\ndull\tbad\n")
    dataset = load_dataset(str(tmp_path), needed=("test",))
    assert (list(dataset.splits), dataset.label_names) == (["test"], ("bad", "good"))
    of_three = dataset.with_labels(("good", "neutral", "bad"))
    assert of_three.splits["test"].labels.tolist() == [0, 2]
    (tmp_path / "one.tsv").write_text("text\tlabel\nfine\tgood\ndull\tbad\nso so\tbad\n")
    whole = load_dataset(str(tmp_path / "one.tsv"), needed=("test",))
    assert (list(whole.splits), len(whole.splits["test"])) == (["test"], 3)
    with pytest.raises(DataError, match="no train split; found: test"):
        load_dataset(str(tmp_path))


@pytest.mark.parametrize(
    ("source", "remedy"),
    [
        ("sst-2", "did you mean sst2?"),
        ("movie_snippets", "did you mean movie-snippets?"),
        ("twets", "did you mean tweets?"),
        ("no/such/folder", "check the spelling, or give a path"),
        ("nyu-mll/glue", "a data set of the hub is hub:nyu-mll/glue"),
        ("hub:", "for example hub:"),
        ("hub:a b", "for example hub:"),
    ],
)
def test_an_unknown_source_is_answered_with_near_ones(source: str, remedy: str) -> None:
    with pytest.raises(DataError) as caught:
        load_dataset(source)
    assert source in caught.value.what
    assert "hub:<id>" in caught.value.rule
    assert remedy in caught.value.remedy


def test_a_folder_of_glue_files_is_sst2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "train.tsv").write_text("sentence\tlabel\nfine\t1\n")
    (tmp_path / "test.tsv").write_text("index\tsentence\n0\tdull\n")
    read: list[Path] = []
    monkeypatch.setattr(registry, "load_sst2", read.append)
    load_dataset(str(tmp_path))
    assert read == [tmp_path]
