"""Files and folders are whole or as they were, whenever their writer fails or is killed."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from sentilora.files import (
    MANIFEST,
    canonical_json,
    manifest_problem,
    remove_unfinished,
    replace_file,
    replacing_file,
    replacing_folder,
    replacing_sealed_folder,
    sha256_of,
    sha256_of_file,
    write_json,
)

KILLED_BEFORE_EACH_OPERATION = '''
"""Kill a writer before each of its operations on files in turn, and check what is left."""
import os, pathlib, sys
from sentilora import files

root, kind, replaced = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "replaced"
OPERATIONS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod"}

def write(target, content):
    if kind == "file":
        files.replace_file(target, content.encode() * 1000)
        return
    with files.replacing_sealed_folder(target) as working:
        (working / "inner").mkdir()
        for name in ("a", "inner/b"):
            (working / name).write_text(content * 1000)

def found(target):
    if not target.exists():
        return None
    if kind == "file":
        paths = [target]
    else:
        assert files.manifest_problem(target) is None, files.manifest_problem(target)
        paths = [target / "a", target / "inner" / "b"]
    (content,) = {path.read_text() for path in paths}
    assert content in ("old" * 1000, "new" * 1000), content[:9]
    return content[:3]

def run(target, number):
    """Whether the writer came to its end without reaching that operation."""
    child = os.fork()
    if child == 0:
        count = 0
        def hook(event, arguments):
            nonlocal count
            if event in OPERATIONS:
                count += 1
                if count > number:
                    os._exit(9)
        sys.addaudithook(hook)
        write(target, "new")
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

states, number, ended = [], 0, False
while not ended:
    folder = root / str(number)
    folder.mkdir()
    target = folder / "target"
    if replaced:
        write(target, "old")
    ended = run(target, number)
    states.append(str(found(target)))
    files.remove_unfinished(target)
    left = [path.name for path in folder.iterdir()]
    assert left in ([], ["target"]), left
    write(target, "new")
    assert found(target) == "new"
    number += 1
print(" ".join(states))
'''


@pytest.mark.parametrize("kind", ["file", "folder"])
@pytest.mark.parametrize("before", ["absent", "replaced"])
def test_a_kill_before_any_operation_leaves_the_old_the_new_or_none(
    tmp_path: Path, kind: str, before: str
) -> None:
    command = [sys.executable, "-c", KILLED_BEFORE_EACH_OPERATION, str(tmp_path), kind, before]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    states = result.stdout.split()
    assert len(states) > (5 if kind == "file" else 10)
    assert states[-1] == "new"
    order = ["None" if before == "absent" else "old", "None", "new"]
    assert states == sorted(states, key=order.index)
    assert states[0] == order[0]
    if before == "replaced":
        # A folder cannot take another's place in one step: for one operation there is none.
        assert states.count("None") == (1 if kind == "folder" else 0)


def _fill(folder: Path, content: str) -> None:
    with replacing_folder(folder) as working:
        (working / "a").write_text(content)


def _write(file: Path, content: str) -> None:
    with replacing_file(file) as working:
        working.write_text(content)


@pytest.mark.parametrize("write", [_fill, _write])
def test_what_was_there_is_replaced_and_nothing_else_is_left(
    tmp_path: Path, write: Callable[[Path, str], None]
) -> None:
    target = tmp_path / "new folder" / "target"
    for content in ("old", "new"):
        write(target, content)
        assert (target / "a" if target.is_dir() else target).read_text() == content
    assert [path.name for path in target.parent.iterdir()] == ["target"]


@pytest.mark.parametrize("replacing", [replacing_file, replacing_folder, replacing_sealed_folder])
def test_an_error_while_writing_leaves_what_was_there(
    tmp_path: Path, replacing: Callable[[Path], AbstractContextManager[Path]]
) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "a").write_text("old")

    def fail() -> None:
        with replacing(target) as working:
            (working / "a" if working.is_dir() else working).write_text("half")
            raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        fail()
    assert (target / "a").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["target"]


def test_only_the_targets_own_leftovers_are_removed(tmp_path: Path) -> None:
    others = [".run.lock", ".run-2.abcdefgh.unfinished", ".run.1.abcdefgh.unfinished", "run"]
    for name in [*others, ".run.abcdefgh.unfinished"]:
        (tmp_path / name).mkdir()
    remove_unfinished(tmp_path / "run")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(others)


def _sealed(folder: Path) -> Path:
    with replacing_sealed_folder(folder) as working:
        (working / "inner").mkdir()
        (working / "inner" / "b.bin").write_bytes(b"weights")
        (working / "a.json").write_text("{}")
    return folder


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda f: (f / "a.json").write_text("{} "), "a.json is damaged"),
        (lambda f: (f / "a.json").unlink(), "a.json is missing"),
        (lambda f: (f / "inner" / "b.bin").unlink(), "inner/b.bin is missing"),
        (lambda f: (f / MANIFEST).unlink(), "manifest.json is missing"),
        (lambda f: (f / MANIFEST).write_text('{"fi'), "manifest.json is damaged"),
        (lambda f: (f / MANIFEST).write_text("[]"), "manifest.json is damaged"),
    ],
)
def test_damage_to_a_sealed_folder_is_found(
    tmp_path: Path, damage: Callable[[Path], object], problem: str
) -> None:
    folder = _sealed(tmp_path / "sealed")
    assert manifest_problem(folder) is None
    damage(folder)
    assert problem in str(manifest_problem(folder))


def test_a_sealed_folder_may_lack_the_files_that_its_reader_can_do_without(tmp_path: Path) -> None:
    folder = _sealed(tmp_path / "sealed")
    (folder / "inner" / "b.bin").unlink()
    assert manifest_problem(folder, may_lack="*.bin") is None
    assert "b.bin" in str(manifest_problem(folder, may_lack="*.json"))


def test_digests_are_sha256(tmp_path: Path) -> None:
    expected = hashlib.sha256("añ b".encode()).hexdigest()
    assert sha256_of("añ ", b"b") == expected
    (tmp_path / "a").write_text("añ b", "utf-8")
    assert sha256_of_file(tmp_path / "a") == expected


def test_json_is_canonical_readable_and_refuses_nan(tmp_path: Path) -> None:
    assert canonical_json({"b": [1, 0.5], "a": "é"}) == '{"a":"é","b":[1,0.5]}'
    write_json(tmp_path / "a.json", {"b": 1, "a": 2})
    assert list(json.loads((tmp_path / "a.json").read_text())) == ["b", "a"]
    for write in (canonical_json, lambda value: write_json(tmp_path / "a.json", value)):
        with pytest.raises(ValueError, match="not JSON compliant"):
            write(float("nan"))


def test_a_new_file_has_the_permissions_of_any_other(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    replace_file(tmp_path / "replaced", b"")
    assert (tmp_path / "replaced").stat().st_mode == (tmp_path / "plain").stat().st_mode
