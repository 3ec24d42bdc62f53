from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sentilora.data.sources import sst2
from sentilora.data.sources.sst2 import is_glue_folder, load_sst2
from sentilora.errors import DataError
from support.examples import as_rows
from support.sst2_folders import SST2_FOLDER, needs_sst2, real_sst2

TEXTS = {
    "train.tsv": "sentence\tlabel\na fine film \t1\ndull \t0\nunheard of \t1\n",
    "dev.tsv": "sentence\tlabel\nit is fine .\t1\nit is dull .\t0\n",
    "test.tsv": "index\tsentence\n0\tvery fine .\n1\tvery -lrb- very -rrb- dull .\n",
}
TREES = {
    "train.txt": "(4 (2 A) (3 (3 fine) (2 film)))\n(1 (1 Dull) (2 .))\n",
    "dev.txt": "(3 (2 It) (3 (2 is) (3 (4 fine) (2 .))))\n(1 (2 It) (1 (2 is) (1 (0 dull) (2 .))))\n",
    "test.txt": "(4 (2 Very) (4 (3 fine) (2 .)))\n"
    "(0 (2 Very) (0 (2 (2 -LRB-) (2 (2 very) (2 -RRB-))) (1 (1 dull) (2 .))))\n",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A GLUE folder and a treebank of seven invented texts, and their sizes for the published ones."""
    for name, content in (TEXTS | TREES).items():
        (tmp_path / name).write_text(content)
    monkeypatch.setattr(sst2, "SIZES", {"train": 3, "dev": 2, "test": 2})
    monkeypatch.setenv("SENTILORA_SST2_DIR", str(tmp_path))
    monkeypatch.setenv("SENTILORA_TREEBANK_DIR", str(tmp_path))
    return tmp_path


def test_texts_are_joined_with_their_trees(folder: Path) -> None:
    dataset = load_sst2()
    assert dataset.label_names == ("negative", "positive")
    rows = {split: as_rows(examples) for split, examples in dataset.splits.items()}
    assert rows == {
        "train": [
            ("train-0", "a fine film", 1, 1.0),
            ("train-1", "dull", 0, 0.5),
            ("train-2", "unheard of", 1, None),
        ],
        "dev": [("dev-0", "it is fine .", 1, 0.5), ("dev-1", "it is dull .", 0, 0.5)],
        "test": [("test-0", "very fine .", 1, 1.0), ("test-1", "very -lrb- very -rrb- dull .", 0, 1.0)],
    }
    assert dataset.about.place == "a local GLUE folder and a local treebank folder"
    told = [dataset.about.place, *dataset.notes]
    assert not any(str(folder) in text for text in told), "records are published; paths are not"


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        (
            "dev.tsv",
            "dull .\t0",
            "dull .\t1",
            "dev labels that the treebank contradicts: 1 line, for example 'it is dull .'",
        ),
        ("dev.txt", "(3 (2 It)", "(1 (2 It)", "contradicts: 1 line, for example 'it is fine .'"),
        ("test.tsv", "very fine", "vary fine", "test split does not have: 1 row, for example 'vary fine .'"),
        (
            "test.txt",
            "(4 (2 Very)",
            "(2 (2 Very)",
            "neither negative nor positive: 1 row, for example 'very fine .'",
        ),
        ("dev.txt", "(3 (2 It)", "(3 (2 It", "lines that are not trees"),
        ("train.tsv", "unheard of \t1\n", "", "not SST-2: 2 / 2 / 2 rows"),
        ("train.tsv", "dull \t0", "dull \t-1", "labels that SST-2 does not have: 1 line, for example '-1'"),
        ("test.tsv", "index\tsentence", "index\tno such", "no column is known to hold the text"),
    ],
)
def test_what_differs_from_the_published_data_is_refused(
    file: str, old: str, new: str, words: str, folder: Path
) -> None:
    content = (folder / file).read_text()
    assert old in content
    (folder / file).write_text(content.replace(old, new, 1))
    with pytest.raises(DataError, match=words) as caught:
        load_sst2()
    assert caught.value.remedy


def test_folders_that_are_not_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTILORA_TREEBANK_DIR", str(folder / "absent"))
    with pytest.raises(DataError, match="SENTILORA_TREEBANK_DIR does not name a folder"):
        load_sst2()
    (folder / "dev.tsv").unlink()
    with pytest.raises(DataError, match="cannot be read") as caught:
        load_sst2(folder)
    assert "dev.tsv" in caught.value.where


def test_a_glue_folder_is_known_by_its_headers(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert is_glue_folder(folder)
    other = tmp_path_factory.mktemp("own")
    assert not is_glue_folder(other)
    (other / "train.tsv").write_text("sentence\tlabel\nfine\t1\n")
    (other / "test.tsv").write_text("sentence\tlabel\nfine\t1\n")
    assert not is_glue_folder(other)


@needs_sst2
def test_the_real_data_as_published() -> None:
    splits = real_sst2().splits
    sizes = {split: len(examples) for split, examples in splits.items()}
    assert sizes == {"train": 67349, "dev": 872, "test": 1821}
    assert [int(splits[split].labels.sum()) for split in ("train", "dev", "test")] == [37569, 444, 909]
    assert splits["train"].ids[17] == "train-17"
    known = ~np.isnan(splits["train"].strengths)
    assert known.sum() == 67_347
    for split in ("dev", "test"):
        assert set(splits[split].strengths) == {0.5, 1.0}
    # GLUE took its labels from these trees: hardly a phrase is neutral in them.
    assert (splits["train"].strengths[known] == 0).sum() < 20


@needs_sst2
def test_texts_are_the_files_own() -> None:
    lines = (SST2_FOLDER / "test.tsv").read_bytes().decode().split("\n")[1:-1]
    assert [line.split("\t")[1].strip() for line in lines] == list(real_sst2().splits["test"].texts)
