"""Rows of a TSV, CSV, JSONL or Parquet file, or one error that says where the file is wrong.

Readers of a few lines a format rather than a data frame's, because the usual ones mend silently what a
study must not have mended: the text ``NA`` becomes null, a stray quote swallows the rows up to the next
one, a NUL byte passes. Here every line is accounted for under its own number; all faults of the first rule
that is broken are reported together. The price is about 0.3 s for SST-2's 70,000 rows.
"""

from __future__ import annotations

import codecs
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sentilora.data.tables.csv_rows import parse_csv
from sentilora.data.tables.faults import Fault, Unit, refusal
from sentilora.errors import DataError

KNOWN_COLUMNS = ("text", "sentence", "label", "id", "split", "strength")
"""The columns that mean something here; all others are ignored."""


@dataclass(frozen=True)
class Table:
    """Rows as columns, each row with its place in the file."""

    where: str
    """The file (or hub data set), as errors name it."""
    names: tuple[str, ...]
    """Every column of the source, lower case, in its order."""
    columns: Mapping[str, Sequence[object]]
    """Values of the columns in ``KNOWN_COLUMNS`` that are there; None where a row has none."""
    places: Sequence[int]
    """The number of each row's first line (header: line 1), or of the row itself."""
    unit: Unit = "line"
    """What ``places`` count."""

    def __len__(self) -> int:
        return len(self.places)

    def take(self, positions: Sequence[int]) -> Table:
        """The rows at these positions, in this order."""
        return Table(
            where=self.where,
            names=self.names,
            columns={name: [values[i] for i in positions] for name, values in self.columns.items()},
            places=[self.places[i] for i in positions],
            unit=self.unit,
        )


