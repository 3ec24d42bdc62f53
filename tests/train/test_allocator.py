"""What glibc keeps and gives back, seen in a process of its own: its settings last as long as it does."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

CLIENT = """
import sys, psutil, torch
from sentilora.train.allocator import give_freed_memory_back, keep_freed_memory

def resident():
    return psutil.Process().memory_info().rss / 1e6

keep_freed_memory()
before = resident()
kept = [torch.ones(2 * 2**20) for _ in range(int(sys.argv[1]))]  # 8 MB each
held = resident()
kept.clear()
freed = resident()
give_freed_memory_back()
print(held - before, freed - before, resident() - before)
"""


def held_freed_and_returned(num_blocks: int) -> tuple[float, ...]:
    done = subprocess.run(
        [sys.executable, "-c", CLIENT, str(num_blocks)], capture_output=True, text=True, check=True
    )
    return tuple(map(float, done.stdout.split()))


glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another allocator than glibc's")


@glibc
def test_freed_memory_is_kept_until_it_is_given_back() -> None:
    held, freed, returned = held_freed_and_returned(64)
    assert held > 500
    assert freed > 0.9 * held
    assert returned < 0.2 * held


@glibc
def test_little_is_not_worth_giving_back() -> None:
    held, _, returned = held_freed_and_returned(16)
    assert held > 125
    assert returned > 0.9 * held
