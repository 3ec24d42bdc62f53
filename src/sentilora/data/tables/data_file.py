"""A file of data as bytes: packed or not, and what its first bytes say it is."""

from __future__ import annotations

import bz2
import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast

from sentilora.errors import DataError

_BEGINNING = 65_536
"""Bytes that are looked at to know what a file is."""

_GZIP = b"\x1f\x8b"
_BZIP2 = b"BZh"
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class DataFile:
    """A file that can be opened, unpacked, as often as it must be read."""

    path: Path
    """Where it lies."""
    name: str
    """Its name without the ending of a packed file; the table's name within a zip archive."""
    beginning: bytes
    """Its first bytes, unpacked."""
    packing: str = ""
    """``gzip``, ``bzip2``, ``zip`` or nothing."""

    @property
    def suffix(self) -> str:
        """The ending of its name, lower case."""
        return PurePosixPath(self.name).suffix.lower()

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        """Its bytes, unpacked as they are read.

        Raises:
            DataError: it cannot be read or unpacked.
        """
        with _told(self.path), ExitStack() as stack:
            raw = stack.enter_context(self.path.open("rb"))
            if self.packing == "gzip":
                yield cast(IO[bytes], stack.enter_context(gzip.GzipFile(fileobj=raw)))
            elif self.packing == "bzip2":
                yield cast(IO[bytes], stack.enter_context(bz2.BZ2File(raw)))
            elif self.packing == "zip":
                archive = stack.enter_context(zipfile.ZipFile(raw))
                yield stack.enter_context(archive.open(self.name))
            else:
                yield raw


def find_data_file(path: Path) -> DataFile:
    """The file at a path, unpacked where it is packed by gzip or bzip2, or is a zip archive with one file.

    Raises:
        DataError: it cannot be read, or an archive holds more than one file.
    """
    with _told(path):
        with path.open("rb") as file:
            start = file.read(_BEGINNING)
        if start.startswith(_GZIP):
            name, packing = path.name.removesuffix(".gz"), "gzip"
        elif start.startswith(_BZIP2):
            name, packing = path.name.removesuffix(".bz2"), "bzip2"
        elif start.startswith(_ZIP):
            members = _members(path)
            if "xl/workbook.xml" in members:
                return DataFile(path, f"{path.stem}.xlsx", start)
            if len(members) != 1:
                raise DataError(
                    f"an archive of {len(members)} files: {', '.join(members[:6])}",
                    where=str(path),
                    rule="a zip archive is read where it holds one file, a table",
                    remedy=f"unpack it and give the file or the folder: unzip {path.name}",
                )
            name, packing = members[0], "zip"
        else:
            return DataFile(path, path.name, start)
        packed = DataFile(path, name, b"", packing)
        with packed.opened() as file:
            return DataFile(path, name, file.read(_BEGINNING), packing)


def _members(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if any(entry.flag_bits & 1 for entry in entries):
        raise DataError("the archive has a password", where=str(path), remedy="unpack it yourself")
    return [entry.filename for entry in entries if not entry.filename.startswith("__MACOSX/")]


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Errors of reading and unpacking as errors that a user can mend."""
    try:
        yield
    except OSError as error:
        raise DataError(f"the file cannot be read: {error.strerror or error}", where=str(path)) from error
    except (EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError) as error:
        raise DataError(
            f"the file cannot be unpacked: {error}",
            where=str(path),
            rule="a whole gzip or bzip2 file, or zip archive",
            remedy="unpack it yourself, or copy it again: a copy that was cut short ends like this",
        ) from error
