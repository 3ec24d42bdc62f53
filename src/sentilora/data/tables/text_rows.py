"""Texts of a file, one after the other, without the file in memory.

``data.tables`` reads whole tables and reports all faults of a file together, as training data deserves. A
file to predict may have a million rows: here it is read as it is used, and the first fault ends the
reading, with its line.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sentilora.errors import DataError

DEFAULT_COLUMNS = ("text", "sentence")
ROWS = 8192
"""Rows of a Parquet file in memory at a time."""
LONGEST_FIELD = 16 * 1024 * 1024


def read_texts(path: Path, column: str | None = None) -> Iterator[str]:
    """The texts of a file in their order.

    Args:
        path: ``.tsv`` (without quoting), ``.csv``, ``.jsonl`` or ``.ndjson``, ``.parquet``; any other
            ending is text with one text a line. All in UTF-8.
        column: where the texts are; ``text`` or ``sentence`` if None. Lines have no columns.

    Raises:
        DataError: the file cannot be read, has no such column, or a row has no text.
    """
    kind = path.suffix.lower()
    if kind == ".parquet":
        yield from _parquet_texts(path, column)
        return
    try:
        with path.open(encoding="utf-8-sig", newline="" if kind == ".csv" else "\n") as file:
            if kind == ".csv":
                yield from _column(_csv_rows(file, path), column, path)
            elif kind == ".tsv":
                rows = ((number, line.split("\t")) for number, line in enumerate(read_lines(file), start=1))
                yield from _column(rows, column, path)
            elif kind in (".jsonl", ".ndjson"):
                yield from _json_texts(file, column, path)
            else:
                yield from read_lines(file)
    except OSError as error:
        raise DataError(f"the file cannot be read: {error.strerror or error}", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise DataError(
            "bytes that are not UTF-8",
            where=str(path),
            rule="text files are UTF-8",
            remedy=f"iconv -f LATIN1 -t UTF-8 {path.name} > mended{path.suffix}, if it was Latin-1",
        ) from error


def read_lines(file: Iterable[str]) -> Iterator[str]:
    """Lines without their ends. An empty line is an empty text: row n of the output is line n."""
    for line in file:
        yield line.removesuffix("\n").removesuffix("\r")


def _csv_rows(file: Iterable[str], path: Path) -> Iterator[tuple[int, list[str]]]:
    limit = csv.field_size_limit(min(LONGEST_FIELD, sys.maxsize))
    reader = csv.reader(file, strict=True)
    try:
        for fields in reader:
            if fields:
                yield reader.line_num, fields
    except csv.Error as error:
        raise DataError(
            f"broken quoting: {error}",
            where=f"{path}, line {reader.line_num}",
            rule="a field with a comma or line end stands between quotes, and a quote inside it is doubled",
            remedy="double the quotes inside quoted fields, or save it as JSONL, or as TSV without quoting",
        ) from error
    finally:
        csv.field_size_limit(limit)


def _column(rows: Iterator[tuple[int, list[str]]], column: str | None, path: Path) -> Iterator[str]:
    """One column of rows whose first is the header."""
    first = next(rows, None)
    if first is None:
        raise DataError("the file is empty", where=str(path), rule="a header, then one text a row")
    header = first[1]
    position = header.index(_column_name(header, column, path))
    for number, fields in rows:
        if len(fields) != len(header):
            raise DataError(
                f"{len(fields)} fields",
                where=f"{path}, line {number}",
                rule=f"the {len(header)} fields of line 1: {', '.join(header)}",
                remedy="a separator inside a text needs CSV quoting, or JSONL",
            )
        yield fields[position]


def _json_texts(file: Iterable[str], column: str | None, path: Path) -> Iterator[str]:
    names = (column,) if column is not None else DEFAULT_COLUMNS
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        text = next((row[name] for name in names if name in row), None) if isinstance(row, dict) else None
        if not isinstance(text, str):
            raise DataError(
                "no JSON object with a text",
                where=f"{path}, line {number}",
                rule=f"an object with a string {' or '.join(map(repr, names))}",
                remedy="name the column that holds the texts with --column",
            )
        yield text


def _parquet_texts(path: Path, column: str | None) -> Iterator[str]:
    try:
        with pq.ParquetFile(path) as file:
            name = _column_name(file.schema_arrow.names, column, path)
            number = 0
            for batch in file.iter_batches(batch_size=ROWS, columns=[name]):
                for text in batch.column(0).to_pylist():
                    number += 1
                    if not isinstance(text, str):
                        raise DataError(f"row {number} holds no text in {name!r}", where=str(path))
                    yield text
    except (OSError, pa.ArrowException) as error:
        raise DataError(
            f"not a Parquet file that can be read: {str(error).splitlines()[0]}", where=str(path)
        ) from error


def _column_name(names: Sequence[str], column: str | None, path: Path) -> str:
    found = next((name for name in ([column] if column else DEFAULT_COLUMNS) if name in names), None)
    if found is None:
        raise DataError(
            f"no column {column!r}" if column else "no column called text or sentence",
            where=str(path),
            rule=f"the columns are {', '.join(names)}",
            remedy="name the column that holds the texts with --column",
        )
    return found
