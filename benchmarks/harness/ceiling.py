"""The fastest matrix product that this machine does, which no training can go beyond."""

from __future__ import annotations

import time

import torch

SECONDS = 0.3
"""How long each shape is tried: one try can meet a busy neighbour."""

SHAPES = {
    "cpu": ((1024, 1024, 1024), (2048, 2048, 2048), (1024, 384, 1536), (4096, 384, 1536), (4096, 768, 3072)),
    "cuda": ((8192, 8192, 8192), (16384, 768, 3072), (65536, 768, 3072)),
}
"""Rows, inputs and outputs: squares, and feed-forward layers of small encoders, which a CPU does faster."""


def measure_ceiling(device: torch.device) -> dict[str, float]:
    """FLOP/s of the fastest product of some shapes in fp32 and bf16.

    fp32 is measured as torch multiplies by default, without TF32.
    """
    return {
        name: max(_flop_per_second(shape, device, dtype) for shape in SHAPES[device.type])
        for name, dtype in (("fp32", torch.float32), ("bf16", torch.bfloat16))
    }


def _flop_per_second(shape: tuple[int, int, int], device: torch.device, dtype: torch.dtype) -> float:
    rows, inputs, outputs = shape
    left = torch.randn(rows, inputs, device=device).to(dtype)
    right = torch.randn(inputs, outputs, device=device).to(dtype)
    fastest = float("inf")
    begun = _now(device)
    while (start := _now(device)) < begun + SECONDS:
        torch.mm(left, right)
        fastest = min(fastest, _now(device) - start)
    return 2 * rows * inputs * outputs / fastest


def _now(device: torch.device) -> float:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()
