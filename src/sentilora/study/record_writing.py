"""A trained run as a record: its fields, its curve, its predictions, its adapter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentilora.files import write_json
from sentilora.model.peft_io import save_classifier
from sentilora.records.record import (
    ADAPTER_FOLDER,
    CURVE_FILE,
    PREDICTIONS_FILE,
    RECORD_FILE,
    SCHEMA,
    Predictions,
    write_predictions,
)
from sentilora.records.scores import score
from sentilora.study.pack_training import TrainedPack
from sentilora.study.plan import Pack, RunSpec
from sentilora.study.prepare import Prepared


def record_fields(
    run: RunSpec, k: int, pack: Pack, trained: TrainedPack, prepared: Prepared
) -> dict[str, Any]:
    """``record.json`` of run k of a pack, but for environment and times (docs/design/001-records.md)."""
    inputs = prepared.inputs
    failure, kept = trained.fitted.failures[k], trained.fitted.kept[k]
    count = trained.classifier.count(k)
    total = inputs.backbone.num_parameters + count.adapter + count.head
    dev = None if failure else predictions_of(trained.dev_logits[k].numpy(), "dev", prepared)
    return {
        "schema": SCHEMA,
        "run_id": run.run_id,
        "study": prepared.study.study.name,
        "status": "failed" if failure else "finished",
        "failure": failure
        and {
            "reason": "not finite",
            "step": failure.step,
            "examples": [prepared.examples["train"].ids[i] for i in failure.positions],
            "message": f"the loss or the gradient was not finite at step {failure.step}",
        },
        "identity": run.identity,
        "arm": run.arm.model_dump(mode="json"),
        "seed": run.seed,
        "learning_rate": run.learning_rate,
        "data_fingerprint": prepared.dataset.fingerprint,
        "backbone_fingerprint": inputs.backbone.fingerprint,
        "stated": prepared.study.stated(),
        "training": inputs.recipe.model_dump(mode="json") | {"precision": inputs.precision},
        "parameters": {
            "adapter": count.adapter,
            "head": count.head,
            "backbone": count.backbone,
            "trainable": count.trainable,
            "total": total,
            "trainable_share": count.trainable / total,
        },
        "costs": _costs(pack, trained),
        "selection": None
        if kept is None
        else {name: kept[name] for name in ("step", "epoch", "dev_accuracy", "dev_loss")}
        | trained.selection[k],
        "metrics": {} if dev is None else {"dev": score(dev.logits, dev.labels).to_json()},
    }


def _costs(pack: Pack, trained: TrainedPack) -> dict[str, Any]:
    fitted, num_runs = trained.fitted, len(pack.runs)
    return {
        "train_seconds": fitted.train_seconds,
        "share_seconds": fitted.train_seconds / num_runs,
        "evaluation_seconds": fitted.evaluation_seconds,
        "pack_size": num_runs,
        "examples_trained": fitted.examples_trained,
        "examples_per_second": _examples_per_second(pack, trained),
        "peak_memory_bytes": trained.costs.peak_memory_bytes,
        "memory_kind": trained.costs.memory_kind,
        "energy_joules": trained.costs.energy_joules,
        "bytes_on_disk": 0,
    }


def _examples_per_second(pack: Pack, trained: TrainedPack) -> float:
    # The seeds of an exact probe share one solution: its examples count once.
    num_passes = 1 if pack.runs[0].arm.is_solved else len(pack.runs)
    return trained.fitted.examples_trained * num_passes / trained.fitted.train_seconds


def write_record(
    folder: Path, fields: dict[str, Any], k: int, trained: TrainedPack, prepared: Prepared
) -> None:
    """Fill a record's folder. ``fields["costs"]["bytes_on_disk"]`` becomes the size of its other files."""
    curve = "".join(json.dumps(line) + "\n" for line in trained.fitted.curves[k])
    (folder / CURVE_FILE).write_text(curve, "utf-8")
    finished = fields["status"] == "finished"
    rows = {"dev": predictions_of(trained.dev_logits[k].numpy(), "dev", prepared)} if finished else {}
    write_predictions(folder / PREDICTIONS_FILE, rows)
    if finished:
        trained.classifier.save_run(k, folder / ADAPTER_FOLDER)
        save_classifier(folder / ADAPTER_FOLDER, classifier_fields(fields, prepared))
    fields["costs"]["bytes_on_disk"] = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
    write_json(folder / RECORD_FILE, fields)


def classifier_fields(fields: dict[str, Any], prepared: Prepared) -> dict[str, Any]:
    """What lies beside the weights, so that the adapter folder can be used by itself."""
    backbone = prepared.inputs.backbone
    return {
        "schema": SCHEMA,
        "run_id": fields["run_id"],
        "arm": fields["arm"],
        "labels": list(prepared.dataset.label_names),
        "pooling": fields["arm"]["pooling"] or prepared.inputs.pooling,
        "max_length": prepared.study.data.max_length,
        "backbone": {
            "name": backbone.name,
            "family": backbone.model_type,
            "revision": backbone.revision,
            "fingerprint": backbone.fingerprint,
        },
    }


def predictions_of(logits: NDArray[np.float32], split: str, prepared: Prepared) -> Predictions:
    """Logits (N, C) with the ids and labels of their split."""
    examples = prepared.examples[split]
    return Predictions(examples.ids, examples.labels, logits)
