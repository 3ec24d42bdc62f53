"""The search: one pack evaluates K proposals, test stays untouched, and a search goes on where it stopped."""

import json

import pytest
import torch

from sentilora.errors import StudyError
from sentilora.study import search
from sentilora.study.search import SearchSpace, best_trial, search_arm
from sentilora.study_file.study import parse_study
from support.tiny_study import write_reviews

SPACE = SearchSpace(learning_rate=(1e-3, 3e-2), ranks=(2, 4))


@pytest.fixture
def study(tmp_path, tiny_model, monkeypatch):
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


def run(study, folder, num_trials):
    device = torch.device("cpu")
    return list(search_arm(study, "lora", SPACE, num_trials=num_trials, runs_folder=folder, device=device))


def test_trials_are_evaluated_in_packs_and_kept(study, tmp_path, monkeypatch):
    packs = []
    original = search.train_pack

    def spy(pack, setting):
        packs.append([(run.arm.rank, run.learning_rate) for run in pack.runs])
        return original(pack, setting)

    monkeypatch.setattr(search, "train_pack", spy)
    first = run(study, tmp_path, 10)
    assert [len(pack) for pack in packs] == [8, 2]
    assert [(t.settings["rank"], t.settings["learning_rate"]) for t in first] == [
        proposal for pack in packs for proposal in pack
    ]
    assert all(1e-3 <= t.settings["learning_rate"] <= 3e-2 and t.dev_accuracy >= 0 for t in first)
    assert len({t.settings["learning_rate"] for t in first}) == 10
    again = run(study, tmp_path, 12)
    assert again[:10] == first
    assert [len(pack) for pack in packs] == [8, 2, 2]
    assert best_trial(again).dev_accuracy == max(trial.dev_accuracy for trial in again)
    assert len((tmp_path / "tiny" / "search-lora.jsonl").read_text().splitlines()) == 12


def test_trials_of_another_space_are_not_taken_over(study, tmp_path):
    run(study, tmp_path, 2)
    path = tmp_path / "tiny" / "search-lora.jsonl"
    lines = [json.loads(line) | {"key": "other"} for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert len(run(study, tmp_path, 1)) == 1


def test_only_packed_arms_are_searched(study, tmp_path):
    with pytest.raises(StudyError, match="a lora arm of the study: lora"):
        list(
            search_arm(study, "frozen", SPACE, num_trials=1, runs_folder=tmp_path, device=torch.device("cpu"))
        )
