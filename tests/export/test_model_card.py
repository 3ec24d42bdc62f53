"""Model cards: what the hub reads equals what was measured, and other people's text stays text."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import ModelCard

from sentilora.evidence.analysis import analyse
from sentilora.export.measured_results import MeasuredResults, read_measured_results
from sentilora.export.model_card import CardFacts, model_card
from sentilora.records.record import read_study_records
from sentilora.use.adapter_folder import Adapter, ClassifierFile
from support.synthetic_records import write_synthetic_study

HOSTILE = "good`\n---\n# <script>alert(1)</script> | [x](javascript:x): {y}"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_synthetic_study(tmp_path_factory.mktemp("runs"), seeds=(0, 1), num_test=150)


def _description(**changes: object) -> ClassifierFile:
    fields = {
        "schema": 1,
        "run_id": "run",
        "arm": {"name": "lora-8", "method": "lora", "rank": 8},
        "labels": ["negative", "positive"],
        "pooling": "cls",
        "max_length": 128,
        "backbone": {"name": "owner/model", "family": "bert", "revision": None, "fingerprint": "0" * 64},
    }
    return ClassifierFile.model_validate(fields | changes)


def _measured(study: Path, is_wanted: Callable[[dict[str, object]], bool]) -> MeasuredResults:
    records = read_study_records(study).records
    record = next(r for r in records if r.finished and is_wanted(dict(r.fields)))
    found = read_measured_results(Adapter(record.folder / "adapter", _description(), record.folder, 0))
    assert found is not None
    return found


def _facts(measured: MeasuredResults | None, description: ClassifierFile | None = None) -> CardFacts:
    return CardFacts(
        target="peft",
        title="my-classifier",
        description=description or _description(),
        base_model="owner/model",
        base_revision=None,
        usage="```python\npass\n```",
        measured=measured,
    )


def test_hub_reads_the_measured_numbers(study: Path) -> None:
    measured = _measured(study, lambda fields: "test" in fields["metrics"] and "lora" in str(fields["arm"]))  # type: ignore[operator]
    card: Any = ModelCard(model_card(_facts(measured)))
    assert card.data.pipeline_tag == "text-classification"
    assert card.data.base_model == "owner/model"
    assert card.data.library_name == "peft"
    results = {result.metric_type: result for result in card.data.eval_results}
    assert results["accuracy"].metric_value == measured.metrics["accuracy"]
    assert results["accuracy"].dataset_split == "test"
    analysis = analyse(read_study_records(study))
    outcome = next(each for each in analysis.outcomes.values() if measured.record["run_id"] in each.run_ids)
    for score, name in (("accuracy", "accuracy"), ("f1", "f1"), ("mcc", "matthews_correlation")):
        estimate = getattr(outcome.scores, score)
        stated = results[name].metric_args
        assert stated["mean_over_seeds"] == estimate.mean
        assert (stated["interval_low"], stated["interval_high"]) == (
            estimate.interval.low,
            estimate.interval.high,
        )
    assert "Holm-adjusted p" in card.text


def test_run_that_was_not_chosen_is_measured_on_dev(study: Path) -> None:
    measured = _measured(study, lambda fields: "test" not in fields["metrics"])  # type: ignore[operator]
    card: Any = ModelCard(model_card(_facts(measured)))
    assert {result.dataset_split for result in card.data.eval_results} == {"dev"}
    assert "never scored on test" in card.text


def test_other_peoples_text_stays_text(study: Path) -> None:
    description = _description(
        labels=[HOSTILE, "positive"],
        run_id=HOSTILE,
        backbone={"name": HOSTILE, "family": "bert", "revision": None, "fingerprint": "0" * 64},
    )
    for measured in (None, _measured(study, lambda fields: True)):
        text = model_card(_facts(measured, description))
        card: Any = ModelCard(text)
        assert card.data.pipeline_tag == "text-classification"
        assert text.count("\n---\n") == 1
        headings = [line for line in card.text.splitlines() if line.startswith("# ")]
        assert headings == ["# my-classifier"]
        assert "<script>" not in re.sub("`[^`]*`", "", card.text)  # code spans are inert


def test_data_are_named_cited_and_linked_as_the_study_states_them(study: Path) -> None:
    measured = _measured(study, lambda fields: True)
    data = {
        **measured.study["data"],
        "source": "hub:owner/reviews@main:small",
        "title": "Reviews",
        "description": "Reviews (Author 2020), invented",
        "citations": {"Author 2020": "Author (2020). A title. A journal."},
        "licence": "CC-BY-4.0",
    }
    card: Any = ModelCard(
        model_card(_facts(dataclasses.replace(measured, study=dict(measured.study, data=data))))
    )
    assert card.data.datasets == ["owner/reviews"]
    assert card.data.eval_results[0].dataset_name == "Reviews"
    for fact in ("Reviews (Author 2020), invented: train 1,000", "CC-BY-4.0", "A title. A journal."):
        assert fact in card.text


def test_no_record_no_numbers(tmp_path: Path) -> None:
    assert read_measured_results(Adapter(tmp_path, _description(), None, 0)) is None
    assert read_measured_results(Adapter(tmp_path, _description(), tmp_path, 0)) is None
