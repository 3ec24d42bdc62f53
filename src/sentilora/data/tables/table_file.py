"""A table file opened: its columns, and its rows one after the other, whatever its format.

Readers of a few lines a format rather than a data frame's, because the usual ones mend silently what a
study must not have mended: the text ``NA`` becomes null, a stray quote swallows the rows up to the next
one, a NUL byte passes. Here every row is accounted for under its own number. Training and prediction read
through this one module, and memory does not grow with the number of rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from sentilora.data.tables.arrow_rows import ClassNames, named_values, open_parquet
from sentilora.data.tables.columns import usual_columns
from sentilora.data.tables.data_file import DataFile
from sentilora.data.tables.delimited import read_quoted, read_unquoted, rows_of
from sentilora.data.tables.excel_rows import read_excel
from sentilora.data.tables.faults import Faults, Rule
from sentilora.data.tables.json_rows import JsonRow, read_json_array, read_json_lines
from sentilora.data.tables.reading import Reading
from sentilora.data.tables.separators import SEPARATORS, find_separator, is_quoted
from sentilora.data.tables.text_lines import encoding_of, read_lines, without_ends
from sentilora.errors import DataError

NUM_ROWS_LOOKED_AT = 1000
"""Rows of JSON whose keys are the columns."""
_NUM_ROWS_SHOWN = 3

Row = tuple[int, Sequence[object]]
"""The number of a row's first line (or of the row itself), and the values of the columns asked for."""

_USUAL_SEPARATORS = {".csv": ",", ".tsv": "\t", ".tab": "\t", ".txt": "\t"}
_JSON_SUFFIXES = (".jsonl", ".ndjson", ".json")
_EXCEL_SUFFIXES = (".xlsx", ".xlsm")

TABLE_SUFFIXES = (".csv", ".tsv", ".tab", *_JSON_SUFFIXES, ".parquet", *_EXCEL_SUFFIXES)
"""The file endings that stand for a table, each also with ``.gz``, or alone in a ``.zip``."""

_JSON = re.compile(r"\s*(\{\s*\"|\[\s*\{)")
_MARKUP = re.compile(r"\s*<(\?xml|!doctype|html)", re.IGNORECASE)


@dataclass(frozen=True)
class TableFile:
    """A table whose rows have not been read yet."""

    names: Sequence[str]
    """Its columns as it spells them."""
    first_rows: Sequence[Sequence[object]]
    """A few rows, to show."""
    rows: Callable[[Mapping[str, int]], Iterator[Row]]
    """Given what is wanted and at which position among ``names`` it stands, the rows, once."""
    notes: tuple[str, ...] = ()
    """What was found out of how the file is written."""
    class_names: ClassNames = field(default_factory=dict)
    """For columns of class labels, the names of the classes in their order, where the file states them."""


def open_table(file: DataFile, faults: Faults, reading: Reading) -> TableFile | None:
    """The table in a file, or None where it is plain text, one text a line.

    Args:
        file: by its ending and content: delimited (any of ``SEPARATORS``, quoted as in CSV or not at all),
            JSON (an object a line, or an array), Parquet, Excel, or fastText's lines (``__label__1 a text``).
        faults: told of undecodable bytes, NUL characters, broken quoting, ragged rows and invalid JSON.
        reading: what the user said of it.

    Raises:
        DataError: it is none of these, cannot be read, or is empty.
    """
    suffix, start = file.suffix, file.beginning
    if suffix == ".parquet" or start.startswith(b"PAR1"):
        return _open_parquet(file, faults)
    if suffix in _EXCEL_SUFFIXES:
        return _open_excel(file, faults, reading)
    _require_text(file, reading)
    text = start.decode(encoding_of(file, reading.encoding), "replace").lstrip()
    if suffix in _JSON_SUFFIXES or (suffix not in TABLE_SUFFIXES and _JSON.match(text)):
        return _open_json(file, faults, reading, is_array=text.startswith("["))
    if text.startswith("__label__"):
        return _open_fasttext(file, faults, reading)
    if suffix in TABLE_SUFFIXES or _is_table(text, reading):
        return _open_delimited(file, faults, reading, text)
    return None


def empty(where: str, what: str) -> DataError:
    """The error for a file without rows."""
    return DataError(
        what, where=where, rule="at least one row", remedy="check that the export that wrote it finished"
    )


def is_syntax(text: str) -> bool:
    """Whether a text begins as JSON or markup does."""
    return bool(_JSON.match(text) or _MARKUP.match(text))


def _require_text(file: DataFile, reading: Reading) -> None:
    """Refuse a file that is neither text nor a known table."""
    if encoding_of(file, reading.encoding).startswith(("utf-16", "utf_16", "utf-32", "utf_32")):
        return
    # A NUL is told with its line. Other control characters are as good as never in a text.
    controls = sum(0 < byte < 9 or 13 < byte < 27 for byte in file.beginning)
    is_markup = _MARKUP.match(file.beginning.decode("latin-1")) is not None
    if is_markup or controls > 8 + len(file.beginning) / 50:
        raise DataError(
            f"{file.suffix or 'no file ending'}: neither a text file nor a table that can be read",
            where=str(file.path),
            rule=f"text, one a line, or a table: {', '.join(TABLE_SUFFIXES)}, packed by gzip or zip or not",
            remedy="save it as CSV UTF-8",
        )


