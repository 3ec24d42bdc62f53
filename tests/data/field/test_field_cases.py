"""Files of the kinds that people bring, rebuilt with invented texts: what is read of each, and said."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sentilora.data.dataset import Dataset
from sentilora.data.sources.registry import load_dataset
from sentilora.data.tables.reading import Reading
from sentilora.errors import DataError
from support.invented_reviews import reviews

REVIEWS = reviews(160)
NAMED = [(text, "pos" if good else "neg") for text, good in REVIEWS]


def write_csv(
    path: Path,
    rows: Iterable[Sequence[object]],
    header: Sequence[str] = ("text", "label"),
    separator: str = ",",
    encoding: str = "utf-8",
    end: str = "\n",
) -> Path:
    file = io.StringIO()
    csv.writer(file, delimiter=separator, lineterminator=end).writerows(
        [*([header] if header else []), *rows]
    )
    path.write_bytes(file.getvalue().encode(encoding))
    return path


def texts_of(dataset: Dataset) -> list[str]:
    return sorted(text for examples in dataset.splits.values() for text in examples.texts)


def labelled(dataset: Dataset) -> dict[str, str]:
    return {
        text: dataset.label_names[label]
        for examples in dataset.splits.values()
        for text, label in zip(examples.texts, examples.labels, strict=True)
    }


def require_whole(dataset: Dataset, rows: Sequence[tuple[str, str]] = NAMED) -> None:
    """All rows are there under their labels, divided 80/10/10 with every class in every part."""
    assert labelled(dataset) == dict(rows)
    sizes = {split: len(examples) for split, examples in dataset.splits.items()}
    assert sizes["dev"] == pytest.approx(len(rows) / 10, abs=len(dataset.label_names))
    assert sizes["test"] == pytest.approx(len(rows) / 10, abs=len(dataset.label_names))
    for examples in dataset.splits.values():
        assert set(examples.labels.tolist()) == set(range(len(dataset.label_names)))


def test_train_and_test_alone(tmp_path: Path) -> None:
    write_csv(tmp_path / "train.csv", NAMED[:120])
    write_csv(tmp_path / "test.csv", NAMED[120:])
    dataset = load_dataset(str(tmp_path))
    assert {split: len(its) for split, its in dataset.splits.items()} == {"train": 108, "dev": 12, "test": 40}
    assert any("dev (10%) divided from train" in note for note in dataset.notes)


def test_a_competitions_test_without_labels(tmp_path: Path) -> None:
    write_csv(tmp_path / "train.csv", ((i, *row) for i, row in enumerate(NAMED)), ("id", "text", "target"))
    write_csv(
        tmp_path / "test.csv", [(900 + i, text) for i, (text, _) in enumerate(reviews(20, 1))], ("id", "text")
    )
    write_csv(tmp_path / "sample_submission.csv", [(900, "neg")], ("id", "target"))
    dataset = load_dataset(str(tmp_path))
    require_whole(dataset)
    (note,) = [note for note in dataset.notes if "has no labels" in note]
    assert f"sentilora predict --adapter RUN --file {tmp_path / 'test.csv'} --output" in note
    assert set(dataset.splits["dev"].ids) <= {str(i) for i in range(160)}


@pytest.mark.parametrize("has_splits", [True, False])
def test_folders_of_text_files_by_class(has_splits: bool, tmp_path: Path) -> None:
    for i, (text, label) in enumerate(NAMED):
        split = ("test" if i < 40 else "train") if has_splits else "."
        folder = tmp_path / split / label
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{i}_7.txt").write_text(f"{text}\nsecond line", "utf-8")
    if has_splits:
        (tmp_path / "train" / "unsup").mkdir()
        (tmp_path / "train" / "unsup" / "0_0.txt").write_text("nobody rated this")
    dataset = load_dataset(str(tmp_path))
    assert dataset.label_names == ("neg", "pos")
    assert texts_of(dataset) == sorted(f"{text}\nsecond line" for text, _ in NAMED)
    assert len(dataset.splits["test"]) == (40 if has_splits else 16)
    assert any("unsup is left out" in note for note in dataset.notes) == has_splits


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        ("12345", ("1", "2", "3", "4", "5")),
        (("-1", "0", "1"), ("-1", "0", "1")),
        (("5", "4.5", "0.5", "3", "3.0"), ("0.5", "3", "4.5", "5")),
        (("True", "False"), ("false", "true")),
        (("none", "NA"), ("NA", "none")),
        (("1", "0"), ("0", "1")),
        (("10", "9", "1"), ("1", "9", "10")),
    ],
)
def test_labels_are_what_the_file_says(labels: Sequence[str], names: tuple[str, ...], tmp_path: Path) -> None:
    rows = [(text, labels[i % len(labels)]) for i, (text, _) in enumerate(REVIEWS)]
    assert load_dataset(str(write_csv(tmp_path / "a.csv", rows))).label_names == names


def test_truth_values_have_one_name_in_every_format(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", [(text, str(good)) for text, good in REVIEWS])
    write_csv(tmp_path / "upper.csv", [(text, str(good).upper()) for text, good in REVIEWS])
    (tmp_path / "a.jsonl").write_text(
        "\n".join(json.dumps({"text": t, "label": good}) for t, good in REVIEWS)
    )
    texts, labels = map(list, zip(*REVIEWS, strict=True))
    pq.write_table(pa.table({"text": texts, "label": labels}), tmp_path / "a.parquet")
    found = [load_dataset(str(tmp_path / name)) for name in ("a.csv", "upper.csv", "a.jsonl", "a.parquet")]
    assert {dataset.label_names for dataset in found} == {("false", "true")}
    assert len({dataset.fingerprint for dataset in found}) == 1


def test_words_that_mean_nothing_elsewhere_are_text(tmp_path: Path) -> None:
    rows = [*NAMED, ("NA", "pos"), ("null", "neg"), ("None", "pos"), ("nan", "neg")]
    require_whole(load_dataset(str(write_csv(tmp_path / "a.csv", rows))), rows)


def write_bad_rows(folder: Path, ending: str) -> Path:
    """Rows without a text at lines (or rows) 3 and 5, in every format."""
    rows: list[tuple[str | None, str]] = [*NAMED]
    rows[1:1], rows[3:3] = [(None, "pos")], [(None, "neg")]
    path = folder / f"a.{ending}"
    if ending == "csv":
        return write_csv(path, [("" if text is None else text, label) for text, label in rows])
    if ending == "jsonl":
        lines = [json.dumps({"text": text if text else float("nan"), "label": its}) for text, its in rows]
        path.write_text("\n".join(lines))
    else:
        texts, labels = map(list, zip(*rows, strict=True))
        pq.write_table(pa.table({"text": texts, "label": labels}), path)
    return path


@pytest.mark.parametrize(("ending", "places"), [("csv", "3, 5"), ("jsonl", "2, 4"), ("parquet", "2, 4")])
def test_rows_without_text_are_refused_or_left_out(ending: str, places: str, tmp_path: Path) -> None:
    path = str(write_bad_rows(tmp_path, ending))
    with pytest.raises(DataError, match="no text: 2") as caught:
        load_dataset(path)
    assert caught.value.where.endswith(places)
    assert "--drop-bad-rows" in caught.value.remedy
    dataset = load_dataset(path, Reading(drop_bad_rows=True))
    require_whole(dataset)
    assert any(note.startswith("2 of 162 rows are left out") for note in dataset.notes)


QUOTING = [('He said "no" and left.', "neg"), ("well, fine", "pos"), ('"quoted from end to end"', "pos")]


def test_quotes_in_tsv_are_text_or_quoting_by_the_whole_file(tmp_path: Path) -> None:
    as_text = tmp_path / "text.tsv"
    rows = [*NAMED, *QUOTING, ('"It began well, then stopped', "neg"), ('an 8" pipe', "neg")]
    as_text.write_text("".join(f"{text}\t{label}\n" for text, label in [("text", "label"), *rows]))
    require_whole(load_dataset(str(as_text)), rows)
    rows = [*NAMED, *QUOTING, ("a tab\tinside", "pos"), ("two\nlines", "neg")]
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC):
        file = io.StringIO()
        csv.writer(file, delimiter="\t", quoting=quoting, lineterminator="\n").writerows(
            [("text", "label"), *rows]
        )
        (tmp_path / "pandas.tsv").write_text(file.getvalue())
        dataset = load_dataset(str(tmp_path / "pandas.tsv"))
        require_whole(dataset, rows)
        assert any("quoted as pandas and Excel quote" in note for note in dataset.notes)
    same = load_dataset(str(write_csv(tmp_path / "pandas.csv", rows)))
    assert same.fingerprint == dataset.fingerprint


def test_quotes_as_excel_writes_them_in_tsv(tmp_path: Path) -> None:
    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if set(text) & set('",\t\n') else text

    path = tmp_path / "excel.txt"
    lines = [f"{cell(text)}\t{label}\r\n" for text, label in [("text", "label"), *NAMED, *QUOTING]]
    path.write_bytes("".join(lines).encode("utf-16"))  # "Unicode text"
    require_whole(load_dataset(str(path)), [*NAMED, *QUOTING])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_line_ends(end: str, name: str, tmp_path: Path) -> None:
    separator = "\t" if name.endswith("tsv") else ","
    require_whole(load_dataset(str(write_csv(tmp_path / name, NAMED, separator=separator, end=end))))


@pytest.mark.parametrize("character", ["\x85", "\u2028", "\u2029", "\x0b", "\x0c", "\x1c", "\r"])
@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl"])
def test_what_other_readers_take_for_a_line_end_is_text(character: str, ending: str, tmp_path: Path) -> None:
    rows = [(text.replace(";", character), label) for text, label in NAMED]
    path = tmp_path / f"a.{ending}"
    if ending == "jsonl":
        lines = [json.dumps({"text": text, "label": label}, ensure_ascii=False) for text, label in rows]
    else:
        separator = "," if ending == "csv" else "\t"
        cells = [(text.replace(separator, ""), label) for text, label in rows]
        rows = cells
        lines = [separator.join(row) for row in [("text", "label"), *cells]]
    path.write_bytes(("\n".join(lines) + "\n").encode())
    require_whole(load_dataset(str(path)), rows)


def test_json_lines_and_arrays_under_any_name(tmp_path: Path) -> None:
    rows = [{"review_id": f"r{i}", "stars": 5.0 if good else 1.0, "text": text, "useful": i}
            for i, (text, good) in enumerate(REVIEWS)]  # fmt: skip
    lines = "\n".join(map(json.dumps, rows))
    contents = {
        "lines.json": lines,
        "lines.txt": lines,
        "array.json": json.dumps(rows, indent=2),
        "array.jsonl": json.dumps(rows),
        "array.ndjson": json.dumps(rows).replace("}, {", "},\n{"),
    }
    found = set()
    for name, content in contents.items():
        (tmp_path / name).write_text(content)
        dataset = load_dataset(str(tmp_path / name))
        assert dataset.label_names == ("1", "5")
        assert "label from column 'stars'" in dataset.notes
        found.add(dataset.fingerprint)
    assert len(found) == 1
    for broken in (
        json.dumps(rows)[:-30],
        json.dumps(rows) + json.dumps(rows),
        json.dumps(rows)[:-1] + ", 7]",
    ):
        (tmp_path / "broken.json").write_text(broken)
        with pytest.raises(DataError):
            load_dataset(str(tmp_path / "broken.json"))


def test_fasttext_lines(tmp_path: Path) -> None:
    content = "".join(f"__label__{2 if good else 1} {text}\n" for text, good in REVIEWS)
    (tmp_path / "train.ft.txt").write_text(content)
    (tmp_path / "packed").mkdir()
    (tmp_path / "packed" / "train.ft.txt.bz2").write_bytes(bz2.compress(content.encode()))
    expected = [(text, "2" if good else "1") for text, good in REVIEWS]
    require_whole(load_dataset(str(tmp_path / "train.ft.txt")), expected)
    require_whole(load_dataset(str(tmp_path / "packed")), expected)
    (tmp_path / "several.txt").write_text("__label__1 __label__2 fine\n" + content)
    with pytest.raises(DataError, match="several labels in one row: 1 line"):
        load_dataset(str(tmp_path / "several.txt"))


def hub_features() -> datasets.Features:
    return datasets.Features(text=datasets.Value("string"), label=datasets.ClassLabel(names=["pos", "neg"]))


def test_folders_of_save_to_disk_keep_class_names_and_their_order(tmp_path: Path) -> None:
    def part(start: int, stop: int) -> datasets.Dataset:
        texts, labels = map(list, zip(*NAMED[start:stop], strict=True))
        return datasets.Dataset.from_dict({"text": texts, "label": labels}, features=hub_features())

    datasets.DatasetDict(train=part(0, 120), test=part(120, 160)).save_to_disk(tmp_path / "saved")
    part(0, 160).save_to_disk(tmp_path / "one")
    for shard in (0, 1):
        part(shard * 80, shard * 80 + 80).to_parquet(tmp_path / f"train-{shard:05d}-of-00002.parquet")
    saved = load_dataset(str(tmp_path / "saved"))
    assert {split: len(its) for split, its in saved.splits.items()} == {"train": 108, "dev": 12, "test": 40}
    for dataset in (saved, load_dataset(str(tmp_path / "one")), load_dataset(str(tmp_path))):
        assert dataset.label_names == ("pos", "neg")
        assert labelled(dataset) == dict(NAMED)


def test_copies_of_a_text_are_no_split(tmp_path: Path) -> None:
    few = [
        ("good product", "pos"),
        ("bad product", "neg"),
        ("average", "neu"),
        ("nice", "pos"),
        ("poor", "neg"),
    ]
    rows = few * 100
    with pytest.raises(DataError, match="500 rows hold 5 different texts"):
        load_dataset(str(write_csv(tmp_path / "few.csv", rows)))
    dataset = load_dataset(str(write_csv(tmp_path / "many.csv", [*rows, *NAMED, *NAMED])))
    for split in ("dev", "test"):
        texts = dataset.splits[split].texts
        assert len(set(texts)) == len(texts) > 10
    assert any("further copies of texts" in note for note in dataset.notes)
    assert any("only in train, for want of texts: neu" in note for note in dataset.notes)


def test_columns_of_an_index_and_of_ids_that_repeat(tmp_path: Path) -> None:
    write_csv(tmp_path / "index.csv", ((i, *row) for i, row in enumerate(NAMED)), ("", "text", "label"))
    write_csv(
        tmp_path / "ids.csv", ((f"B{i % 9}", *row) for i, row in enumerate(NAMED)), ("id", "text", "label")
    )
    for name in ("index.csv", "ids.csv"):
        dataset = load_dataset(str(tmp_path / name))
        require_whole(dataset)
        assert dataset.splits["dev"].ids[0] == "dev-0"
        assert any("rows are counted instead" in note for note in dataset.notes) == (name == "ids.csv")


def test_encodings_are_named_and_read_when_declared(tmp_path: Path) -> None:
    rows = [(f"It’s so – {text} €5", label) for text, label in NAMED]
    path = write_csv(tmp_path / "windows.csv", rows, encoding="cp1252")
    with pytest.raises(DataError, match="not UTF-8: 160 lines") as caught:
        load_dataset(str(path))
    assert "--encoding windows-1252" in caught.value.remedy
    assert f"iconv -f WINDOWS-1252 -t UTF-8 {path} > mended.csv" in caught.value.remedy
    require_whole(load_dataset(str(path), Reading(encoding="windows-1252")), rows)
    for encoding in ("utf-16", "utf-8-sig"):
        require_whole(load_dataset(str(write_csv(path, rows, encoding=encoding))), rows)
    write_csv(path, rows, encoding="utf-16-le")
    require_whole(load_dataset(str(path), Reading(encoding="utf-16-le")), rows)
    with pytest.raises(DataError, match="no encoding is called 'klingon'"):
        load_dataset(str(path), Reading(encoding="klingon"))


def test_a_label_that_only_test_has_is_named_with_its_line(tmp_path: Path) -> None:
    for split, rows in (("train", NAMED), ("dev", NAMED[:9]), ("test", [*NAMED[:3], ("so so", "neutral")])):
        write_csv(tmp_path / f"{split}.csv", rows)
    with pytest.raises(DataError, match="unknown labels: 1 line, for example 'neutral'") as caught:
        load_dataset(str(tmp_path))
    assert caught.value.where == f"{tmp_path / 'test.csv'}, line 5"


def test_trees_of_five_classes_and_of_two_by_renaming(tmp_path: Path) -> None:
    for i, split in enumerate(("train", "dev", "test")):
        lines = [f"({label} (2 {word}{i}) (2 film))" for label in range(5) for word in ("a", "the", "one")]
        (tmp_path / f"{split}.txt").write_text("\n".join(lines))
    dataset = load_dataset(str(tmp_path))
    assert dataset.label_names == ("very negative", "negative", "neutral", "positive", "very positive")
    assert [len(its) for its in dataset.splits.values()] == [15, 15, 15]
    merged = Reading(
        labels={
            "very negative": "negative",
            "neutral": "",
            "positive": "positive",
            "very positive": "positive",
        }
    )
    two = load_dataset(str(tmp_path), merged)
    assert two.label_names == ("negative", "positive")
    assert [len(its) for its in two.splits.values()] == [12, 12, 12]
    assert any("neutral is left out" in note for note in two.notes)


def test_labels_are_renamed_merged_and_dropped_in_the_stated_order(tmp_path: Path) -> None:
    rows = [(text, str(i % 5 + 1)) for i, (text, _) in enumerate(REVIEWS)]
    path = str(write_csv(tmp_path / "stars.csv", rows))
    names = {"5": "happy", "4": "happy", "3": "", "1": "cross", "2": "cross"}
    dataset = load_dataset(path, Reading(labels=names))
    assert dataset.label_names == ("happy", "cross")
    assert labelled(dataset) == {text: names[label] for text, label in rows if names[label]}
    with pytest.raises(DataError, match="no row is labelled '6'"):
        load_dataset(path, Reading(labels={"6": "happy"}))
    with pytest.raises(DataError, match="mix numbers and names"):
        load_dataset(path, Reading(labels={"5": "happy"}))


def test_several_labels_in_a_row_are_refused_as_that(tmp_path: Path) -> None:
    rows = [{"text": text, "label": [label, "other"]} for text, label in NAMED]
    (tmp_path / "a.json").write_text(json.dumps(rows))
    with pytest.raises(DataError, match="several labels in one row: 160 rows") as caught:
        load_dataset(str(tmp_path / "a.json"))
    assert "one label a row" in caught.value.remedy


@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.txt"])
def test_any_separator_under_any_name(separator: str, name: str, tmp_path: Path) -> None:
    rows = [(i, text.replace(";", ", and;"), label) for i, (text, label) in enumerate(NAMED)]
    write_csv(tmp_path / name, rows, ("nr", "Review Text", " Sentiment "), separator)
    dataset = load_dataset(str(tmp_path / name))
    require_whole(dataset, [(text, label) for _, text, label in rows])
    assert "text from column 'Review Text', label from column 'Sentiment'" in dataset.notes
    usual = {"a.csv": ",", "a.tsv": "\t", "a.txt": "\t"}[name]
    assert any("between the fields" in note for note in dataset.notes) == (separator != usual)


def test_tables_without_a_header(tmp_path: Path) -> None:
    path = str(write_csv(tmp_path / "a.csv", [(label, i, text) for i, (text, label) in enumerate(NAMED)], ()))
    dataset = load_dataset(path, Reading(columns={"text": "3", "label": "1"}, header=False))
    require_whole(dataset)
    with pytest.raises(DataError, match="no column is known to hold the text") as caught:
        load_dataset(path)
    assert "--no-header" in caught.value.remedy


def test_two_columns_that_fit_are_shown_with_their_first_rows(tmp_path: Path) -> None:
    rows = [(text, label, 5 if label == "pos" else 1) for text, label in NAMED]
    path = str(write_csv(tmp_path / "a.csv", rows, ("Review", "sentiment", "Stars")))
    with pytest.raises(DataError, match="2 columns may hold the label: 'sentiment', 'Stars'") as caught:
        load_dataset(path)
    assert "'sentiment': 'neg', 'pos', 'neg'" in caught.value.what
    assert "'Stars': '1', '5', '1'" in caught.value.what
    assert "--label" in caught.value.remedy
    assert load_dataset(path, Reading(columns={"label": "stars"})).label_names == ("1", "5")
    with pytest.raises(DataError, match="no column 'verdict'"):
        load_dataset(path, Reading(columns={"label": "verdict"}))


def test_packed_tables(tmp_path: Path) -> None:
    content = write_csv(tmp_path / "a.csv", NAMED).read_bytes()
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(content))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("inner/IMDB Dataset.csv", content)
        archive.writestr("__MACOSX/._a", b"x")
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("train.csv", content)
        archive.writestr("test.csv", content)
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(content)[:-20])
    for name in ("a.csv.gz", "a.zip"):
        require_whole(load_dataset(str(tmp_path / name)))
    with pytest.raises(DataError, match=r"an archive of 2 files: train\.csv, test\.csv"):
        load_dataset(str(tmp_path / "two.zip"))
    with pytest.raises(DataError, match="cannot be unpacked"):
        load_dataset(str(tmp_path / "cut.csv.gz"))


def test_excel_workbooks(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for row in [("Text", "Stars"), *((text, 4.5 if good else 1) for text, good in REVIEWS)]:
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    dataset = load_dataset(str(tmp_path / "a.xlsx"))
    assert dataset.label_names == ("1", "4.5")
    assert texts_of(dataset) == sorted(text for text, _ in REVIEWS)


def test_shares_and_seed_of_the_division_and_groups_that_stay_together(tmp_path: Path) -> None:
    rows = [(text, label, i % 30) for i, (text, label) in enumerate(NAMED)]
    path = str(write_csv(tmp_path / "a.csv", rows, ("text", "label", "product")))
    first = load_dataset(path, Reading(dev_share=0.2, test_share=0.3))
    assert {split: len(its) for split, its in first.splits.items()} == {"train": 80, "dev": 32, "test": 48}
    other = load_dataset(path, Reading(dev_share=0.2, test_share=0.3, split_seed=1))
    assert set(first.splits["test"].texts) != set(other.splits["test"].texts)
    grouped = load_dataset(path, Reading(columns={"group": "product"}))
    product = {text: its for text, _, its in rows}
    parts = [{product[text] for text in examples.texts} for examples in grouped.splits.values()]
    assert sum(map(len, parts)) == 30


def test_a_hub_layout_of_shards_in_a_data_folder(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "README.md").write_text("# Tiny")
    texts, labels = map(list, zip(*NAMED, strict=True))
    for split in ("train", "validation", "test"):
        table = pa.table({"text": texts, "label": labels})
        pq.write_table(table, tmp_path / "data" / f"{split}-00000-of-00001-0123456789abcdef.parquet")
    dataset = load_dataset(str(tmp_path))
    assert [len(its) for its in dataset.splits.values()] == [160, 160, 160]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"%PDF-1.7\n" + bytes(range(1, 9)) * 40),
        ("page.html", b"<!DOCTYPE html><html><p>fine</p></html>"),
        ("a.xml", b"<?xml version='1.0'?><a>fine</a>"),
        ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9),
    ],
)
def test_what_is_neither_text_nor_table_is_refused(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match="neither a text file nor a table"):
        load_dataset(str(tmp_path / name))


def test_forty_classes_and_few_of_one(tmp_path: Path) -> None:
    many = [(text, f"intent_{i % 40}") for i, (text, _) in enumerate(reviews(480))]
    dataset = load_dataset(str(write_csv(tmp_path / "many.csv", many)))
    assert [len(set(its.labels.tolist())) for its in dataset.splits.values()] == [40, 40, 40]
    scarce = [(text, "rare" if i < 3 else "common") for i, (text, _) in enumerate(REVIEWS)]
    dataset = load_dataset(str(write_csv(tmp_path / "scarce.csv", scarce)))
    assert [its.labels.tolist().count(1) for its in dataset.splits.values()] == [1, 1, 1]
