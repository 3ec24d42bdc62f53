"""Pairs of arms: signs, pairing, P(A>B) and equivalence, by hand and by simulation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from sentilora.evidence.statistics.bootstrap import Floats, ResampledScores, Resampling
from sentilora.evidence.statistics.estimates import Difference, Interval
from sentilora.evidence.statistics.metrics import score_runs
from sentilora.evidence.statistics.paired_tests import mcnemar_p_value
from sentilora.evidence.statistics.pairs import Pair, compare_all, equivalence, is_significant, superiority
from sentilora.evidence.statistics.scored_arms import ScoredArm
from sentilora.records.record import Record

LABELS = np.zeros(400, dtype=np.int64)


def arm_of(name: str, right: NDArray[np.bool_], seeds: tuple[int, ...] | None = None) -> ScoredArm:
    """An arm that is right where it is said to be, all labels being 0."""
    records = tuple(Record(Path(), {"seed": seed}) for seed in seeds or range(len(right)))
    probabilities: Floats = np.where(right[:, :, None], [0.9, 0.1], [0.2, 0.8])
    return ScoredArm(name, records, probabilities, right)


def compared(*arms: ScoredArm, margin: float = 0.02, num_resamples: int = 500) -> tuple[Pair, ...]:
    resampling = Resampling(num_resamples, 0)
    labels = LABELS[: arms[0].right.shape[1]]
    scores = {arm.name: score_runs(arm.probabilities, labels, arm.seeds, resampling) for arm in arms}
    return compare_all(arms, scores, equivalence_margin=margin)


def draw(rate: float, seed: int, num_seeds: int = 3, num_examples: int = 400) -> NDArray[np.bool_]:
    return np.random.default_rng(seed).random((num_seeds, num_examples)) < rate


def test_a_pair_states_what_the_later_arm_gains() -> None:
    weak, strong = arm_of("weak", draw(0.7, 0)), arm_of("strong", draw(0.9, 1))
    (pair,) = compared(weak, strong)
    assert (pair.arm, pair.over) == ("strong", "weak")
    assert pair.accuracy.mean == pytest.approx(strong.right.mean() - weak.right.mean())
    assert pair.accuracy.interval.low > 0
    assert pair.significant
    assert pair.superiority.probability > 0.99
    assert pair.equivalence.different


def test_turning_a_pair_around_turns_its_signs() -> None:
    one, two = arm_of("one", draw(0.8, 0)), arm_of("two", draw(0.82, 1))
    (forth,), (back,) = compared(one, two), compared(two, one)
    assert forth.accuracy.mean == pytest.approx(-back.accuracy.mean)
    assert forth.accuracy.interval.low == pytest.approx(-back.accuracy.interval.high)
    assert forth.p_value == pytest.approx(back.p_value)
    assert forth.superiority.probability == pytest.approx(1 - back.superiority.probability)
    assert forth.disagreement == pytest.approx(back.disagreement)


def test_an_arm_against_its_twin() -> None:
    right = draw(0.85, 0)
    (pair,) = compared(arm_of("one", right), arm_of("two", right))
    assert pair.superiority.probability == 0.5
    assert pair.p_value == 1
    assert pair.equivalence.equivalent
    assert pair.detectable_difference is None
    assert not pair.significant


def test_mcnemar_counts_by_hand_for_every_shared_seed() -> None:
    one, two = arm_of("one", draw(0.8, 0), (0, 1, 2)), arm_of("two", draw(0.85, 1), (1, 2, 3))
    (pair,) = compared(one, two)
    assert [test.seed for test in pair.mcnemar] == [1, 2]
    only_two = int((two.right[0] & ~one.right[1]).sum())
    only_one = int((one.right[1] & ~two.right[0]).sum())
    assert (pair.mcnemar[0].only_arm, pair.mcnemar[0].only_over) == (only_two, only_one)
    assert pair.mcnemar[0].p_value == mcnemar_p_value(only_two, only_one)


def test_one_seed_each_is_exact_mcnemar() -> None:
    one, two = arm_of("one", draw(0.8, 0, 1)), arm_of("two", draw(0.84, 1, 1))
    (pair,) = compared(one, two)
    assert pair.p_value == pytest.approx(pair.mcnemar[0].p_value, abs=1e-12)
    assert pair.superiority.interval is None


def test_holm_runs_over_all_pairs() -> None:
    arms = [
        arm_of(name, draw(rate, i)) for i, (name, rate) in enumerate([("a", 0.8), ("b", 0.83), ("c", 0.9)])
    ]
    pairs = compared(*arms)
    assert [(pair.arm, pair.over) for pair in pairs] == [("b", "a"), ("c", "a"), ("c", "b")]
    least = min(pairs, key=lambda pair: pair.p_value)
    assert least.adjusted_p_value == pytest.approx(3 * least.p_value)
    assert all(pair.adjusted_p_value >= pair.p_value for pair in pairs)


def scored(right: NDArray[np.bool_], resampling: Resampling) -> ResampledScores:
    arm = arm_of("any", right)
    return score_runs(arm.probabilities, LABELS[: right.shape[1]], arm.seeds, resampling)


@pytest.mark.parametrize(
    ("p_value", "low", "high", "significant"),
    [
        (0.01, 0.1, 0.2, True),
        (0.01, -0.2, -0.1, True),
        (0.01, -0.1, 0.2, False),
        (0.2, 0.1, 0.2, False),
    ],
)
def test_significance_needs_the_test_and_the_interval(
    p_value: float, low: float, high: float, significant: bool
) -> None:
    difference = Difference(mean=(low + high) / 2, interval=Interval(low=low, high=high))
    assert is_significant(p_value, difference) == significant


def test_superiority_is_one_half_between_equal_arms() -> None:
    # Arms that differ by chance alone: P(A>B) scatters around one half.
    found = [
        superiority(
            scored(draw(0.85, 2 * i), Resampling(100, i)), scored(draw(0.85, 2 * i + 1), Resampling(100, i))
        ).probability
        for i in range(200)
    ]
    assert np.mean(found) == pytest.approx(0.5, abs=0.06)
    assert np.std(found) > 0.1, "one study says little"


def test_equivalence_is_seldom_found_at_the_margin() -> None:
    # Truly 5 points apart with a margin of 5: TOST at 5 % may call this equivalent in 5 % of studies.
    # Measured over 2,000: 0.023.
    equivalent = []
    for i in range(400):
        resampling = Resampling(200, i)
        one, two = (scored(draw(rate, 2 * i + k), resampling) for k, rate in enumerate((0.80, 0.85)))
        equivalent.append(equivalence(two.minus(one, "accuracy"), 0.05).equivalent)
    assert 0.01 <= np.mean(equivalent) <= 0.07


def test_equivalence_is_found_where_it_is() -> None:
    right = draw(0.9, 0)
    flipped = right.copy()
    flipped[:, :2] = ~flipped[:, :2]
    (pair,) = compared(arm_of("one", right), arm_of("two", flipped), margin=0.03)
    assert pair.equivalence.equivalent
    assert pair.equivalence.interval.low > -0.03
    assert pair.equivalence.interval.high < 0.03
