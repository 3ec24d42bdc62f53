"""What the demo takes and how it queues: the parts that need no browser and no server."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentilora.serve.batcher import Batcher, BusyError
from sentilora.serve.limits import MAX_CHARACTERS, accept
from sentilora.serve.page.highlighting import colour_map, highlighted
from sentilora.use.explain import Explanation, Word
from sentilora.use.predict import Prediction


@given(st.text(max_size=300))
def test_an_accepted_text_can_be_shown_and_is_accepted_as_it_is(text: str) -> None:
    accepted = accept(text)
    accepted.text.encode()
    assert accept(accepted.text) == type(accepted)(accepted.text, "")
    assert [c for c in text if c.isalnum()] == [c for c in accepted.text if c.isalnum()]
    assert accepted.notice or accepted.text == text.strip()


@pytest.mark.parametrize("text", ["x" * 100_000, "\U0001f600" * 2001, "a " * 1001])
def test_a_long_text_is_cut_and_says_so(text: str) -> None:
    accepted = accept(text)
    assert accepted.text == text[:MAX_CHARACTERS].strip()
    assert f"2,000 of {len(text):,}" in accepted.notice


@pytest.mark.parametrize("text", ["", "  \n", "\x00\x01\x7f", "‮", "\ud800"])
def test_nothing_to_read_is_empty(text: str) -> None:
    assert accept(text).text == ""


def test_joined_emoji_are_kept_whole() -> None:
    family = "\U0001f468‍\U0001f469‍\U0001f467"
    assert accept(f" {family}\n").text == family


def test_highlighting_keeps_the_text_and_tells_direction_and_depth() -> None:
    text = "  so <b>bad , good  unread "
    values = {"so": 0.05, "<b>bad": -0.5, ",": 0.0, "good": 1.0, "unread": None}
    words = tuple(Word(text.index(w), text.index(w) + len(w), value) for w, value in values.items())
    pieces = highlighted(Explanation(text, words, 1, 1.0, 0.0, 0.0), ("negative", "positive"))
    assert "".join(piece for piece, _ in pieces) == text.rstrip()
    assert {piece: kind for piece, kind in pieces if kind} == {
        "<b>bad": "toward negative, clearly",
        "good": "toward positive, strongly",
    }
    assert {kind for _, kind in pieces if kind} < set(colour_map(("negative", "positive")))


def echo(texts: Sequence[str]) -> list[Prediction]:
    return [Prediction(text, 1.0, 1.0, (1.0,)) for text in texts]


def test_each_caller_gets_its_own_answers() -> None:
    batcher = Batcher(echo, max_waiting=100, max_texts=8)

    def ask(caller: int) -> bool:
        texts = [f"{caller} {i}" for i in range(1 + caller % 5)]
        return all(
            [answer.label for answer in batcher.submit(texts).result(timeout=10)] == texts for _ in range(20)
        )

    with ThreadPoolExecutor(20) as callers:
        assert all(callers.map(ask, range(20)))


def test_what_waits_is_predicted_together_and_a_full_queue_says_so() -> None:
    begun, go, batches = threading.Event(), threading.Event(), []

    def slow(texts: Sequence[str]) -> list[Prediction]:
        batches.append(list(texts))
        begun.set()
        assert go.wait(10)
        return echo(texts)

    batcher = Batcher(slow, max_waiting=3, max_texts=8)
    futures = [batcher.submit(["first"])]
    assert begun.wait(10)
    futures += [batcher.submit([text]) for text in "abc"]
    with pytest.raises(BusyError):
        batcher.submit(["too much"])
    futures[2].cancel()
    go.set()
    assert [f.result(timeout=10)[0].label for f in futures if not f.cancelled()] == ["first", "a", "c"]
    assert batches == [["first"], ["a", "c"]]


def test_a_failure_reaches_its_callers_and_the_next_are_served() -> None:
    def fails_on_bad(texts: Sequence[str]) -> list[Prediction]:
        if "bad" in texts:
            raise RuntimeError("no such luck")
        return echo(texts)

    batcher = Batcher(fails_on_bad, max_waiting=3, max_texts=1)
    with pytest.raises(RuntimeError, match="no such luck"):
        batcher.submit(["bad"]).result(timeout=10)
    assert batcher.submit(["good"]).result(timeout=10)[0].label == "good"
