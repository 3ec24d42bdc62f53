"""Numbers are written one way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentilora.evidence.statistics.estimates import Interval
from sentilora.evidence.writing import numbers as notation


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (notation.percent(0.8953), "89.5 %"),
        (notation.bare_points(-0.0004), "0.0"),
        (notation.bare_points(0.0004), "0.0"),
        (notation.bare_points(0.083), "+8.3"),
        (notation.bare_points(-0.083), "−8.3"),
        (notation.unsigned_points(-0.083), "8.3 points"),
        (notation.percent_interval(Interval(low=0.881, high=0.908)), "[88.1, 90.8]"),
        (notation.count(67349), "67,349"),
        (notation.counted(1, "seed"), "one seed"),
        (notation.counted(12, "class", "classes"), "12 classes"),
        (notation.duration(0.417), "0.42 s"),
        (notation.duration(83.2), "83 s"),
        (notation.duration(852), "14.2 min"),
        (notation.duration(11160), "3.1 h"),
        (notation.size(250_000_000), "250 MB"),
        (notation.size(592_130), "592 kB"),
        (notation.size(12), "12 B"),
        (notation.p_value(0.00004), "p < 0.001"),
        (notation.p_value(0.0316), "p = 0.032"),
        (notation.bare_small_share(1538 / 66_364_418), "0.0023"),
        (notation.bare_small_share(0.0022), "0.22"),
        (notation.bare_small_share(1.0), "100.0"),
        (notation.rate(0.0005), "0.0005"),
        (notation.rate(2e-5), "2 × 10⁻⁵"),
        (notation.listed(["a", "b", "c"]), "a, b and c"),
        (notation.sentence("no label looks odd"), "No label looks odd."),
    ],
)
def test_numbers_are_written_one_way(shown: str, expected: str) -> None:
    assert shown.replace("\xa0", " ") == expected


@given(st.floats(-1, 1))
def test_a_difference_is_signed_as_it_is_and_zero_has_no_sign(difference: float) -> None:
    shown = notation.bare_points(difference)
    value = float(shown.replace(notation.MINUS, "-"))
    assert value == pytest.approx(100 * difference, abs=0.0501)
    assert shown.startswith("+") == (value > 0)
    assert shown.startswith(notation.MINUS) == (value < 0)
