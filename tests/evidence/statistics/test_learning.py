"""Curves and gaps, from records written by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sentilora.evidence.statistics.learning import learning_curve, overfitting
from sentilora.evidence.statistics.scored_arms import ScoredArm
from sentilora.records.record import Record


def line(step: int, dev_accuracy: float, train_accuracy: float = 0.9) -> dict[str, Any]:
    return {
        "step": step,
        "epoch": step / 100,
        "train_loss": 0.2,
        "train_accuracy": train_accuracy,
        "dev_loss": 0.5,
        "dev_accuracy": dev_accuracy,
    }


def arm_of(folder: Path, curves: list[list[dict[str, Any]]], kept: int = 0) -> ScoredArm:
    records = []
    for seed, curve in enumerate(curves):
        run = folder / str(seed)
        run.mkdir()
        (run / "curve.jsonl").write_text("".join(json.dumps(each) + "\n" for each in curve), "utf-8")
        records.append(Record(run, {"seed": seed, "selection": {"step": kept}}))
    empty = np.zeros((len(curves), 1, 2))
    return ScoredArm("lora", tuple(records), empty, empty[:, :, 0] > 0)


def test_a_curve_is_a_mean_with_its_lowest_and_highest_seed(tmp_path: Path) -> None:
    curve = learning_curve(arm_of(tmp_path, [[line(10, 0.5), line(20, 0.8)], [line(10, 0.7), line(20, 0.9)]]))
    assert curve is not None
    assert curve.steps == (10, 20)
    assert curve.epochs == (0.1, 0.2)
    assert curve.dev_accuracy.mean == pytest.approx((0.6, 0.85))
    assert curve.dev_accuracy.low == (0.5, 0.8)
    assert curve.dev_accuracy.high == (0.7, 0.9)


def test_steps_to_95_percent_of_the_final_accuracy(tmp_path: Path) -> None:
    slow = [line(10, 0.5), line(20, 0.75), line(30, 0.77), line(40, 0.8)]
    quick = [line(10, 0.79), line(20, 0.80), line(30, 0.80), line(40, 0.8)]
    curve = learning_curve(arm_of(tmp_path, [slow, quick]))
    assert curve is not None
    assert curve.steps_to_95 == (30, 10)
    assert curve.median_steps_to_95 == 20


def test_only_evaluations_that_all_seeds_have_are_averaged(tmp_path: Path) -> None:
    curve = learning_curve(arm_of(tmp_path, [[line(10, 0.5), line(20, 0.8)], [line(20, 0.9)]]))
    assert curve is not None
    assert curve.steps == (20,)


def test_gaps_at_the_kept_step_and_at_the_end(tmp_path: Path) -> None:
    gap = overfitting(arm_of(tmp_path, [[line(10, 0.85, 0.86), line(20, 0.80, 0.95)]], kept=10), rank=8)
    assert gap is not None
    assert gap.rank == 8
    assert gap.kept_gap.mean == pytest.approx(0.01)
    assert gap.end_gap.mean == pytest.approx(0.15)
    assert gap.end_loss_gap.mean == pytest.approx(0.3)
    assert gap.end_gap.sd is None


def test_an_exact_solution_has_no_curve(tmp_path: Path) -> None:
    arm = arm_of(tmp_path, [[], []])
    assert learning_curve(arm) is None
    assert overfitting(arm, None) is None
