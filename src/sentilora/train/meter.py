"""What a stretch of work costs: wall clock, peak memory, and energy where a GPU counts it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Literal

import psutil
import torch

from sentilora.train.allocator import give_freed_memory_back


@dataclass
class MeasuredCosts:
    """What a stretch of work cost."""

    seconds: float = 0.0
    """Wall clock."""
    peak_memory_bytes: int = 0
    """Most memory in use: allocated on the GPU, or resident of this process."""
    memory_kind: Literal["resident", "cuda"] = "resident"
    """Which of the two."""
    energy_joules: float | None = None
    """Of the GPU, where its driver counts it."""


class Meter:
    """Measures the work inside a ``with`` block, on this device, into ``costs``.

    Resident memory is sampled every 20 ms: a system's own high-water mark cannot be reset everywhere.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self.costs = MeasuredCosts(memory_kind="cuda" if device.type == "cuda" else "resident")
        self._stop = threading.Event()
        self._process = psutil.Process()

    def __enter__(self) -> MeasuredCosts:
        give_freed_memory_back()  # what was done before is no cost of this
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
            torch.cuda.reset_peak_memory_stats(self._device)
        else:
            self._sampler = threading.Thread(target=self._sample, daemon=True)
            self._sampler.start()
        self._energy = _energy_joules(self._device)
        self._start = time.perf_counter()
        return self.costs

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
            self.costs.peak_memory_bytes = torch.cuda.max_memory_allocated(self._device)
        else:
            self._stop.set()
            self._sampler.join()
            self._record()
        self.costs.seconds = time.perf_counter() - self._start
        after = _energy_joules(self._device)
        if after is not None and self._energy is not None:
            self.costs.energy_joules = after - self._energy

    def _sample(self) -> None:
        while not self._stop.wait(0.02):
            self._record()

    def _record(self) -> None:
        resident = self._process.memory_info().rss
        self.costs.peak_memory_bytes = max(self.costs.peak_memory_bytes, resident)


def _energy_joules(device: torch.device) -> float | None:
    """What the GPU has used since its driver was loaded, or None where that is not told."""
    if device.type != "cuda":
        return None
    try:
        import pynvml
    except ImportError:
        return None
    try:
        pynvml.nvmlInit()
        uuid = f"GPU-{torch.cuda.get_device_properties(device).uuid}"
        handle = pynvml.nvmlDeviceGetHandleByUUID(uuid)
        return float(pynvml.nvmlDeviceGetTotalEnergyConsumption(handle)) / 1000
    except pynvml.NVMLError:
        return None
