"""How a delimited file is written, found by looking at it: its separator, and whether fields are quoted."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from sentilora.data.tables.delimited import read_quoted
from sentilora.data.tables.faults import Faults
from sentilora.errors import DataError

SEPARATORS = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "vertical bars"}
"""What may stand between fields, and how one says it."""

_NUM_LINES_LOOKED_AT = 50
_NUMBER = re.compile(r"[+-]?[0-9]*\.?[0-9]+(e[+-]?[0-9]+)?", re.IGNORECASE)


def find_separator(lines: Sequence[str], usual: str) -> str:
    """What stands between the fields of a file.

    The usual separator of its ending, unless another one divides all rows alike and the usual one does not;
    or the one that divides the first row, if the usual one does not.

    Args:
        lines: the file's first lines, at least one.
        usual: the separator that the file's ending stands for.
    """
    lines = lines[:_NUM_LINES_LOOKED_AT]
    widths = {separator: [len(row) for row in _rows(lines, separator)] for separator in SEPARATORS}
    alike = [its for its, found in widths.items() if found and set(found) == {found[0]} and found[0] > 1]
    if usual in alike or (widths[usual] and widths[usual][0] > 1 and not alike):
        return usual
    first = {its: found[0] for its, found in widths.items() if found and found[0] > 1}
    choice = {its: first[its] for its in alike} or first
    return max(choice, key=lambda its: choice[its]) if choice else usual


def _rows(lines: Sequence[str], separator: str) -> list[list[str]]:
    """The rows of these lines; the last, which may have been cut, is left out where there are others."""
    try:
        rows = [row for row in csv.reader(lines, delimiter=separator) if row]
    except csv.Error:
        return []
    return rows[:-1] if len(rows) > 1 else rows


def is_quoted(lines: Iterator[str], separator: str) -> bool:
    """Whether fields are quoted as pandas and Excel quote them, in a format where they usually are not.

    So it is where the whole file is what such a program would have written for its fields: quotes stand
    around the fields that need them and around no other, or around all of them. Otherwise a quote is text.

    Args:
        lines: of the whole file.
        separator: between fields.
    """
    writers = list(_WRITERS)
    some_quoted = False
    try:
        for record in read_quoted(lines, separator, Faults("", at_once=True)):
            width = len(record.fields)
            if len(record.lines) > 1 and all(line.count(separator) == width - 1 for line in record.lines):
                return False  # each line is a row of its own, and a quote at its beginning a stray one
            written = "".join(record.lines).removesuffix("\n").removesuffix("\r")
            if '"' not in written and not any("," in field for field in record.fields):
                writers = [writer for writer in writers if writer in _QUOTING_WHERE_NEEDED]
            else:
                some_quoted = some_quoted or '"' in written
                writers = [writer for writer in writers if writer(record.fields, separator) == written]
            if not writers:
                return False
    except DataError:
        return False
    return some_quoted


def _writer(needs_quotes: Callable[[str, str], bool]) -> Callable[[Iterable[str], str], str]:
    def write(fields: Iterable[str], separator: str) -> str:
        return separator.join(quoted(field) if needs_quotes(field, separator) else field for field in fields)

    return write


def quoted(field: str) -> str:
    """A field between quotes, those in it doubled."""
    return '"' + field.replace('"', '""') + '"'


def needs_quotes(field: str, separator: str) -> bool:
    """Whether a field cannot stand without quotes."""
    return any(character in field for character in ('"', "\n", "\r", separator))


_QUOTING_WHERE_NEEDED = (
    _writer(needs_quotes),
    # Before Python 3.13 the csv module, and so pandas, left a lone carriage return without quotes.
    _writer(lambda field, separator: needs_quotes(field.replace("\r", ""), separator)),
    # Excel quotes a comma too, whatever the separator.
    _writer(lambda field, separator: needs_quotes(field, separator) or "," in field),
)
_WRITERS = (
    *_QUOTING_WHERE_NEEDED,
    _writer(lambda field, _: True),
    _writer(lambda field, _: not _NUMBER.fullmatch(field)),
)
