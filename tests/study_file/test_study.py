"""The study file: what it refuses, and that presets say what their documents say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sentilora.errors import StudyError
from sentilora.study_file.arms import LoraArm
from sentilora.study_file.study import Study, parse_study, preset_names, read_study

MINIMAL: dict[str, Any] = {
    "study": {"name": "x"},
    "data": {"source": "sst2"},
    "arm": [{"name": "a", "method": "lora", "rank": 8}, {"name": "b", "method": "probe"}],
}


def study(**changes: Any) -> Study:
    return parse_study({**MINIMAL, **changes}, where="test.toml")


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_is_a_study(name: str) -> None:
    assert read_study(name).study.name == name


def test_the_proposal_is_the_document() -> None:
    proposal = read_study("proposal")
    arms = {arm.name: arm for arm in proposal.arm}
    assert proposal.backbone.name == "distilbert/distilbert-base-uncased"
    assert (proposal.data.source, proposal.data.max_length) == ("sst2", 128)
    assert proposal.training.epochs == 3
    assert 16 <= proposal.training.batch_size <= 32
    for rank in (8, 16):
        arm = arms[f"lora-{rank}"]
        assert isinstance(arm, LoraArm)
        assert (arm.rank, arm.alpha, arm.dropout, arm.targets) == (rank, 16, 0.1, ("query", "value"))
    assert {arms["frozen"].method, arms["frozen-as-proposed"].method} == {"probe"}
    stated = {name for claim in proposal.claims.values() for name in claim.quantities()}
    assert stated >= {
        "accuracy", "gain", "better", "equivalent", "trainable_share", "trainable_parameters",
        "training_minutes", "study_minutes", "peak_memory_gb", "storage_gb",
    }  # fmt: skip
    assert [claim.kind for claim in proposal.claims.values()].count("risk") == 1


def test_plan_b_is_a_tenth_of_the_data() -> None:
    assert read_study("plan-b").data.train_fraction == 0.1


def test_rank_ablation_goes_from_1_to_64() -> None:
    ranks = [arm.rank for arm in read_study("rank-ablation").arm if arm.method == "lora"]
    assert ranks == [1, 2, 4, 8, 16, 32, 64]


def test_an_arm_that_is_solved_has_no_learning_rate() -> None:
    plan_b = read_study("plan-b")
    rates = {arm.name: plan_b.learning_rates(arm) for arm in plan_b.arm}
    assert rates["frozen"] == (None,)
    assert rates["frozen-as-proposed"] == (1e-2, 3e-2, 1e-1)
    assert rates["lora-8"] == (5e-4, 1e-3, 2e-3)


def test_an_arm_says_what_it_trains_and_whether_it_is_solved() -> None:
    arms = [
        {"name": "a", "method": "probe"},
        {"name": "b", "method": "probe", "solver": "adamw"},
        {"name": "c", "method": "lora", "rank": 1},
        {"name": "d", "method": "peft"},
        {"name": "e", "method": "full"},
    ]
    kinds = [(arm.trains, arm.is_solved) for arm in study(arm=arms).arm]
    assert kinds == [
        ("head", True), ("head", False), ("adapters", False), ("adapters", False), ("backbone", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"study": {"name": "x", "seed": [1]}}, ["study.seed", "Extra inputs"]),
        ({"study": {"name": "x", "seeds": [1, 1]}}, ["repeat"]),
        ({"study": {"name": "../x"}}, ["study.name"]),
        ({"data": {"source": "sst2", "train_fraction": 0}}, ["data.train_fraction", "greater than 0"]),
        ({"arm": []}, ["arm"]),
        ({"arm": [MINIMAL["arm"][0]] * 2}, ["share a name"]),
        ({"arm": [{"name": "a", "method": "lora", "rank": 0}]}, ["rank"]),
        ({"arm": [{"name": "a", "method": "lora", "rank": 4, "targets": ["q"]}]}, ["targets", "'query'"]),
        ({"arm": [{"name": "a", "method": "lora", "rank": 4, "targets": ["up", "up"]}]}, ["twice"]),
        ({"arm": [{"name": "a", "method": "adapter"}]}, ["'probe'", "'lora'"]),
        ({"arm": [{"name": "b", "method": "probe", "learning_rate": [1e-3]}]}, ["solved exactly"]),
        ({"search": {"learning_rate": [1e-3, 2e-3]},
          "arm": [{"name": "a", "method": "full", "learning_rate": [1e-5]}]}, ["same search budget"]),
        ({"claims": {"c": {"arm": "z", "accuracy": 0.9}}}, ["'z'", "['a', 'b']"]),
        ({"claims": {"c": {"arm": "a"}}}, ["at least one quantity"]),
        ({"claims": {"c": {"arm": "a", "gain": 0.1}}}, ["both arm and over"]),
    ],
)  # fmt: skip
def test_a_wrong_study_is_refused_with_the_key_and_the_rule(changes: Any, words: tuple[str, ...]) -> None:
    with pytest.raises(StudyError) as caught:
        study(**changes)
    for word in words:
        assert word in str(caught.value)
    assert "test.toml" in str(caught.value)


def test_overrides_lie_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[study]\nname = "mine"\n[data]\nsource = "sst2"\n[[arm]]\nname = "a"\nmethod = "full"\n')
    changed = read_study(str(path), {"data.train_fraction": 0.1, "search.learning_rate": [1e-5]})
    assert (changed.data.train_fraction, changed.search.learning_rate) == (0.1, (1e-5,))


@pytest.mark.parametrize(
    ("content", "word"),
    [(b"[study", "not valid TOML"), (b"name = '\xff'", "UTF-8"), (None, "no study named")],
)
def test_an_unreadable_file_is_an_error_that_names_it(tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / "broken.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StudyError) as caught:
        read_study(str(path))
    assert word in str(caught.value)
    assert "broken.toml" in str(caught.value)
