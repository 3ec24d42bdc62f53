"""What ``run`` shows: progress bars on a terminal, plain lines elsewhere, and the table at the end."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from sentilora.cli.tables import text_table
from sentilora.records.summary import ArmSummary
from sentilora.study.runner import Event, PackProgress, PackStarted, RunEnded, Stage
from sentilora.study_file.study import Study
from sentilora.train.engine import Evaluation


def _best(evaluation: Evaluation) -> str:
    accuracy = evaluation.dev_accuracy
    return f"dev {float(accuracy.min()):.1%} to {float(accuracy.max()):.1%}"


class ProgressBars:
    """One bar a pack, on standard error."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total} steps"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}"),
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
                self._progress.console.print(text, style="dim")
            case PackStarted(pack):
                self._task = self._progress.add_task(pack.label, total=None, note="")
            case PackProgress(event=Evaluation() as evaluation) if self._task is not None:
                self._progress.update(self._task, note=_best(evaluation))
            case PackProgress(event=step) if self._task is not None and not isinstance(step, Evaluation):
                self._progress.update(self._task, completed=step.step, total=step.num_steps)
            case RunEnded(record) if not record.finished:
                self._progress.console.print(f"failed: {record.run_id}", style="red")


class Lines:
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
                self._line(f"{pack.label}: epoch {evaluation.epoch:.2f}, {_best(evaluation)}")
            case RunEnded(record):
                self._line(f"{record.fields['status']}: {record.run_id}")

    def _line(self, text: str) -> None:
        click.echo(f"[{time.monotonic() - self._start:7.1f} s] {text}", err=True)


def summary_table(study: Study, rows: list[ArmSummary]) -> str:
    """The table at the end of a run: one row an arm."""
    heading = (
        "arm", "test accuracy", "F1", "seeds", "learning rate", "adapter", "head", "trained",
        "seconds a run", "peak memory",
    )  # fmt: skip
    cells = [
        (
            row.arm,
            _mean_and_range(row.accuracy),
            _mean_and_range(row.f1),
            str(len(row.accuracy)) + (f" ({row.num_failed} failed)" if row.num_failed else ""),
            "solved" if row.learning_rate is None else f"{row.learning_rate:g}",
            f"{row.adapter_parameters + row.backbone_parameters:,}",
            f"{row.head_parameters:,}",
            f"{row.trainable_share:.3%}",
            f"{row.train_seconds:,.1f}",
            f"{row.peak_memory_bytes / 1e9:.2f} GB",
        )
        for row in rows
    ]
    title = f"{study.study.name}: {study.data.source}, {study.backbone.name}"
    caption = "Means over seeds, with their range; seconds are a run's share of its pack's training."
    return text_table(title, heading, cells, caption)


def _mean_and_range(values: tuple[float, ...]) -> str:
    mean = f"{sum(values) / len(values):.1%}"
    low, high = f"{min(values):.1%}", f"{max(values):.1%}"
    return mean if low == high else f"{mean} ({low} to {high})"
