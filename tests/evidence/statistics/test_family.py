"""The stated family of pairs, and Holm's correction."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.simulations.families import family_section

from sentilora.evidence.statistics.family import compared_pairs, holm


def test_every_arm_is_compared_with_the_baseline_and_the_best() -> None:
    pairs = compared_pairs(["probe", "a", "b", "c"], baseline="probe", best="b")
    assert pairs == (("a", "probe"), ("b", "probe"), ("c", "probe"), ("b", "a"), ("c", "b"))


def test_the_baseline_is_always_the_one_compared_with() -> None:
    assert compared_pairs(["a", "probe"], baseline="probe", best="a") == (("a", "probe"),)


def test_a_claim_adds_its_pair_once() -> None:
    arms = ["probe", "a", "b", "c"]
    without = compared_pairs(arms, baseline="probe", best="probe")
    assert without == (("a", "probe"), ("b", "probe"), ("c", "probe"))
    claimed = [("c", "a"), ("a", "c"), ("a", "probe"), ("a", "never run")]
    assert compared_pairs(arms, baseline="probe", best="probe", claimed=claimed) == (*without, ("c", "a"))


def test_one_arm_has_no_family() -> None:
    assert compared_pairs(["probe"], baseline="probe", best="probe") == ()


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([0.9, 0.8]) == (1, 1)
    assert holm([]) == ()


@pytest.mark.slow
def test_four_equal_arms_have_no_different_pair_in_94_percent_of_studies() -> None:
    rows = family_section(np.random.default_rng(5), 600).rows
    after = [cell.split("**")[1] for row in rows for cell in row[1:]]
    highest = [float(cell.split(" to ")[-1]) for cell in after]
    # The largest of 48 cells with a Monte-Carlo error of 1 each.
    assert max(highest) <= 7.5
    assert np.mean(highest) <= 5
