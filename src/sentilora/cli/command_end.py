"""How a command ends: its exit code, and one clear message for every error.

====  =======================================================================
0     all was done
1     something failed that is no fault of the user, or a run of the study did
2     an error that the user can fix; the message says what, where and how
130   interrupted
====  =======================================================================

A traceback is shown with ``--debug`` alone. One that nobody foresaw goes to a file that the message names.
"""

from __future__ import annotations

import errno
import os
import platform
import re
import sys
import tempfile
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import click

import sentilora
from sentilora.cli.terminal_text import say
from sentilora.errors import SentiloraError

_AGAIN = "then run the same command again: what was finished is kept"
_FIXES = {
    errno.ENOSPC: f"make room, or name a folder on another disk, {_AGAIN}",
    errno.EDQUOT: f"make room within your quota, or name a folder elsewhere, {_AGAIN}",
    errno.EFBIG: f"raise the limit on file sizes (ulimit -f), {_AGAIN}",
    errno.EROFS: "name a folder on a file system that can be written to",
    errno.EACCES: "name a folder that you may read and write, or change its permissions",
    errno.EPERM: "name a folder that you may read and write, or change its permissions",
    errno.ENAMETOOLONG: "take a shorter name, or a folder with a shorter path",
    errno.EIO: f"check the disk, {_AGAIN}",
    errno.EMFILE: f"raise the limit on open files (ulimit -n), {_AGAIN}",
}
"""What to do about the errors of a file system, by their number."""


@dataclass
class DebugSwitch:
    """Whether ``--debug`` was given."""

    is_on: bool = False


def add_debug_option(command: click.Command) -> None:
    """Let a command take ``--debug``, wherever it stands."""

    def switch_on(context: click.Context, parameter: click.Parameter, given: bool) -> None:
        switch = context.find_object(DebugSwitch)
        if given and switch is not None:
            switch.is_on = True

    words = "Show the traceback of an error."
    command.params.append(
        click.Option(["--debug"], is_flag=True, expose_value=False, callback=switch_on, help=words)
    )


def run_to_its_end(command: click.Command, arguments: list[str] | None, *, program: str) -> NoReturn:
    """Run a command, and exit with its code.

    Args:
        command: as a rule a group; its functions return an exit code, or None for 0.
        arguments: those of the process if None.
        program: the name to show in usage messages.
    """
    debug = DebugSwitch()
    try:
        status = command.main(arguments, prog_name=program, standalone_mode=False, obj=debug)
    except click.exceptions.Abort:
        click.echo("interrupted; what was finished is kept: the same command goes on from there", err=True)
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - whatever it is, it ends in one message
        if debug.is_on:
            traceback.print_exc()
        sys.exit(_tell(error, arguments))
    sys.exit(status if isinstance(status, int) else 0)


def _tell(error: Exception, arguments: list[str] | None) -> int:
    """Say what went wrong; the exit code."""
    if isinstance(error, click.ClickException):
        error.show()
        return 2
    foreseen = error if isinstance(error, SentiloraError) else _error_of_the_machine(error)
    foreseen = foreseen or _missing_package(error)
    if foreseen is not None:
        say(f"error: {foreseen}", err=True)
        return 2
    what = f"{type(error).__name__}: {error}".splitlines()[0]
    fault = SentiloraError(
        f"a fault of sentilora: {what[:400]}",
        where=_write_log(error, arguments),
        remedy="please report it with that file, which holds the command's arguments too; "
        "the same command with --debug shows it here",
    )
    say(f"error: {fault}", err=True)
    return 1


def _error_of_the_machine(error: BaseException) -> SentiloraError | None:
    """What a full disk, a permission or too little memory comes to: this error, or one that caused it."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, MemoryError) or "can't allocate memory" in str(seen):
            return SentiloraError("there is not enough memory", remedy=f"close other programs, {_AGAIN}")
        number = seen.errno if isinstance(seen, OSError) else None
        # Rust's libraries (safetensors, typst) and shutil have the number in their text alone.
        if number is None and (stated := re.search(r"(?:\(os error |\[Errno )(\d+)", str(seen))):
            number = int(stated[1])
        if number in _FIXES:
            where = getattr(seen, "filename", None) or ""
            return SentiloraError(os.strerror(number), where=str(where), remedy=_FIXES[number])
        seen = seen.__cause__
    return None


def _missing_package(error: Exception) -> SentiloraError | None:
    """Where only what reports need is installed, every other command ends here."""
    name = (error.name or "").split(".")[0] if isinstance(error, ModuleNotFoundError) else ""
    if name in ("", "sentilora"):
        return None
    return SentiloraError(
        f"this command needs the package {name}, which is not installed",
        rule="report and share need no more than sentilora itself; what trains or predicts needs more",
        remedy="pip install 'sentilora[train]'",
    )


def _write_log(error: Exception, arguments: list[str] | None) -> str:
    """Write the traceback to a file of its own; the file's path, or why there is none."""
    given = sys.argv[1:] if arguments is None else arguments
    lines = (
        f"sentilora {sentilora.__version__}, Python {platform.python_version()}, {platform.platform()}",
        f"arguments: {given!r}",
        "",
        *traceback.format_exception(error),
    )
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="sentilora-", suffix=".log", delete=False, encoding="utf-8", errors="replace"
        ) as file:
            file.write("\n".join(lines))
    except OSError as reason:
        return f"no log could be written: {reason.strerror}"
    return str(Path(file.name))
