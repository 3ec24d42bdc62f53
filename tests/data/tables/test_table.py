from __future__ import annotations

import csv
import io
import json
import re
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentilora.data.tables.reading import AS_FOUND, Reading
from sentilora.data.tables.table import SourceTable, read_table, stream_texts
from sentilora.errors import DataError

# Any text but for NUL and lone surrogates, which are faults.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30)
ROWS = st.lists(st.tuples(TEXTS, st.sampled_from(["0", "1", "NA", "null", "None"])), min_size=1, max_size=8)

Writer = Callable[[Path, list[tuple[str, str]]], Path]


def write_tsv(folder: Path, rows: list[tuple[str, str]]) -> Path:
    path = folder / "rows.tsv"
    lines = ["text\tlabel", *("\t".join(row) for row in rows)]
    path.write_bytes(("\n".join(lines) + "\n").encode())
    return path


def write_csv(folder: Path, rows: list[tuple[str, str]]) -> Path:
    path = folder / "rows.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([("text", "label"), *rows])
    return path


def write_jsonl(folder: Path, rows: list[tuple[str, str]]) -> Path:
    path = folder / "rows.jsonl"
    lines = (json.dumps({"text": text, "label": label}) for text, label in rows)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def write_parquet(folder: Path, rows: list[tuple[str, str]]) -> Path:
    path = folder / "rows.parquet"
    texts, labels = zip(*rows, strict=True)
    pq.write_table(pa.table({"text": list(texts), "label": list(labels)}), path)
    return path


def values(table: SourceTable) -> list[tuple[object, object]]:
    return list(zip(table.columns["text"], table.columns["label"], strict=True))


