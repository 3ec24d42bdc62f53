"""Which pooling heads read: asked for, known of the backbone, or chosen on dev."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch

from sentilora.study.pooling_choice import choose_pooling
from sentilora.study.prepare import prepare
from sentilora.study_file.arms import Pooling
from sentilora.study_file.study import parse_study
from sentilora.train.inputs import TrainingInputs
from sentilora.train.pooled_features import Features
from support.tiny_models import make_tiny_model
from support.tiny_study import write_reviews


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> TrainingInputs:
    folder = tmp_path_factory.mktemp("study")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SENTILORA_CACHE", str(folder / "cache"))
        write_reviews(folder / "data")
        study = parse_study(
            {
                "study": {"name": "pooling"},
                "data": {"source": str(folder / "data"), "max_length": 16},
                "backbone": {"name": str(make_tiny_model("bert", folder / "model"))},
                "arm": [{"name": "frozen", "method": "probe"}],
            },
            where="tests",
        )
        prepared = prepare(study, torch.device("cpu"))
    assert prepared.study.backbone.pooling == prepared.inputs.pooling
    assert set(prepared.pooling_trials) == {"cls", "mean", "both"}
    return prepared.inputs


def test_what_is_asked_for_is_taken(inputs: TrainingInputs) -> None:
    assert choose_pooling("cls", inputs) == ("cls", {})


def test_what_a_backbone_was_trained_with_is_taken_untried(inputs: TrainingInputs) -> None:
    known = replace(inputs, backbone=replace(inputs.backbone, pooling="mean"))
    assert choose_pooling("auto", known) == ("mean", {})


@pytest.mark.parametrize("telling", ["cls", "mean"])
def test_the_pooling_that_tells_the_classes_apart_is_chosen(
    inputs: TrainingInputs, telling: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One half of the features is the label, the other is noise: the half alone, or both halves, must win."""

    def features(self: TrainingInputs, split: str) -> Features:
        labels = self.splits[split].labels
        noise = np.random.default_rng(len(labels)).normal(size=(len(labels), 2)).astype(np.float32)
        signal = np.stack([labels, 1 - labels], axis=1).astype(np.float32)
        halves = {
            "cls": signal if telling == "cls" else noise,
            "mean": signal if telling == "mean" else noise,
        }
        values = {**halves, "both": np.concatenate([halves["cls"], halves["mean"]], axis=1)}
        return Features(values[self.pooling], 0.0)

    monkeypatch.setattr(TrainingInputs, "encoded", features)
    chosen, trials = choose_pooling("auto", inputs)
    other = {"cls": "mean", "mean": "cls"}[telling]
    assert chosen != other
    assert trials[telling] == 1 > trials[other]
    assert set(trials) == {"cls", "mean", "both"}


def test_one_pass_gives_every_pooling(inputs: TrainingInputs, tmp_path: Path) -> None:
    inputs = replace(inputs, cache=tmp_path)
    poolings: tuple[Pooling, ...] = get_args(Pooling)
    by_pooling = {pooling: replace(inputs, pooling=pooling).encoded("dev").values for pooling in poolings}
    np.testing.assert_array_equal(
        by_pooling["both"], np.concatenate([by_pooling["cls"], by_pooling["mean"]], axis=1)
    )
    assert len(list((tmp_path / "features").iterdir())) == 1
