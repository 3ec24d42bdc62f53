"""Examples worth reading: the right ones, the clearest first, with what every arm thinks."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sentilora.evidence.statistics.disagreements import (
    MIN_PER_CLASS,
    NUM_SHOWN,
    Disagreements,
    find_disagreements,
)
from sentilora.evidence.statistics.random_effects import Floats
from sentilora.evidence.statistics.scored_arms import ExampleColumns, ScoredArm
from sentilora.records.record import Record


def examples_of(labels: list[int]) -> ExampleColumns:
    size = len(labels)
    flags = np.zeros(size, dtype=bool)
    return ExampleColumns(
        ids=tuple(f"e{i}" for i in range(size)),
        texts=tuple(f"an invented sentence {i}" for i in range(size)),
        labels=np.array(labels, dtype=np.int64),
        strengths=np.where(np.arange(size) % 2 == 0, 0.5, np.nan),
        num_words=np.full(size, 4),
        num_unseen_words=np.zeros(size, dtype=np.int64),
        negation=flags,
        contrast=flags,
        comparative=flags,
    )


def arm_of(name: str, positive: Floats, labels: list[int]) -> ScoredArm:
    """An arm from the (S, N) probability of class 1."""
    probabilities = np.stack([1 - positive, positive], axis=2)
    records = tuple(Record(Path(), {"seed": seed}) for seed in range(len(positive)))
    return ScoredArm(name, records, probabilities, probabilities.argmax(axis=2) == np.array(labels))


def found_between(base: Floats, lora: Floats, labels: list[int]) -> Disagreements:
    arms = [arm_of("base", base, labels), arm_of("lora", lora, labels)]
    return find_disagreements(arms, examples_of(labels), baseline="base", challenger="lora")


def test_fixed_broken_and_hopeless_examples_by_hand() -> None:
    labels = [1, 1, 1, 1, 1, 0]
    base = np.array([[0.2, 0.4, 0.9, 0.1, 0.6, 0.1]] * 3)
    lora = np.array([[0.9, 0.6, 0.2, 0.2, 0.9, 0.1]] * 3)
    found = found_between(base, lora, labels)
    assert [example.id for example in found.fixed.shown] == ["e0", "e1"], "the clearest first"
    assert [example.id for example in found.broken.shown] == ["e2"]
    assert [example.id for example in found.wrong_for_all.shown] == ["e3"]
    first = found.fixed.shown[0]
    np.testing.assert_allclose(first.probabilities["lora"], (0.1, 0.9))
    assert (first.text, first.label) == ("an invented sentence 0", 1)


def test_most_seeds_decide_and_a_draw_is_neither() -> None:
    labels = [1, 1]
    base = np.array([[0.1, 0.1], [0.1, 0.9]])
    lora = np.array([[0.9, 0.9], [0.9, 0.9]])
    found = found_between(base, lora, labels)
    assert [example.id for example in found.fixed.shown] == ["e0"], "the baseline is divided on e1"


def test_planted_label_noise_is_found_and_a_label_suggested() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 500)
    positive = np.clip(np.where(truth == 1, 0.93, 0.07) + rng.normal(0, 0.03, (2, 500)), 0.01, 0.99)
    planted = [3, 77, 150, 402]
    positive[:, planted] = np.where(truth[planted] == 1, 0.985, 0.015)
    labels = truth.copy()
    labels[planted] ^= 1
    found = found_between(positive, positive, labels.tolist())
    assert found.label_noise is not None
    assert {example.id for example in found.label_noise.shown} == {f"e{i}" for i in planted}
    for example in found.label_noise.shown:
        assert example.suggested_label == 1 - example.label
    assert found.wrong_for_all.num_found == len(planted)
    assert found.wrong_for_all.shown == (), "no example is shown twice"


def test_many_are_counted_and_a_few_are_shown() -> None:
    labels = [0, 1] * 100
    wrong = np.array([[0.9, 0.1] * 100])
    found = found_between(wrong, 1 - wrong, labels)
    assert found.fixed.num_found == 200
    assert len(found.fixed.shown) == NUM_SHOWN
    assert found.broken.num_found == 0


def test_a_class_without_examples_leaves_doubtful_labels_unknown() -> None:
    labels = [1] * (MIN_PER_CLASS * 4)
    sure = np.full((1, len(labels)), 0.9)
    assert found_between(sure, sure, labels).label_noise is None
