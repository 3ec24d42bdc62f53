"""Records: what a finished run leaves on disk, and a study's folder of them. Reading needs no torch.

A record is a folder, written whole or not at all, and sound where its files are those whose SHA-256 its
``manifest.json`` lists. Weights may be absent: records are shared without them, and evidence needs none.
The format is ``docs/design/001-records.md``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sentilora.errors import RecordError
from sentilora.files import manifest_problem, sha256_of_file

SCHEMA = 1
"""The version of the format; another one is refused."""
STUDY_FILE = "study.json"
EXAMPLES_FILE = "examples.parquet"
RECORD_FILE = "record.json"
CURVE_FILE = "curve.jsonl"
PREDICTIONS_FILE = "predictions.parquet"
ADAPTER_FOLDER = "adapter"
_STUDY_PARTS = ("study", "data", "backbone", "runs", "examples_sha256")
"""What ``study.json`` holds."""
_RUN_AGAIN = "run the study again: sound records are kept"


@dataclass(frozen=True)
class Predictions:
    """One run's logits on one split."""

    ids: tuple[str, ...]
    """N example ids."""
    labels: NDArray[np.int64]
    """(N,) int64."""
    logits: NDArray[np.float32]
    """(N, classes) float32."""


@dataclass(frozen=True)
class Record:
    """One run as it lies on disk."""

    folder: Path
    """Where it lies."""
    fields: Mapping[str, Any]
    """``record.json``, as docs/design/001-records.md describes it."""

    @property
    def run_id(self) -> str:
        """The run's id, which is its folder's name."""
        return str(self.fields["run_id"])

    @property
    def finished(self) -> bool:
        """Whether the run came to its end; a failed run is a record too."""
        return bool(self.fields["status"] == "finished")

    @property
    def arm(self) -> str:
        """The name of its arm."""
        return str(self.fields["arm"]["name"])

    def curve(self) -> list[dict[str, float]]:
        """The evaluations during training, in order."""
        lines = (self.folder / CURVE_FILE).read_text("utf-8").splitlines()
        return [json.loads(line) for line in lines]

    @cached_property
    def predictions(self) -> dict[str, Predictions]:
        """Logits by split: ``dev``, and for chosen runs ``test`` and ``transfer:…``."""
        return read_predictions(self.folder / PREDICTIONS_FILE)


@dataclass(frozen=True)
class StudyRecords:
    """A study's folder: the resolved study, its examples, and the runs that are there."""

    folder: Path
    """``runs/<study>``."""
    study: Mapping[str, Any]
    """``study.json``."""
    records: tuple[Record, ...]
    """The sound records of this study, finished or failed, in the planned order."""
    problems: tuple[str, ...]
    """One sentence for each record that is missing, damaged or of another study."""


def write_predictions(path: Path, predictions: Mapping[str, Predictions]) -> None:
    """Logits of every split into one Parquet file."""
    columns: dict[str, list[Any]] = {"split": [], "id": [], "label": [], "logits": []}
    for split, rows in predictions.items():
        columns["split"] += [split] * len(rows.ids)
        columns["id"] += rows.ids
        columns["label"] += rows.labels.tolist()
        columns["logits"] += list(rows.logits)
    schema = pa.schema(
        [
            ("split", pa.string()),
            ("id", pa.string()),
            ("label", pa.int64()),
            ("logits", pa.list_(pa.float32())),
        ]
    )
    pq.write_table(pa.table(columns, schema=schema), path, compression="zstd")


def read_predictions(path: Path) -> dict[str, Predictions]:
    """Logits by split from a record's Parquet file."""
    table = pq.read_table(path)
    splits = np.array(table["split"].to_pylist())
    ids = table["id"].to_pylist()
    labels = table["label"].to_numpy()
    flat = table["logits"].combine_chunks().flatten().to_numpy()
    logits = flat.reshape(len(ids), -1) if len(ids) else flat.reshape(0, 0)
    by_split = {}
    for split in dict.fromkeys(splits.tolist()):
        at = np.flatnonzero(splits == split)
        by_split[split] = Predictions(tuple(ids[i] for i in at), labels[at], logits[at])
    return by_split


def read_record(folder: Path) -> Record:
    """One record.

    Raises:
        RecordError: it is missing, unsealed, damaged, or of another schema.
    """
    problem = manifest_problem(folder, may_lack="*.safetensors")
    if problem is not None:
        raise RecordError(f"not a sound record: {problem}", where=str(folder), remedy=_RUN_AGAIN)
    try:
        fields = json.loads((folder / RECORD_FILE).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise RecordError(f"{RECORD_FILE} cannot be read: {error}", where=str(folder)) from error
    if fields.get("schema") != SCHEMA:
        raise RecordError(
            f"the record has schema {fields.get('schema')}", where=str(folder), rule=f"schema {SCHEMA}"
        )
    return Record(folder, fields)


def read_study_records(folder: Path) -> StudyRecords:
    """A study's records, with a sentence on each one that cannot be used.

    Raises:
        RecordError: the folder is no study, or its own files are damaged.
    """
    study = _read_study_file(folder)
    examples = folder / EXAMPLES_FILE
    if not examples.is_file() or sha256_of_file(examples) != study["examples_sha256"]:
        raise RecordError(
            f"{EXAMPLES_FILE} is missing or damaged",
            where=str(folder),
            remedy=_RUN_AGAIN,
        )
    records, problems = [], []
    planned = {run["run_id"]: run["identity"] for run in study["runs"]}
    for run_id, identity in planned.items():
        try:
            record = read_record(folder / run_id)
        except RecordError as error:
            absent = not (folder / run_id).exists()
            problems.append(f"run {run_id}: " + ("no record" if absent else error.what))
            continue
        if record.fields["identity"] == identity:
            records.append(record)
        else:
            problems.append(f"run {run_id}: the record is of another study or another data set")
    for stray in sorted(path.name for path in folder.iterdir() if (path / RECORD_FILE).is_file()):
        if stray not in planned:
            problems.append(f"run {stray}: not part of this study")
    return StudyRecords(folder, study, tuple(records), tuple(problems))


def _read_study_file(folder: Path) -> dict[str, Any]:
    try:
        study = json.loads((folder / STUDY_FILE).read_text("utf-8"))
    except FileNotFoundError as error:
        raise RecordError(
            "no study lies here",
            where=str(folder),
            rule=f"a folder with {STUDY_FILE}",
            remedy="sentilora run STUDY writes one",
        ) from error
    except ValueError as error:
        raise RecordError(
            f"{STUDY_FILE} is damaged: {error}", where=str(folder), remedy=_RUN_AGAIN
        ) from error
    fields: dict[str, Any] = study if isinstance(study, dict) else {}
    if fields.get("schema") != SCHEMA:
        raise RecordError(
            f"the study has schema {fields.get('schema')}", where=str(folder), rule=f"schema {SCHEMA}"
        )
    absent = [part for part in _STUDY_PARTS if part not in fields]
    if absent:
        raise RecordError(f"{STUDY_FILE} lacks {', '.join(absent)}", where=str(folder), remedy=_RUN_AGAIN)
    return fields
