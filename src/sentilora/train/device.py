"""Where training runs, and at which precision."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import torch

from sentilora.errors import DeviceError

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
