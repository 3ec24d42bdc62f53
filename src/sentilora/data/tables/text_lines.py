"""The lines of a text file, read as they are used, each checked for what no text may hold."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from sentilora.data.tables.faults import Faults, Rule
from sentilora.errors import DataError

_BEGINNING = 65_536
"""Bytes by which the encoding and the line ends are known."""


def read_lines(path: Path, faults: Faults) -> Iterator[str]:
    """The lines of a UTF-8 file, with or without a byte-order mark, each with its end.

    A line feed ends a line, and nothing else does, but in a file that has carriage returns alone.

    Raises:
        DataError: the file is UTF-16; through ``faults``: bytes that are not UTF-8, NUL characters.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        beginning = file.read(_BEGINNING)
        file.seek(0)
        if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise DataError(
                "the file is UTF-16",
                where=f"{path}, line 1",
                rule="text files are UTF-8",
                remedy=f"iconv -f UTF-16 -t UTF-8 {path.name} > mended{path.suffix}",
            )
        end = "\r" if b"\r" in beginning and b"\n" not in beginning else "\n"
        # Bytes that are not UTF-8 become lone surrogates, which UTF-8 cannot hold: so a line tells of them.
        lines = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline=end)
        not_utf8 = _not_utf8(path)
        for number, line in enumerate(lines, start=1):
            if not is_encodable(line):
                shown = line.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
                faults.add(not_utf8, number, shown.rstrip())
            elif "\0" in line:
                faults.add(_NUL, number, line)
            yield line


def without_ends(lines: Iterable[str]) -> Iterator[str]:
    """The lines without their ends."""
    for line in lines:
        yield line.removesuffix("\n").removesuffix("\r")


def is_encodable(text: str) -> bool:
    """Whether UTF-8 can hold a text, which it cannot if there are lone surrogates."""
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


_NUL = Rule(
    "NUL characters",
    rule="text holds no NUL; it is a sign of UTF-16 or of a damaged file",
    remedy="export the file again as UTF-8",
)


def _not_utf8(path: Path) -> Rule:
    return Rule(
        "bytes that are not UTF-8",
        rule="text files are UTF-8",
        remedy=f"iconv -f LATIN1 -t UTF-8 {path.name} > mended{path.suffix}, if it was Latin-1",
    )
