"""A whole study on a tiny model: resumed, repeated, killed, failing."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from sentilora.errors import DataError, DeviceError, StudyError
from sentilora.files import manifest_problem
from sentilora.records.record import read_study_records
from sentilora.records.summary import summarize
from sentilora.study import runner
from sentilora.study.pack_training import train_pack
from sentilora.study.plan import Pack
from sentilora.study.runner import PackProgress, PackStarted, RunEnded, run_study
from sentilora.study_file.claims import Claim
from sentilora.study_file.study import Study, parse_study
from sentilora.train.engine import Evaluation
from sentilora.train.inputs import TrainingInputs
from support.tiny_study import write_reviews

CPU = torch.device("cpu")
VOLATILE = ("costs", "environment", "started", "finished")
ARMS: list[dict[str, Any]] = [
    {"name": "frozen", "method": "probe"},
    {"name": "frozen-adamw", "method": "probe", "solver": "adamw"},
    {"name": "lora-2", "method": "lora", "rank": 2},
    {"name": "lora-4", "method": "lora", "rank": 4, "targets": ["key", "up"]},
    {"name": "dora", "method": "peft", "options": {"r": 2, "use_dora": True, "lora_dropout": 0.1}},
    {"name": "full", "method": "full", "learning_rate": [1e-4, 1e-3]},
]


@pytest.fixture
def make(
    tmp_path: Path, tiny_model: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Study]:
    monkeypatch.setenv("SENTILORA_CACHE", str(tmp_path / "cache"))
    write_reviews(tmp_path / "data")

    def study(
        arms: list[dict[str, Any]] = ARMS,
        seeds: Sequence[int] = (0, 1),
        rates: Sequence[float] = (1e-3, 1e-2),
        **training: Any,
    ) -> Study:
        return parse_study(
            {
                "study": {"name": "tiny", "seeds": list(seeds)},
                "data": {"source": str(tmp_path / "data"), "max_length": 16, "train_fraction": 0.5},
                "backbone": {"name": str(tiny_model("bert"))},
                "training": {"epochs": 1, "batch_size": 16, "precision": "fp32", **training},
                "search": {"learning_rate": list(rates)},
                "arm": arms,
            },
            where="test",
        )

    return study


def run(study: Study, folder: Path) -> list[Any]:
    return list(run_study(study, runs_folder=folder, device=CPU))


def stable(folder: Path) -> dict[str, Any]:
    """Everything in the records but what varies between repeats."""
    content: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_dir() or path.name in ("manifest.json", ".lock"):
            continue
        name = path.relative_to(folder).as_posix()
        if path.name == "record.json":
            fields = json.loads(path.read_text())
            content[name] = {key: value for key, value in fields.items() if key not in VOLATILE}
        else:
            content[name] = path.read_bytes()
    return content


def test_every_method_runs_and_the_same_study_gives_the_same_records_bit_for_bit(
    make: Callable[..., Study], tmp_path: Path
) -> None:
    for name in ("one", "two"):
        run(make(), tmp_path / name)
    one, two = stable(tmp_path / "one" / "tiny"), stable(tmp_path / "two" / "tiny")
    assert one.keys() == two.keys()
    assert [name for name in one if one[name] != two[name]] == []
    found = read_study_records(tmp_path / "one" / "tiny")
    assert found.problems == ()
    assert len(found.records) == 2 + 5 * 4
    for arm in ARMS:
        scored = [r for r in found.records if r.arm == arm["name"] and "test" in r.fields["metrics"]]
        assert len(scored) == 2, "test is scored for every seed of the chosen rate and for no other"
        assert len({r.fields["learning_rate"] for r in scored}) == 1
        for record in scored:
            assert set(record.predictions) == {"dev", "test"}
            line = record.fields["selection"]
            assert record.fields["metrics"]["dev"]["accuracy"] == pytest.approx(line["dev_accuracy"])
            assert record.fields["metrics"]["dev"]["loss"] == pytest.approx(line["dev_loss"], abs=1e-5)
    unscored = [r for r in found.records if "test" not in r.fields["metrics"]]
    assert len(unscored) == 5 * 2
    assert all(set(record.predictions) == {"dev"} for record in unscored)
    assert [row.arm for row in summarize(found.records)] == [arm["name"] for arm in ARMS]


def test_the_kept_state_is_the_best_on_dev(make: Callable[..., Study], tmp_path: Path) -> None:
    run(make(ARMS[2:3], epochs=3), tmp_path)
    for record in read_study_records(tmp_path / "tiny").records:
        curve = record.curve()
        assert len(curve) == 12
        best = max(curve, key=lambda line: (line["dev_accuracy"], -line["dev_loss"]))
        assert record.fields["selection"]["step"] == best["step"]


def test_the_same_command_again_runs_only_what_is_missing(make: Callable[..., Study], tmp_path: Path) -> None:
    arms = ARMS[:3]
    events = run(make(arms), tmp_path)
    assert any(isinstance(event, PackStarted) for event in events)
    folder = tmp_path / "tiny"
    before = stable(folder)
    again = run(make(arms), tmp_path)
    assert not any(isinstance(event, PackStarted | RunEnded) for event in again)
    assert stable(folder) == before
    chosen = next(
        r for r in read_study_records(folder).records if r.arm == "lora-2" and "test" in r.fields["metrics"]
    )
    shutil.rmtree(chosen.folder)
    mended = run(make(arms), tmp_path)
    trained = [run.run_id for e in mended if isinstance(e, PackStarted) for run in e.pack.runs]
    assert trained == [chosen.run_id]
    after = stable(folder)
    assert after.keys() == before.keys()
    # Trained in another pack: equal but for the order of summation.
    name = f"{chosen.run_id}/record.json"
    assert after[name]["metrics"]["test"]["loss"] == pytest.approx(
        before[name]["metrics"]["test"]["loss"], abs=1e-4
    )


def test_arms_added_later_leave_finished_runs_alone(make: Callable[..., Study], tmp_path: Path) -> None:
    run(make(ARMS[:1]), tmp_path)
    claim = Claim(arm="frozen", accuracy=0.5)
    later = make(ARMS[:3]).model_copy(update={"claims": {"The frozen arm is good": claim}})
    events = run(later, tmp_path)
    trained = {run.arm.name for e in events if isinstance(e, PackStarted) for run in e.pack.runs}
    assert trained == {"frozen-adamw", "lora-2"}
    for record in read_study_records(tmp_path / "tiny").records:
        claims = record.fields["stated"]["claims"]
        assert claims == ([] if record.arm == "frozen" else [claim.digest("The frozen arm is good")])


def test_a_run_that_another_study_has_trained_is_taken_over(
    make: Callable[..., Study], tmp_path: Path
) -> None:
    run(make(ARMS[:3]), tmp_path)
    renamed = make([ARMS[0], ARMS[2] | {"name": "low-rank"}, ARMS[3]])
    other = renamed.model_copy(update={"study": renamed.study.model_copy(update={"name": "other"})})
    events = run(other, tmp_path)
    trained = {run.arm.name for e in events if isinstance(e, PackStarted) for run in e.pack.runs}
    assert trained == {"lora-4"}
    first, second = (read_study_records(tmp_path / name) for name in ("tiny", "other"))
    assert second.problems == ()
    theirs = {record.fields["identity"]: record for record in first.records}
    for record in second.records:
        assert record.fields["study"] == "other"
        if record.arm == "low-rank":
            before = theirs[record.fields["identity"]]
            assert record.fields["costs"] == before.fields["costs"]
            assert record.fields["metrics"].keys() == before.fields["metrics"].keys()
            weights = "adapter/adapter_model.safetensors"
            assert (record.folder / weights).read_bytes() == (before.folder / weights).read_bytes()
            assert (
                json.loads((record.folder / "adapter" / "classifier.json").read_text())["arm"]["name"]
                == "low-rank"
            )


def test_a_diverging_run_fails_alone_and_its_record_says_where(
    make: Callable[..., Study], tmp_path: Path
) -> None:
    # At rate 10 this decay multiplies the weights by -10,000 a step, which overflows fp32 within an epoch.
    study = make(ARMS[2:3], seeds=[0], rates=(1e-4, 10.0), weight_decay=1e3, epochs=2)
    run(study, tmp_path)
    sound, failed = read_study_records(tmp_path / "tiny").records
    assert sound.fields["status"] == "finished"
    assert "test" in sound.fields["metrics"]
    assert failed.fields["status"] == "failed"
    assert failed.fields["failure"]["step"] > 0
    assert len(failed.fields["failure"]["examples"]) == 16
    assert all(example.startswith("train-") for example in failed.fields["failure"]["examples"])
    assert failed.fields["metrics"] == {}
    assert not (failed.folder / "adapter").exists()
    assert run(study, tmp_path)[-1].text.startswith("scoring"), "a failure is a record: it is not run again"


def test_a_killed_study_goes_on_where_it_stopped(make: Callable[..., Study], tmp_path: Path) -> None:
    study = make([*ARMS[:1], *ARMS[4:5]])
    script = f"""
