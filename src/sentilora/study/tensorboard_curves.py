"""Mirrors the curves of a running study to TensorBoard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sentilora.errors import StudyError
from sentilora.study.runner import Event, PackProgress
from sentilora.train.engine import Evaluation

SCALARS = ("train_loss", "train_accuracy", "dev_loss", "dev_accuracy", "learning_rate", "gradient_norm")


def write_curves(events: Iterator[Event], folder: Path) -> Iterator[Event]:
    """Pass events on, writing each run's evaluations to ``<folder>/<run id>``.

    Raises:
        StudyError: TensorBoard is not installed.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise StudyError(
            "TensorBoard is not installed",
            where="--tensorboard",
            remedy="pip install 'sentilora[tensorboard]'",
        ) from error
    return _mirrored(events, folder, SummaryWriter)


def _mirrored(events: Iterator[Event], folder: Path, writer_class: type) -> Iterator[Event]:
    writers = {}
    try:
        for event in events:
            if isinstance(event, PackProgress) and isinstance(event.event, Evaluation):
                for k, run in enumerate(event.pack.runs):
                    if run.run_id not in writers:
                        writers[run.run_id] = writer_class(str(folder / run.run_id))
                    for name in SCALARS:
                        value = float(getattr(event.event, name)[k])
                        writers[run.run_id].add_scalar(name, value, event.event.step)
            yield event
    finally:
        for writer in writers.values():
            writer.close()
