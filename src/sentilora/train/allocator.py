"""What glibc does with freed memory, where glibc is the allocator; elsewhere these functions do nothing.

A training step frees all that the next one needs again. By default glibc gives large blocks and the end of
its heap back to the system each time, which must then zero them anew (LOG.md, "Memory"). If nothing goes
back, the heap keeps the most that any step needed, and batches of many shapes fragment it: what is free goes
back at each evaluation and before each pack, where it is much.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any


def keep_freed_memory() -> None:
    """Keep what is freed for what comes next."""
    libc = _libc()
    if hasattr(libc, "mallopt"):
        libc.mallopt(_M_MMAP_THRESHOLD, 32 * 2**20)  # the most that it accepts
        libc.mallopt(_M_TRIM_THRESHOLD, 2**30)


def give_freed_memory_back() -> None:
    """Give the system what is free now, unless it is too little for what having it zeroed anew costs."""
    libc = _libc()
    if hasattr(libc, "mallinfo2") and hasattr(libc, "malloc_trim"):
        libc.mallinfo2.restype = _MallocInfo
        if libc.mallinfo2().fordblks > _WORTH_GIVING_BACK:
            libc.malloc_trim(0)


_WORTH_GIVING_BACK = 256 * 2**20
"""Less than this is not worth the time of having it zeroed anew."""

_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
"""glibc's malloc.h."""


def _libc() -> Any:
    return ctypes.CDLL(None) if sys.platform == "linux" else None


class _MallocInfo(ctypes.Structure):
    """glibc's ``struct mallinfo2``; ``fordblks`` is bytes that are free."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            "arena",
            "ordblks",
            "smblks",
            "hblks",
            "hblkhd",
            "usmblks",
            "fsmblks",
            "uordblks",
            "fordblks",
            "keepcost",
        )
    ]
