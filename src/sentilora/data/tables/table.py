"""A whole table in memory, as training needs it, or its texts one after the other, as prediction does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sentilora.data.tables.columns import COLUMNS, find_columns
from sentilora.data.tables.faults import Faults, Unit
from sentilora.data.tables.table_file import TABLE_SUFFIXES, empty, open_table
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

    def __len__(self) -> int:
        return len(self.places)

    def take(self, positions: Sequence[int]) -> SourceTable:
        """The rows at these positions, in this order."""
        return SourceTable(
            where=self.where,
            names=self.names,
            columns={name: [values[i] for i in positions] for name, values in self.columns.items()},
            places=[self.places[i] for i in positions],
            unit=self.unit,
        )


def read_table(path: Path) -> SourceTable:
    """All rows of one file; which columns are needed, and what may stand in them, is for the caller to say.

    Args:
        path: see ``open_table``.

    Raises:
        DataError: the file cannot be read, or is no sound table; all faults of one rule are told together.
    """
    faults = Faults(str(path))
    table = open_table(path, faults)
    columns = find_columns(table.names, where=f"{path}, line 1" if faults.unit == "line" else str(path))
    places: list[int] = []
    values: list[Sequence[object]] = []
    for place, row in table.rows(columns):
        places.append(place)
        values.append(row)
    faults.refuse()
    if not places:
        raise empty(path, "no rows below the header")
    by_column = zip(*values, strict=True)
    return SourceTable(
        where=str(path),
        names=table.names,
        columns=dict(zip(columns, by_column, strict=True)),
        places=places,
        unit=faults.unit,
    )


def stream_texts(path: Path, column: str | None = None) -> Iterator[str]:
    """The texts of a file in their order, read as they are used; the first fault ends the reading.

    Args:
        path: see ``open_table``; a file with any other ending is text with one text a line.
        column: where the texts are; ``text`` or ``sentence`` if None. Lines have no columns.

    Raises:
        DataError: the file cannot be read, has no such column, or a row has no text.
    """
    faults = Faults(str(path), at_once=True)
    if path.suffix.lower() not in TABLE_SUFFIXES:
        try:
            yield from without_ends(read_lines(path, faults))
        except OSError as error:
            raise DataError(f"the file cannot be read: {error.strerror or error}", where=str(path)) from error
        return
    table = open_table(path, faults)
    position = _text_column(table.names, column, path)
    for place, (text,) in table.rows({"text": position}):
        if not isinstance(text, str):
            raise DataError(
                f"{faults.unit} {place} holds no text in {table.names[position]!r}",
                where=f"{path}, {faults.unit} {place}",
                rule="every row has a text",
                remedy="name the column that holds the texts with --column",
            )
        yield text


def _text_column(names: Sequence[str], column: str | None, path: Path) -> int:
    if column is None:
        found = find_columns(names, where=str(path)).get("text")
    else:
        found = names.index(column) if column in names else None
    if found is None:
        wanted = f"called {' or '.join(COLUMNS['text'])}" if column is None else repr(column)
        raise DataError(
            f"no column {wanted}",
            where=str(path),
            rule=f"the columns are {', '.join(names)}",
            remedy="name the column that holds the texts with --column",
        )
    return found