@settings(deadline=None, max_examples=50)
@given(rows=ROWS)
def test_every_format_gives_back_what_was_written(
    rows: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("tables")
    for write in (write_csv, write_jsonl, write_parquet):
        assert values(read_table(write(folder, rows))) == rows
    # TSV has no way to write tabs and line feeds.
    flat = [(re.sub(r"[\t\n]", " ", text), label) for text, label in rows]
    assert values(read_table(write_tsv(folder, flat))) == flat


@settings(deadline=None, max_examples=50)
@given(texts=st.lists(TEXTS, min_size=1, max_size=8), blank_before=st.integers(0, 3))
def test_places_are_the_lines_where_rows_begin(
    texts: list[str], blank_before: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("tables") / "rows.csv"
    buffer = io.StringIO()
    writer = csv.writer(buffer)  # ends lines with \r\n, so it quotes both within texts
    writer.writerow(("text", "label"))
    expected = []
    for text in texts:
        buffer.write("\n" * blank_before)
        expected.append(buffer.getvalue().count("\n") + 1)
        writer.writerow((text, "1"))
    path.write_bytes(buffer.getvalue().encode())
    assert list(read_table(path).places) == expected


def test_line_ends_and_byte_order_mark_make_no_difference(tmp_path: Path) -> None:
    plain = values(read_table(write_tsv(tmp_path, [("a fine film", "1"), ("dull", "0")])))
    for name in ("rows.tsv", "rows.csv"):
        separator = "\t" if name.endswith("tsv") else ","
        content = f"Text{separator} LABEL\r\na fine film{separator}1\r\ndull{separator}0"
        (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + content.encode())
        assert values(read_table(tmp_path / name)) == plain


def test_quotes_in_tsv_and_inside_csv_fields_are_text(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text('text\tlabel\n"a fine film\t1\nso "good"\t1\n')
    assert values(read_table(tmp_path / "a.tsv")) == [('"a fine film', "1"), ('so "good"', "1")]
    (tmp_path / "a.csv").write_text('text,label\na 5\'6" hero,1\nwhat a film",0\n')
    assert values(read_table(tmp_path / "a.csv")) == [("a 5'6\" hero", "1"), ('what a film"', "0")]


# What to write instead of a good line, by file ending and the words that the error must use.
BAD_LINES = [
    (".tsv", b"no label here", "header's 2 fields"),
    (".tsv", b"one\ttoo\tmany", "header's 2 fields"),
    (".tsv", b"caf\xe9 noir\t1", "not UTF-8"),
    (".tsv", b"a hole\0here\t1", "NUL"),
    (".csv", b"no label here", "header's 2 fields"),
    (".csv", b"good, but long,1", "header's 2 fields"),
    (".csv", b'"never closed,1', "broken quoting"),
    (".csv", b'"fine" they said,1', "broken quoting"),
    (".csv", b"caf\xe9 noir,1", "not UTF-8"),
    (".jsonl", b'{"text": "cut sho', "not JSON objects"),
    (".jsonl", b'["a list", 1]', "not JSON objects"),
    (".jsonl", b"[" * 100_000, "not JSON objects"),
    (".jsonl", b'{"text": "caf\xe9", "label": 1}', "not UTF-8"),
]
GOOD_LINES = {
    ".tsv": (b"text\tlabel", b"fine film\t1"),
    ".csv": (b"text,label", b"fine film,1"),
    ".jsonl": (b'{"text": "dull", "label": 0}', b'{"text": "fine", "label": 1}'),
}


@pytest.mark.parametrize(("suffix", "bad_line", "words"), BAD_LINES)
@settings(deadline=None, max_examples=50)
@given(num_rows=st.integers(1, 12), data=st.data())
def test_a_bad_line_is_reported_with_its_number(
    suffix: str,
    bad_line: bytes,
    words: str,
    num_rows: int,
    data: st.DataObject,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    first, good = GOOD_LINES[suffix]
    bad = data.draw(st.sets(st.integers(2, num_rows + 1), min_size=1, max_size=3))
    lines = [first, *(bad_line if number in bad else good for number in range(2, num_rows + 2))]
    path = tmp_path_factory.mktemp("tables") / f"rows{suffix}"
    path.write_bytes(b"\n".join(lines) + b"\n")
    with pytest.raises(DataError) as caught:
        read_table(path)
    error = caught.value
    assert words in error.what
    assert re.search(rf"\b{len(bad)} lines?, for example '", error.what)
    assert error.where == f"{path}, line{'s' if len(bad) > 1 else ''} {', '.join(map(str, sorted(bad)))}"
    assert error.rule
    assert error.remedy


def test_a_stray_quote_that_another_one_closes_swallows_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text('text,label\nfine,1\n"good film,1\ndull,0\ngreat,1\nand that is "it",0\n"bye",1\n')
    with pytest.raises(DataError, match="broken quoting: 1 line") as caught:
        read_table(path)
    assert caught.value.where.endswith("line 3")
    # Valid CSV, yet rows would vanish: lines 4 and 5 are rows of this very file.
    path.write_text('text,label\nfine,1\n"good film,1\ndull,0\ngreat,1\nthe end",0\nbye,1\n')
    with pytest.raises(DataError, match="broken quoting: 1 line") as caught:
        read_table(path)
    assert caught.value.where.endswith("line 3")


def test_a_text_of_several_lines_is_no_stray_quote(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text('text,label\n"fine,\nvery ""fine"", yes\n\nin\rdeed\nit is",1\ndull,0\n')
    text = 'fine,\nvery "fine", yes\n\nin\rdeed\nit is'
    assert values(read_table(path)) == [(text, "1"), ("dull", "0")]


def test_a_text_may_be_longer_than_the_csv_module_likes(tmp_path: Path) -> None:
    rows = [("film " * 40_000, "1"), ("dull", "0")]
    limit = csv.field_size_limit()
    assert values(read_table(write_csv(tmp_path, rows))) == rows
    assert csv.field_size_limit() == limit


def test_many_faults_name_the_first_lines_and_the_count(tmp_path: Path) -> None:
    path = tmp_path / "rows.tsv"
    path.write_text("text\tlabel\n" + "no label\n" * 50)
    with pytest.raises(DataError, match="50 lines") as caught:
        read_table(path)
    assert caught.value.where == f"{path}, lines 2, 3, 4 and 47 more"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.tsv", b"", "empty"),
        ("a.csv", b"\xef\xbb\xbf\n\n", "empty"),
        ("a.tsv", b"text\tlabel\n", "no rows"),
        ("a.tsv", "text\tlabel\nfine\t1\n".encode("utf-16-le"), "NUL characters"),
        ("a.csv", b"text,label,Text\na,1,b\n", "2 columns may hold the text: 'text', 'Text'"),
        ("a.txt", b"fine\n", "not a kind of table"),
        ("a.parquet", b"PAR1 and then nothing", "Parquet"),
        ("a.parquet", b"", "Parquet"),
    ],
)
def test_files_that_are_no_tables(name: str, content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=words) as caught:
        read_table(path)
    assert str(path) in caught.value.where


def test_a_parquet_file_cut_short_or_not_there(tmp_path: Path) -> None:
    path = write_parquet(tmp_path, [("fine film", "1")] * 100)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataError, match="Parquet"):
        read_table(path)
    with pytest.raises(DataError, match="cannot be read"):
        read_table(tmp_path / "absent.parquet")


def test_a_parquet_table_without_rows(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"text": pa.array([], pa.string()), "label": pa.array([], pa.int64())}), path)
    with pytest.raises(DataError, match="no rows"):
        read_table(path)


# Texts one after the other, as prediction reads them.


def texts_of(path: Path, reading: Reading = AS_FOUND) -> list[str]:
    return [text for text, _ in stream_texts(path, reading).rows]


STREAMED = ["a fine film", "=1+1", 'he said "no"', "dull , boring", "NA", "naïve 好"]


