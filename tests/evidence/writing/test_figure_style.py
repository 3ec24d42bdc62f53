"""How figures look: distinct in colour and in grey, and the same whatever a user's own settings are."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import matplotlib as mpl
import pytest
from matplotlib.colors import to_rgb
from pydantic import TypeAdapter

from sentilora.evidence.statistics.arm_results import ArmResult, arm_result
from sentilora.evidence.writing import figure_style as style
from sentilora.study_file.arms import Arm


def arm(name: str, method: str = "lora", **settings: Any) -> ArmResult:
    stated: Arm = TypeAdapter(Arm).validate_python({"name": name, "method": method, **settings})
    return arm_result(stated, [], [], None)


def test_series_differ_in_more_than_colour() -> None:
    looks = style.looks([arm(f"arm-{i}", rank=8) for i in range(64)])
    assert len({(look.colour, look.marker) for look in looks.values()}) == 64
    first = list(looks.values())[:6]
    assert len({look.marker for look in first}) == len({look.colour for look in first}) == 6


def test_an_arm_looks_the_same_in_every_study() -> None:
    probe, lora, full = arm("frozen", "probe"), arm("lora-8", rank=8), arm("full", "full")
    many = style.looks([probe, arm("lora-4", rank=4), lora, full])
    few = style.looks([full, lora])
    assert (many["lora-8"], many["full"]) == (few["lora-8"], few["full"])
    assert style.looks([arm("another-name", rank=8)])["another-name"] == few["lora-8"]


def test_usual_arms_differ_in_lightness() -> None:
    usual = [arm("a", "probe"), arm("b", "probe", solver="adamw"), arm("c", rank=8), arm("d", rank=16)]
    grey = [
        sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), to_rgb(look.colour), strict=True))
        for look in style.looks([*usual, arm("e", rank=4)]).values()
    ]
    assert all(abs(a - b) > 0.08 for a, b in pairwise(grey))


def test_a_users_own_settings_change_nothing() -> None:
    with mpl.rc_context({"font.size": 30}), style.house_style():
        assert mpl.rcParams["font.size"] == 7.0
    with style.house_style(2):
        assert mpl.rcParams["font.size"] == 14.0


@pytest.mark.parametrize("num_arms", range(1, 9))
def test_marks_of_a_category_stand_side_by_side_around_its_middle(num_arms: int) -> None:
    shifts = style.shifts(num_arms)
    assert sum(shifts) == pytest.approx(0)
    assert all(a < b for a, b in pairwise(shifts))
    assert max(shifts) <= 0.3
