"""The fastest matrix product of a machine."""

from __future__ import annotations

import pytest
import torch
from benchmarks.harness import ceiling


def test_bf16_and_fp32_products_have_a_ceiling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ceiling, "SECONDS", 0.01)
    monkeypatch.setitem(ceiling.SHAPES, "cpu", ((64, 64, 64), (128, 32, 96)))
    found = ceiling.measure_ceiling(torch.device("cpu"))
    assert set(found) == {"fp32", "bf16"}
    assert min(found.values()) > 1e6
