"""What glibc keeps and gives back, seen in a process of its own: its settings last as long as it does."""

import platform
import subprocess
import sys

import pytest

CLIENT = """
import psutil, torch
from sentilora.train.allocator import give_freed_memory_back, keep_freed_memory

def resident():
    return psutil.Process().memory_info().rss / 1e6

keep_freed_memory()
before = resident()
kept = [torch.ones(2 * 2**20) for _ in range(32)]  # 8 MB each
held = resident()
kept.clear()
freed = resident()
give_freed_memory_back()
print(held - before, freed - before, resident() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another allocator than glibc's")
def test_freed_memory_is_kept_until_it_is_given_back():
    done = subprocess.run([sys.executable, "-c", CLIENT], capture_output=True, text=True, check=True)
    held, freed, returned = map(float, done.stdout.split())
    assert held > 250
    assert freed > 0.9 * held
    assert returned < 0.2 * held
