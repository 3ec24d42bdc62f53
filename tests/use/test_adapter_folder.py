"""Adapter folders are checked before anything of them is loaded; those that cannot be trusted are refused."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sentilora.errors import AdapterError
from sentilora.use.adapter_folder import read_adapter
from sentilora.use.predict import load_classifier
from support.tiny_adapters import LABELS, TinyRun, edit_json, invented_texts, make_run

TinyModel = Callable[[str], Path]


@pytest.fixture(scope="module")
def run(tiny_model: TinyModel, tmp_path_factory: pytest.TempPathFactory) -> TinyRun:
    return make_run(tmp_path_factory.mktemp("runs") / "lora-s3", tiny_model("bert"), "lora")


@pytest.fixture
def record(run: TinyRun, tmp_path: Path) -> Path:
    """A copy of the record, to damage."""
    return shutil.copytree(run.folder, tmp_path / "lora-s3")


@pytest.fixture
def copied(run: TinyRun, tmp_path: Path) -> Path:
    """The adapter folder alone, away from its record: no manifest guards it."""
    return shutil.copytree(run.folder / "adapter", tmp_path / "copied")


def test_run_folder_and_adapter_folder_and_copy_are_one(run: TinyRun, copied: Path) -> None:
    texts = invented_texts(5)
    logits = [
        load_classifier(path, device="cpu").logits(texts)
        for path in (run.folder, run.folder / "adapter", copied)
    ]
    assert (logits[0] == logits[1]).all()
    assert (logits[0] == logits[2]).all()


def test_flipped_bit_in_a_record_is_found(record: Path) -> None:
    path = record / "adapter" / "adapter_model.safetensors"
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    with pytest.raises(AdapterError, match=r"adapter_model\.safetensors was altered"):
        read_adapter(record)


@pytest.mark.parametrize("name", ["adapter_model.safetensors", "adapter_config.json", "head.safetensors"])
@pytest.mark.parametrize("where", ["record", "copied"])
def test_missing_file_is_named(name: str, where: str, record: Path, copied: Path) -> None:
    folder = record / "adapter" if where == "record" else copied
    (folder / name).unlink()
    with pytest.raises(AdapterError, match=f"{name} is missing"):
        read_adapter(folder)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"files": 3}', b"\xff\xfe"])
def test_damaged_manifest(content: bytes, record: Path) -> None:
    (record / "manifest.json").write_bytes(content)
    with pytest.raises(AdapterError, match="missing or damaged"):
        read_adapter(record)


@pytest.mark.parametrize(
    "change",
    [{"schema": 2}, {"labels": []}, {"labels": 3}, {"pooling": "max"}, {"max_length": -1}, {"extra": 1}],
)
def test_descriptions_that_cannot_be_understood(change: dict[str, object], copied: Path) -> None:
    edit_json(copied / "classifier.json", **change)
    with pytest.raises(AdapterError, match=r"classifier\.json"):
        read_adapter(copied)


def test_huge_or_deep_json_is_refused(copied: Path) -> None:
    (copied / "classifier.json").write_text("[" * 100_000)
    with pytest.raises(AdapterError, match="cannot be read"):
        read_adapter(copied)
    (copied / "classifier.json").write_text(" " * 2_000_000)
    with pytest.raises(AdapterError, match="larger than"):
        read_adapter(copied)


class _Marker:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return (Path.touch, (self.path,))


def test_nothing_in_the_folder_is_executed(copied: Path, record: Path, tmp_path: Path) -> None:
    marker = tmp_path / "executed"
    payload = pickle.dumps(_Marker(marker))
    for folder in (copied, record / "adapter"):
        for name in ("adapter_model.bin", "pytorch_model.bin", "head.bin"):
            (folder / name).write_bytes(payload)
        (folder / "modeling.py").write_text(f"import pathlib; pathlib.Path({str(marker)!r}).touch()")
    auto_mapping = {"base_model_class": "M", "parent_library": "modeling"}
    edit_json(copied / "adapter_config.json", auto_mapping=auto_mapping)
    assert len(load_classifier(copied, device="cpu").predict(["a fine film"])) == 1
    with pytest.raises(AdapterError, match="files that the run did not leave"):
        load_classifier(record, device="cpu")
    (copied / "adapter_model.safetensors").write_bytes(payload)
    with pytest.raises(AdapterError, match="missing or damaged"):
        load_classifier(copied, device="cpu")
    assert not marker.exists()
    pickle.loads(payload)  # the payload would have worked
    assert marker.exists()


def test_folders_without_an_adapter(tmp_path: Path) -> None:
    with pytest.raises(AdapterError, match="no adapter lies here"):
        read_adapter(tmp_path)
    with pytest.raises(AdapterError, match="no adapter lies here"):
        read_adapter(tmp_path / "nowhere")
    (tmp_path / "record.json").write_text(json.dumps({"status": "failed"}))
    with pytest.raises(AdapterError, match="this run failed"):
        read_adapter(tmp_path)


def test_peft_adapter_of_others_is_recognised(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(AdapterError, match="labels, pooling and head are unknown"):
        read_adapter(tmp_path)


def test_labels_are_those_of_the_folder(run: TinyRun) -> None:
    assert load_classifier(run.folder, device="cpu").labels == LABELS
