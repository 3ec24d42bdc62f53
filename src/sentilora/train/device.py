"""Where training runs and at which precision, and what it costs there."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal

import psutil
import torch

from sentilora.errors import DeviceError
from sentilora.train.allocator import give_freed_memory_back

Precision = Literal["fp32", "bf16"]
DTYPES: dict[Precision, torch.dtype] = {"fp32": torch.float32, "bf16": torch.bfloat16}


def choose_device(name: str = "auto") -> torch.device:
    """The device of this name; ``auto`` takes CUDA, then Apple's MPS, then the CPU.

    Raises:
        DeviceError: the name is no device, or the device is not there.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    rule = "auto, cpu, cuda, cuda:N or mps"
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise DeviceError(f"no device is called {name!r}", rule=rule) from error
    present = {
        "cpu": device.index in (None, 0),
        "cuda": torch.cuda.is_available() and (device.index or 0) < torch.cuda.device_count(),
        "mps": torch.backends.mps.is_available(),
    }
    if not present.get(device.type, False):
        raise DeviceError(
            f"device {name!r} is not there", rule=rule, remedy="sentilora doctor lists what this machine has"
        )
    return device


def resolve_precision(precision: Literal["auto", "fp32", "bf16"], device: torch.device) -> Precision:
    """``auto`` resolved: bf16 where the device multiplies it in hardware, fp32 elsewhere.

    A GPU without bf16 (Turing, as in a free T4) trains in fp32, and so does MPS.
    """
    if precision != "auto":
        return precision
    return "bf16" if _multiplies_bf16(device) else "fp32"


def _multiplies_bf16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    # torch.cpu.get_capabilities() tells this too, but only from torch 2.12 on.
    return device.type == "cpu" and (
        torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    )


def device_name(device: torch.device) -> str:
    """The product name of a GPU, or the processor's."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    try:
        with Path("/proc/cpuinfo").open() as file:
            names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else "unknown processor"


@dataclass
class Costs:
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
        self.costs = Costs(memory_kind="cuda" if device.type == "cuda" else "resident")
        self._stop = threading.Event()
        self._process = psutil.Process()

    def __enter__(self) -> Costs:
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
