"""Pairs of arms: signs, verdicts and remedies, by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from sentilora.evidence.statistics.bootstrap import Resampling
from sentilora.evidence.statistics.metrics import score_runs
from sentilora.evidence.statistics.pairs import Pair, compare_pairs
from sentilora.evidence.statistics.random_effects import Floats
from sentilora.evidence.statistics.scored_arms import ScoredArm
from sentilora.records.record import Record


def arm_of(name: str, right: NDArray[np.bool_]) -> ScoredArm:
    """An arm that is right where it is said to be, all labels being 0."""
    records = tuple(Record(Path(), {"seed": seed}) for seed in range(len(right)))
    probabilities: Floats = np.where(right[:, :, None], [0.9, 0.1], [0.2, 0.8])
    return ScoredArm(name, records, probabilities, right)


def compared(*arms: ScoredArm, margin: float = 0.02, solved: tuple[str, ...] = ()) -> tuple[Pair, ...]:
    """Every arm against the first."""
    labels = np.zeros(arms[0].right.shape[1], dtype=np.int64)
    return compare_pairs(
        [(arm.name, arms[0].name) for arm in arms[1:]],
        {arm.name: arm for arm in arms},
        {arm.name: score_runs(arm.probabilities, labels, Resampling(200, 0)) for arm in arms},
        labels,
        solved=solved,
        equivalence_margin=margin,
    )


def draw(rate: float, seed: int, num_seeds: int = 3, num_examples: int = 400) -> NDArray[np.bool_]:
    return np.random.default_rng(seed).random((num_seeds, num_examples)) < rate


def test_a_pair_states_what_the_first_gains_over_the_second() -> None:
    weak, strong = arm_of("weak", draw(0.7, 0)), arm_of("strong", draw(0.9, 1))
    (pair,) = compared(weak, strong)
    assert (pair.arm, pair.over) == ("strong", "weak")
    assert pair.accuracy.mean == pytest.approx(strong.right.mean() - weak.right.mean())
    assert pair.accuracy.interval.low > 0
    assert pair.significant
    assert pair.remedy is None
    assert pair.equivalence.different


def test_turning_a_pair_around_turns_its_signs() -> None:
    one, two = arm_of("one", draw(0.8, 0)), arm_of("two", draw(0.82, 1))
    (forth,), (back,) = compared(one, two), compared(two, one)
    assert forth.accuracy.mean == pytest.approx(-back.accuracy.mean)
    assert forth.accuracy.interval.low == pytest.approx(-back.accuracy.interval.high)
    assert forth.p_value == pytest.approx(back.p_value)
    assert forth.ece_p_value == pytest.approx(back.ece_p_value, abs=0.05)
    assert forth.disagreement == pytest.approx(back.disagreement)


def test_an_arm_that_never_differs_is_equivalent_where_there_are_examples_enough() -> None:
    for num_examples, equivalent in ((400, True), (40, False)):
        right = np.repeat(draw(0.85, 0, num_seeds=1, num_examples=num_examples), 3, axis=0)
        (pair,) = compared(arm_of("one", right), arm_of("two", right))
        assert pair.p_value == 1
        assert pair.equivalence.equivalent == equivalent
        assert pair.detectable_difference is None
        assert not pair.significant


def test_holm_runs_over_the_pairs_of_the_family() -> None:
    arms = [arm_of(str(i), draw(rate, i)) for i, rate in enumerate((0.8, 0.83, 0.9, 0.82))]
    pairs = compared(*arms)
    least = min(pairs, key=lambda pair: pair.p_value)
    assert least.adjusted_p_value == pytest.approx(3 * least.p_value)
    assert all(pair.adjusted_p_value >= pair.p_value for pair in pairs)
    alone = compared(arms[0], arms[2])[0].detectable_difference
    among_three = pairs[1].detectable_difference
    assert alone is not None
    assert among_three is not None
    assert among_three > alone


def test_one_seed_decides_nothing_about_arms() -> None:
    weak, strong = arm_of("weak", draw(0.6, 0, num_seeds=1)), arm_of("strong", draw(0.95, 1, num_seeds=1))
    (pair,) = compared(weak, strong)
    assert pair.p_value < 1e-6
    assert not pair.seeds_counted
    assert not pair.significant
    assert not pair.equivalence.different
    assert (pair.detectable_difference, pair.remedy) == (None, None)


def test_an_exact_solution_needs_one_run() -> None:
    weak, strong = arm_of("weak", draw(0.6, 0, num_seeds=1)), arm_of("strong", draw(0.95, 1))
    (pair,) = compared(weak, strong, solved=("weak",))
    assert pair.seeds_counted
    assert pair.significant


def test_an_undecided_pair_is_told_what_would_decide_it() -> None:
    base = draw(0.85, 0, num_seeds=1)
    one = base ^ (draw(0.04, 1))
    # Three seeds that differ by two points and gain three on average.
    gain = np.array([[0.01], [0.03], [0.05]]) > np.random.default_rng(2).random((3, 400))
    (pair,) = compared(arm_of("one", one), arm_of("two", one | gain), margin=0.005)
    assert not pair.significant
    assert pair.remedy is not None
    assert pair.remedy.shows == "difference"
    assert pair.remedy.num_seeds is None or pair.remedy.num_seeds > 3


def test_what_would_show_equivalence_is_said_of_arms_that_look_alike() -> None:
    base = draw(0.85, 0, num_seeds=1)
    (pair,) = compared(arm_of("one", base ^ draw(0.05, 1)), arm_of("two", base ^ draw(0.05, 2)))
    assert abs(pair.accuracy.mean) < 0.02
    assert not pair.equivalence.equivalent
    assert pair.remedy is not None
    assert pair.remedy.shows == "equivalence"
    assert pair.remedy.num_seeds is not None
    assert pair.remedy.num_seeds > 3
