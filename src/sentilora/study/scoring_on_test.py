"""Scoring test: once, after every choice has been made, and only for the chosen runs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from sentilora.errors import RecordError
from sentilora.files import replacing_sealed_folder, write_json
from sentilora.records.choice import chosen_records
from sentilora.records.record import (
    ADAPTER_FOLDER,
    PREDICTIONS_FILE,
    RECORD_FILE,
    Record,
    read_record,
    write_predictions,
)
from sentilora.records.scores import score
from sentilora.study.pack_training import build_classifier
from sentilora.study.plan import Pack, RunSpec, plan_packs
from sentilora.study.prepare import Prepared
from sentilora.study.record_writing import predictions_of
from sentilora.train.engine import split_logits

RUNS_PER_PACK = 8
"""Scoring keeps no activations, so that any device holds this many."""


def score_chosen(folder: Path, runs: Sequence[RunSpec], prepared: Prepared) -> Iterator[Record]:
    """Score what is chosen and not scored yet on test and the transfer sets; yields the new records."""
    splits = ["test", *(f"transfer:{name}" for name in prepared.transfer)]
    records = {}
    for run in runs:
        try:
            records[run.run_id] = read_record(folder / run.run_id)
        except RecordError:
            continue  # it was not written; the report names it
    due = {
        record.run_id
        for record in chosen_records(records.values())
        if any(split not in record.fields["metrics"] for split in splits)
    }
    per_pack = RUNS_PER_PACK if prepared.inputs.encoder.packable else 1
    for pack in plan_packs([run for run in runs if run.run_id in due], lora_runs_per_pack=per_pack):
        yield from _score_pack(pack, folder, records, splits, prepared)


def _score_pack(
    pack: Pack, folder: Path, records: dict[str, Record], splits: Sequence[str], prepared: Prepared
) -> Iterator[Record]:
    inputs = prepared.inputs.read_by(pack.runs[0].arm)
    classifier = build_classifier(pack, inputs)
    for k, run in enumerate(pack.runs):
        classifier.load_run(k, folder / run.run_id / ADAPTER_FOLDER)
    logits = {
        split: split_logits(classifier, inputs.corpus(split, classifier.reads)).cpu().numpy()
        for split in splits
    }
    for k, run in enumerate(pack.runs):
        record = records[run.run_id]
        rows = record.predictions | {
            split: predictions_of(logits[split][k], split, prepared) for split in splits
        }
        fields = {
            **record.fields,
            "metrics": {split: score(p.logits, p.labels).to_json() for split, p in rows.items()},
        }
        with replacing_sealed_folder(folder / run.run_id) as working:
            shutil.copytree(record.folder, working, dirs_exist_ok=True)
            write_predictions(working / PREDICTIONS_FILE, rows)
            write_json(working / RECORD_FILE, fields)
        yield read_record(folder / run.run_id)
