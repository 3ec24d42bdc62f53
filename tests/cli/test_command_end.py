"""How a command ends whatever happens: one message, the right exit code, and no traceback unasked."""

from __future__ import annotations

import errno
import os
import re
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pytest

from sentilora.errors import DataError
from support.command_line import Done, sentilora
from support.tiny_study import tiny_study


def end_with(error: BaseException, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Done:
    """What ``sentilora plan`` comes to where reading the study raises this error."""

    def fail(**options: object) -> None:
        raise error

    monkeypatch.setattr("sentilora.cli.plan_command.chosen_study", fail)
    return sentilora(*(arguments or ("plan",)))


def test_what_nobody_foresaw_ends_with_1_and_a_log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    done = end_with(KeyError("a\x1b[31m fault"), monkeypatch)
    assert done.status == 1
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr
    named = re.search(r"where: (.+\.log)\n", done.stderr)
    assert named is not None
    log = Path(named[1]).read_text("utf-8")
    assert "arguments: ['plan']" in log
    assert "Traceback (most recent call last)" in log
    assert "KeyError" in log


def test_a_log_that_cannot_be_written_is_no_second_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")
    done = end_with(KeyError("fault"), monkeypatch)
    assert done.status == 1
    assert "no log could be written" in done.stderr


@pytest.mark.parametrize("arguments", [("--debug", "plan"), ("plan", "--debug")])
def test_debug_shows_the_traceback(arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    done = end_with(DataError("no such column"), monkeypatch, *arguments)
    assert done.status == 2
    assert done.stderr.startswith("Traceback")
    assert done.stderr.endswith("error: no such column\n")


@pytest.mark.parametrize(
    ("number", "fix"),
    [
        (errno.ENOSPC, "make room"),
        (errno.EROFS, "can be written to"),
        (errno.EACCES, "permissions"),
        (errno.ENAMETOOLONG, "shorter"),
        (errno.EFBIG, "ulimit"),
    ],
)
def test_a_disk_that_refuses_is_an_error_that_says_where(
    number: int, fix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = OSError(number, os.strerror(number), "runs/mine/record.json")
    done = end_with(error, monkeypatch)
    assert done.status == 2
    for words in (os.strerror(number), "runs/mine/record.json", fix):
        assert words in done.stderr


def test_the_cause_of_an_error_and_the_libraries_own_words_are_understood(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    outer = RuntimeError("cannot save")
    outer.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    rust = RuntimeError("I/O error: No space left on device (os error 28)")
    for error in (outer, rust):
        done = end_with(error, monkeypatch)
        assert done.status == 2
        assert "make room" in done.stderr


def test_too_little_memory_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for error in (MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried")):
        assert "not enough memory" in end_with(error, monkeypatch).stderr


def test_an_interruption_says_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    for error in (KeyboardInterrupt(), click.exceptions.Abort()):
        done = end_with(error, monkeypatch)
        assert done.status == 130
        assert "what was finished is kept" in done.stderr


@contextmanager
def largest_file(num_bytes: int) -> Iterator[None]:
    """The system refuses to write more than this to a file of this process."""
    _, hard = before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (num_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_file_that_cannot_grow_leaves_nothing_and_the_same_command_goes_on(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    study, target = tiny_study(tmp_path_factory), tmp_path / "shared"
    with largest_file(500):
        done = sentilora("share", study, target)
    assert done.status == 2
    assert "ulimit -f" in done.stderr
    assert list(tmp_path.iterdir()) == []
    assert sentilora("share", study, target).status == 0
    assert (target / "study.json").is_file()
