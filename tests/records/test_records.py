"""Records: half a record is never taken for one, and what is damaged is named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sentilora.errors import RecordError
from sentilora.files import MANIFEST, replacing_sealed_folder, write_json, write_manifest
from sentilora.records.choice import choose_learning_rates
from sentilora.records.record import (
    Predictions,
    Record,
    read_predictions,
    read_record,
    read_study_records,
    write_predictions,
)
from support.synthetic_records import write_synthetic_study


def sealed(folder: Path) -> Path:
    with replacing_sealed_folder(folder) as working:
        (working / "record.json").write_text('{"schema": 1}')
        (working / "adapter").mkdir()
        (working / "adapter" / "head.safetensors").write_bytes(b"weights")
    return folder


def sealed_anew(folder: Path, record: str) -> None:
    """Puts other content in its place, with a manifest that matches."""
    (folder / "record.json").write_text(record)
    write_manifest(folder)


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda f: (f / "record.json").write_text("{} "), "record.json is damaged"),
        (lambda f: (f / "record.json").unlink(), "record.json is missing"),
        (lambda f: (f / MANIFEST).unlink(), "manifest.json is missing"),
        (lambda f: (f / "adapter" / "head.safetensors").write_bytes(b"w"), "head.safetensors is damaged"),
        (lambda f: sealed_anew(f, '{"schema": 0}'), "schema 0"),
        (lambda f: sealed_anew(f, "{"), "cannot be read"),
    ],
)
def test_a_record_that_cannot_be_trusted_is_refused(
    tmp_path: Path, damage: Callable[[Path], object], problem: str
) -> None:
    folder = sealed(tmp_path / "run")
    damage(folder)
    with pytest.raises(RecordError, match=problem) as caught:
        read_record(folder)
    assert str(folder) in str(caught.value)


def test_a_record_without_its_weights_is_sound(tmp_path: Path) -> None:
    folder = sealed(tmp_path / "run")
    (folder / "adapter" / "head.safetensors").unlink()
    assert read_record(folder).fields == {"schema": 1}


def test_predictions_come_back_as_they_were(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    rows = {
        split: Predictions(
            tuple(f"{split}-{i}" for i in range(n)),
            generator.integers(0, 3, size=n),
            generator.normal(size=(n, 3)).astype(np.float32),
        )
        for split, n in (("dev", 4), ("test", 7))
    }
    write_predictions(tmp_path / "p.parquet", rows)
    back = read_predictions(tmp_path / "p.parquet")
    assert list(back) == ["dev", "test"]
    for split in rows:
        assert back[split].ids == rows[split].ids
        np.testing.assert_array_equal(back[split].labels, rows[split].labels)
        np.testing.assert_array_equal(back[split].logits, rows[split].logits)
    write_predictions(tmp_path / "none.parquet", {})
    assert read_predictions(tmp_path / "none.parquet") == {}


def test_what_cannot_be_used_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    folder = write_synthetic_study(tmp_path / "study", num_test=40, num_dev=20)
    whole = read_study_records(folder)
    assert whole.problems == ()
    ids = [record.run_id for record in whole.records]
    shutil.rmtree(folder / ids[0])
    (folder / ids[1] / "curve.jsonl").write_text("tampered")
    fields = json.loads((folder / "study.json").read_text())
    fields["runs"][2]["identity"] = "0" * 64
    fields["runs"].pop(3)
    write_json(folder / "study.json", fields)
    found = read_study_records(folder)
    assert len(found.records) == len(ids) - 4
    problems = "\n".join(found.problems)
    for run_id, word in zip(ids[:4], ("no record", "damaged", "another study", "not part"), strict=True):
        assert any(run_id in line and word in line for line in found.problems), problems


def test_a_study_whose_examples_were_changed_is_refused(tmp_path: Path) -> None:
    folder = write_synthetic_study(tmp_path / "study", num_test=40, num_dev=20)
    with (folder / "examples.parquet").open("ab") as file:
        file.write(b"x")
    with pytest.raises(RecordError, match=r"examples\.parquet is missing or damaged"):
        read_study_records(folder)


@pytest.mark.parametrize("part", ["study", "data", "runs", "backbone", "examples_sha256"])
def test_a_study_file_that_lacks_a_part_is_refused(tmp_path: Path, part: str) -> None:
    folder = write_synthetic_study(tmp_path / "study", num_test=40, num_dev=20)
    fields = json.loads((folder / "study.json").read_text())
    write_json(folder / "study.json", {name: value for name, value in fields.items() if name != part})
    with pytest.raises(RecordError, match=f"lacks {part}"):
        read_study_records(folder)


@pytest.mark.parametrize(
    ("content", "problem"),
    [("{", "damaged"), ("[]", "schema None"), ('{"schema": 0}', "schema 0"), (None, "no study lies here")],
)
def test_a_folder_that_is_no_study_is_refused(tmp_path: Path, content: str | None, problem: str) -> None:
    if content is not None:
        (tmp_path / "study.json").write_text(content)
    with pytest.raises(RecordError, match=problem):
        read_study_records(tmp_path)


def test_the_learning_rate_is_chosen_by_the_mean_over_seeds_and_failures_count_against_it() -> None:
    def fake(
        arm: str, rate: float | None, accuracy: float, loss: float = 0.5, status: str = "finished"
    ) -> Record:
        metrics = {"dev": {"accuracy": accuracy, "loss": loss}}
        fields = {"arm": {"name": arm}, "learning_rate": rate, "metrics": metrics, "status": status}
        return Record(Path(arm), fields)

    records = [
        fake("a", 0.1, 0.99), fake("a", 0.1, 0.60),
        fake("a", 0.2, 0.80), fake("a", 0.2, 0.81),
        fake("b", 0.1, 0.70), fake("b", 0.1, 0.70),
        fake("b", 0.2, 0.95), fake("b", 0.2, 0.0, status="failed"),
        fake("c", None, 0.5),
        fake("d", 0.1, 0.8, loss=0.4), fake("d", 0.2, 0.8, loss=0.3),
    ]  # fmt: skip
    assert choose_learning_rates(records) == {"a": 0.2, "b": 0.1, "c": None, "d": 0.2}
