from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentilora.data.sources.user_files import load_file
from sentilora.data.sources.user_folders import load_folder
from sentilora.errors import DataError
from support.examples import as_rows

Row = tuple[str, str, str, str]  # split, text, label, strength

WORDS = ["film", "plot", "hero", "scene", "score", "ending", "NA", "null", "None", '"', "'", "é", "🎬", "=1"]
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
LABELS = st.sampled_from([["0", "1"], ["negative", "positive"], ["3", "1", "2"], ["meh", "good", "bad"]])


@st.composite
def tables(draw: st.DrawFn) -> list[Row]:
    """Rows of all three splits, the training split with every label."""
    labels = draw(LABELS)
    splits = [
        *["train"] * len(labels),
        "dev",
        "test",
        *draw(st.lists(st.sampled_from(["train", "dev", "test"]))),
    ]
    used = [*labels, *(draw(st.sampled_from(labels)) for _ in splits[len(labels) :])]
    strengths = st.sampled_from(["", "0", "0.25", "1.0"])
    return [(split, draw(TEXTS), label, draw(strengths)) for split, label in zip(splits, used, strict=True)]


def write(path: Path, rows: Sequence[Row]) -> Path:
    """The rows in the format that the path's ending names, typed where the format has types."""
    columns = ("split", "text", "label", "strength")
    if path.suffix == ".tsv":
        path.write_text("\n".join("\t".join(row) for row in [columns, *rows]), encoding="utf-8")
    elif path.suffix == ".csv":
        quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [columns, *rows]]
        path.write_text("\n".join(quoted), encoding="utf-8")
    else:
        typed = [
            (split, text, int(label) if label.isdigit() else label, float(strength) if strength else None)
            for split, text, label, strength in rows
        ]
        if path.suffix == ".jsonl":
            path.write_text("\n".join(json.dumps(dict(zip(columns, row, strict=True))) for row in typed))
        else:
            pq.write_table(
                pa.table(dict(zip(columns, map(list, zip(*typed, strict=True)), strict=True))), path
            )
    return path


@settings(deadline=None, max_examples=50)
@given(rows=tables())
def test_all_formats_give_the_same_examples(
    rows: list[Row], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("labelled")
    datasets = [
        load_file(write(folder / f"rows{suffix}", rows)) for suffix in (".tsv", ".csv", ".jsonl", ".parquet")
    ]
    first = datasets[0]
    assert len({dataset.fingerprint for dataset in datasets}) == 1
    names = sorted({label for _, _, label, _ in rows})
    assert first.label_names == tuple(names)
    for split in first.splits:
        expected = [
            (f"{split}-{i}", text, names.index(label), float(strength) if strength else None)
            for i, (_, text, label, strength) in enumerate(row for row in rows if row[0] == split)
        ]
        for dataset in datasets:
            assert as_rows(dataset.splits[split]) == expected, dataset.name


def sentences(num: int) -> list[str]:
    """Invented reviews, no two of them near-duplicates."""
    return [f"word{i} other{i} third{i} fourth{i}" for i in range(num)]


def test_one_file_is_divided_by_content_alone(tmp_path: Path) -> None:
    texts = sentences(300)
    lines = [f"{text}\t{i % 2}" for i, text in enumerate(texts)]
    forwards, backwards = tmp_path / "a.tsv", tmp_path / "b.tsv"
    forwards.write_text("sentence\tlabel\n" + "\n".join(lines))
    backwards.write_text("sentence\tlabel\n" + "\n".join(reversed(lines)))
    by_file = [
        {split: set(its.texts) for split, its in load_file(path).splits.items()}
        for path in (forwards, backwards)
    ]
    assert by_file[0] == by_file[1]
    assert sorted(text for its in by_file[0].values() for text in its) == sorted(texts)
    assert {split: round(len(its) / 300, 1) for split, its in by_file[0].items()} == {
        "train": 0.8,
        "dev": 0.1,
        "test": 0.1,
    }


def test_no_near_duplicate_crosses_the_division(tmp_path: Path) -> None:
    texts = sentences(200)
    variants = [f"{text.upper()} !" for text in texts]
    path = tmp_path / "rows.tsv"
    path.write_text(
        "text\tlabel\n" + "\n".join(f"{text}\t{i % 2}" for i, text in enumerate(texts + variants))
    )
    split_of = {text: split for split, its in load_file(path).splits.items() for text in its.texts}
    for text in texts:
        its = split_of.get(text), split_of.get(f"{text.upper()} !")
        assert its in (("train", "train"), ("dev", None), (None, "dev"), ("test", None), (None, "test"))


def test_a_folder_may_mix_formats_and_names(tmp_path: Path) -> None:
    (tmp_path / "train.tsv").write_text("sentence\tlabel\nfine\tpositive\ndull\tnegative\n")
    (tmp_path / "Validation.jsonl").write_text('{"text": "great", "label": "positive", "more": [1]}\n')
    (tmp_path / "test.csv").write_text("id,text,label\na7,poor,negative\n")
    (tmp_path / "notes.txt").write_text("not a table")
    dataset = load_folder(tmp_path)
    assert dataset.label_names == ("negative", "positive")
    assert as_rows(dataset.splits["dev"]) == [("dev-0", "great", 1, None)]
    assert as_rows(dataset.splits["test"]) == [("a7", "poor", 0, None)]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "no data set in this folder; found: nothing"),
        ({"readme.md": "x", "a.csv": "", "b.csv": ""}, "found: a.csv, b.csv, readme.md"),
        ({"dev.tsv": "text\tlabel\na\t0\n"}, "no train split; found: dev"),
        (
            {"train.tsv": "text\tlabel\na\t0\n", "train.csv": "text,label\na,0\n"},
            "two files for the train split",
        ),
    ],
)
def test_folders_that_are_no_data_sets(files: dict[str, str], words: str, tmp_path: Path) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    with pytest.raises(DataError, match=words) as caught:
        load_folder(tmp_path)
    assert caught.value.where == str(tmp_path)
    assert caught.value.remedy


