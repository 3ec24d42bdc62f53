"""``sentilora doctor``: a line a subject, and a remedy where something is amiss."""

from __future__ import annotations

import json
from importlib import metadata

import pytest

from support.command_line import sentilora


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")


def test_every_subject_is_named_with_its_state() -> None:
    done = sentilora("doctor", "--json")
    assert done.status == 0, done.stdout
    found = {check["subject"]: check for check in json.loads(done.stdout)}
    assert {"Python", "torch", "transformers", "peft", "device", "disk", "cache", "hub"} <= set(found)
    assert found["hub"]["remedy"]
    assert found["torch"]["state"] == "ok"
    assert found["package index"]["state"] == "note"


def test_a_package_that_is_too_old_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "0.9rc1" if name == "peft" else installed(name))
    done = sentilora("doctor")
    assert done.status == 1
    [line] = [line for line in done.stdout.splitlines() if line.startswith("FAULT")]
    assert "peft" in line
    assert "pip install 'peft>=" in line


def test_a_package_that_is_missing_is_a_fault_and_not_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = metadata.version

    def without_torch(name: str) -> str:
        if name == "torch":
            raise metadata.PackageNotFoundError(name)
        return installed(name)

    monkeypatch.setattr(metadata, "version", without_torch)
    done = sentilora("doctor", "--json")
    assert done.status == 1
    checks = json.loads(done.stdout)
    assert {
        "subject": "torch",
        "state": "fault",
        "text": "not installed",
        "remedy": "pip install torch",
    } in checks
    assert "device" not in {check["subject"] for check in checks}, "torch is needed to ask for it"
