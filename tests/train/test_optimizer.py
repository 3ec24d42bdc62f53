"""The stacked AdamW against torch's own, one run at a time."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sentilora.train.optimizer import StackedAdamW, linear_schedule


@pytest.mark.parametrize("clip", [0.05, 1e9])
def test_each_run_is_updated_as_torch_would(clip: float) -> None:
    generator = torch.Generator().manual_seed(0)
    num_runs, rates = 3, torch.tensor([1e-3, 5e-2, 1e-1])
    start = [torch.randn(num_runs, 4, 5, generator=generator), torch.randn(num_runs, 7, generator=generator)]
    stacked = [tensor.clone() for tensor in start]
    optimizer = StackedAdamW(
        stacked, [torch.ones(4, 5), torch.zeros(7)], num_runs=num_runs, weight_decay=0.1, gradient_clip=clip
    )
    alone = [[tensor[k].clone().requires_grad_() for tensor in start] for k in range(num_runs)]
    theirs = [
        torch.optim.AdamW(
            [{"params": [a], "weight_decay": 0.1}, {"params": [b], "weight_decay": 0.0}], lr=float(rates[k])
        )
        for k, (a, b) in enumerate(alone)
    ]
    for _ in range(20):
        gradients = [torch.randn(tensor.shape, generator=generator) for tensor in start]
        norms = optimizer.step(gradients, rates)
        for k in range(num_runs):
            for parameter, gradient in zip(alone[k], gradients, strict=True):
                parameter.grad = gradient[k].clone()
            norm = torch.nn.utils.clip_grad_norm_(alone[k], clip)
            assert float(norms[k]) == pytest.approx(float(norm), rel=1e-5)
            theirs[k].step()
    for k in range(num_runs):
        for mine, their in zip(stacked, alone[k], strict=True):
            torch.testing.assert_close(mine[k], their.detach(), atol=2e-6, rtol=1e-5)


def test_one_unstacked_run_of_any_shapes() -> None:
    parameters = [torch.ones(3, 2), torch.ones(5), torch.ones(())]
    optimizer = StackedAdamW(
        parameters, [torch.tensor(1.0)] * 3, num_runs=1, weight_decay=0.5, gradient_clip=1e9
    )
    optimizer.step([torch.zeros_like(p) for p in parameters], torch.tensor([0.1]))
    for parameter in parameters:
        torch.testing.assert_close(parameter, torch.full_like(parameter, 0.95))


@given(st.integers(1, 500), st.floats(0, 0.99))
def test_the_schedule_rises_then_falls_and_wastes_no_step(num_steps: int, warmup: float) -> None:
    factors = linear_schedule(num_steps, warmup)
    assert len(factors) == num_steps
    assert float(factors.min()) > 0
    assert float(factors.max()) <= 1
    peak = int(factors.argmax())
    assert bool((factors[: peak + 1].diff() >= 0).all())
    assert bool((factors[peak:].diff() <= 0).all())
    if num_steps > 50 and warmup < 0.9:
        assert float(factors.max()) == pytest.approx(1, abs=1 / (num_steps * (1 - warmup)))
