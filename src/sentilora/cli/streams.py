"""Long streams on the command line: progress beside them, a file whole or absent, a pipe that ends."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO, TypeVar

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from sentilora.errors import DataError
from sentilora.files import replacing_file

T = TypeVar("T")


def with_count(items: Iterable[T], noun: str, *, show: bool) -> Iterator[T]:
    """The items, with a count of them on standard error if that is a terminal and ``show`` is set."""
    if not (show and sys.stderr.isatty()):
        yield from items
        return
    columns = (SpinnerColumn(), TextColumn("{task.completed:,} " + noun), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(noun, total=None)
        for item in items:
            progress.advance(task)
            yield item


@contextlib.contextmanager
def written_file(path: Path) -> Iterator[TextIO]:
    """A text file that takes its place when all has been written; until then what was there stays.

    Raises:
        DataError: its folder cannot be written to.
    """
    if not os.access(path.parent, os.W_OK):
        raise DataError(
            "the file cannot be written", where=str(path), rule="a folder that exists and can be written to"
        )
    with (
        replacing_file(path) as working,
        working.open("w", encoding="utf-8", errors="replace", newline="") as file,
    ):
        yield file


def quiet_pipe(lines: Iterable[str]) -> int:
    """Write lines to standard output; a reader that has had enough ends it without a word.

    Returns:
        The exit status: 0.
    """
    try:
        for line in lines:
            # A lone surrogate, which no encoding can write, becomes a question mark.
            sys.stdout.write(line.encode("utf-8", "replace").decode("utf-8"))
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes standard output once more when it ends; let that go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
