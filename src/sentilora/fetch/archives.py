"""Takes chosen files out of an archive that may be hostile.

Not ``extractall``: no member decides where anything is written. The caller names the members it wants
and the file each one goes to, and only their bytes are copied. What is left to guard against is size
(many members, a small archive that unpacks to a large one) and names or links that only a prepared archive
has: such an archive is refused as a whole. Its digest was checked before; this is a second guard.
"""

from __future__ import annotations

import gzip
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from sentilora.errors import AssetError

MAX_MEMBERS = 1_000
MAX_RATIO = 100
"""Bytes unpacked per byte of archive; text compresses to a tenth, weights hardly at all."""

_CHUNK_BYTES = 1 << 20

_DAMAGE = (zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, RuntimeError)
"""What the readers raise on bytes that are no archive; RuntimeError: encrypted, or an unknown method."""


@dataclass(frozen=True)
class _Member:
    """One entry of a zip or tar file; ``open`` is None for a folder, a link or a device."""

    name: str
    num_bytes: int
    is_folder: bool
    open: Callable[[], IO[bytes]] | None


def extract_members(archive: Path, wanted: Mapping[str, Path], *, max_bytes: int) -> None:
    """Append the bytes of chosen members of a zip or tar.gz archive to files.

    Appending lets the pieces of a file that is spread over several archives come together in order.

    Args:
        archive: a zip or tar.gz file.
        wanted: member name to the file its bytes are appended to; folders must exist.
        max_bytes: the most that all members together, wanted or not, may hold unpacked.

    Raises:
        AssetError: not an archive or a damaged one, a wanted member is missing, or the archive is hostile:
            too large unpacked, too many members, a link, a device, an absolute path or ``..``.
    """
    missing = dict(wanted)
    budget = min(max_bytes, MAX_RATIO * archive.stat().st_size)
    try:
        with _members(archive) as members:
            for number, member in enumerate(members, start=1):
                _refuse_unsafe(archive, member)
                budget -= member.num_bytes
                if number > MAX_MEMBERS or budget < 0:
                    raise _refusal(archive, f"unpacks to more than is allowed (at member {member.name!r})")
                target = missing.pop(member.name, None)
                if target is not None and member.open is not None:
                    _append(member.open, target, member.num_bytes)
    except _DAMAGE as error:
        raise _refusal(archive, f"is damaged or not an archive: {error}") from error
    if missing:
        raise _refusal(archive, f"lacks {sorted(missing)}")


def _refuse_unsafe(archive: Path, member: _Member) -> None:
    parts = PurePosixPath(member.name).parts
    windows = PureWindowsPath(member.name)
    if ".." in parts or ".." in windows.parts or member.name.startswith("/") or windows.anchor:
        raise _refusal(archive, f"holds a path outside itself: {member.name!r}")
    if member.open is None and not member.is_folder:
        raise _refusal(archive, f"holds a link or a device: {member.name!r}")


def _append(open_member: Callable[[], IO[bytes]], target: Path, num_bytes: int) -> None:
    """Copy no more than the member declared, even if its stream holds more."""
    with open_member() as source, target.open("ab") as sink:
        remaining = num_bytes
        while chunk := source.read(min(_CHUNK_BYTES, remaining)):
            sink.write(chunk)
            remaining -= len(chunk)
        if remaining:
            raise EOFError(f"{remaining} bytes of {target.name} are missing")


@contextmanager
def _members(archive: Path) -> Iterator[Iterator[_Member]]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as zip_file:
            yield (_zip_member(zip_file, info) for info in zip_file.infolist())
    else:
        with tarfile.open(archive, "r:gz") as tar_file:
            yield (_tar_member(tar_file, info) for info in tar_file)


def _zip_member(zip_file: zipfile.ZipFile, info: zipfile.ZipInfo) -> _Member:
    unix_mode = info.external_attr >> 16
    is_plain = not info.is_dir() and stat.S_IFMT(unix_mode) in (0, stat.S_IFREG)
    return _Member(
        info.filename, info.file_size, info.is_dir(), (lambda: zip_file.open(info)) if is_plain else None
    )


def _tar_member(tar_file: tarfile.TarFile, info: tarfile.TarInfo) -> _Member:
    stream = tar_file.extractfile(info) if info.isreg() else None
    return _Member(info.name, info.size, info.isdir(), (lambda: stream) if stream is not None else None)


def _refusal(archive: Path, what: str) -> AssetError:
    return AssetError(
        f"{archive.name} {what}",
        rule="an archive of plain files, as it was pinned",
        remedy="fetch it again; if that fails too, the package index serves another file than the pinned one",
    )
