"""Claims and margins that were there before the runs, and those that were not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sentilora.evidence.analysis import Analysis, analyse
from sentilora.evidence.report.sections.claims import claims_table, section
from sentilora.evidence.writing.names import margin_origin
from sentilora.files import write_json, write_manifest
from sentilora.records.record import read_study_records
from support.synthetic_records import ARMS, write_synthetic_study

CLAIMS: dict[str, Any] = {
    "LoRA reaches 60 %": {"arm": "lora-8", "accuracy": 0.6},
    "It is quick": {"arm": "lora-8", "about": True, "training_minutes": 1},
    "The frozen arm is worse": {"arm": "frozen", "over": "lora-8", "better": False},
}


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return write_synthetic_study(tmp_path, arms=ARMS[:2], num_test=80, num_dev=40, claims=CLAIMS)


def rewritten(folder: Path, **changes: Any) -> None:
    """Change the study's own file, as ``sentilora run`` does when the study file was changed."""
    fields = json.loads((folder / "study.json").read_text("utf-8"))
    fields["study"] |= changes
    write_json(folder / "study.json", fields)


def analysed(folder: Path) -> Analysis:
    return analyse(read_study_records(folder), num_resamples=20)


def said_of(analysis: Analysis) -> str:
    return " ".join(section(analysis).body[0].lines)


def test_claims_that_stand_as_they_stood_are_dated(study: Path) -> None:
    analysis = analysed(study)
    assert [claim.stated_beforehand for claim in analysis.claims] == [True, True, True]
    assert [claim.is_about_resources for claim in analysis.claims] == [False, True, False]
    assert "All were stated before the first run (2026-01-05)." in said_of(analysis)
    assert "Of two\N{NO-BREAK SPACE}claims about accuracy" in said_of(analysis)
    assert margin_origin(analysis) == "set beforehand"


@pytest.mark.parametrize(
    ("wording", "claim"),
    [
        ("LoRA reaches 60 %", {"arm": "lora-8", "accuracy": 0.55}),
        ("LoRA reaches 50 %", {"arm": "lora-8", "accuracy": 0.5}),
        ("It is quick", {"arm": "lora-8", "training_minutes": 1}),
    ],
)
def test_a_claim_that_was_changed_or_added_is_marked(
    study: Path, wording: str, claim: dict[str, Any]
) -> None:
    rewritten(study, claims=CLAIMS | {wording: claim})
    analysis = analysed(study)
    late = [claim for claim in analysis.claims if claim.stated_beforehand is False]
    assert [claim.wording for claim in late] == [wording]
    assert f"added or changed after runs that judge it: “{wording}”" in said_of(analysis)
    rows = {row[0].raw[0]: row[0] for row in claims_table(analysis).rows}
    assert rows[wording].raw[2] == "after runs"
    assert rows[wording].shown.endswith("(added or changed after runs)")
    assert rows["The frozen arm is worse"].raw[2] == "before the runs"


def test_a_claim_on_an_arm_that_came_later_needs_to_be_there_before_its_runs_alone(study: Path) -> None:
    for run in study.glob("frozen-*"):
        fields = json.loads((run / "record.json").read_text("utf-8"))
        fields["stated"]["claims"] = fields["stated"]["claims"][:1]
        write_json(run / "record.json", fields)
        write_manifest(run)
    before = {claim.wording: claim.stated_beforehand for claim in analysed(study).claims}
    assert before == {"LoRA reaches 60 %": True, "It is quick": True, "The frozen arm is worse": False}


def test_a_margin_that_was_changed_is_said(study: Path) -> None:
    table = json.loads((study / "study.json").read_text("utf-8"))["study"]["study"]
    rewritten(study, study=table | {"equivalence_margin": 0.05})
    assert margin_origin(analysed(study)) == "changed after runs had been made"


def test_records_that_do_not_say_leave_it_unknown(study: Path) -> None:
    for run in study.glob("*-s0*"):
        fields = json.loads((run / "record.json").read_text("utf-8"))
        del fields["stated"]
        write_json(run / "record.json", fields)
        write_manifest(run)
    analysis = analysed(study)
    assert [claim.stated_beforehand for claim in analysis.claims] == [None, None, None]
    assert "do not say when the claims were stated" in said_of(analysis)
    assert margin_origin(analysis) == "as the study states it"
