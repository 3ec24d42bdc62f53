"""The whole benchmark: parts in order, rounds within each, results after every measurement."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import torch

from benchmarks.harness.parts import DEFAULT_PARTS, PARTS
from benchmarks.harness.plan import BATCH_SIZE, ON_GPU, TINY, Bench, Scale
from benchmarks.harness.results import describe_machine, part_result
from benchmarks.harness.rounds import Row, run_rounds
from benchmarks.harness.workload import load_workload
from sentilora.errors import StudyError
from sentilora.fetch.assets import fetch_asset
from sentilora.fetch.pins import BACKBONE_ASSETS


@dataclass(frozen=True)
class Step:
    """One more measurement was made."""

    part: str
    """Its part."""
    program: str
    """What was measured."""
    measurement: Any
    """What it gave, None where it failed."""
    failure: str | None
    """Why it failed."""


def run_benchmark(
    *,
    backbone: str,
    data: Path | None,
    device: torch.device,
    parts: Sequence[str],
    num_rounds: int,
    tiny: bool,
    peers: Path | None,
    adapters_path: Path | None,
) -> Iterator[Step | dict[str, Any]]:
    """Measure, yielding each measurement and, last, all results.

    Args:
        backbone: an asset, a local folder or a hub id.
        data: a folder of GLUE's SST-2 or of tables; None for the movie snippets.
        device: where everything runs.
        parts: keys of ``PARTS``; empty for those that fit the device.
        num_rounds: measurements of each program.
        tiny: do next to nothing: the figures then mean nothing.
        peers: folder of the peers' scripts; None to leave them out.
        adapters_path: see ``Bench``.

    Raises:
        StudyError: an unknown part, a folder without peers, too few texts, or a device that has no benchmark.
    """
    kind = _device_kind(device)
    chosen = tuple(parts) or DEFAULT_PARTS[kind]
    _check(chosen, peers)
    workload = load_workload(data)
    if len(workload.train) < BATCH_SIZE:
        raise StudyError(f"{len(workload.train)} training texts", rule=f"at least {BATCH_SIZE}: one batch")
    if tiny:
        workload = replace(workload, dev=workload.dev[:BATCH_SIZE])
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(
            model=str(fetch_asset(backbone)) if backbone in BACKBONE_ASSETS else backbone,
            workload=workload,
            folder=Path(folder),
            device=kind,
            scale=TINY if tiny else _scale(kind),
            peers=peers,
            adapters_path=adapters_path,
        )
        results = []
        for name in chosen:
            part = PARTS[name](bench)
            if part.prepare is not None:
                part.prepare()
            rows = [Row(contender) for contender in part.contenders]
            for row in run_rounds(rows, num_rounds):
                yield Step(name, row.contender.name, row.measurements[-1], row.failure)
            results.append(part_result(part, rows, {folder: "TEXTS", bench.model: backbone}))
    yield {
        "backbone": backbone,
        "data": f"{workload.name} ({len(workload.train)} training texts)",
        "rounds": num_rounds,
        "tiny": tiny,
        "machine": describe_machine(device),
        "parts": results,
    }


def _scale(kind: Literal["cpu", "cuda"]) -> Scale:
    return ON_GPU if kind == "cuda" else Scale()


def _device_kind(device: torch.device) -> Literal["cpu", "cuda"]:
    if device.type == "cuda":
        return "cuda"
    if device.type == "cpu":
        return "cpu"
    raise StudyError(f"no benchmark for {device.type}", where="--device", rule="cpu or cuda")


def _check(parts: Sequence[str], peers: Path | None) -> None:
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        raise StudyError(f"no part {unknown[0]!r}", where="PARTS", rule=", ".join(PARTS))
    if peers is not None and not (peers / "hf_tuned.py").is_file():
        raise StudyError(
            "no peers in this folder",
            where=str(peers),
            rule="the folder benchmarks/peers of a checkout",
            remedy="run from the root of a checkout, or leave --peers out to measure sentilora alone",
        )
