"""Slices: what they contain, what they say, and what they must not say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sentilora.evidence.statistics.scored_arms import ExampleColumns, ScoredArm
from sentilora.evidence.statistics.slices import SMALL_SLICE, cut_slices, extremes, slice_errors
from sentilora.records.record import Record


def columns(seed: int, num_examples: int, strengths: str = "many") -> ExampleColumns:
    rng = np.random.default_rng(seed)
    strength = {
        "many": rng.random(num_examples),
        "two": rng.choice([0.5, 1.0], num_examples),
        "none": np.full(num_examples, np.nan),
        "some": np.where(rng.random(num_examples) < 0.5, np.nan, rng.random(num_examples)),
    }[strengths]
    return ExampleColumns(
        ids=tuple(str(i) for i in range(num_examples)),
        texts=(None,) * num_examples,
        labels=rng.integers(0, 2, num_examples),
        strengths=strength,
        num_words=rng.integers(1, 40, num_examples),
        num_unseen_words=rng.poisson(0.5, num_examples),
        negation=rng.random(num_examples) < 0.3,
        contrast=rng.random(num_examples) < 0.2,
        comparative=np.zeros(num_examples, dtype=bool),
    )


def arm_of(name: str, right: NDArray[np.bool_]) -> ScoredArm:
    records = tuple(Record(Path(), {"seed": seed}) for seed in range(len(right)))
    return ScoredArm(name, records, np.zeros((*right.shape, 2)), right)


@given(st.integers(0, 500), st.integers(1, 80), st.sampled_from(["many", "two", "none", "some"]))
def test_every_family_holds_every_example_once(seed: int, num_examples: int, strengths: str) -> None:
    parts = cut_slices(columns(seed, num_examples, strengths), ("negative", "positive"))
    families = {part.family for part in parts}
    for family in families:
        members = [part.members for part in parts if part.family == family]
        assert len(members) > 1, "a family of one part says nothing"
        assert (np.sum(members, axis=0) == 1).all(), family
    assert "comparative" not in families, "no example compares"
    assert len({(part.family, part.name) for part in parts}) == len(parts)


def test_lengths_are_cut_at_their_terciles_and_say_where() -> None:
    examples = columns(0, 3000)
    short, medium, long = [part for part in cut_slices(examples, ("a", "b")) if part.family == "length"]
    assert all(900 < part.members.sum() < 1100 for part in (short, medium, long))
    assert short.name == f"up to {examples.num_words[short.members].max()} words"
    words = examples.num_words[medium.members]
    assert medium.name == f"{words.min()} to {words.max()} words"
    assert long.name == f"{examples.num_words[long.members].min()} or more words"


def test_terciles_by_hand() -> None:
    examples = replace(columns(0, 6), num_words=np.array([1, 1, 2, 2, 3, 3]))
    lengths = [part for part in cut_slices(examples, ("a", "b")) if part.family == "length"]
    assert [(part.name, part.members.sum()) for part in lengths] == [
        ("up to 1 words", 2),
        ("2 words", 2),
        ("3 or more words", 2),
    ]


def test_two_strengths_are_two_slices() -> None:
    names = [p.name for p in cut_slices(columns(0, 100, "two"), ("a", "b")) if p.family == "strength"]
    assert names == ["weak (0.5)", "strong (1)"]


def test_error_rates_and_gains_by_hand() -> None:
    examples = columns(0, 400)
    rng = np.random.default_rng(1)
    base, lora = arm_of("base", rng.random((2, 400)) < 0.7), arm_of("lora", rng.random((2, 400)) < 0.9)
    parts = cut_slices(examples, ("negative", "positive"))
    for part, found in zip(parts, slice_errors(parts, [base, lora], "base"), strict=True):
        inside = part.members
        assert found.num_examples == inside.sum()
        assert found.small == (inside.sum() < SMALL_SLICE)
        for arm, error in zip((base, lora), found.errors, strict=True):
            assert error.error_rate.mean == pytest.approx(1 - arm.right[:, inside].mean())
            assert error.error_rate.interval.low <= error.error_rate.mean <= error.error_rate.interval.high
        (gain,) = found.gains
        here = lora.right[:, inside].mean() - base.right[:, inside].mean()
        elsewhere = lora.right[:, ~inside].mean() - base.right[:, ~inside].mean()
        assert gain.gain.mean == pytest.approx(here)
        assert gain.beyond_rest.gap == pytest.approx(here - elsewhere)
        assert gain.adjusted_p_value >= gain.p_value


def test_a_gain_that_is_only_in_negated_texts_is_found_there() -> None:
    examples = columns(3, 1200)
    rng = np.random.default_rng(4)
    lora = rng.random((3, 1200)) < 0.9
    base = lora & ~(examples.negation & (rng.random((3, 1200)) < 0.4))
    parts = cut_slices(examples, ("negative", "positive"))
    slices = slice_errors(parts, [arm_of("base", base), arm_of("lora", lora)], "base")
    (extreme,) = extremes(slices)
    assert extreme.most == ("negation", "with negation")
    assert extreme.least == ("negation", "without negation")
    gains = {part.name: part.gains[0] for part in slices if part.family == "negation"}
    assert gains["with negation"].significant
    assert gains["with negation"].beyond_rest.p_value < 0.01
    assert gains["with negation"].beyond_rest.gap > 0
    assert gains["without negation"].gain.mean == 0
    assert not gains["without negation"].significant


def test_small_slices_are_marked_and_never_extremes() -> None:
    examples = columns(5, 60)
    right = np.ones((1, 60), dtype=bool)
    base = right & ~examples.contrast
    slices = slice_errors(
        cut_slices(examples, ("a", "b")),
        [arm_of("base", base), arm_of("lora", right)],
        "base",
    )
    assert all(part.small for part in slices if part.num_examples < SMALL_SLICE)
    named = {name for extreme in extremes(slices) for name in (extreme.most, extreme.least)}
    assert all(part.num_examples >= SMALL_SLICE for part in slices if (part.family, part.name) in named)
    assert ("contrast", "with contrast") not in named


def test_two_examples_say_next_to_nothing() -> None:
    examples = replace(columns(7, 80), negation=np.arange(80) < 2)
    right = np.ones((1, 80), dtype=bool)
    base = right & ~examples.negation
    slices = slice_errors(
        cut_slices(examples, ("a", "b")), [arm_of("base", base), arm_of("lora", right)], "base"
    )
    (negated,) = [part for part in slices if part.name == "with negation"]
    assert negated.small
    assert negated.gains[0].gain.mean == 1, "lora is right on both, the baseline on neither"
    assert negated.gains[0].gain.interval.low < 0.3
    assert not negated.gains[0].significant


def test_a_slice_nobody_errs_in_still_has_a_wide_interval() -> None:
    examples = columns(6, 90)
    right = np.ones((2, 90), dtype=bool)
    slices = slice_errors(cut_slices(examples, ("a", "b")), [arm_of("only", right)], "only")
    for part in slices:
        assert part.gains == ()
        exact = 1 - 0.025 ** (1 / part.num_examples)
        assert exact <= part.errors[0].error_rate.interval.high <= 1.4 * exact
