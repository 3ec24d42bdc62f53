"""A run's random numbers, from its seed and what they are for: the same in whatever pack it is trained."""

from __future__ import annotations

import zlib

import torch


def place_of(name: str) -> int:
    """A number for a place in the model, from its name: the same in every pack, 0 <= place < 2**31."""
    return zlib.crc32(name.encode()) & 0x7FFFFFFF


def run_generator(seed: int, name: str) -> torch.Generator:
    """A generator for one run and one purpose, which no other run or purpose shares."""
    return torch.Generator().manual_seed((seed << 31) | place_of(name))
