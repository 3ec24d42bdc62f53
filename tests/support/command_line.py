"""The command line in this process: what it prints and how it ends, without starting Python again."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass

import pytest

from sentilora.cli import main


@dataclass(frozen=True)
class Done:
    """What a command left."""

    status: int
    stdout: str
    stderr: str


def sentilora(*arguments: object) -> Done:
    """Run ``sentilora ARGUMENTS``; standard output and standard error are no terminals."""
    stdout, stderr = io.StringIO(), io.StringIO()
    redirected = contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr)
    with redirected[0], redirected[1], pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    assert isinstance(end.value.code, int)
    return Done(end.value.code, stdout.getvalue(), stderr.getvalue())
