"""What is served of a study, and studies of which nothing can be."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sentilora.errors import AdapterError, RecordError
from sentilora.evidence.analysis import analyse
from sentilora.records.record import read_study_records
from sentilora.serve.served_study import load_served_study
from support.tiny_study import tiny_study


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_study(tmp_path_factory)


def test_its_numbers_are_those_of_the_report(folder: Path) -> None:
    served = load_served_study(folder, device="cpu").analysis
    report = analyse(read_study_records(folder))
    assert served.over_baseline("lora").accuracy == report.over_baseline("lora").accuracy


def test_an_arm_that_is_not_there_is_an_error(folder: Path) -> None:
    with pytest.raises(RecordError, match="no arm 'full'"):
        load_served_study(folder, arms=["full"], device="cpu")


def test_a_study_without_weights_is_an_error(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "tiny"
    shutil.copytree(folder, copy)
    for weights in copy.rglob("*.safetensors"):
        weights.unlink()
    with pytest.raises(AdapterError, match="missing"):
        load_served_study(copy, device="cpu")
