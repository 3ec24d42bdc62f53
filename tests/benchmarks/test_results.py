"""Ratios and tables, from invented measurements."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.harness.parts import Comparison, Part
from benchmarks.harness.results import markdown, part_result, write_results
from benchmarks.harness.rounds import Contender, Row


def rate(value: float, **more: Any) -> dict[str, Any]:
    return {"examples": value, "seconds": 1.0, "examples_per_second": value, "total_seconds": 2.0, **more}


def invented(comparison: Comparison, **rows: list[float | None]) -> dict[str, Any]:
    """The result of a part whose programs measured these rates."""
    contenders = [Contender(name, ()) for name in rows]
    part = Part("training", "Invented", contenders, [comparison])
    found = [
        Row(contender, [None if value is None else rate(value) for value in values])
        for contender, values in zip(contenders, rows.values(), strict=True)
    ]
    return part_result(part, found)


def table(part: dict[str, Any]) -> str:
    machine = {"device": "invented", "threads": 1, "versions": {"torch": "2"}}
    return markdown({"machine": machine, "backbone": "tiny", "data": "none", "rounds": 1, "parts": [part]})


def test_is_taken_in_each_round_against_the_fastest_peer() -> None:
    result = invented(
        Comparison("ours", ("slow", "fast")), ours=[100, 40, 90], slow=[10, 1, 9], fast=[50, 10, 30]
    )
    (ratio,) = result["ratios"]
    assert ratio["against"] == "fast"
    # The median of the ratios (2, 4, 3), not the ratio of the medians (90 / 30).
    assert ratio["values"] == [2, 4, 3]
    assert ratio["median"] == 3


def test_a_peer_that_makes_several_passes_is_slower_by_as_many() -> None:
    (ratio,) = invented(Comparison("ours", ("peer",), factor=3), ours=[100], peer=[50])["ratios"]
    assert ratio["values"] == [6]


def test_startup_counts_for_ours_alone() -> None:
    (ratio,) = invented(Comparison("ours", ("peer",), with_startup=True), ours=[100], peer=[10])["ratios"]
    assert ratio["values"] == [5]  # 100 examples in 2 s, against 10 a second


def test_a_failed_round_is_left_out_and_a_failed_peer_gives_no_ratio() -> None:
    (ratio,) = invented(Comparison("ours", ("peer",)), ours=[100, None, 100], peer=[50, 50, None])["ratios"]
    assert ratio["values"] == [2]
    (ratio,) = invented(Comparison("ours", ("peer",)), ours=[100], peer=[None])["ratios"]
    assert ratio["values"] == []
    assert ratio["median"] is None


def test_a_row_has_median_and_range_and_a_share_of_its_precisions_ceiling() -> None:
    part = Part("training", "Invented", [Contender("ceiling", ()), Contender("ours", ())])
    ceiling: list[Mapping[str, Any] | None] = [{"fp32": 100.0, "bf16": 400.0}]
    ours: list[Mapping[str, Any] | None] = [
        rate(value, flop_per_second=200.0, precision="bf16") for value in (30, 10, 20)
    ]
    text = table(part_result(part, [Row(part.contenders[0], ceiling), Row(part.contenders[1], ours)]))
    assert "| ours | 20 (10 to 30) |" in text
    assert "50.0%" in text
    assert "| ceiling |" not in text


def test_a_failed_program_stands_in_the_table_with_its_reason() -> None:
    part = Part("training", "Invented", [Contender("peer", ())])
    text = table(part_result(part, [Row(part.contenders[0], [None], failure="ModuleNotFoundError: peft")]))
    assert "failed: ModuleNotFoundError: peft" in text


def test_every_line_of_a_table_has_as_many_cells() -> None:
    part = Part("quality", "Invented", [Contender("a", ()), Contender("b", ())])
    rows = [
        Row(part.contenders[0], [rate(1, dev_accuracies=[0.9, 0.8])]),
        Row(part.contenders[1], [rate(2)]),
    ]
    lines = [line for line in table(part_result(part, rows)).splitlines() if line.startswith("|")]
    assert len(lines) == 4
    assert len({line.count("|") for line in lines}) == 1


def test_folders_of_this_machine_stay_out_of_the_file() -> None:
    contender = Contender("ours", ("--data", "/tmp/abc/2048", "--model", "/home/me/minilm", "--rank", "8"))
    places = {"/tmp/abc": "TEXTS", "/home/me/minilm": "minilm"}
    result = part_result(Part("ranks", "Invented", [contender]), [Row(contender, [None])], places)
    expected = ["--data", "TEXTS/2048", "--model", "minilm", "--rank", "8"]
    assert result["rows"][0]["arguments"] == expected


def test_results_are_named_after_the_device(tmp_path: Path) -> None:
    path = write_results({"machine": {"device": "NVIDIA H100 80GB"}, "parts": []}, tmp_path / "new")
    assert path.name.startswith("nvidia-h100-80gb-20")
    assert json.loads(path.read_text())["parts"] == []
