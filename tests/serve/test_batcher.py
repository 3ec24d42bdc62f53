"""Many callers at one classifier: each gets its own answers, and a full queue says so."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from sentilora.serve.batcher import Batcher, BusyError
from sentilora.use.predict import Prediction


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
