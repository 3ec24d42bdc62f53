"""The lines of a text file, read as they are used, each checked for what no text may hold."""

from __future__ import annotations

import codecs
import io
import shlex
from collections.abc import Iterable, Iterator

from sentilora.data.tables.data_file import DataFile
from sentilora.data.tables.faults import Faults, Rule
from sentilora.errors import DataError


def encoding_of(file: DataFile, declared: str | None) -> str:
    """The encoding of a text file as Python names it: the declared one, UTF-16 by its mark, else UTF-8.

    Raises:
        DataError: no encoding has the declared name.
    """
    if declared is not None:
        try:
            name = codecs.lookup(declared).name
        except LookupError as error:
            raise DataError(
                f"no encoding is called {declared!r}",
                where="encoding",
                rule="a name that Python knows, for example windows-1252, utf-16, gb18030, shift_jis",
            ) from error
        return "utf-8-sig" if name == "utf-8" else name
    return "utf-16" if file.beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"


def read_lines(file: DataFile, faults: Faults, encoding: str | None = None) -> Iterator[str]:
    """The lines of a text file, with or without a byte-order mark, each with its end.

    A line feed ends a line, and nothing else does, but in a file that has carriage returns alone.

    Args:
        file: the file.
        faults: told of bytes that are not of the encoding, and of NUL characters.
        encoding: as the user declared it; UTF-8 if None, and UTF-16 where a byte-order mark says so.

    Raises:
        DataError: it cannot be read, or no encoding has that name.
    """
    codec = encoding_of(file, encoding)
    end = "\r" if b"\r" in file.beginning and b"\n" not in file.beginning else "\n"
    # Bytes that are not of the encoding become lone surrogates, which UTF-8 cannot hold: so a line tells of
    # them. UTF-16 has no such way.
    errors = "replace" if codec.startswith(("utf-16", "utf_16")) else "surrogateescape"
    with file.opened() as raw, io.TextIOWrapper(raw, encoding=codec, errors=errors, newline=end) as lines:
        not_decodable = _not_decodable(file, codec)
        for number, line in enumerate(lines, start=1):
            if not is_encodable(line):
                shown = line.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
                faults.add(not_decodable, number, shown.rstrip())
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
    remedy="give --encoding utf-16 if it is UTF-16, or export the file again as UTF-8",
)


def _not_decodable(file: DataFile, codec: str) -> Rule:
    if codec != "utf-8-sig":
        return Rule(
            f"bytes that are not {codec}",
            rule=f"the file was declared to be {codec}",
            remedy="give the encoding it has with --encoding, or leave it out for UTF-8",
        )
    ending = file.suffix or ".txt"
    return Rule(
        "bytes that are not UTF-8",
        rule="text files are UTF-8, or their encoding is declared",
        remedy="if it comes from Excel or Windows, give --encoding windows-1252, or convert it: "
        f"iconv -f WINDOWS-1252 -t UTF-8 {shlex.quote(str(file.path))} > mended{ending}",
    )
