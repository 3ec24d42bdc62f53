"""Dropout as a function of (run, step, place): the same run drops the same values in any pack.

A counter-based generator (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): each bit of
randomness is a hash of where it is used, so there is no generator state to save, to order or to
share, and the masks are the same on every device. One 32-bit hash serves two values, so
probabilities are multiples of 2**-15. Masks are bits to AND activations with. On a CPU both
are many times as fast as ``bernoulli_`` and ``masked_fill`` (LOG.md, "Speed").
"""

from __future__ import annotations

import torch
from torch import Tensor

# Multipliers of the "lowbias32" finalizer (Wellons 2018), as signed 32-bit integers.
_MULTIPLIER_1 = 0x7FEB352D
_MULTIPLIER_2 = 0x846CA68B - 2**32
_GOLDEN = 0x9E3779B9 - 2**32


def mix(values: Tensor) -> Tensor:
    """A bijective scrambling of int32 values: neighbours in, unrelated bits out."""
    # ``>>`` carries the sign along; the masks make it the unsigned shift of the published finalizer.
    values = (values ^ (values >> 16 & 0xFFFF)) * _MULTIPLIER_1
    values = (values ^ (values >> 15 & 0x1FFFF)) * _MULTIPLIER_2
    return values ^ (values >> 16 & 0xFFFF)


def stream_keys(seeds: Tensor, step: Tensor, places: Tensor) -> Tensor:
    """(G, K) int32 keys for each place in the model at one step.

    Args:
        seeds: (K,) int32 run seeds.
        step: int32 scalar tensor, on the device so that a captured graph can count it up.
        places: (G,) int32 numbers for the places.
    """
    return mix(mix(mix(seeds ^ _GOLDEN) + step) + places[:, None])


class Masks:
    """What K runs keep at the places of a model at one step.

    Args:
        seeds: (K,) int32 run seeds.
        probabilities: (K,) float in [0, 1) of dropping, rounded to multiples of 2**-15.
        places: (G,) int32 numbers for the places.
        step: int32 scalar tensor.
    """

    def __init__(self, seeds: Tensor, probabilities: Tensor, places: Tensor, step: Tensor) -> None:
        self._keys = stream_keys(seeds, step, places)
        self._limits = ((probabilities * 2**15).round() - 2**14 - 1).to(torch.int16)[:, None, None]
        self._rows = self._keys.new_empty(len(places), len(seeds), 0)

    def keep(self, place: int, num_rows: int, num_features: int) -> Tensor:
        """(K, num_rows, num_features) int16: all bits set where a value is kept, none where it is dropped.

        Args:
            place: index into ``places``.
            num_rows: rows of one run's activations.
            num_features: features of a row.
        """
        rows, device = self._hashed_rows(num_rows)[place], self._keys.device
        columns = mix(torch.arange(-(-num_features // 2), dtype=torch.int32, device=device))
        # Rows and columns are scrambled on their own, so one more round suffices for their product, which
        # is large. After it the upper bits of either half depend on all bits before; the limits read those.
        bits = (rows[:, :, None] ^ columns).mul_(_MULTIPLIER_1)
        bits ^= bits >> 16
        bits *= _MULTIPLIER_2
        # 15 bits each, so that the difference cannot wrap around; its sign then fills the value.
        halves = bits.view(torch.int16)[..., :num_features]
        halves >>= 1
        return torch.sub(self._limits, halves, out=halves).bitwise_right_shift_(15)

    def _hashed_rows(self, num_rows: int) -> Tensor:
        """(G, K, num_rows) int32, of all places at once: one at a time they cost more than the masks do."""
        if self._rows.shape[2] < num_rows:
            numbers = torch.arange(num_rows, dtype=torch.int32, device=self._keys.device)
            self._rows = mix(self._keys[:, :, None] + numbers * _GOLDEN)
        return self._rows[:, :, :num_rows]


def keep_only(values: Tensor, keep: Tensor) -> Tensor:
    """``values`` where ``keep`` has its bits set, else 0.

    Args:
        values: (K, N, I), of a dtype of 2, 4 or 8 bytes.
        keep: (K, N, I) int16, from ``Masks.keep``.
    """
    bits = {2: torch.int16, 4: torch.int32, 8: torch.int64}[values.element_size()]
    return (values.view(bits) & keep.to(bits)).view(values.dtype)
