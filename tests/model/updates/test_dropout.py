"""The dropout masks: their rate, their independence, and that a pack does not change them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sentilora.model.updates.dropout import Masks, keep_only, mix


def mask(
    seeds: list[int], step: int, place: int, probabilities: list[float], rows: int = 300, features: int = 384
) -> torch.Tensor:
    """Which values are dropped, at the second of two places."""
    numbers = [torch.tensor(n, dtype=torch.int32) for n in (seeds, [99, place], step)]
    masks = Masks(numbers[0], torch.tensor(probabilities), numbers[1], numbers[2])
    keep = masks.keep(1, rows, features)
    assert set(keep.unique().tolist()) <= {0, -1}
    return keep == 0


def test_mix_is_a_bijection() -> None:
    values = mix(torch.arange(-(2**19), 2**19, dtype=torch.int32))
    assert len(torch.unique(values)) == 2**20


@pytest.mark.parametrize("probability", [0.0, 0.05, 0.1, 0.5, 0.9])
def test_drops_at_the_stated_rate(probability: float) -> None:
    dropped = mask(list(range(8)), 3, 1, [probability] * 8).double()
    spread = 5 * np.sqrt(probability * (1 - probability) / dropped.numel()) + 2**-15
    assert abs(float(dropped.mean()) - probability) <= spread
    # Rates of single rows and columns are binomial too: a pattern would show as a wide tail.
    for axis, count in ((1, 300), (2, 384)):
        rates = dropped.mean(dim=axis)
        sigma = np.sqrt(probability * (1 - probability) / count)
        assert float(rates.std()) == pytest.approx(sigma, rel=0.1, abs=1e-9)


def test_masks_of_seeds_steps_places_and_neighbours_are_uncorrelated() -> None:
    base = mask([0], 0, 0, [0.5])[0].double() - 0.5
    others = [
        mask([1], 0, 0, [0.5])[0],
        mask([0], 1, 0, [0.5])[0],
        mask([0], 0, 1, [0.5])[0],
        mask([0], 0, 0, [0.5])[0].roll(1, 0),
        mask([0], 0, 0, [0.5])[0].roll(1, 1),
        mask([0], 0, 0, [0.5])[0].roll(2, 1),
    ]
    for other in others:
        correlation = float((base * (other.double() - 0.5)).mean() * 4)
        assert abs(correlation) < 5 / np.sqrt(base.numel())


@given(
    seeds=st.lists(st.integers(0, 2**31 - 1), min_size=2, max_size=4),
    step=st.integers(0, 2**31 - 1),
    rows=st.integers(1, 9),
    features=st.integers(1, 9),
)
def test_a_run_has_the_same_mask_alone_and_in_a_pack(
    seeds: list[int], step: int, rows: int, features: int
) -> None:
    rates = [0.1 * k for k in range(len(seeds))]
    together = mask(seeds, step, 7, rates, rows, features)
    for k, seed in enumerate(seeds):
        assert torch.equal(mask([seed], step, 7, [rates[k]], rows, features)[0], together[k])


def test_fewer_rows_of_one_place_are_the_first_of_many() -> None:
    numbers = [torch.tensor(n, dtype=torch.int32) for n in ([5], [1, 2], 3)]
    masks = Masks(numbers[0], torch.tensor([0.3]), numbers[1], numbers[2])
    few = masks.keep(0, 4, 6)
    assert torch.equal(masks.keep(0, 9, 6)[:, :4], few)
    assert torch.equal(masks.keep(0, 4, 6), few)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
def test_dropped_values_are_zero_and_the_others_untouched(dtype: torch.dtype) -> None:
    values = torch.randn(2, 5, 7).to(dtype)
    dropped = mask([0, 1], 0, 0, [0.5, 0.9], 5, 7)
    assert torch.equal(keep_only(values, -(~dropped).to(torch.int16)), values.masked_fill(dropped, 0))
