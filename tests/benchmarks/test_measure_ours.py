"""Measurements of our own work on a tiny model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks.harness import measure_ours

from sentilora.model.backbone.loading import load_tokenizer
from support.invented_workload import WORKLOAD


def measured(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    measure_ours.main([str(argument) for argument in arguments])
    line: dict[str, Any] = json.loads(capsys.readouterr().out)
    return line


@pytest.fixture
def where(tiny_model: Callable[[str], Path], tmp_path: Path) -> list[object]:
    return ["--model", tiny_model("bert"), "--data", WORKLOAD.write(tmp_path / "data", 64)]


def test_a_window_counts_each_runs_examples(where: list[object], capsys: pytest.CaptureFixture[str]) -> None:
    window = ["--steps", 3, "--warmup-steps", 2]
    line = measured(capsys, "lora", *where, *window, "--seeds", 0, 1, 2)
    assert line["examples"] == 3 * 32 * 3
    assert 0 < line["seconds"] < line["total_seconds"]
    assert line["examples_per_second"] == pytest.approx(line["examples"] / line["seconds"])


def test_whole_epochs_give_every_runs_accuracy(
    where: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    line = measured(capsys, "lora", *where, "--epochs", 2, "--seeds", 0, 1)
    assert line["examples"] == 2 * 64 * 2
    assert len(line["dev_accuracies"]) == 2
    assert line["train_seconds"] < line["seconds"]


def test_packed_and_peft_learn_the_same_task(where: list[object], capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--epochs", 16, "--learning-rate", 0.01, "--precision", "fp32"]
    for kind in ("lora", "peft"):
        assert measured(capsys, kind, *where, *options)["dev_accuracies"] == [1.0]


def test_without_a_gpu_graphs_change_nothing(where: list[object], capsys: pytest.CaptureFixture[str]) -> None:
    line = measured(capsys, "graphs", *where, "--epochs", 1, "--seeds", 0, 1)
    assert line == {"evaluations": 2, "largest_difference": 0.0}


def test_the_exact_probe_encodes_anew_each_time(
    where: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    assert measured(capsys, "probe", *where, "--epochs", 1)["examples"] == 64


def test_necessary_work_is_four_operations_a_weight_and_token(
    where: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    line = measured(capsys, "lora", *where, "--epochs", 1)
    tokenizer = load_tokenizer(str(where[1]))
    tokens = np.mean([len(tokenizer(text)["input_ids"]) for text, _ in WORKLOAD.train[:64]])
    weights = 2 * (4 * 32 * 32 + 2 * 32 * 64)  # two layers of the tiny model
    assert line["flop_per_second"] / line["examples_per_second"] == pytest.approx(4 * weights * tokens)