def read_table(path: Path) -> Table:
    """All rows of one file; which columns are needed, and what may stand in them, is for the caller to say.

    Args:
        path: a ``.tsv`` (tab-separated without quoting: a quote is text, as in GLUE), ``.csv``
            (comma-separated, standard quoting), ``.jsonl`` or ``.ndjson`` (one object a line) or
            ``.parquet`` file. Text is UTF-8, with or without a byte-order mark; blank lines are skipped.

    Raises:
        DataError: not such a file, unreadable, empty, not UTF-8, NUL bytes, ragged rows, broken quoting,
            invalid JSON, a column twice.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise DataError(
            f"{path.suffix or 'no file ending'}: not a kind of table that can be read",
            where=str(path),
            rule=f"one of {', '.join(_READERS)}",
            remedy="save it as one of these, with a text and a label column",
        )
    try:
        table = reader(path)
    except OSError as error:
        raise DataError(f"the file cannot be read: {error.strerror or error}", where=str(path)) from error
    if not len(table):
        raise _empty(path, "no rows below the header")
    return table


def _empty(path: Path, what: str) -> DataError:
    return DataError(
        what, where=str(path), rule="at least one row", remedy="check that the export that wrote it finished"
    )


def _read_lines(path: Path) -> list[str]:
    """The lines of a UTF-8 text file, each with its line feed; nothing else ends a line."""
    raw = path.read_bytes()
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise DataError(
            "the file is UTF-16",
            where=f"{path}, line 1",
            rule="text files are UTF-8",
            remedy=f"iconv -f UTF-16 -t UTF-8 {path.name} > mended{path.suffix}",
        )
    raw = raw.removeprefix(codecs.BOM_UTF8)
    if not raw.strip():
        raise _empty(path, "the file is empty")
    undecodable = [
        Fault(number, line.decode("utf-8", "replace").rstrip())
        for number, line in enumerate(raw.split(b"\n"), start=1)
        if not _is_utf8(line)
    ]
    if undecodable:
        raise refusal(
            "bytes that are not UTF-8",
            undecodable,
            where=str(path),
            rule="text files are UTF-8",
            remedy=f"iconv -f LATIN1 -t UTF-8 {path.name} > mended{path.suffix}, if it was Latin-1",
        )
    lines = list(io.StringIO(raw.decode("utf-8"), newline="\n"))
    with_nul = [Fault(number, line) for number, line in enumerate(lines, start=1) if "\0" in line]
    if with_nul:
        raise refusal(
            "NUL characters",
            with_nul,
            where=str(path),
            rule="text holds no NUL; it is a sign of UTF-16 or of a damaged file",
            remedy="export the file again as UTF-8",
        )
    return lines


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _read_tsv(path: Path) -> Table:
    lines = _read_lines(path)
    numbered = enumerate((line.removesuffix("\n").removesuffix("\r") for line in lines), start=1)
    return _rectangle(path, ((number, line.split("\t")) for number, line in numbered if line))


def _read_csv(path: Path) -> Table:
    rows, faults = parse_csv(_read_lines(path))
    if faults:
        raise refusal(
            "broken quoting",
            faults,
            where=str(path),
            rule="a field with a comma or line end stands between quotes, and a quote inside it is doubled",
            remedy="double the quotes inside quoted fields, or save it as JSONL, or as TSV without quoting",
        )
    return _rectangle(path, rows)


def _rectangle(path: Path, rows: Iterable[tuple[int, list[str]]]) -> Table:
    """A table of rows that must all be as wide as the first, the header."""
    (_, header), *body = rows
    ragged = [
        Fault(number, f"{len(fields)} fields: {' | '.join(fields)}")
        for number, fields in body
        if len(fields) != len(header)
    ]
    if ragged:
        raise refusal(
            f"rows that do not have the header's {len(header)} fields",
            ragged,
            where=str(path),
            rule=f"every row has the fields of line 1: {', '.join(header)}",
            remedy="mend or remove these rows; a separator inside a text needs CSV quoting, or JSONL",
        )
    names = _column_names(header, where=f"{path}, line 1")
    values = list(zip(*(fields for _, fields in body), strict=True))
    return Table(
        where=str(path),
        names=names,
        columns={name: values[i] for i, name in enumerate(names) if values and name in KNOWN_COLUMNS},
        places=[number for number, _ in body],
    )


def _column_names(header: Sequence[str], *, where: str) -> tuple[str, ...]:
    names = tuple(name.strip().lower() for name in header)
    twice = sorted({name for name in names if name in KNOWN_COLUMNS and names.count(name) > 1})
    if twice:
        raise DataError(
            f"column {twice[0]!r} is there twice",
            where=where,
            rule="each column once, upper and lower case alike",
            remedy="rename or remove one",
        )
    return names


def _read_jsonl(path: Path) -> Table:
    rows: list[tuple[int, dict[str, object]]] = []
    faults: list[Fault] = []
    for number, line in enumerate(_read_lines(path), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if isinstance(row, dict):
            rows.append((number, row))
        else:
            faults.append(Fault(number, line.strip()))
    if faults:
        raise refusal(
            "lines that are not JSON objects",
            faults,
            where=str(path),
            rule='one object a line, for example {"text": "a fine film", "label": 1}',
            remedy="a JSON array can be unrolled with: jq -c '.[]'",
        )
    keys = list(dict.fromkeys(key for _, row in rows for key in row))
    names = _column_names(keys, where=str(path))
    return Table(
        where=str(path),
        names=names,
        columns={
            name: [row.get(key) for _, row in rows]
            for key, name in zip(keys, names, strict=True)
            if name in KNOWN_COLUMNS
        },
        places=[number for number, _ in rows],
    )


def _read_parquet(path: Path) -> Table:
    try:
        file = pq.ParquetFile(path)
        header = file.schema_arrow.names
        names = _column_names(header, where=str(path))
        wanted = {key: name for key, name in zip(header, names, strict=True) if name in KNOWN_COLUMNS}
        table = file.read(columns=list(wanted))
        columns = {name: table[key].to_pylist() for key, name in wanted.items()}
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise DataError(
            f"not a Parquet file that can be read: {str(error).splitlines()[0]}",
            where=str(path),
            rule="a complete Parquet file with UTF-8 text",
            remedy="write it again; a copy that was cut short ends like this",
        ) from error
    return Table(
        where=str(path),
        names=names,
        columns=columns,
        places=range(1, file.metadata.num_rows + 1),
        unit="row",
    )


_READERS: Mapping[str, Callable[[Path], Table]] = {
    ".tsv": _read_tsv,
    ".csv": _read_csv,
    ".jsonl": _read_jsonl,
    ".ndjson": _read_jsonl,
    ".parquet": _read_parquet,
}

TABLE_SUFFIXES = tuple(_READERS)
"""The file endings that ``read_table`` takes."""