import json, pathlib, sys, time, torch
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
from sentilora.study import runner
from sentilora.study_file.study import parse_study
from sentilora.study.runner import PackProgress, RunEnded, run_study
study = parse_study(json.loads({study.model_dump_json()!r}), where="test")
finished = 0
for event in run_study(study, runs_folder=pathlib.Path({str(tmp_path)!r}), device=torch.device("cpu")):
    finished += isinstance(event, RunEnded)
    if finished == 3 and isinstance(event, PackProgress):
        pathlib.Path({str(tmp_path / "barrier")!r}).touch()
        time.sleep(60)
"""
    worker = subprocess.Popen([sys.executable, "-c", script])
    deadline = time.monotonic() + 120
    while not (tmp_path / "barrier").exists():
        assert worker.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(worker.pid, signal.SIGKILL)
    assert worker.wait() == -signal.SIGKILL
    folder = tmp_path / "tiny"
    kept = [path.parent for path in folder.glob("*/record.json")]
    assert len(kept) == 3
    assert all(manifest_problem(path) is None for path in kept)
    times = {path.name: (path / "record.json").stat().st_mtime_ns for path in kept}
    events = run(study, tmp_path)
    trained = {run.run_id for e in events if isinstance(e, PackStarted) for run in e.pack.runs}
    assert not trained & times.keys()
    found = read_study_records(folder)
    assert found.problems == ()
    assert len(found.records) == 6


def test_a_study_that_is_running_is_not_run_twice(make: Callable[..., Study], tmp_path: Path) -> None:
    study = make(ARMS[:1])
    first = run_study(study, runs_folder=tmp_path, device=CPU)
    next(first)
    with pytest.raises(StudyError, match="another process is running"):
        run(study, tmp_path)
    del first  # ends it
    run(study, tmp_path)


def test_a_pack_that_does_not_fit_is_trained_in_parts(
    make: Callable[..., Study], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = stable_after(make(ARMS[2:4]), tmp_path / "whole")

    def small_device(pack: Pack, inputs: TrainingInputs) -> Generator[Any, None, Any]:
        if len(pack.runs) > 3:
            raise torch.OutOfMemoryError("out of memory")
        return (yield from train_pack(pack, inputs))

    monkeypatch.setattr(runner, "train_pack", small_device)
    parts = stable_after(make(ARMS[2:4]), tmp_path / "parts")
    assert parts.keys() == whole.keys()
    for name, fields in parts.items():
        if name.endswith("record.json"):
            assert fields["metrics"]["dev"]["loss"] == pytest.approx(
                whole[name]["metrics"]["dev"]["loss"], abs=1e-4
            )

    def no_device(pack: Pack, inputs: TrainingInputs) -> Generator[Any, None, Any]:
        raise torch.OutOfMemoryError("out of memory")
        yield

    monkeypatch.setattr(runner, "train_pack", no_device)
    with pytest.raises(DeviceError, match="set it below 16"):
        run(make(ARMS[2:4]), tmp_path / "none")


def stable_after(study: Study, folder: Path) -> dict[str, Any]:
    run(study, folder)
    return stable(folder / "tiny")


def test_without_a_train_split_nothing_is_run(make: Callable[..., Study], tmp_path: Path) -> None:
    study = make(ARMS[:1])
    (tmp_path / "data" / "train.tsv").unlink()
    with pytest.raises(DataError, match="no train split"):
        run(study, tmp_path)


def test_too_long_a_length_for_the_backbone_is_refused(make: Callable[..., Study], tmp_path: Path) -> None:
    study = make(ARMS[:1])
    study = parse_study(
        study.model_dump(mode="json") | {"data": study.data.model_dump() | {"max_length": 4096}}, where="t"
    )
    with pytest.raises(StudyError, match="4096"):
        run(study, tmp_path)


def test_evaluations_tell_of_every_run_of_the_pack(make: Callable[..., Study], tmp_path: Path) -> None:
    events = run(make(ARMS[2:4]), tmp_path)
    evaluations = [
        (e.pack, e.event) for e in events if isinstance(e, PackProgress) and isinstance(e.event, Evaluation)
    ]
    assert len(evaluations) == 4
    for pack, evaluation in evaluations:
        assert len(evaluation.dev_accuracy) == len(pack.runs) == 8