def _is_table(text: str, reading: Reading) -> bool:
    """Whether a file without a table's ending is one: a column is named, or the first line names columns."""
    if reading.columns or not reading.header:
        return True
    first = text.split("\n", 1)[0].strip()
    return any(len(usual_columns(first.split(separator))) > 1 for separator in SEPARATORS)


def _open_delimited(file: DataFile, faults: Faults, reading: Reading, beginning: str) -> TableFile:
    usual = _USUAL_SEPARATORS.get(file.suffix, ",")
    lines = [line for line in re.split(r"\r\n|\n|\r", beginning) if line]
    if not lines:
        raise empty(str(file.path), "the file is empty")
    separator = find_separator(lines, usual)
    found = [] if separator == usual else [f"{SEPARATORS[separator]} between the fields"]
    quoted = separator != "\t"
    if not quoted and any('"' in line for line in _lines(file, reading)):
        quoted = is_quoted(_lines(file, reading), separator)
        found += ["quoted as pandas and Excel quote"] if quoted else []
    text = read_lines(file, faults, reading.encoding)
    records = read_quoted(text, separator, faults) if quoted else read_unquoted(text, separator)
    first = next(records, None)
    if first is None:
        faults.refuse()
        raise empty(str(file.path), "the file is empty")
    names = [name.strip() for name in first.fields]
    if not reading.header:
        names = [str(i + 1) for i in range(len(first.fields))]
        records = chain([first], records)
    shown = list(islice(records, _NUM_ROWS_SHOWN))
    records = chain(shown, records)
    return TableFile(
        names,
        [record.fields for record in shown],
        lambda columns: rows_of(records, names, columns, faults, separator=separator),
        (f"{file.name}: {', '.join(found)}",) if found else (),
    )


def _lines(file: DataFile, reading: Reading) -> Iterator[str]:
    """The lines of a file for a look at how it is written; its faults are told when it is read."""
    return read_lines(file, Faults(str(file.path)), reading.encoding)


def _open_json(file: DataFile, faults: Faults, reading: Reading, *, is_array: bool) -> TableFile:
    lines = read_lines(file, faults, reading.encoding)
    rows = read_json_array(lines, faults) if is_array else read_json_lines(without_ends(lines), faults)
    return _table_of_objects(rows, file, faults)


def _table_of_objects(rows: Iterator[JsonRow], file: DataFile, faults: Faults) -> TableFile:
    beginning = list(islice(rows, NUM_ROWS_LOOKED_AT))
    if not beginning:
        faults.refuse()
        raise empty(str(file.path), "the file is empty")
    names = list(dict.fromkeys(key for _, row in beginning for key in row))

    def read(columns: Mapping[str, int]) -> Iterator[Row]:
        keys = [names[position] for position in columns.values()]
        return ((place, [row.get(key) for key in keys]) for place, row in chain(beginning, rows))

    shown = [[row.get(name) for name in names] for _, row in beginning[:_NUM_ROWS_SHOWN]]
    return TableFile(names, shown, read)


def _open_fasttext(file: DataFile, faults: Faults, reading: Reading) -> TableFile:
    def rows() -> Iterator[JsonRow]:
        for number, line in enumerate(without_ends(read_lines(file, faults, reading.encoding)), start=1):
            labels, text = [], line
            while text.startswith("__label__"):
                label, _, text = text.removeprefix("__label__").partition(" ")
                labels.append(label)
            if labels:
                yield number, {"text": text, "label": labels[0] if len(labels) == 1 else labels}
            elif line.strip():
                faults.add(_NO_FASTTEXT_LABEL, number, line)

    return _table_of_objects(rows(), file, faults)


_NO_FASTTEXT_LABEL = Rule(
    "lines without a label",
    rule="every line begins with __label__ and a class, as fastText has it",
    remedy="label these lines or remove them",
)


def _open_parquet(file: DataFile, faults: Faults) -> TableFile:
    faults.unit = "row"
    names, class_names, batches = open_parquet(file)

    def read(columns: Mapping[str, int]) -> Iterator[Row]:
        wanted = [names[position] for position in columns.values()]
        number = 0
        for batch in batches(wanted):
            values = [named_values(batch.column(name).to_pylist(), class_names.get(name)) for name in wanted]
            for i in range(batch.num_rows):
                number += 1
                yield number, [column[i] for column in values]

    return TableFile(names, [], read, class_names=class_names)


def _open_excel(file: DataFile, faults: Faults, reading: Reading) -> TableFile:
    faults.unit = "row"
    rows = read_excel(file)
    first = next(rows, None)
    if first is None:
        raise empty(str(file.path), "the first sheet is empty")
    names = ["" if cell is None else str(cell).strip() for cell in first[1]]
    if not reading.header:
        names = [str(i + 1) for i in range(len(first[1]))]
        rows = chain([first], rows)
    shown = list(islice(rows, _NUM_ROWS_SHOWN))

    def read(columns: Mapping[str, int]) -> Iterator[Row]:
        for number, cells in chain(shown, rows):
            padded = (*cells, *[None] * (len(names) - len(cells)))
            yield number, [padded[position] for position in columns.values()]

    return TableFile(names, [cells for _, cells in shown], read)
