"""A whole table in memory, as training needs it, or its rows one after the other, as prediction does."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from sentilora.data.tables.columns import COLUMNS, find_column, is_usual
from sentilora.data.tables.data_file import find_data_file
from sentilora.data.tables.faults import Faults, Rule, Unit
from sentilora.data.tables.reading import AS_FOUND, Reading
from sentilora.data.tables.table_file import TABLE_SUFFIXES, TableFile, empty, is_syntax, open_table
from sentilora.data.tables.text_lines import read_lines, without_ends
from sentilora.errors import DataError


@dataclass(frozen=True)
class SourceTable:
    """Rows as columns, each row with its place in the source."""

    where: str
    """The file (or hub data set), as errors name it."""
    names: Sequence[str]
    """Every column of the source, in its order."""
    columns: Mapping[str, Sequence[object]]
    """What ``COLUMNS`` lists and the source has; None where a row has no value."""
    places: Sequence[int]
    """The number of each row's first line (header: line 1), or of the row itself."""
    unit: Unit = "line"
    """What ``places`` count."""
    notes: tuple[str, ...] = ()
    """What was found out of the file, and taken for what."""
    classes: Sequence[str] = ()
    """The classes in their order, where the source states them."""

    def __len__(self) -> int:
        return len(self.places)

    def take(self, positions: Sequence[int]) -> SourceTable:
        """The rows at these positions, in this order."""
        return replace(
            self,
            columns={name: [values[i] for i in positions] for name, values in self.columns.items()},
            places=[self.places[i] for i in positions],
        )


def read_table(path: Path, reading: Reading = AS_FOUND) -> SourceTable:
    """All rows of one file; which columns are needed, and what may stand in them, is for the caller to say.

    Args:
        path: see ``open_table``.
        reading: what the user said of it.

    Raises:
        DataError: the file cannot be read, or is no sound table; all faults of one rule are told together.
    """
    faults = Faults(str(path))
    file = find_data_file(path)
    table = open_table(file, faults, reading)
    if table is None:
        raise DataError(
            f"{path.suffix or 'no file ending'}: not a kind of table that can be read",
            where=str(path),
            rule=f"one of {', '.join(TABLE_SUFFIXES)}, or lines of fastText",
            remedy="save it as one of these, with a text and a label column, or name the columns with --text "
            "and --label",
        )
    where = _header_of(faults)
    columns = find_columns(table.names, reading, where=where, first_rows=table.first_rows)
    places: list[int] = []
    values: list[Sequence[object]] = []
    for place, row in table.rows(columns):
        places.append(place)
        values.append(row)
    faults.refuse()
    if not places:
        raise empty(str(path), "no rows below the header")
    by_column = zip(*values, strict=True)
    return SourceTable(
        where=str(path),
        names=table.names,
        columns=dict(zip(columns, by_column, strict=True)),
        places=places,
        unit=faults.unit,
        notes=(*table.notes, *taken(table.names, columns, reading)),
        classes=table.class_names.get(table.names[columns["label"]], ()) if "label" in columns else (),
    )


def find_columns(
    names: Sequence[str], reading: Reading, *, where: str, first_rows: Sequence[Sequence[object]] = ()
) -> dict[str, int]:
    """The positions of all of ``COLUMNS`` that are there; see ``find_column``."""
    found = {
        column: find_column(column, names, reading, where=where, first_rows=first_rows) for column in COLUMNS
    }
    return {column: position for column, position in found.items() if position is not None}


def taken(names: Sequence[str], columns: Mapping[str, int], reading: Reading) -> tuple[str, ...]:
    """One line that says which columns were taken for what, where neither the user nor their name says it."""
    shown = [
        f"{column} from column {names[position]!r}"
        for column, position in columns.items()
        if column not in reading.columns and not is_usual(column, names[position])
    ]
    return (", ".join(shown),) if shown else ()


@dataclass
class TextStream:
    """Texts with the rows that they stand in, read as they are used."""

    names: Sequence[str]
    """The columns of each row; none where the file is one text a line."""
    rows: Iterator[tuple[str, Sequence[object]]]
    """Each text as it stands there, and the values of all columns of its row."""
    notes: tuple[str, ...] = ()
    """What was found out of the file, and taken for what."""
    num_dropped: int = 0
    """Rows without a text that were left out so far."""


def stream_texts(path: Path, reading: Reading = AS_FOUND) -> TextStream:
    """The texts of a file in their order; the first fault ends the reading.

    Args:
        path: see ``open_table``; a file that is no table is text with one text a line, empty lines included.
        reading: what the user said of it.

    Raises:
        DataError: the file cannot be read, or has no column of texts; while reading, a row is broken or has
            no text.
    """
    faults = Faults(str(path), at_once=True)
    file = find_data_file(path)
    table = open_table(file, faults, reading)
    if table is None:
        lines = without_ends(read_lines(file, faults, reading.encoding))
        return TextStream((), ((line, ()) for line in lines))
    where = _header_of(faults)
    text = find_column("text", table.names, reading, where=where, first_rows=table.first_rows)
    if text is None:
        raise no_column("text", table.names, where=where)
    columns = {"text": text}
    with contextlib.suppress(DataError):  # it only guards against stray quotes here
        label = find_column("label", table.names, reading, where=where)
        columns |= {} if label is None else {"label": label}
    stream = TextStream(table.names, iter(()), (*table.notes, *taken(table.names, {"text": text}, reading)))
    stream.rows = _text_rows(stream, table, columns, faults, reading)
    return stream


def stream_lines(lines: Iterable[str]) -> TextStream:
    """The texts of a stream that is no file, one a line, empty lines included.

    Raises:
        DataError: its first line is JSON or markup, which nobody wants labelled.
    """
    texts = without_ends(lines)
    first = next(texts, None)
    if first is None:
        return TextStream((), iter(()))
    if is_syntax(first):
        raise DataError(
            f"standard input is no text: it begins with {first[:40]!r}",
            where="standard input, line 1",
            rule="one text a line",
            remedy="write it to a file, and give that with --file",
        )
    return TextStream((), ((text, ()) for text in chain([first], texts)))


def _text_rows(
    stream: TextStream, table: TableFile, columns: Mapping[str, int], faults: Faults, reading: Reading
) -> Iterator[tuple[str, Sequence[object]]]:
    wanted = {**columns, **{f"column {i}": i for i in range(len(table.names))}}
    for place, values in table.rows(wanted):
        text = values[0]
        if isinstance(text, str) and text.strip():
            yield text, values[len(columns) :]
        elif reading.drop_bad_rows:
            stream.num_dropped += 1
        else:
            faults.add(NO_TEXT, place, "" if text is None else str(text))


def no_column(column: str, names: Sequence[str], *, where: str) -> DataError:
    """The error for a table without a column that is needed."""
    return DataError(
        f"no column is known to hold the {column}; the columns are: {', '.join(map(repr, names[:20]))}",
        where=where,
        rule="columns are named by the first line (JSON: by the keys), and found by the usual names",
        remedy=f"name it with --{column}; if the first line is no header: --no-header --{column} 1",
    )


def _header_of(faults: Faults) -> str:
    return f"{faults.where}, line 1" if faults.unit == "line" else faults.where


NO_TEXT = Rule(
    "no text",
    rule="every row has a text that is not blank",
    remedy="remove these rows, or leave them out with --drop-bad-rows",
)
