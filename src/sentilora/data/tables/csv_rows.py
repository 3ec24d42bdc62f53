"""CSV with standard quoting, except that a quote may not swallow rows.

A quoted field may span lines. So a stray quote at the beginning of a field takes everything up to the next
quote into that field, and the file may still be valid CSV. It shows, though: the lines inside the field are
complete rows of this very file, as wide as its header and with a label that it uses. A text of several lines
one of which looks like that is refused too, the price of never losing rows in silence.
"""

from __future__ import annotations

import contextlib
import csv
import sys
from collections.abc import Iterator, Sequence

from sentilora.data.tables.faults import Fault

Row = tuple[int, list[str]]
"""The number of a row's first line, and its fields."""


def parse_csv(lines: Sequence[str]) -> tuple[list[Row], list[Fault]]:
    """All rows, the header among them, and the lines at which quoting is broken.

    Args:
        lines: the file's lines with their ends; blank ones are skipped.

    Returns:
        The rows, and the faults in the order of the file; after a fault the next line begins a row.
    """
    rows: list[Row] = []
    faults: list[Fault] = []
    start = 0
    with _fields_of_any_length():
        while start < len(lines):
            reader = csv.reader((lines[i] for i in range(start, len(lines))), strict=True)
            record = start
            try:
                for fields in reader:
                    if fields:
                        rows.append((record + 1, fields))
                    record = start + reader.line_num
                break
            except csv.Error:
                faults.append(_fault(record, lines))
                start = record + 1
        faults.extend(_swallowing(rows, lines))
    return rows, sorted(faults, key=lambda fault: fault.place)


def _swallowing(rows: Sequence[Row], lines: Sequence[str]) -> Iterator[Fault]:
    """Rows with a quoted field that holds complete rows of the file, judged by their width and label."""
    names = [name.strip().lower() for name in rows[0][1]] if rows else []
    if "label" not in names:
        return
    label = names.index("label")
    labels = {fields[label].strip() for _, fields in rows[1:] if len(fields) == len(names)}
    ends = [number for number, _ in rows[1:]] + [len(lines) + 1]
    for (number, fields), end in zip(rows, ends, strict=True):
        if not any("\n" in field for field in fields):
            continue
        # The closing line of a sound field has an odd number of quotes, a swallowed row an even one.
        inside = (_parse_alone(line) for line in lines[number : end - 1] if line.count('"') % 2 == 0)
        if any(len(inner) == len(names) and inner[label].strip() in labels for inner in inside):
            yield _fault(number - 1, lines)


def _parse_alone(line: str) -> list[str]:
    """The fields of a line taken for a row, none if it is not one."""
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error:
        return []


def _fault(position: int, lines: Sequence[str]) -> Fault:
    return Fault(position + 1, lines[position].rstrip("\r\n"))


@contextlib.contextmanager
def _fields_of_any_length() -> Iterator[None]:
    """Lifts the csv module's limit of 131,072 characters a field, which is global, for a while."""
    limit = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(limit)
