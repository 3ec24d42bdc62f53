"""How walks through the code are counted."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from benchmarks.walks import Walk, holds, returns_to_files_left

from sentilora.study_file.study import parse_study


def test_a_return_is_a_file_that_was_open_before_and_left() -> None:
    assert returns_to_files_left("aab") == 0
    assert returns_to_files_left("aba") == 1
    assert returns_to_files_left("abbacba") == 3
    assert returns_to_files_left("") == 0


def test_a_number_is_found_inside_a_value() -> None:
    numbers = np.array([0.25, 0.75])
    found: list[Any] = [0.75, [{"a": (1, 0.25)}], np.array([[1.0, 0.75]]), "it reaches 75.0 %"]
    for value in found:
        assert holds(value, numbers, "75.0")
    other: list[Any] = [
        0.5,
        [{"a": (1, 2)}],
        np.array([0.2]),
        "it reaches 7.5 %",
        None,
        [0.75] + [0.0] * 2000,
    ]
    for value in other:
        assert not holds(value, numbers, "75.0")


def test_functions_are_counted_once_with_their_callers() -> None:
    walk = Walk()
    sys.setprofile(walk)
    try:
        for _ in range(2):
            parse_study(
                {
                    "study": {"name": "x"},
                    "data": {"source": "sst2"},
                    "arm": [{"name": "a", "method": "probe"}],
                },
                where="test",
            )
    finally:
        sys.setprofile(None)
    names = [code.co_name for code in walk.reading_order()]
    assert names[0] == "parse_study"
    assert len(set(walk.reading_order())) == len(names) > 1
    assert walk.files()[0].endswith("study.py")
