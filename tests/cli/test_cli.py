"""The commands as a user types them: what they print, how they end, and what they do not import."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.command_line import Done, sentilora
from support.tiny_study import write_reviews

COMMANDS = ("run", "report", "search", "plan", "audit", "predict", "export", "serve", "share", "doctor")


def test_help_names_every_command_and_imports_nothing_heavy() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "sentilora", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    for name in COMMANDS:
        assert f"\n  {name} " in done.stdout
    imported = {line.rsplit("|", 1)[-1].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert {"sentilora", "click"} <= imported
    assert not imported & {"torch", "transformers", "pydantic", "numpy", "rich", "pyarrow", "requests"}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_s_help_has_an_example(command: str) -> None:
    done = sentilora(command, "--help")
    assert done.status == 0
    description = done.stdout.split("Options:")[0].removeprefix("Usage: ")
    assert f"  sentilora {command}" in description.partition("xample")[2]


def test_demo_is_another_name_of_serve_that_the_list_leaves_out() -> None:
    serve, demo = sentilora("serve", "--help"), sentilora("demo", "--help")
    assert demo.stdout == serve.stdout.replace("sentilora serve [", "sentilora demo [", 1)
    assert "  demo " not in sentilora("--help").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "nonsense"], ["no study named 'nonsense'", "quickstart"]),
        (["run", "--seeds", "a,b"], ["--seeds", "0,1,2"]),
        (["run", "--device", "cuda:99"], ["cuda:99", "doctor"]),
        (["run", "--set", "training.epoch=3"], ["training.epoch", "Extra inputs"]),
        (["run", "--backbone", "bert-base", "--set", "training.batch_size=0"], ["training.batch_size"]),
        (["audit", "moive-snippets"], ["movie-snippets"]),
        (["report", "nothing-here"], ["nothing-here", "sentilora run"]),
        (["search", "quickstart", "--arm", "frozen"], ["lora-8"]),
        (["serve", "nothing-here"], ["nothing-here", "sentilora run"]),
        (["run", "--bogus"], ["--bogus"]),
    ],
)
def test_a_user_s_error_ends_with_2_and_says_what_to_do(
    arguments: list[str], words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = sentilora(*arguments)
    assert done.status == 2, done.stderr
    for word in words:
        assert word in done.stderr
    assert list(tmp_path.iterdir()) == []


@dataclass(frozen=True)
class Finished:
    """A study that was run by its command."""

    folder: Path
    arguments: list[object]
    done: Done


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, tiny_model: Callable[[str], Path]) -> Finished:
    folder = tmp_path_factory.mktemp("cli")
    write_reviews(folder / "data")
    arguments = [
        "run", "quickstart", "--data", folder / "data", "--backbone", tiny_model("distilbert"),
        "--name", "mine", "--epochs", 1, "--set", "data.max_length=16", "--runs", folder / "runs",
        "--device", "cpu",
    ]  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SENTILORA_CACHE", str(folder / "cache"))
        return Finished(folder, arguments, sentilora(*arguments, "--tensorboard", folder / "tb"))


def test_run_ends_with_a_table_and_says_where_the_records_lie(finished: Finished) -> None:
    done = finished.done
    assert done.status == 0, done.stderr
    for word in ("frozen", "lora-8", "lora-16", "test accuracy", "seconds a run", "peak memory"):
        assert word in done.stdout
    assert max(map(len, done.stdout.splitlines()[1:-1])) <= 80
    assert str(finished.folder / "runs" / "mine") in done.stdout
    assert "training lora-8, lora-16 (4 runs)" in done.stderr
    assert "\r" not in done.stderr, "plain lines where there is no terminal"


def test_curves_are_mirrored_to_tensorboard(finished: Finished) -> None:
    pytest.importorskip("tensorboard")
    mirrored = finished.folder / "tb" / "mine"
    assert len(list(mirrored.glob("lora-8-s0-*/events.out.tfevents.*"))) == 1


def test_run_again_runs_nothing_and_tells_programs_in_json(
    finished: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SENTILORA_CACHE", str(finished.folder / "cache"))
    done = sentilora(*finished.arguments, "--json")
    assert done.status == 0
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert not [event for event in events if event["event"] in ("pack", "run")]
    last = events[-1]
    assert [arm["arm"] for arm in last["arms"]] == ["frozen", "lora-8", "lora-16"]
    assert last["records"] == str(finished.folder / "runs" / "mine")


def test_the_wide_table_has_every_column(finished: Finished, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTILORA_CACHE", str(finished.folder / "cache"))
    heading = sentilora(*finished.arguments, "--wide").stdout.splitlines()[1]
    assert all(name in heading for name in ("test accuracy", "F1", "adapter", "head", "trained"))


def test_plan_speaks_json() -> None:
    planned = json.loads(sentilora("plan", "proposal", "--json").stdout)
    assert len(planned["runs"]) == 5 + 4 * 5 * 3  # the exact probe has no learning rate
    assert planned["study"]["training"]["weight_decay"] == 0.01


def test_audit_speaks_json(finished: Finished) -> None:
    done = sentilora("audit", finished.folder / "data", "--backbone", "none", "--json")
    assert done.status == 0, done.stderr
    assert json.loads(done.stdout)
