"""Tables of fields between separators, row by row, with CSV's quoting or without any.

A quoted field may span lines. So a stray quote at the beginning of a field takes everything up to the next
quote into that field, and the file may still be valid CSV. It shows, though: the lines inside the field are
complete rows of this very file, as wide as its header and with a label that it uses. A text of several lines
one of which looks like that is refused too, the price of never losing rows in silence.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sentilora.data.tables.faults import Faults, Rule

LONGEST_FIELD = 16 * 1024 * 1024
"""Characters of a field at most, so that a quote that is never closed does not take in a whole file."""


class DelimitedRow(NamedTuple):
    """One row of a file, the header included."""

    place: int
    """The number of its first line."""
    fields: Sequence[str]
    """As many as it has."""
    lines: Sequence[str]
    """The lines that it was read from."""


def read_unquoted(lines: Iterator[str], separator: str) -> Iterator[DelimitedRow]:
    """Rows whose fields are never quoted: a quote is text, as in GLUE. Blank lines are skipped."""
    for place, line in enumerate(lines, start=1):
        row = line.removesuffix("\n").removesuffix("\r")
        if row:
            yield DelimitedRow(place, row.split(separator), (line,))


def read_quoted(lines: Iterator[str], separator: str, faults: Faults) -> Iterator[DelimitedRow]:
    """Rows whose fields may be quoted, as in CSV. Blank lines are skipped.

    After broken quoting the next line begins a row.

    Raises:
        DataError: through ``faults``, broken quoting.
    """
    limit = csv.field_size_limit(LONGEST_FIELD)
    try:
        yield from _read_quoted(_Lines(lines), separator, faults)
    finally:
        csv.field_size_limit(limit)


def _read_quoted(lines: _Lines, separator: str, faults: Faults) -> Iterator[DelimitedRow]:
    place = 1
    while True:
        try:
            for fields in csv.reader(lines, delimiter=separator, strict=True):
                if fields:
                    fields = [field.replace(_CARRIAGE_RETURN, "\r") for field in fields]
                    yield DelimitedRow(place, fields, lines.taken)
                place += len(lines.taken)
                lines.taken = []
            return
        except csv.Error:
            faults.add(BROKEN_QUOTING, place, lines.taken[0].rstrip("\r\n"))
            lines.take_back(lines.taken[1:])
            place += 1


_CARRIAGE_RETURN = "\0"
"""Stands for a carriage return inside a line while the csv module reads, which would end a row there."""


class _Lines:
    """Lines to read, those of the present row remembered so that they can be taken back."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.taken: list[str] = []
        self._lines = lines
        self._again: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else next(self._lines)
        self.taken.append(line)
        if "\r" not in line:
            return line
        within = line.removesuffix("\n").removesuffix("\r")
        return within.replace("\r", _CARRIAGE_RETURN) + line[len(within) :]

    def take_back(self, lines: Sequence[str]) -> None:
        self._again.extend(reversed(lines))
        self.taken = []


@dataclass
class SwallowedRows:
    """Finds rows whose quoted field holds complete rows of the file, judged by their width and label."""

    width: int
    """Fields of the header."""
    label: int
    """The position of the label among them."""
    separator: str
    """Between fields."""

    def __post_init__(self) -> None:
        self._labels: set[str] = set()
        self._suspects: list[tuple[DelimitedRow, set[str]]] = []

    def see(self, record: DelimitedRow) -> None:
        """Take a row below the header into account."""
        if len(record.fields) == self.width:
            self._labels.add(record.fields[self.label].strip())
        if len(record.lines) > 1:
            # The closing line of a sound field has an odd number of quotes, a swallowed row an even one.
            inside = [
                _parse_alone(line, self.separator) for line in record.lines[1:] if line.count('"') % 2 == 0
            ]
            labels = {fields[self.label].strip() for fields in inside if len(fields) == self.width}
            if labels:
                self._suspects.append((record, labels))

    def report(self, faults: Faults) -> None:
        """Tell of the rows that hold others, when all rows have been seen."""
        for record, labels in self._suspects:
            if labels & self._labels:
                faults.add(BROKEN_QUOTING, record.place, record.lines[0].rstrip("\r\n"))


def _parse_alone(line: str, separator: str) -> list[str]:
    """The fields of a line taken for a row, none if it is not one."""
    try:
        return next(csv.reader([line], delimiter=separator, strict=True), [])
    except csv.Error:
        return []


def rows_of(
    records: Iterator[DelimitedRow],
    header: Sequence[str],
    columns: Mapping[str, int],
    faults: Faults,
    *,
    separator: str,
) -> Iterator[tuple[int, list[object]]]:
    """The place and the wanted fields of each row below the header.

    Args:
        records: the rows below the header.
        header: their columns.
        columns: positions of the wanted fields; ``label`` among them guards against stray quotes.
        faults: told of rows that are not as wide as the header, and of rows that hold others.
        separator: between fields.
    """
    ragged = Rule(
        f"rows that do not have the header's {len(header)} fields",
        rule=f"every row has the fields of line 1: {', '.join(header)}",
        remedy="mend or remove these rows; a separator inside a text needs CSV quoting, or JSONL",
    )
    swallowed = SwallowedRows(len(header), columns["label"], separator) if "label" in columns else None
    for record in records:
        if swallowed is not None:
            swallowed.see(record)
        if len(record.fields) == len(header):
            yield record.place, [record.fields[position] for position in columns.values()]
        else:
            shown = f"{len(record.fields)} fields: {' | '.join(record.fields)}"
            faults.add(ragged, record.place, shown)
    if swallowed is not None:
        swallowed.report(faults)


BROKEN_QUOTING = Rule(
    "broken quoting",
    rule="a field with a comma or line end stands between quotes, and a quote inside it is doubled",
    remedy="double the quotes inside quoted fields, or save it as JSONL, or as TSV without quoting",
)
