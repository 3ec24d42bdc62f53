"""The Pareto front."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sentilora.evidence.statistics.pareto import pareto_front

POINTS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=12)


def test_by_hand() -> None:
    #      dear and good, cheap and poor, dominated by the first, a twin of the first
    assert pareto_front([0.9, 0.7, 0.8, 0.9], [10, 1, 10, 10]) == [True, True, False, True]


@given(POINTS)
def test_what_is_off_the_front_is_beaten_by_something_on_it(points: list[tuple[int, int]]) -> None:
    front = pareto_front([gain for gain, _ in points], [cost for _, cost in points])
    assert any(front)
    on_front = [point for point, kept in zip(points, front, strict=True) if kept]
    for (gain, cost), kept in zip(points, front, strict=True):
        beaten = any(g >= gain and c <= cost and (g, c) != (gain, cost) for g, c in on_front)
        assert beaten != kept


@given(POINTS)
def test_along_the_front_more_costs_more(points: list[tuple[int, int]]) -> None:
    front = pareto_front([gain for gain, _ in points], [cost for _, cost in points])
    kept = sorted({point for point, on_front in zip(points, front, strict=True) if on_front})
    assert kept == sorted(kept, key=lambda point: point[1])
