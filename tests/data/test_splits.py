"""A part of a training split: fixed, balanced, and nested in every larger part."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sentilora.data.dataset import Examples
from sentilora.data.splits import take_fraction
from support.examples import examples_of


@st.composite
def examples(draw: st.DrawFn) -> Examples:
    labels = draw(st.lists(st.integers(0, 2), min_size=1, max_size=60))
    return examples_of([f"text {i}" for i in range(len(labels))], labels)


FRACTIONS = st.floats(0.001, 1)


@given(examples=examples(), one=FRACTIONS, other=FRACTIONS)
def test_a_smaller_fraction_is_part_of_a_larger_one(examples: Examples, one: float, other: float) -> None:
    smaller, larger = (take_fraction(examples, fraction) for fraction in sorted((one, other)))
    assert set(smaller.ids) <= set(larger.ids)


@given(examples=examples(), fraction=FRACTIONS)
def test_a_fraction_keeps_the_balance_and_the_order(examples: Examples, fraction: float) -> None:
    taken = take_fraction(examples, fraction)
    for label in range(3):
        num, num_taken = int((examples.labels == label).sum()), int((taken.labels == label).sum())
        assert fraction * num - 1e-3 <= num_taken < fraction * num + 1
    positions = [examples.ids.index(id) for id in taken.ids]
    assert positions == sorted(positions)
    assert [examples.texts[i] for i in positions] == list(taken.texts)


@given(examples=examples(), fraction=FRACTIONS, seed=st.integers(0, 10))
def test_a_fraction_does_not_depend_on_the_order(examples: Examples, fraction: float, seed: int) -> None:
    shuffled = examples.take(np.random.default_rng(seed).permutation(len(examples)))
    assert set(take_fraction(shuffled, fraction).ids) == set(take_fraction(examples, fraction).ids)


def test_the_whole_is_the_same_object() -> None:
    whole = examples_of(["fine"], [0])
    assert take_fraction(whole, 1) is whole
