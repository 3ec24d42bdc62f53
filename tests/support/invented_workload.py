"""Texts for the benchmark's tests."""

from __future__ import annotations

from benchmarks.harness.workload import Workload

WORKLOAD = Workload(
    "invented",
    [(f"a {word} movie number {i}", i % 2) for i, word in enumerate(["dull", "fine"] * 40)],
    [(f"a {word} movie number {i}", i % 2) for i, word in enumerate(["dull", "fine"] * 2)],
)
