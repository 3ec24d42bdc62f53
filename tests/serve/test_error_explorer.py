"""The table of errors: filters, pages, and what each row tells."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from sentilora.evidence.statistics.scored_arms import ExampleColumns, ScoredArm, read_examples, scored_arms
from sentilora.records.record import read_study_records
from sentilora.serve.error_explorer import ANYONE, EVERYTHING, ErrorExplorer, TablePage
from support.tiny_study import STRANGE, tiny_study

LABELS = ("negative", "positive")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> tuple[ExampleColumns, ScoredArm, ScoredArm]:
    folder = tiny_study(tmp_path_factory)
    examples = read_examples(folder)["test"]
    arms, problems = scored_arms(read_study_records(folder).records, "test", examples, 2)
    assert not problems
    return examples, arms["frozen"], arms["lora"]


@pytest.fixture(scope="module")
def explorer(inputs: tuple[ExampleColumns, ScoredArm, ScoredArm]) -> ErrorExplorer:
    examples, *arms = inputs
    return ErrorExplorer(examples, arms, LABELS)


def everything(explorer: ErrorExplorer, part: str, verdict: str) -> TablePage:
    return explorer.page(part, verdict, 1, num_rows=10_000)


def test_verdicts_are_what_their_names_say(
    explorer: ErrorExplorer, inputs: tuple[ExampleColumns, ScoredArm, ScoredArm]
) -> None:
    examples, frozen, lora = inputs
    marks = {
        verdict: {(row[2][0], row[3][0]) for row in everything(explorer, EVERYTHING, verdict).rows}
        for verdict in explorer.verdicts
    }
    assert marks["only lora"] == {("✗", "✓")}
    assert marks["only frozen"] <= {("✓", "✗")}
    assert marks["every arm"] == {("✓", "✓")}
    assert marks["no arm"] <= {("✗", "✗")}
    found = {verdict: everything(explorer, EVERYTHING, verdict).num_found for verdict in explorer.verdicts}
    draws = ((frozen.right.mean(axis=0) == 0.5) | (lora.right.mean(axis=0) == 0.5)).sum()
    assert found.pop(ANYONE) == len(examples) == sum(found.values()) + draws


def test_every_row_tells_what_was_predicted(
    explorer: ErrorExplorer, inputs: tuple[ExampleColumns, ScoredArm, ScoredArm]
) -> None:
    examples, *arms = inputs
    page = everything(explorer, EVERYTHING, ANYONE)
    assert sorted(page.positions) == list(range(len(examples)))
    for i, (review, label, *says) in zip(page.positions, page.rows, strict=True):
        assert review == examples.texts[i]
        assert label == LABELS[examples.labels[i]]
        for said, arm in zip(says, arms, strict=True):
            probabilities = arm.probabilities[:, i].mean(axis=0)
            assert said[2:] == f"{LABELS[probabilities.argmax()]} {probabilities.max():.0%}"


def test_pages_hold_each_example_once_with_the_largest_differences_first(
    explorer: ErrorExplorer, inputs: tuple[ExampleColumns, ScoredArm, ScoredArm]
) -> None:
    examples, frozen, lora = inputs
    pages = [explorer.page(EVERYTHING, ANYONE, number, num_rows=7) for number in range(1, 14)]
    assert {page.num_pages for page in pages} == {13}
    positions = np.concatenate([page.positions for page in pages]).astype(int)
    assert sorted(positions) == list(range(len(examples)))
    gained = np.abs(lora.probabilities.mean(axis=0)[:, 1] - frozen.probabilities.mean(axis=0)[:, 1])
    assert (np.diff(gained[positions]) <= 1e-12).all()


@pytest.mark.parametrize(("asked", "given"), [(-5, 1), (0, 1), (10**12, 9)])
def test_a_page_that_is_not_there_is_the_nearest(explorer: ErrorExplorer, asked: int, given: int) -> None:
    page = explorer.page(EVERYTHING, ANYONE, asked, num_rows=10)
    assert page.number == given
    assert len(page.rows) == 10


def test_slices_hold_as_many_as_their_names_say(explorer: ErrorExplorer) -> None:
    assert len(explorer.slices) > 5
    for part in explorer.slices[1:]:
        found = everything(explorer, part, ANYONE).num_found
        assert part.endswith(f"({found})")
    negated = everything(explorer, next(p for p in explorer.slices if "with negation" in p), ANYONE)
    assert negated.rows
    assert all(" not " in review or " no " in review for review, *_ in negated.rows)


def test_markup_and_formulas_are_left_as_they_are(explorer: ErrorExplorer) -> None:
    assert STRANGE in [review for review, *_ in everything(explorer, EVERYTHING, ANYONE).rows]


def test_a_study_without_texts_shows_ids(inputs: tuple[ExampleColumns, ScoredArm, ScoredArm]) -> None:
    examples, *arms = inputs
    without = dataclasses.replace(examples, texts=(None,) * len(examples))
    page = everything(ErrorExplorer(without, arms, LABELS), EVERYTHING, ANYONE)
    assert page.rows[0][0] == f"(no text) {examples.ids[page.positions[0]]}"
