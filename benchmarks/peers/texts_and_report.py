"""The two ends of every peer: the texts that it reads, and the JSON line that it prints."""

from __future__ import annotations

import json
import resource
from pathlib import Path

import psutil
import torch


def read_split(path: Path) -> tuple[list[str], list[int]]:
    """Texts and labels of a table with the columns ``sentence`` and ``label``."""
    rows = [line.rsplit("\t", 1) for line in path.read_text(encoding="utf-8").split("\n")[1:] if line]
    return [text for text, _ in rows], [int(label) for _, label in rows]


def report(
    began: float,
    opened: float,
    closed: float,
    examples: int,
    accuracies: list[float],
    device: str,
    **more: object,
) -> None:
    """Print the JSON line: all times are of ``time.time``; ``more`` are further fields."""
    start = psutil.Process().create_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(
        json.dumps(
            {
                "examples": examples,
                "seconds": closed - opened,
                "examples_per_second": examples / (closed - opened),
                "startup_seconds": began - start,
                "total_seconds": closed - start,
                "peak_memory_bytes": torch.cuda.max_memory_allocated() if device == "cuda" else peak,
                "dev_accuracies": accuracies,
                **more,
            }
        )
    )
