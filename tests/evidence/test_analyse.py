"""From a folder of records to the analysis: whole, partial, damaged and strange studies."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sentilora.errors import RecordError
from sentilora.evidence.analysis import Analysis, analyse
from sentilora.files import write_json, write_manifest
from sentilora.records.record import (
    Predictions,
    read_study_records,
)
from support.synthetic_records import ARMS, SyntheticArm, change_predictions, write_synthetic_study

QUICK: dict[str, Any] = {"num_test": 150, "num_dev": 60}


def analysed(folder: Path, num_resamples: int = 200) -> Analysis:
    return analyse(read_study_records(folder), num_resamples=num_resamples)


def test_a_whole_study(tmp_path: Path) -> None:
    folder = write_synthetic_study(tmp_path, num_test=600, transfer={"amazon": 200})
    analysis = analysed(folder)
    assert [arm.name for arm in analysis.arms] == ["frozen", "lora-8", "lora-16"]
    assert (analysis.baseline, analysis.problems, analysis.failures) == ("frozen", (), ())
    assert analysis.challenger in ("lora-8", "lora-16")
    assert [(pair.arm, pair.over) for pair in analysis.pairs] == [
        ("lora-8", "frozen"),
        ("lora-16", "frozen"),
        ("lora-16", "lora-8"),
    ]
    assert analysis.totals.num_finished == analysis.totals.num_planned == 15
    assert all(arm.reason is None for arm in analysis.arms)
    assert list(analysis.outcomes) == ["frozen", "lora-8", "lora-16"]
    for outcome in analysis.outcomes.values():
        scores = outcome.scores
        assert len(scores.accuracy.per_seed) == 3
        recorded = [
            json.loads((folder / run_id / "record.json").read_text("utf-8"))["metrics"]["test"]
            for run_id in outcome.run_ids
        ]
        assert scores.accuracy.per_seed == pytest.approx([run["accuracy"] for run in recorded])
        assert scores.f1.per_seed == pytest.approx([run["f1"] for run in recorded])
        assert scores.mcc.per_seed == pytest.approx([run["mcc"] for run in recorded])
    assert analysis.outcomes["lora-8"].learning_rate == 1e-3
    assert [rate.chosen for rate in analysis.arm("lora-8").rates] == [False, True]
    assert [curve.arm for curve in analysis.curves] == ["lora-8", "lora-16"], "a probe has none"
    (transfer,) = analysis.transfer
    assert (transfer.name, transfer.num_examples, len(transfer.arms)) == ("amazon", 200, 3)
    assert transfer.arms[1].drop > 0.1, "synthetic arms transfer at 0.7"
    assert analysis.settings.drawn == "seeds and examples"
    assert analysis.environments[0].num_runs == 15


def test_it_is_json_and_the_same_every_time(tmp_path: Path) -> None:
    folder = write_synthetic_study(tmp_path, **QUICK)
    first, second = (json.dumps(analysed(folder).to_json(), allow_nan=False) for _ in range(2))
    assert first == second


def test_a_changed_record_changes_the_numbers(tmp_path: Path) -> None:
    folder = write_synthetic_study(tmp_path, **QUICK)
    before = analysed(folder)
    change_predictions(
        folder / "lora-8-s1-lr0.001",
        "test",
        lambda rows: Predictions(rows.ids, rows.labels, rows.logits[:, ::-1].copy()),
    )
    after = analysed(folder)
    one, other = before.outcomes["lora-8"].scores, after.outcomes["lora-8"].scores
    assert other.accuracy.per_seed[1] == pytest.approx(1 - one.accuracy.per_seed[1])
    assert other.accuracy.per_seed[0] == one.accuracy.per_seed[0]
    assert before.arm("lora-16") == after.arm("lora-16")


@pytest.mark.parametrize(
    ("split", "said"), [("test", "its predictions on test are left out"), ("dev", "left out")]
)
def test_a_record_that_its_predictions_deny_is_refused_by_name(tmp_path: Path, split: str, said: str) -> None:
    folder = write_synthetic_study(tmp_path, **QUICK)
    run = folder / "lora-8-s1-lr0.001"
    fields = json.loads((run / "record.json").read_text("utf-8"))
    true = fields["metrics"][split]["accuracy"]
    fields["metrics"][split]["accuracy"] = true - 0.25
    write_json(run / "record.json", fields)
    write_manifest(run)
    analysis = analysed(folder)
    problem = analysis.problems[0]
    assert problem.startswith(f"run lora-8-s1-lr0.001: {said}: its record states accuracy {true - 0.25:.4f}")
    assert problem.endswith(f"its predictions come to {true:.4f}")
    assert analysis.outcomes["lora-8"].seeds == (0, 2)


def test_the_order_of_predictions_does_not_matter(tmp_path: Path) -> None:
    folder = write_synthetic_study(tmp_path, **QUICK)
    before = analysed(folder)
    order = np.random.default_rng(0).permutation(QUICK["num_test"])
    change_predictions(
        folder / "frozen-s0",
        "test",
        lambda rows: Predictions(tuple(rows.ids[i] for i in order), rows.labels[order], rows.logits[order]),
    )
    assert analysed(folder) == before


def test_the_order_of_runs_does_not_matter(tmp_path: Path) -> None:
    folder = write_synthetic_study(tmp_path, **QUICK)
    before = analysed(folder)
    study = json.loads((folder / "study.json").read_text("utf-8"))
    study["runs"].reverse()
    write_json(folder / "study.json", study)
    after = analysed(folder)
    assert after.arms == before.arms
    assert after.pairs == before.pairs


def test_one_seed(tmp_path: Path) -> None:
    analysis = analysed(write_synthetic_study(tmp_path, seeds=(0,), **QUICK))
    assert analysis.settings.drawn == "examples"
    scores = analysis.outcomes["lora-8"].scores
    assert scores.accuracy.sd is None
    assert scores.accuracy.interval.low < scores.accuracy.mean < scores.accuracy.interval.high
    assert not any(pair.seeds_counted and pair.over != "frozen" for pair in analysis.pairs)


def test_one_arm(tmp_path: Path) -> None:
    analysis = analysed(write_synthetic_study(tmp_path, arms=ARMS[1:2], **QUICK))
    assert analysis.baseline == "lora-8"
    assert analysis.challenger is None
    assert analysis.pairs == ()
    assert analysis.disagreements is None
    assert analysis.extremes == ()
    assert analysis.slices
    assert all(len(part.errors) == 1 for part in analysis.slices)


def test_three_classes(tmp_path: Path) -> None:
    folder = write_synthetic_study(
        tmp_path,
        label_names=("bad", "so-so", "good"),
        num_test=300,
        claims={"f": {"arm": "lora-8", "f1": 0.5}},
    )
    analysis = analysed(folder)
    assert analysis.claims[0].verdict == "held"
    scores = analysis.outcomes["lora-8"].scores
    assert 0 < scores.brier.mean < 1
    assert scores.mcc.mean > 0.7
    assert {part.name for part in analysis.slices if part.family == "label"} == {"bad", "so-so", "good"}
    assert analysis.disagreements is not None
    assert len(analysis.disagreements.fixed.shown[0].probabilities["frozen"]) == 3


def test_failed_runs_are_counted_and_named(tmp_path: Path) -> None:
    folder = write_synthetic_study(tmp_path, failed=[("lora-8", 2)], **QUICK)
    analysis = analysed(folder)
    arm = analysis.arm("lora-8")
    assert [(rate.num_finished, rate.num_failed) for rate in arm.rates] == [(2, 1), (2, 1)]
    assert analysis.outcomes["lora-8"].seeds == (0, 1)
    assert [failure.run_id for failure in analysis.failures] == ["lora-8-s2-lr0.0005", "lora-8-s2-lr0.001"]
    assert analysis.failures[0].reason == "non-finite loss"
    assert analysis.failures[0].step == 31
    pair = analysis.pair("lora-8", "frozen")
    assert pair is not None
    assert [test.seed for test in pair.mcnemar] == [0, 1]


def test_an_arm_whose_runs_all_failed_is_there_with_the_reason(tmp_path: Path) -> None:
    folder = write_synthetic_study(tmp_path, failed=[("lora-16", s) for s in range(3)], **QUICK)
    analysis = analysed(folder)
    arm = analysis.arm("lora-16")
    assert arm.outcome is None
    assert arm.reason == "every recorded run failed (6 of 6 planned): non-finite loss"
    assert [pair.arm for pair in analysis.pairs] == ["lora-8"]
    assert analysis.pareto_fronts["trainable_parameters"] == ("frozen", "lora-8")


def test_a_failed_baseline_leaves_another(tmp_path: Path) -> None:
    folder = write_synthetic_study(tmp_path, failed=[("frozen", s) for s in range(3)], **QUICK)
    analysis = analysed(folder)
    assert (analysis.baseline, analysis.challenger) == ("lora-8", "lora-16")


@pytest.mark.parametrize("weaker_first", [True, False])
def test_the_baseline_is_the_frozen_arm_that_is_best_on_dev(tmp_path: Path, weaker_first: bool) -> None:
    """Wherever they stand in the file: a straw man in front must not become the baseline."""
    weak = SyntheticArm(name="weak", method="probe", accuracy=0.65)
    strong = SyntheticArm(name="strong", method="probe", accuracy=0.8)
    frozen = (weak, strong) if weaker_first else (strong, weak)
    analysis = analysed(write_synthetic_study(tmp_path, arms=(*frozen, ARMS[1]), **QUICK))
    assert analysis.baseline == "strong"


def test_missing_and_damaged_records_are_named_and_left_out(tmp_path: Path) -> None:
    folder = write_synthetic_study(tmp_path, **QUICK)
    shutil.rmtree(folder / "lora-8-s0-lr0.001")
    (folder / "lora-16-s1-lr0.001" / "predictions.parquet").write_bytes(b"no parquet")
    analysis = analysed(folder)
    assert any("lora-8-s0-lr0.001: no record" in problem for problem in analysis.problems)
    assert any("lora-16-s1-lr0.001" in problem and "damaged" in problem for problem in analysis.problems)
    assert analysis.totals.num_missing == 2
    assert analysis.arm("lora-16").num_missing == 1


def shortened(rows: Predictions) -> Predictions:
    return Predictions(rows.ids[1:], rows.labels[1:], rows.logits[1:])


def renamed(rows: Predictions) -> Predictions:
    return Predictions(tuple("other-" + id for id in rows.ids), rows.labels, rows.logits)


def relabelled(rows: Predictions) -> Predictions:
    return Predictions(rows.ids, 1 - rows.labels, rows.logits)


def diverged(rows: Predictions) -> Predictions:
    return Predictions(rows.ids, rows.labels, np.full_like(rows.logits, np.nan))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (shortened, "of other examples"),
        (renamed, "of other examples"),
        (relabelled, "of other labels"),
        (diverged, "not finite"),
    ],
)
def test_foreign_predictions_are_left_out(tmp_path: Path, change: Any, said: str) -> None:
    folder = write_synthetic_study(tmp_path, **QUICK)
    change_predictions(folder / "frozen-s1", "test", change, restate=False)
    analysis = analysed(folder)
    (problem,) = analysis.problems
    assert problem.startswith("run frozen-s1: its predictions on test are left out")
    assert said in problem
    assert analysis.outcomes["frozen"].seeds == (0, 2)


def test_a_lost_learning_rate_does_not_make_an_arm_look_chosen_on_test(tmp_path: Path) -> None:
    # Two of three runs at the scored rate are lost, so dev would now choose the other one.
    folder = write_synthetic_study(tmp_path, **QUICK)
    for seed in (0, 1):
        shutil.rmtree(folder / f"lora-8-s{seed}-lr0.001")
    analysis = analysed(folder)
    outcome = analysis.outcomes["lora-8"]
    assert (outcome.learning_rate, outcome.seeds) == (0.001, (2,))
    assert any("would choose learning rate 0.0005" in problem for problem in analysis.problems)


def test_an_unfinished_study_says_what_is_not_scored(tmp_path: Path) -> None:
    folder = write_synthetic_study(tmp_path, **QUICK)
    for seed in range(3):
        run = folder / f"lora-16-s{seed}-lr0.001"
        record = json.loads((run / "record.json").read_text("utf-8"))
        del record["metrics"]["test"]
        write_json(run / "record.json", record)
        write_manifest(run)
    arm = analysed(folder).arm("lora-16")
    assert arm.outcome is None
    assert arm.reason == "its runs finished but have no usable test predictions"


def test_a_study_with_nothing_sound_is_refused(tmp_path: Path) -> None:
    folder = write_synthetic_study(tmp_path, arms=ARMS[:1], failed=[("frozen", s) for s in range(3)], **QUICK)
    with pytest.raises(RecordError, match="no sound run of this study was scored on test"):
        analysed(folder)


def test_a_study_without_texts_shows_ids(tmp_path: Path) -> None:
    analysis = analysed(write_synthetic_study(tmp_path, texts=False, **QUICK))
    assert analysis.disagreements is not None
    assert all(example.text is None for example in analysis.disagreements.fixed.shown)
    assert analysis.disagreements.fixed.shown[0].id.startswith("test-")
