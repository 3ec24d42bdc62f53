"""Runs that another study has trained already: a run is what determines it, not the study that asked for it.

A rank ablation shares its r=8 and r=16 with the proposal, for example. What is taken over is the trained run
with its costs and environment as they were; test scores stay behind, since each study chooses for itself.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from sentilora.errors import RecordError
from sentilora.files import replacing_sealed_folder, write_json
from sentilora.model.peft_io import CLASSIFIER_FILE
from sentilora.records.record import (
    ADAPTER_FOLDER,
    PREDICTIONS_FILE,
    RECORD_FILE,
    Record,
    read_record,
    write_predictions,
)
from sentilora.study.plan import RunSpec
from sentilora.study_file.study import Study


def take_over(run: RunSpec, folder: Path, study: Study) -> Record | None:
    """Copy a finished run of this identity from a study beside ``folder`` into it; None if there is none.

    Args:
        run: to be found.
        folder: of the study that wants it.
        study: the study itself.
    """
    for found in _same_runs(run, folder):
        fields = {
            **found.fields,
            "run_id": run.run_id,
            "study": folder.name,
            "arm": run.arm.model_dump(mode="json"),
            "stated": study.stated(),
            "metrics": {"dev": found.fields["metrics"]["dev"]},
        }
        with replacing_sealed_folder(folder / run.run_id) as working:
            shutil.copytree(found.folder, working, dirs_exist_ok=True)
            write_predictions(working / PREDICTIONS_FILE, {"dev": found.predictions["dev"]})
            write_json(working / RECORD_FILE, fields)
            described = working / ADAPTER_FOLDER / CLASSIFIER_FILE
            classifier = json.loads(described.read_text("utf-8"))
            write_json(described, classifier | {"run_id": run.run_id, "arm": fields["arm"]})
        return read_record(folder / run.run_id)
    return None


def _same_runs(run: RunSpec, folder: Path) -> Iterator[Record]:
    """Sound, finished records of this identity, with their weights, in other studies."""
    for candidate in sorted(folder.parent.glob(f"*/*-{run.identity[:8]}")):
        if candidate.parent == folder:
            continue
        try:
            record = read_record(candidate)
        except RecordError:
            continue
        whole = any((candidate / ADAPTER_FOLDER).glob("*.safetensors"))
        if record.finished and whole and record.fields["identity"] == run.identity:
            yield record
