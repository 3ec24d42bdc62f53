"""Files and folders written whole or not at all, their digests, and JSON.

Nothing else in this package renames, syncs or hashes. What is written goes to a hidden working copy beside
its target, is synced, and takes the target's place by a rename. A writer that fails or is killed leaves the
old target, the new one or, at one moment of replacing a folder, none; never a part of one.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
"""The file of a sealed folder that lists the SHA-256 of every other file in it."""

_UNFINISHED = ".unfinished"


@contextmanager
def replacing_file(target: Path) -> Iterator[Path]:
    """The path of a working copy to write; on leaving, it takes the place of ``target``.

    Its folder is made where it is missing. Processes may write the same file at the same time: the last
    one's stays.
    """
    with _working_place(target) as working:
        yield working
        _sync(working)
        working.replace(target)
        _sync(target.parent)


def replace_file(target: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old content or the new, never a part."""
    with replacing_file(target) as working:
        working.write_bytes(content)


@contextmanager
def replacing_folder(target: Path) -> Iterator[Path]:
    """A working folder to fill; on leaving, it takes the place of ``target``, whatever that held."""
    with _working_place(target) as working:
        working.mkdir()
        yield working
        for path in (*working.rglob("*"), working):
            _sync(path)
        if target.exists():
            target.rename(working.with_name(f"{target.name}.replaced"))
        working.rename(target)
        _sync(target.parent)


@contextmanager
def replacing_sealed_folder(target: Path) -> Iterator[Path]:
    """``replacing_folder``, with a manifest of what was written."""
    with replacing_folder(target) as working:
        yield working
        write_manifest(working)


def remove_unfinished(target: Path) -> None:
    """Remove working copies that killed writers of ``target`` left; only where no other process writes it."""
    for left in target.parent.glob(f".{glob.escape(target.name)}.????????{_UNFINISHED}"):
        shutil.rmtree(left)


def write_manifest(folder: Path) -> None:
    """Seal a folder: list the SHA-256 of every file in it."""
    files = {
        path.relative_to(folder).as_posix(): sha256_of_file(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }
    write_json(folder / MANIFEST, {"files": files})


def manifest_problem(folder: Path, *, may_lack: str = "") -> str | None:
    """Why a sealed folder cannot be trusted, or None where its files are those that its manifest lists.

    Args:
        folder: the folder.
        may_lack: a pattern of file names that may be absent, for example ``*.safetensors``.
    """
    try:
        listed = json.loads((folder / MANIFEST).read_text("utf-8"))["files"]
    except FileNotFoundError:
        return f"{MANIFEST} is missing"
    except (ValueError, KeyError, TypeError):
        return f"{MANIFEST} is damaged"
    for name, digest in listed.items():
        path = folder / name
        if not path.is_file():
            if may_lack and path.match(may_lack):
                continue
            return f"{name} is missing"
        if sha256_of_file(path) != digest:
            return f"{name} is damaged: its SHA-256 is not the manifest's"
    return None


def sha256_of(*parts: str | bytes) -> str:
    """SHA-256 of the parts one after the other, strings as UTF-8, in hexadecimal."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() if isinstance(part, str) else part)
    return digest.hexdigest()


def sha256_of_file(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def canonical_json(value: Any) -> str:
    """JSON with sorted keys and no NaN: the same value gives the same bytes."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def write_json(path: Path, value: Any) -> None:
    """Readable JSON, keys in the order given; for files in a working copy."""
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")


@contextmanager
def _working_place(target: Path) -> Iterator[Path]:
    """A path of the target's name in a hidden folder beside it, which is removed on leaving."""
    target.parent.mkdir(parents=True, exist_ok=True)
    hidden = tempfile.mkdtemp(prefix=f".{target.name}.", suffix=_UNFINISHED, dir=target.parent)
    try:
        yield Path(hidden, target.name)
    finally:
        shutil.rmtree(hidden, ignore_errors=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
