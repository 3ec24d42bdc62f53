"""JSON objects as rows: one a line, or the items of one array, told apart by content."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sentilora.data.tables.faults import Faults, Rule
from sentilora.errors import DataError

JsonRow = tuple[int, dict[str, object]]
"""The number of its line (of its item in an array), and the object."""

_CHUNK = 1 << 16


def read_json_lines(lines: Iterator[str], faults: Faults) -> Iterator[JsonRow]:
    """One object a line; blank lines are skipped."""
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
            faults.add(_NOT_OBJECTS, number, line.strip())


def read_json_array(lines: Iterator[str], faults: Faults) -> Iterator[JsonRow]:
    """The items of one array, parsed as they come.

    Raises:
        DataError: the text ends within the array, or is none; through ``faults``, items that are no objects.
    """
    faults.unit = "row"
    decoder = json.JSONDecoder()
    # What is buffered is text not parsed yet: at most an item and a chunk of lines.
    buffer, position, number = _more(lines), 0, 0
    position = _skip_blanks(buffer, position) + 1  # the bracket
    while True:
        position = _skip_blanks(buffer, position)
        if position < len(buffer) and buffer[position] == "]":
            rest = (buffer[position + 1 :] + _more(lines)).strip()
            if rest:
                faults.add(_MORE_THAN_AN_ARRAY, number, rest)
            return
        try:
            item, end = decoder.raw_decode(buffer, position)
            whole = _skip_blanks(buffer, end) < len(buffer)
        except (ValueError, RecursionError) as error:
            whole, problem = False, error
        else:
            problem = ValueError("the array does not end")
        if not whole:
            # Cut within an item, or at its end, where more digits may follow.
            more = _more(lines, at_least=len(buffer) - position)
            if not more:
                raise DataError(
                    f"item {number + 1} of the JSON array cannot be read: {problem}",
                    where=faults.where,
                    rule='an array of objects, for example [{"text": "a fine film", "label": "good"}]',
                    remedy="check that the export that wrote it finished",
                )
            buffer, position = buffer[position:] + more, 0
            continue
        number += 1
        if isinstance(item, dict):
            yield number, item
        else:
            faults.add(_NOT_OBJECTS, number, str(item))
        position = _skip_blanks(buffer, end)
        if buffer[position] == ",":
            position += 1


def _skip_blanks(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    return position


def _more(lines: Iterator[str], at_least: int = 0) -> str:
    """The next lines, as many characters as a chunk and as are wanted, or fewer at the end."""
    taken: list[str] = []
    size = 0
    for line in lines:
        taken.append(line)
        size += len(line)
        if size >= max(_CHUNK, at_least):
            break
    return "".join(taken)


_MORE_THAN_AN_ARRAY = Rule(
    "text after the end of a JSON array",
    rule="one array and nothing else, or one object a line",
    remedy="give each array a file of its own",
)

_NOT_OBJECTS = Rule(
    "lines or items that are not JSON objects",
    rule='one object a line, or an array of objects, for example {"text": "a fine film", "label": 1}',
    remedy="write it with pandas as df.to_json(path, orient='records', lines=True)",
)
