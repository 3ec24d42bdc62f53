"""From measurements to the figures that are published: medians, spreads, ratios, and their tables."""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import Any

import torch

from benchmarks.harness.parts import Comparison, Part
from benchmarks.harness.rounds import Row
from sentilora.study.environment import git_state
from sentilora.train.device import device_name

PACKAGES = ("torch", "transformers", "peft", "accelerate", "numpy", "tokenizers")


def describe_machine(device: torch.device) -> dict[str, Any]:
    """Where the figures were taken and with which versions."""
    return {
        "device": device_name(device),
        "processor": device_name(torch.device("cpu")),
        "threads": torch.get_num_threads(),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: metadata.version(name) for name in PACKAGES},
        "git": git_state(),
    }


def part_result(part: Part, rows: Sequence[Row], places: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A part's measurements and ratios, as the JSON file has them.

    Args:
        part: what was measured.
        rows: its measurements.
        places: folders of this machine, and what the file calls them.
    """
    by_name = {row.contender.name: row for row in rows}
    return {
        "name": part.name,
        "title": part.title,
        "rows": [
            {
                "name": row.contender.name,
                "arguments": [_renamed(argument, places or {}) for argument in row.contender.arguments],
                "measurements": [None if m is None else dict(m) for m in row.measurements],
                "failure": row.failure,
            }
            for row in rows
        ],
        "ratios": [_ratio(comparison, by_name) for comparison in part.comparisons],
    }


def _renamed(argument: str, places: Mapping[str, str]) -> str:
    """An argument without this machine's folders."""
    for place, name in places.items():
        argument = argument.replace(place, name)
    return argument


def _ratio(comparison: Comparison, rows: Mapping[str, Row]) -> dict[str, Any]:
    """How many times faster ours is, in each round that has both sides."""
    values, against = [], comparison.peers[0]
    peers = [rows[name] for name in comparison.peers if rows[name].values("examples_per_second")]
    if peers:
        fastest = max(peers, key=lambda row: median(row.values("examples_per_second")))
        against = fastest.contender.name
        for ours, theirs in zip(rows[comparison.ours].measurements, fastest.measurements, strict=True):
            if ours is not None and theirs is not None:
                seconds = ours["total_seconds" if comparison.with_startup else "seconds"]
                rate = ours["examples"] / seconds
                values.append(comparison.factor * rate / theirs["examples_per_second"])
    return {
        "ours": comparison.ours,
        "against": against,
        "values": values,
        "median": median(values) if values else None,
        "goal": comparison.goal,
        "floor": comparison.floor,
    }


def write_results(result: Mapping[str, Any], folder: Path) -> Path:
    """Write a benchmark's JSON to a file named after its device and today's date."""
    folder.mkdir(parents=True, exist_ok=True)
    device = re.sub(r"[^a-z0-9]+", "-", result["machine"]["device"].lower()).strip("-")
    path = folder / f"{device}-{datetime.now(UTC):%Y-%m-%d-%H%M}.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return path


def markdown(result: Mapping[str, Any]) -> str:
    """All of a benchmark as Markdown tables."""
    machine = result["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    lines = [
        f"{machine['device']}, {machine['threads']} threads; {versions}; {result['backbone']}, "
        f"{result['data']}; medians of {result['rounds']} rounds (lowest to highest)",
    ]
    for part in result["parts"]:
        lines += ["", f"### {part['title']}", "", *_part_table(part)]
        if part["ratios"]:
            lines += ["", *_ratio_table(part["ratios"])]
    return "\n".join(lines) + "\n"


def _part_table(part: Mapping[str, Any]) -> list[str]:
    if part["name"] == "graphs":
        return [_graphs_line(row) for row in part["rows"]]
    ceilings = _ceilings(part["rows"])
    rows = [row for row in part["rows"] if row["name"] != "ceiling"]
    table = [_cells(row, ceilings) for row in rows]
    heading = {name: "---:" for cells in table for name in cells}
    heading["program"] = "---"
    lines = [_line(heading.keys()), _line(heading.values())]
    lines += [_line(cells.get(name, "") for name in heading) for cells in table]
    if ceilings:
        told = ", ".join(f"{name} {value / 1e9:,.0f} GFLOP/s" for name, value in ceilings.items())
        lines += ["", f"Matrix-product ceiling: {told}."]
    return lines


def _cells(row: Mapping[str, Any], ceilings: Mapping[str, float]) -> dict[str, str]:
    """One row's cells by heading; a figure that its program does not give has none."""
    if row["failure"] is not None:
        return {"program": row["name"], "examples/s": f"failed: {row['failure']}"}
    found = [m for m in row["measurements"] if m is not None]

    def values(name: str) -> list[float]:
        return [m[name] for m in found if name in m]

    cells = {
        "program": row["name"],
        "examples/s": _spread(values("examples_per_second"), "{:,.0f}"),
        "start-up, s": _spread(values("startup_seconds"), "{:.1f}"),
        "all, s": _spread(values("total_seconds"), "{:.1f}"),
        "peak memory, MB": _spread([value / 1e6 for value in values("peak_memory_bytes")], "{:,.0f}"),
    }
    if values("train_seconds"):
        cells["training alone, s"] = _spread(values("train_seconds"), "{:.1f}")
    if values("flop_per_second") and ceilings:
        share = [value / ceilings[found[0]["precision"]] for value in values("flop_per_second")]
        cells["share of ceiling"] = _spread(share, "{:.1%}")
    if values("labels_differing"):
        cells["labels differing"] = _spread(values("labels_differing"), "{:.0f}")
    accuracies = [accuracy for m in found for accuracy in m.get("dev_accuracies", ())]
    if accuracies:
        cells["dev accuracy"] = ", ".join(f"{accuracy:.2%}" for accuracy in sorted(set(accuracies)))
    return cells


def _ceilings(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    found = [m for row in rows if row["name"] == "ceiling" for m in row["measurements"] if m is not None]
    return {name: median(m[name] for m in found) for name in (found[0] if found else ())}


def _ratio_table(ratios: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = [_line(("ratio", "against", "times", "goal", "floor")), _line(("---", "---", *["---:"] * 3))]
    for ratio in ratios:
        goal, floor = ("" if ratio[name] is None else f"{ratio[name]:g}x" for name in ("goal", "floor"))
        times = _spread(ratio["values"], "{:.2f}x") if ratio["values"] else "not measured"
        lines.append(_line((ratio["ours"], ratio["against"], times, goal, floor)))
    return lines


def _graphs_line(row: Mapping[str, Any]) -> str:
    if row["failure"] is not None:
        return f"failed: {row['failure']}"
    (found,) = [m for m in row["measurements"] if m is not None]
    return (
        f"Largest difference between training losses over {found['evaluations']} evaluations: "
        f"{found['largest_difference']:.1e}."
    )


def _spread(values: Sequence[float], form: str) -> str:
    if not values:
        return ""
    low, middle, high = (form.format(value) for value in (min(values), median(values), max(values)))
    return middle if low == high else f"{middle} ({low} to {high})"


def _line(cells: Any) -> str:
    return f"| {' | '.join(cells)} |"