def _write(path: Path, name: str) -> Path:
    numbers = range(len(STREAMED))
    if path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("id", name), *zip(numbers, STREAMED, strict=True)])
    elif path.suffix == ".tsv":
        lines = [f"id\t{name}", *(f"{i}\t{row}" for i, row in zip(numbers, STREAMED, strict=True))]
        path.write_text("\r\n".join(lines), "utf-8-sig", newline="")
    elif path.suffix == ".jsonl":
        path.write_text("\n".join(json.dumps({"id": 1, name: row}) for row in STREAMED), "utf-8")
    elif path.suffix == ".parquet":
        pq.write_table(pa.table({"id": list(numbers), name: STREAMED}), path)
    else:
        path.write_text("\n".join(STREAMED) + "\n", "utf-8")
    return path


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet", "txt"])
@pytest.mark.parametrize("name", ["text", "sentence", "Review", "Opinion"])
def test_texts_of_every_kind_of_file(ending: str, name: str, tmp_path: Path) -> None:
    path = _write(tmp_path / f"rows.{ending}", name)
    reading = Reading(columns={"text": name}) if name == "Opinion" and ending != "txt" else AS_FOUND
    assert texts_of(path, reading) == STREAMED
    if name == "Opinion" and ending != "txt":
        with pytest.raises(DataError, match="no column is known to hold the text"):
            texts_of(path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b'text\n"open\nnever closed', "broken quoting"),
        ("a.csv", b"text,id\nfine,1\nragged", "line 3"),
        ("a.tsv", b"", "empty"),
        ("a.tsv", b"text\n\xe9t\xe9", "not UTF-8"),
        ("a.txt", b"\xff\xfa", "not UTF-8"),
        ("a.jsonl", b'{"text": "fine"}\n{"text": 3}', "line 2"),
        ("a.jsonl", b"nothing", "line 1"),
        ("a.parquet", b"PAR1", "not a Parquet file"),
        ("absent.csv", None, "cannot be read"),
        ("absent.parquet", None, "cannot be read"),
    ],
)
def test_files_that_cannot_be_read(name: str, content: bytes | None, message: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message):
        texts_of(tmp_path / name)


def test_null_in_parquet_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["fine", None]}), tmp_path / "a.parquet")
    with pytest.raises(DataError, match="no text: 1 row"):
        texts_of(tmp_path / "a.parquet")


@settings(deadline=None, max_examples=50)
@given(rows=ROWS)
def test_training_and_prediction_read_the_same_texts(
    rows: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("tables")
    for write in (write_tsv, write_csv, write_jsonl, write_parquet):
        # Letters at both ends, so that no text is blank.
        flat = [("a" + re.sub(r"[\t\n]", " ", text) + "b", label) for text, label in rows]
        path = write(folder, flat)
        assert texts_of(path) == list(read_table(path).columns["text"])


@pytest.mark.parametrize(("suffix", "bad_line", "words"), BAD_LINES)
def test_both_refuse_the_same_line_for_the_same_reason(
    suffix: str, bad_line: bytes, words: str, tmp_path: Path
) -> None:
    first, good = GOOD_LINES[suffix]
    path = tmp_path / f"rows{suffix}"
    path.write_bytes(b"\n".join([first, good, bad_line, good, bad_line, good]))
    with pytest.raises(DataError) as whole:
        read_table(path)
    streamed: list[Any] = []
    with pytest.raises(DataError) as at_once:
        streamed.extend(stream_texts(path).rows)
    assert words in at_once.value.what
    assert at_once.value.where == f"{path}, line 3"
    assert (whole.value.rule, whole.value.remedy) == (at_once.value.rule, at_once.value.remedy)
    assert len(streamed) <= 2


def test_a_stream_holds_a_few_rows_however_many_there_are(tmp_path: Path) -> None:
    for suffix, (first, good) in GOOD_LINES.items():
        path = tmp_path / f"rows{suffix}"
        path.write_bytes(b"\n".join([first, *[good] * 200_000]))
        tracemalloc.start()
        assert sum(1 for _ in stream_texts(path).rows) >= 200_000
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 2_000_000, suffix


def test_a_carriage_return_is_text_or_the_one_line_end_of_a_file(tmp_path: Path) -> None:
    within = tmp_path / "within.csv"
    within.write_bytes(b"text,label\nso\rfine,1\ndull,0\n")
    assert values(read_table(within)) == [("so\rfine", "1"), ("dull", "0")]
    for name in ("old.csv", "old.tsv"):
        separator = "," if name.endswith("csv") else "\t"
        (tmp_path / name).write_bytes("text,label\rfine,1\rdull,0\r".replace(",", separator).encode())
        table = read_table(tmp_path / name)
        assert values(table) == [("fine", "1"), ("dull", "0")]
        assert list(table.places) == [2, 3]