HEADER = "split\ttext\tlabel"
GOOD = ["train\tfine\t1", "train\tdull\t0", "dev\tgreat\t1", "test\tpoor\t0"]


@pytest.mark.parametrize(
    ("lines", "words", "place"),
    [
        (["text\tmood", "fine\t1"], "known to hold the label; the columns are: 'text', 'mood'", "line 1"),
        (["opinion\tlabel", "fine\t1"], "no column is known to hold the text", "line 1"),
        (["text\tsentence\tlabel", "a\tb\t1"], "2 columns may hold the text: 'text', 'sentence'", "line 1"),
        ([HEADER, *GOOD, "train\t  \t1", "dev\t\t0"], "no text: 2 lines", "lines 6, 7"),
        ([HEADER, *GOOD, "train\tso so\t"], "no label that can be read: 1 line", "line 6"),
        ([HEADER, *GOOD, "train\tso so\tpositive"], "mix numbers and names", "rows.tsv"),
        (
            [HEADER, *GOOD, "test\tso so\tpositive"],
            "unknown labels: 1 line, for example 'positive'",
            "line 6",
        ),
        ([HEADER, *GOOD, "test\thidden\t-1"], "unknown labels: 1 line, for example '-1'", "line 6"),
        ([HEADER, *GOOD[1:]], "one class only: every row is labelled '0'", "rows.tsv"),
        ([HEADER, *GOOD[:3]], "too few texts to divide: 2 rows hold 2 different texts", "rows.tsv"),
        ([HEADER, *GOOD, "extra\tso so\t1"], "unknown splits: 1 line, for example 'extra'", "line 6"),
        (["text\tlabel", "fine\t1", "dull\t0"], "too few texts to divide: 2 rows", "rows.tsv"),
        (
            [HEADER, *(line.replace("1", "Good").replace("0", "bad") for line in GOOD), "train\tso\tgood"],
            "upper and lower case only: Good, good",
            "rows.tsv",
        ),
        (
            [f"{HEADER}\tstrength", *(f"{line}\t0.5" for line in GOOD), "dev\tso\t1\t1.5"],
            "strengths that are no number from 0 to 1: 1 line, for example '1.5'",
            "line 6",
        ),
    ],
)
def test_bad_tables_end_in_one_error(lines: list[str], words: str, place: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.tsv"
    path.write_text("\n".join(lines))
    with pytest.raises(DataError, match=words) as caught:
        load_file(path)
    assert caught.value.where.endswith(place)
    assert caught.value.rule
    assert caught.value.remedy


@settings(deadline=None, max_examples=30)
@given(num_rows=st.integers(4, 40), data=st.data())
def test_empty_texts_are_reported_with_their_lines(
    num_rows: int, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    bad = data.draw(st.sets(st.integers(2, num_rows + 1), min_size=1, max_size=3))
    path = tmp_path_factory.mktemp("labelled") / "rows.tsv"
    lines = [
        f"{'' if number in bad else f'film {number}'}\t{number % 2}" for number in range(2, num_rows + 2)
    ]
    path.write_text("\n".join(["text\tlabel", *lines]))
    with pytest.raises(DataError, match=f"no text: {len(bad)} line") as caught:
        load_file(path)
    assert caught.value.where.split(" ", 2)[2] == ", ".join(map(str, sorted(bad)))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ('{"text": null, "label": 1}', "no text"),
        ('{"text": 7, "label": 1}', "no text: 1 line, for example '7'"),
        ('{"text": "half a pair \\ud83c", "label": 1}', "broken characters"),
        ('{"text": "a hole\\u0000here", "label": 1}', "broken characters"),
        ('{"text": "fine", "label": [1]}', "several labels in one row"),
        ('{"text": "fine", "label": "\\ud83c"}', "no label"),
        ('{"text": "fine", "label": NaN}', "no label"),
        ('{"text": "fine"}', "no label"),
        ('{"text": "fine", "label": 1, "strength": "much"}', "strengths"),
    ],
)
def test_typed_values_that_cannot_stand(row: str, words: str, tmp_path: Path) -> None:
    good = [{"split": split, "text": "fine", "label": i} for i, split in enumerate(["train", "train"])]
    good += [{"split": split, "text": "fine", "label": 1} for split in ("dev", "test")]
    path = tmp_path / "rows.jsonl"
    bad = row.replace("{", '{"split": "train", ', 1)
    path.write_text("\n".join([*map(json.dumps, good), bad]))
    with pytest.raises(DataError, match=words) as caught:
        load_file(path)
    assert caught.value.where.endswith("line 5")


def test_labels_and_strengths_are_read_as_pandas_writes_them(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(
        "split,text,label,strength\ntrain,fine,1.0,\ntrain,dull,0.0,0.5\ndev,great,1.0,1\ntest,poor,0,0\n"
    )
    dataset = load_file(path)
    assert dataset.label_names == ("0", "1")
    np.testing.assert_array_equal(dataset.splits["train"].strengths, [math.nan, 0.5])
