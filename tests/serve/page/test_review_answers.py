"""Answers to reviews, without a browser: what they hold, and that a newer one ends an older one."""

from __future__ import annotations

import pytest

from sentilora.serve.batcher import BusyError
from sentilora.serve.page import review_answers
from sentilora.serve.page.review_answers import OUTPUTS_AN_ARM, ReviewAnswers
from sentilora.serve.served_study import ServedStudy, load_served_study
from support.tiny_study import study_of_three

TEXT = "the plot is dull , but the cast is lovely !"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> ServedStudy:
    return load_served_study(study_of_three(tmp_path_factory), arms=["lora-2", "lora"], device="cpu")


def test_labels_come_first_and_then_the_words_of_each_arm(study: ServedStudy) -> None:
    answers = [list(shown) for shown in ReviewAnswers(study).of(TEXT, "me")]
    assert [arm.arm for arm in study.arms] == ["frozen", "lora-2", "lora"]
    assert len(answers) == 1 + 3
    assert all(len(shown) == 1 + OUTPUTS_AN_ARM * 3 for shown in answers)
    for place, arm in enumerate(study.arms):
        [prediction] = arm.classifier.predict([TEXT])
        probabilities, words, total = answers[-1][1 + OUTPUTS_AN_ARM * place :][:OUTPUTS_AN_ARM]
        expected = dict(zip(study.labels, prediction.probabilities, strict=True))
        assert probabilities == pytest.approx(expected, abs=1e-5)
        assert "".join(piece for piece, _ in words) == TEXT
        assert f"logit of {prediction.label}" in total
        assert answers[place][3 + OUTPUTS_AN_ARM * place] == "", "not yet explained"
    assert TEXT.split(" ,")[0] in answers[0][0]


def test_a_newer_review_of_the_same_visitor_ends_the_older_answer(study: ServedStudy) -> None:
    answers = ReviewAnswers(study)
    older = answers.of(TEXT, "me")
    next(older)
    newer = answers.of("a warm film", "me")
    next(newer)
    assert list(older) == []
    assert len(list(newer)) == 3


def test_visitors_do_not_end_each_other_s_answers(study: ServedStudy) -> None:
    answers = ReviewAnswers(study)
    mine = answers.of(TEXT, "me")
    next(mine)
    next(answers.of(TEXT, "you"))
    assert len(list(mine)) == 3


def test_the_longest_absent_visitor_is_forgotten(study: ServedStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review_answers, "MAX_VISITORS", 2)
    answers = ReviewAnswers(study)
    streams = [answers.of(TEXT, visitor) for visitor in "abc"]
    for stream in streams:
        next(stream)
    assert [len(list(stream)) for stream in streams] == [0, 3, 3]


def test_nothing_to_read_and_too_much_to_do_are_said(
    study: ServedStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    [shown] = ReviewAnswers(study).of(" \x07 ", "me")
    assert "Type or pick a review first" in shown[0]
    assert len(shown) == 1 + OUTPUTS_AN_ARM * 3

    def full(texts: list[str]) -> None:
        raise BusyError

    monkeypatch.setattr(study.arms[-1].batcher, "submit", full)
    [shown] = ReviewAnswers(study).of(TEXT, "me")
    assert "busy" in shown[0]
