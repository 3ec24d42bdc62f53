"""What ``sentilora run`` shows while it works: progress bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from sentilora.cli.terminal_text import printable, say
from sentilora.study.runner import Event, PackProgress, PackStarted, RunEnded, Stage
from sentilora.train.engine import Evaluation


def _dev_range(evaluation: Evaluation) -> str:
    accuracy = evaluation.dev_accuracy
    return f"dev {float(accuracy.min()):.1%} to {float(accuracy.max()):.1%}"


class ProgressBars:
    """One bar a pack, on standard error."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.completed}/{task.total} steps"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}", markup=False),
            console=Console(stderr=True),
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def show(self, event: Event) -> None:
        """Show one event."""
        match event:
            case Stage(text):
                self._progress.console.print(printable(text), style="dim", markup=False)
            case PackStarted(pack):
                self._task = self._progress.add_task(pack.label, total=None, note="")
            case PackProgress(event=Evaluation() as evaluation) if self._task is not None:
                self._progress.update(self._task, note=_dev_range(evaluation))
            case PackProgress(event=step) if self._task is not None and not isinstance(step, Evaluation):
                self._progress.update(self._task, completed=step.step, total=step.num_steps)
            case RunEnded(record) if not record.finished:
                self._progress.console.print(f"failed: {record.run_id}", style="red", markup=False)


class ProgressLines:
    """Plain lines on standard error, for logs: one a stage, a pack and an evaluation."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def show(self, event: Event) -> None:
        """Show one event."""
        match event:
            case Stage(text):
                self._line(text)
            case PackStarted(pack):
                self._line(f"training {pack.label}")
            case PackProgress(pack, Evaluation() as evaluation):
                self._line(f"{pack.label}: epoch {evaluation.epoch:.2f}, {_dev_range(evaluation)}")
            case RunEnded(record):
                self._line(f"{record.fields['status']}: {record.run_id}")

    def _line(self, text: str) -> None:
        say(f"[{time.monotonic() - self._start:7.1f} s] {text}", err=True)
