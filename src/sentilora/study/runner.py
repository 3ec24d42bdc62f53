"""Runs a study: trains what is missing, chooses learning rates on dev, then scores test once.

``run_study`` yields what happens; progress bars, plain lines and TensorBoard consume it. Everything that
matters is on disk after each pack, so that a killed study goes on where it stopped.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from filelock import FileLock, Timeout

from sentilora.data.sources.registry import SOURCES
from sentilora.errors import DeviceError, RecordError, StudyError
from sentilora.files import (
    remove_unfinished,
    replacing_file,
    replacing_sealed_folder,
    sha256_of_file,
    write_json,
)
from sentilora.records.record import EXAMPLES_FILE, SCHEMA, STUDY_FILE, Record, read_record
from sentilora.study.capacity import lora_runs_per_pack
from sentilora.study.environment import describe_environment
from sentilora.study.pack_training import train_pack
from sentilora.study.plan import Pack, RunSpec, plan_packs, plan_runs
from sentilora.study.prepare import Prepared, prepare
from sentilora.study.record_writing import record_fields, write_record
from sentilora.study.reuse import take_over
from sentilora.study.scoring_on_test import score_chosen
from sentilora.study_file.study import Study
from sentilora.train.allocator import keep_freed_memory
from sentilora.train.engine import Evaluation, StepMade
from sentilora.train.kept_result import KeptResult


@dataclass(frozen=True)
class Stage:
    """Something other than training goes on."""

    text: str


@dataclass(frozen=True)
class PackStarted:
    """A pack begins to train."""

    pack: Pack


@dataclass(frozen=True)
class PackProgress:
    """A pack made a step, or was evaluated."""

    pack: Pack
    event: StepMade | Evaluation


@dataclass(frozen=True)
class RunEnded:
    """A run's record was written; it may be of a failure."""

    record: Record


Event = Stage | PackStarted | PackProgress | RunEnded


def run_study(study: Study, *, runs_folder: Path, device: torch.device) -> Iterator[Event]:
    """Run what is missing of a study, yielding what happens.

    Args:
        study: the study.
        runs_folder: its records go to ``<runs_folder>/<study name>``.
        device: where to train.

    Raises:
        StudyError: another process is running this study, or its parts do not go together.
        DataError, AssetError, HubError, BackboneError: something it needs cannot be had or used.
    """
    folder = runs_folder / study.study.name
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise StudyError(
            f"another process is running study {study.study.name!r}",
            where=str(folder),
            remedy="wait for it, or give this study another name",
        ) from error
    with lock:
        yield Stage(f"loading {study.data.source} and {study.backbone.name}")
        keep_freed_memory()
        prepared = prepare(study, device)
        if study.data.source not in SOURCES:
            yield from map(Stage, prepared.dataset.notes)
        cut = np.concatenate([split.tokens.truncated for split in prepared.inputs.splits.values()])
        if cut.any():
            length = study.data.max_length
            yield Stage(
                f"{cut.sum():,} of {len(cut):,} texts are longer than {length} wordpieces and are cut"
            )
        if prepared.pooling_trials:
            yield Stage(f"heads read {prepared.inputs.pooling}: {_trials_in_words(prepared.pooling_trials)}")
        runs = plan_runs(
            prepared.study,
            data_fingerprint=prepared.dataset.fingerprint,
            backbone_fingerprint=prepared.inputs.backbone.fingerprint,
            precision=prepared.inputs.precision,
        )
        write_study(folder, prepared, runs)
        for run in runs:
            remove_unfinished(folder / run.run_id)
        missing = [run for run in runs if not is_recorded(folder, run)]
        if len(missing) < len(runs):
            yield Stage(f"{len(runs) - len(missing)} of {len(runs)} runs are recorded already")
        taken = {run.run_id: take_over(run, folder, prepared.study) for run in missing}
        yield from (RunEnded(record) for record in taken.values() if record is not None)
        missing = [run for run in missing if taken[run.run_id] is None]
        capacity = lora_runs_per_pack(prepared.inputs)
        environment = describe_environment(device)
        for pack in plan_packs(missing, lora_runs_per_pack=capacity):
            yield from _train(pack, prepared, environment, folder)
        yield Stage("scoring the chosen runs on test")
        yield from map(RunEnded, score_chosen(folder, runs, prepared))


def write_study(folder: Path, prepared: Prepared, runs: list[RunSpec]) -> None:
    """Write ``examples.parquet`` and ``study.json``."""
    with replacing_file(folder / EXAMPLES_FILE) as working:
        prepared.write_examples(working)
        examples_sha256 = sha256_of_file(working)
    fields = {
        "schema": SCHEMA,
        "study": prepared.study.model_dump(mode="json"),
        "data": prepared.data_fields(),
        "backbone": prepared.backbone_fields(),
        "runs": [run.to_json() for run in runs],
        "examples_sha256": examples_sha256,
    }
    with replacing_file(folder / STUDY_FILE) as working:
        write_json(working, fields)


def is_recorded(folder: Path, run: RunSpec) -> bool:
    """Whether a sound record of exactly this run is there, finished or failed."""
    try:
        record = read_record(folder / run.run_id)
    except RecordError:
        return False
    return bool(record.fields["identity"] == run.identity)


def _train(pack: Pack, prepared: Prepared, environment: dict[str, Any], folder: Path) -> Iterator[Event]:
    """Train and record a pack; one that does not fit the device's memory is trained as two."""
    yield PackStarted(pack)
    started = _now()
    training = KeptResult(train_pack(pack, prepared.inputs))
    try:
        yield from (PackProgress(pack, event) for event in training)
    except torch.OutOfMemoryError as error:
        half = len(pack.runs) // 2
        if half == 0:
            raise DeviceError(
                f"run {pack.runs[0].run_id} does not fit the memory of {prepared.inputs.device}",
                where="training.batch_size",
                remedy=f"set it below {prepared.inputs.recipe.batch_size}, or data.max_length shorter",
            ) from error
        yield Stage(f"{pack.label} do not fit the device's memory: trained as two packs")
        for part in (pack.runs[:half], pack.runs[half:]):
            yield from _train(Pack(part), prepared, environment, folder)
        return
    for k, run in enumerate(pack.runs):
        fields = record_fields(run, k, pack, training.value, prepared)
        fields |= {"environment": environment, "started": started, "finished": _now()}
        with replacing_sealed_folder(folder / run.run_id) as working:
            write_record(working, fields, k, training.value, prepared)
        yield RunEnded(read_record(folder / run.run_id))


def _trials_in_words(trials: Mapping[str, float]) -> str:
    shown = ", ".join(f"{pooling} {100 * accuracy:.1f} %" for pooling, accuracy in trials.items())
    return f"dev accuracy of the exact probe {shown}"


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def event_fields(event: Event) -> dict[str, Any] | None:
    """An event as plain data for ``--json``; None for those that only move a progress bar."""
    match event:
        case Stage(text):
            return {"event": "stage", "text": text}
        case PackStarted(pack):
            return {"event": "pack", "runs": [run.run_id for run in pack.runs]}
        case RunEnded(record):
            return {"event": "run", "run_id": record.run_id, "status": record.fields["status"]}
        case PackProgress():
            return None
