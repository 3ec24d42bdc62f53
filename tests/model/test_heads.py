"""What heads read."""

from __future__ import annotations

import pytest
import torch

from sentilora.model.heads import pool, pooled_size


@pytest.mark.parametrize("padded", [False, True])
def test_both_is_the_first_token_beside_the_mean(padded: bool) -> None:
    hidden = torch.randn(2, 3, 5, 4, generator=torch.Generator().manual_seed(0))
    mask = torch.tensor([1, 1, 1, 0, 0], dtype=torch.bool).expand(2, 3, 5) if padded else None
    both = pool(hidden, mask, "both")
    assert both.shape == (2, 3, pooled_size(4, "both"))
    torch.testing.assert_close(both[..., :4], pool(hidden, mask, "cls"))
    torch.testing.assert_close(both[..., 4:], pool(hidden, mask, "mean"))


def test_padding_is_no_part_of_the_mean() -> None:
    hidden = torch.tensor([[1.0], [3.0], [100.0]])
    assert pool(hidden, torch.tensor([True, True, False]), "mean").tolist() == [2.0]
