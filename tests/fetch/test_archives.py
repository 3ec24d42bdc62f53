"""Hostile and damaged archives: nothing is written but what was asked for, or a refusal."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from sentilora.errors import AssetError
from sentilora.fetch import archives
from sentilora.fetch.archives import extract_members

LIMIT = 1_000_000


def zip_of(path: Path, members: Mapping[Any, bytes]) -> Path:
    """A zip of ``{name: bytes}``; a ``ZipInfo`` may stand for a name."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content, compress_type=zipfile.ZIP_DEFLATED)
    return path


def tar_of(path: Path, members: Mapping[Any, bytes]) -> Path:
    """A tar.gz of ``{name: bytes}``; a ``TarInfo`` may stand for a name."""
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def tar_entry(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def zip_link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


both_kinds = pytest.mark.parametrize("archive_of", [zip_of, tar_of])


@both_kinds
def test_only_the_members_asked_for_are_written(tmp_path: Path, archive_of: Callable[..., Path]) -> None:
    weights = os.urandom(70_000)
    archive = archive_of(
        tmp_path / "a", {"m/run.py": b"evil", "m/w.bin": b"x", "m/weights": weights, "m/n": b""}
    )
    (tmp_path / "out").mkdir()
    targets = {"m/weights": tmp_path / "out" / "model.safetensors", "m/n": tmp_path / "out" / "empty.txt"}
    extract_members(archive, targets, max_bytes=LIMIT)
    written = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert written == {"model.safetensors": weights, "empty.txt": b""}


def test_pieces_come_together_in_order(tmp_path: Path) -> None:
    for i, piece in enumerate([b"one ", b"two ", b"three"]):
        extract_members(
            zip_of(tmp_path / f"{i}.zip", {"p": piece}), {"p": tmp_path / "whole"}, max_bytes=LIMIT
        )
    assert (tmp_path / "whole").read_bytes() == b"one two three"


@both_kinds
@pytest.mark.parametrize(
    "name", ["../escaped", "m/../../escaped", "/tmp/escaped", "C:\\escaped", "..\\escaped"]
)
def test_a_path_outside_the_archive_refuses_it_whole(
    tmp_path: Path, archive_of: Callable[..., Path], name: str
) -> None:
    archive = archive_of(tmp_path / "a", {name: b"x", "wanted": b"y"})
    with pytest.raises(AssetError, match="path outside itself"):
        extract_members(archive, {"wanted": tmp_path / "out"}, max_bytes=LIMIT)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize(
    "entry",
    [
        tar_entry("wanted", tarfile.SYMTYPE, "/etc/hostname"),
        tar_entry("wanted", tarfile.LNKTYPE, "other"),
        tar_entry("other", tarfile.SYMTYPE, "wanted"),
        tar_entry("other", tarfile.FIFOTYPE),
        tar_entry("other", tarfile.CHRTYPE),
    ],
    ids=["symlink wanted", "hard link wanted", "symlink", "pipe", "device"],
)
def test_a_link_or_a_device_in_a_tar_refuses_it(tmp_path: Path, entry: tarfile.TarInfo) -> None:
    archive = tar_of(tmp_path / "a", {entry: b"", "wanted": b"y"})
    with pytest.raises(AssetError, match="link or a device"):
        extract_members(archive, {"wanted": tmp_path / "out"}, max_bytes=LIMIT)


def test_a_link_in_a_zip_refuses_it(tmp_path: Path) -> None:
    archive = zip_of(tmp_path / "a", {zip_link("wanted"): b"/etc/hostname"})
    with pytest.raises(AssetError, match="link or a device"):
        extract_members(archive, {"wanted": tmp_path / "out"}, max_bytes=LIMIT)
    assert not (tmp_path / "out").exists()


@both_kinds
def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, archive_of: Callable[..., Path]) -> None:
    archive = archive_of(tmp_path / "a", {"bomb": bytes(20_000_000), "wanted": b"y"})
    assert archive.stat().st_size < 100_000
    with pytest.raises(AssetError, match="more than is allowed"):
        extract_members(archive, {"bomb": tmp_path / "out"}, max_bytes=1 << 40)
    assert not (tmp_path / "out").exists()


@both_kinds
def test_the_declared_limit_counts_every_member(tmp_path: Path, archive_of: Callable[..., Path]) -> None:
    archive = archive_of(tmp_path / "a", {"wanted": os.urandom(600), "other": os.urandom(600)})
    extract_members(archive, {"wanted": tmp_path / "out"}, max_bytes=1200)
    with pytest.raises(AssetError, match="more than is allowed"):
        extract_members(archive, {"wanted": tmp_path / "out"}, max_bytes=1199)


@both_kinds
def test_too_many_members_are_refused(
    tmp_path: Path, archive_of: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_MEMBERS", 3)
    archive = archive_of(tmp_path / "a", {f"{i}": b"" for i in range(4)})
    with pytest.raises(AssetError, match="more than is allowed"):
        extract_members(archive, {}, max_bytes=LIMIT)


def test_a_zip_that_lies_about_a_size_yields_no_more_than_it_declared(tmp_path: Path) -> None:
    archive = zip_of(tmp_path / "a", {"wanted": os.urandom(5000)})
    content = archive.read_bytes()
    size = (5000).to_bytes(4, "little")
    archive.write_bytes(content.replace(size, (50).to_bytes(4, "little")))
    with pytest.raises(AssetError):
        extract_members(archive, {"wanted": tmp_path / "out"}, max_bytes=LIMIT)
    assert (tmp_path / "out").stat().st_size <= 50


@both_kinds
def test_a_truncated_or_foreign_file_is_refused(tmp_path: Path, archive_of: Callable[..., Path]) -> None:
    content = archive_of(tmp_path / "a", {"wanted": os.urandom(50_000)}).read_bytes()
    for damaged in (b"", b"<html>sign in</html>", content[: len(content) // 2], content[:20]):
        (tmp_path / "a").write_bytes(damaged)
        with pytest.raises(AssetError, match=r"damaged or not an archive|lacks|more than is allowed"):
            extract_members(tmp_path / "a", {"wanted": tmp_path / "out"}, max_bytes=LIMIT)


def test_a_flipped_byte_in_a_zip_is_refused(tmp_path: Path) -> None:
    """A tar carries no checksum of its contents: there the digest of the file finds it, in ``assets``."""
    archive = zip_of(tmp_path / "a", {"wanted": os.urandom(50_000)})
    content = bytearray(archive.read_bytes())
    content[25_000] ^= 1
    archive.write_bytes(content)
    with pytest.raises(AssetError, match="damaged"):
        extract_members(archive, {"wanted": tmp_path / "out"}, max_bytes=LIMIT)


@both_kinds
def test_a_missing_member_is_named(tmp_path: Path, archive_of: Callable[..., Path]) -> None:
    archive = archive_of(tmp_path / "a", {"folder/other": b"x" * 100})
    with pytest.raises(AssetError, match=r"lacks \['wanted'\]"):
        extract_members(archive, {"wanted": tmp_path / "out"}, max_bytes=LIMIT)
