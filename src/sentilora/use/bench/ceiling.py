"""The fastest matrix product that this machine does, which no training can go beyond."""

from __future__ import annotations

import time

import torch

REPEATS = 20


def measure_ceiling(device: torch.device) -> dict[str, float]:
    """FLOP/s of a large square product in fp32 and bf16: the best of some repeats.

    fp32 is measured as torch multiplies by default, without TF32.
    """
    size = 8192 if device.type == "cuda" else 1024
    return {
        name: 2 * size**3 / _fastest_seconds(size, device, dtype)
        for name, dtype in (("fp32", torch.float32), ("bf16", torch.bfloat16))
    }


def _fastest_seconds(size: int, device: torch.device, dtype: torch.dtype) -> float:
    left, right = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
    seconds = []
    for _ in range(REPEATS):
        start = _now(device)
        torch.mm(left, right)
        seconds.append(_now(device) - start)
    return min(seconds)


def _now(device: torch.device) -> float:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()
