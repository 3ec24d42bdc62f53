"""The search: one pack evaluates K proposals, test stays untouched, and a search goes on where it stopped."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from sentilora.errors import StudyError
from sentilora.study import search
from sentilora.study.pack_training import train_pack
from sentilora.study.plan import Pack
from sentilora.study.search import SearchSpace, Trial, best_trial, search_arm
from sentilora.study_file.study import Study, parse_study
from sentilora.train.inputs import TrainingInputs
from support.tiny_study import write_reviews

SPACE = SearchSpace(learning_rate=(1e-3, 3e-2), ranks=(2, 4))


@pytest.fixture
def study(tmp_path: Path, tiny_model: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> Study:
    monkeypatch.setenv("SENTILORA_CACHE", str(tmp_path / "cache"))
    write_reviews(tmp_path / "data")
    return parse_study(
        {
            "study": {"name": "tiny"},
            "data": {"source": str(tmp_path / "data"), "max_length": 16, "train_fraction": 0.3},
            "backbone": {"name": str(tiny_model("bert"))},
            "training": {"epochs": 1, "batch_size": 16, "precision": "fp32"},
            "arm": [{"name": "lora", "method": "lora", "rank": 2}, {"name": "frozen", "method": "probe"}],
        },
        where="test",
    )


def run(study: Study, folder: Path, num_trials: int) -> list[Trial]:
    device = torch.device("cpu")
    return list(search_arm(study, "lora", SPACE, num_trials=num_trials, runs_folder=folder, device=device))


def accuracies(trials: list[Trial]) -> list[float]:
    return [trial.dev_accuracy for trial in trials if trial.dev_accuracy is not None]


def test_trials_are_evaluated_in_packs_and_kept(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packs = []

    def spy(pack: Pack, inputs: TrainingInputs) -> Any:
        packs.append([(run.arm.model_dump()["rank"], run.learning_rate) for run in pack.runs])
        return train_pack(pack, inputs)

    monkeypatch.setattr(search, "train_pack", spy)
    first = run(study, tmp_path, 10)
    assert [len(pack) for pack in packs] == [8, 2]
    assert [(t.settings["rank"], t.settings["learning_rate"]) for t in first] == [
        proposal for pack in packs for proposal in pack
    ]
    assert all(1e-3 <= t.settings["learning_rate"] <= 3e-2 for t in first)
    assert len(accuracies(first)) == 10
    assert len({t.settings["learning_rate"] for t in first}) == 10
    again = run(study, tmp_path, 12)
    assert again[:10] == first
    assert [len(pack) for pack in packs] == [8, 2, 2]
    assert best_trial(again).dev_accuracy == max(accuracies(again))
    assert len((tmp_path / "tiny" / "search-lora.jsonl").read_text().splitlines()) == 12


def test_trials_of_another_space_are_not_taken_over(study: Study, tmp_path: Path) -> None:
    run(study, tmp_path, 2)
    path = tmp_path / "tiny" / "search-lora.jsonl"
    lines = [json.loads(line) | {"key": "other"} for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert len(run(study, tmp_path, 1)) == 1


def test_only_packed_arms_are_searched(study: Study, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="a lora arm of the study: lora"):
        list(
            search_arm(study, "frozen", SPACE, num_trials=1, runs_folder=tmp_path, device=torch.device("cpu"))
        )
