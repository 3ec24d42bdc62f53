"""The whole benchmark: parts in order, rounds within each, results after every measurement."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import torch

from benchmarks.harness.parts import DEFAULT_PARTS, PARTS
from benchmarks.harness.results import describe_machine, part_result
from benchmarks.harness.rounds import Row, run_rounds
from benchmarks.harness.scale import ON_GPU, TINY, Scale
from benchmarks.harness.setup import BATCH_SIZE, PEERS, BenchmarkSetup
from benchmarks.harness.workload import load_workload
from sentilora.errors import StudyError
from sentilora.fetch.assets import fetch_asset
from sentilora.fetch.pins import BACKBONE_ASSETS


@dataclass(frozen=True)
class Measured:
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
    adapters_path: Path | None,
) -> Iterator[Measured | dict[str, Any]]:
    """Measure, yielding each measurement and, last, all results.

    Args:
        backbone: an asset, a local folder or a hub id.
        data: a folder of GLUE's SST-2 or of tables; None for the movie snippets.
        device: where everything runs.
        parts: keys of ``PARTS``; empty for those that fit the device.
        num_rounds: measurements of each program.
        tiny: do next to nothing: the figures then mean nothing.
        adapters_path: see ``BenchmarkSetup``.

    Raises:
        StudyError: an unknown part, too few texts, or a device that has no benchmark.
    """
    kind = _device_kind(device)
    chosen = tuple(parts) or DEFAULT_PARTS[kind]
    _check(chosen)
    workload = load_workload(data)
    if len(workload.train) < BATCH_SIZE:
        raise StudyError(f"{len(workload.train)} training texts", rule=f"at least {BATCH_SIZE}: one batch")
    if tiny:
        workload = replace(workload, dev=workload.dev[:BATCH_SIZE])
    with tempfile.TemporaryDirectory() as folder:
        setup = BenchmarkSetup(
            model=str(fetch_asset(backbone)) if backbone in BACKBONE_ASSETS else backbone,
            workload=workload,
            folder=Path(folder),
            device=kind,
            scale=TINY if tiny else _scale(kind),
            adapters_path=adapters_path,
        )
        places = {folder: "TEXTS", setup.model: backbone, str(PEERS): "benchmarks/peers"}
        results = []
        for name in chosen:
            part = PARTS[name](setup)
            if part.prepare is not None:
                part.prepare()
            rows = [Row(contender) for contender in part.contenders]
            for row in run_rounds(rows, num_rounds):
                yield Measured(name, row.contender.name, row.measurements[-1], row.failure)
            results.append(part_result(part, rows, places))
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


def _check(parts: Sequence[str]) -> None:
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        raise StudyError(f"no part {unknown[0]!r}", where="PARTS", rule=", ".join(PARTS))
