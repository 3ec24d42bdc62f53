"""A study's records to pass on: without weights, and without texts where their licence forbids it.

What is left is all that evidence reads: reports rebuild from it, with ids in the place of texts.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sentilora.errors import RecordError
from sentilora.files import replacing_sealed_folder, sha256_of_file, write_json
from sentilora.records.record import EXAMPLES_FILE, STUDY_FILE, read_study_records


def share_records(folder: Path, target: Path, *, with_texts: bool) -> None:
    """Copy a study's sound records to ``target``, each with its manifest as it was.

    Args:
        folder: ``runs/<study>``.
        target: must not exist, or be empty.
        with_texts: whether the examples keep their texts.

    Raises:
        RecordError: ``folder`` is no study, or ``target`` holds something.
    """
    study = read_study_records(folder)
    if target.exists() and any(target.iterdir()):
        raise RecordError("the folder is not empty", where=str(target), remedy="name a new one")
    with replacing_sealed_folder(target) as working:
        for record in study.records:
            shutil.copytree(
                record.folder,
                working / record.run_id,
                ignore=shutil.ignore_patterns("*.safetensors"),
            )
        examples = pq.read_table(folder / EXAMPLES_FILE)
        if not with_texts:
            at = examples.schema.get_field_index("text")
            examples = examples.set_column(at, "text", pa.nulls(len(examples), pa.string()))
        pq.write_table(examples, working / EXAMPLES_FILE, compression="zstd")
        fields = {**study.study, "examples_sha256": sha256_of_file(working / EXAMPLES_FILE)}
        write_json(working / STUDY_FILE, fields)
