"""A table file opened: its columns, and its rows one after the other, whatever its format.

Readers of a few lines a format rather than a data frame's, because the usual ones mend silently what a
study must not have mended: the text ``NA`` becomes null, a stray quote swallows the rows up to the next
one, a NUL byte passes. Here every row is accounted for under its own number. Training and prediction read
through this one module, and memory does not grow with the number of rows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sentilora.data.tables.delimited import read_csv, read_tsv, rows_of
from sentilora.data.tables.faults import Faults, Rule
from sentilora.data.tables.text_lines import read_lines, without_ends
from sentilora.errors import DataError

NUM_ROWS_LOOKED_AT = 1000
"""Rows of a JSON Lines file whose keys are its columns."""
_PARQUET_ROWS = 8192
"""Rows of a Parquet file in memory at a time."""

Row = tuple[int, Sequence[object]]
"""The number of a row's first line (or of the row itself), and the values of the columns asked for."""


@dataclass(frozen=True)
class TableFile:
    """A table whose rows have not been read yet."""

    names: Sequence[str]
    """Its columns as it spells them."""
    rows: Callable[[Mapping[str, int]], Iterator[Row]]
    """Given what is wanted and at which position among ``names`` it stands, the rows, once."""


def open_table(path: Path, faults: Faults) -> TableFile:
    """The table in a file.

    Args:
        path: a ``.tsv`` (tab-separated without quoting: a quote is text, as in GLUE), ``.csv``
            (comma-separated, standard quoting), ``.jsonl`` or ``.ndjson`` (one object a line) or
            ``.parquet`` file. Text is UTF-8, with or without a byte-order mark; blank lines are skipped.
        faults: told of undecodable bytes, NUL characters, broken quoting, ragged rows and invalid JSON.

    Raises:
        DataError: another file ending, unreadable, or empty.
    """
    opener = _OPENERS.get(path.suffix.lower())
    if opener is None:
        raise DataError(
            f"{path.suffix or 'no file ending'}: not a kind of table that can be read",
            where=str(path),
            rule=f"one of {', '.join(_OPENERS)}",
            remedy="save it as one of these, with a text and a label column",
        )
    try:
        return opener(path, faults)
    except OSError as error:
        raise DataError(f"the file cannot be read: {error.strerror or error}", where=str(path)) from error


def empty(path: Path, what: str) -> DataError:
    """The error for a file without rows."""
    return DataError(
        what, where=str(path), rule="at least one row", remedy="check that the export that wrote it finished"
    )


def _open_delimited(path: Path, faults: Faults) -> TableFile:
    lines = read_lines(path, faults)
    records = read_tsv(lines) if path.suffix.lower() == ".tsv" else read_csv(lines, faults)
    first = next(records, None)
    if first is None:
        faults.refuse()
        raise empty(path, "the file is empty")
    return TableFile(first.fields, lambda columns: rows_of(records, first.fields, columns, faults))


def _open_json_lines(path: Path, faults: Faults) -> TableFile:
    rows = _json_objects(without_ends(read_lines(path, faults)), faults)
    beginning = list(islice(rows, NUM_ROWS_LOOKED_AT))
    if not beginning:
        faults.refuse()
        raise empty(path, "the file is empty")
    names = list(dict.fromkeys(key for _, row in beginning for key in row))

    def read(columns: Mapping[str, int]) -> Iterator[Row]:
        keys = [names[position] for position in columns.values()]
        return ((place, [row.get(key) for key in keys]) for place, row in chain(beginning, rows))

    return TableFile(names, read)


def _json_objects(lines: Iterator[str], faults: Faults) -> Iterator[tuple[int, dict[str, object]]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if isinstance(row, dict):
            yield number, row
        else:
            faults.add(_NOT_JSON, number, line.strip())


def _open_parquet(path: Path, faults: Faults) -> TableFile:
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise _not_parquet(path, error) from error
    names = file.schema_arrow.names
    faults.unit = "row"

    def read(columns: Mapping[str, int]) -> Iterator[Row]:
        wanted = [names[position] for position in columns.values()]
        number = 0
        try:
            with file:
                for batch in file.iter_batches(batch_size=_PARQUET_ROWS, columns=wanted):
                    values = [batch.column(name).to_pylist() for name in wanted]
                    for i in range(batch.num_rows):
                        number += 1
                        yield number, [column[i] for column in values]
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise _not_parquet(path, error) from error

    return TableFile(names, read)


def _not_parquet(path: Path, error: Exception) -> DataError:
    return DataError(
        f"not a Parquet file that can be read: {str(error).splitlines()[0]}",
        where=str(path),
        rule="a complete Parquet file with UTF-8 text",
        remedy="write it again; a copy that was cut short ends like this",
    )


_NOT_JSON = Rule(
    "lines that are not JSON objects",
    rule='one object a line, for example {"text": "a fine film", "label": 1}',
    remedy="a JSON array can be unrolled with: jq -c '.[]'",
)

_OPENERS: Mapping[str, Callable[[Path, Faults], TableFile]] = {
    ".tsv": _open_delimited,
    ".csv": _open_delimited,
    ".jsonl": _open_json_lines,
    ".ndjson": _open_json_lines,
    ".parquet": _open_parquet,
}

TABLE_SUFFIXES = tuple(_OPENERS)
"""The file endings that ``open_table`` takes."""
