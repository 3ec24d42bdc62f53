"""The commands as a user types them: what they print, how they end, and what they do not import."""

import json
import os
import subprocess
import sys

import pytest

from support.tiny_study import write_reviews

COMMANDS = [
    "run",
    "report",
    "search",
    "plan",
    "audit",
    "predict",
    "export",
    "demo",
    "bench",
    "share",
    "doctor",
]


def sentilora(*arguments, cwd=None, env=None):
    return subprocess.run(
        [sys.executable, "-m", "sentilora", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        timeout=120,
        check=False,
    )


def test_help_names_every_command_and_imports_nothing_heavy():
    script = """
import sys
from sentilora.cli import cli
try:
    cli.main(["--help"], standalone_mode=False)
finally:
    print({"torch", "transformers", "pydantic", "numpy", "rich", "pyarrow"} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    for command in COMMANDS:
        assert f"\n  {command} " in done.stdout
    assert done.stdout.endswith("set()\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_s_help_has_an_example(command):
    done = sentilora(command, "--help")
    assert done.returncode == 0
    assert f"sentilora {command}" in done.stdout.split("Options:")[0].replace("Usage: ", "", 1)
    assert "xample" in done.stdout


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
        (["run", "--bogus"], ["--bogus"]),
    ],
)
def test_a_user_s_error_ends_with_2_and_no_traceback(arguments, words, tmp_path):
    done = sentilora(*arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr
    assert not (tmp_path / "runs").exists()


@pytest.fixture(scope="module")
def finished(tmp_path_factory, tiny_model):
    folder = tmp_path_factory.mktemp("cli")
    write_reviews(folder / "data")
    arguments = [
        "run", "quickstart", "--data", folder / "data", "--backbone", tiny_model("distilbert"),
        "--name", "mine", "--epochs", "1", "--set", "data.max_length=16", "--runs", folder / "runs",
    ]  # fmt: skip
    env = {"SENTILORA_CACHE": str(folder / "cache")}
    return folder, arguments, env, sentilora(*arguments, "--tensorboard", folder / "tb", env=env)


def test_run_ends_with_a_table_and_says_where_the_records_lie(finished):
    folder, _, _, done = finished
    assert done.returncode == 0, done.stderr
    for word in ("frozen", "lora-8", "lora-16", "test accuracy", "F1", "adapter", "head", "peak memory"):
        assert word in done.stdout
    assert str(folder / "runs" / "mine") in done.stdout
    assert "training lora-8, lora-16 (4 runs)" in done.stderr
    assert "\r" not in done.stderr, "plain lines where there is no terminal"


def test_curves_are_mirrored_to_tensorboard(finished):
    folder, *_ = finished
    assert len(list((folder / "tb" / "mine").glob("lora-8-s0-*/events.out.tfevents.*"))) == 1


def test_run_again_runs_nothing_and_tells_programs_in_json(finished):
    folder, arguments, env, _ = finished
    done = sentilora(*arguments, "--json", env=env)
    assert done.returncode == 0
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert not [event for event in events if event["event"] in ("pack", "run")]
    last = events[-1]
    assert [arm["arm"] for arm in last["arms"]] == ["frozen", "lora-8", "lora-16"]
    assert last["records"] == str(folder / "runs" / "mine")


def test_plan_and_audit_speak_json(finished):
    folder, _, env, _ = finished
    planned = json.loads(sentilora("plan", "proposal", "--json").stdout)
    assert len(planned["runs"]) == 50
    assert planned["study"]["training"]["weight_decay"] == 0.01
    done = sentilora("audit", folder / "data", "--backbone", "none", "--json", env=env)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)


def test_doctor_says_what_it_found_a_line_each():
    done = sentilora("doctor", "--json", env={"HF_HUB_OFFLINE": "1"})
    assert done.returncode == 0, done.stdout
    found = {finding["subject"]: finding for finding in json.loads(done.stdout)}
    assert {"Python", "torch", "transformers", "peft", "device", "disk", "cache", "hub"} <= set(found)
    assert found["hub"]["remedy"]
    assert found["torch"]["state"] == "ok"
