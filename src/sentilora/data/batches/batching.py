"""Which examples meet in which batch: every example exactly once an epoch, with next to no padding.

Texts are grouped into length buckets and batches are cut from the texts in bucket order, so that a
batch's texts have about one length. The sequence of batch shapes belongs to the data and the epoch, and is
the same for every run; a run's seed decides which examples fill each batch. K runs with K different
data orders can therefore share one forward pass without padding each other, and no run's batches depend on
which runs it is packed with.

The bucket edges minimise padding by dynamic programming over the length histogram. More shapes than
``MAX_SHAPES`` would pad less and are no faster (LOG.md, "More batch shapes"): a CPU compiles each shape's
products, a GPU captures a graph for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

MAX_SHAPES = 16
"""Padded lengths of an epoch's batches at most."""


@dataclass(frozen=True)
class Batch:
    """One step's examples for K runs."""

    positions: NDArray[np.int64]
    """(K, rows) int64 positions in the split; a run's row holds its own examples."""
    length: int
    """Tokens to pad to, at least the longest example's."""


@dataclass(frozen=True)
class BatchPlan:
    """Cuts a split into batches, epoch after epoch."""

    lengths: NDArray[np.int64]
    """(N,) tokens of each example."""
    batch_size: int
    """Examples of one run in a batch; an epoch's last batch in length order may hold fewer."""

    def __post_init__(self) -> None:
        assert len(self.lengths) > 0

    @cached_property
    def edges(self) -> NDArray[np.int64]:
        """The bucket lengths, ascending; the last is the longest example's."""
        return bucket_edges(self.lengths, MAX_SHAPES)

    @cached_property
    def buckets(self) -> NDArray[np.int64]:
        """(N,) index of each example's bucket."""
        return np.searchsorted(self.edges, self.lengths)

    @property
    def num_batches(self) -> int:
        """Steps in one epoch, for any seed."""
        return -(-len(self.lengths) // self.batch_size)

    def epoch(self, epoch: int, seeds: Sequence[int]) -> list[Batch]:
        """One epoch's batches for runs with these seeds.

        Args:
            epoch: 0 for the first; each has its own order.
            seeds: K run seeds; row k of every batch depends on ``seeds[k]``, the epoch and the data alone.
        """
        orders = np.stack([self._order(epoch, seed) for seed in seeds])
        sorted_buckets = np.sort(self.buckets)
        batches = []
        for start in range(0, len(self.lengths), self.batch_size):
            stop = min(start + self.batch_size, len(self.lengths))
            batches.append(Batch(orders[:, start:stop], int(self.edges[sorted_buckets[stop - 1]])))
        shuffled = np.random.default_rng([len(self.lengths), epoch]).permutation(len(batches))
        return [batches[i] for i in shuffled]

    def _order(self, epoch: int, seed: int) -> NDArray[np.int64]:
        """All positions in bucket order, shuffled within each bucket by the run's seed."""
        shuffled = np.random.default_rng([seed, epoch]).permutation(len(self.lengths))
        return shuffled[np.argsort(self.buckets[shuffled], kind="stable")]


def evaluation_batches(lengths: NDArray[np.int64], tokens_per_batch: int) -> list[Batch]:
    """Every example once, longest first, in batches of about ``tokens_per_batch`` tokens and K = 1.

    Longest first, so that a batch that does not fit in memory fails at once. Lengths are rounded up to a
    multiple of 4, so that there are few shapes.
    """
    order = np.argsort(-lengths, kind="stable")
    batches, start = [], 0
    while start < len(order):
        length = int(-(-lengths[order[start]] // 4) * 4)
        stop = start + max(1, tokens_per_batch // length)
        batches.append(Batch(order[None, start:stop], length))
        start = stop
    return batches


def bucket_edges(lengths: NDArray[np.int64], max_shapes: int) -> NDArray[np.int64]:
    """At most ``max_shapes`` padded lengths, ascending, that pad all texts the least in total.

    Exact, by dynamic programming over the distinct lengths: ``O(shapes * distinct^2)``.
    """
    distinct, counts = np.unique(lengths, return_counts=True)
    num = len(distinct)
    texts = np.concatenate([[0], np.cumsum(counts)])
    # cost[j]: fewest padded tokens of the first j distinct lengths with the shapes used so far.
    cost = np.concatenate([[0.0], np.full(num, np.inf)])
    cuts: list[NDArray[np.int64]] = []
    for _ in range(min(max_shapes, num)):
        # candidate[i, j]: lengths i..j-1 share the shape distinct[j - 1].
        candidate = cost[:, None] + (texts[None, 1:] - texts[:, None]) * distinct[None, :]
        candidate[np.arange(num + 1)[:, None] > np.arange(num)[None, :]] = np.inf
        cuts.append(candidate.argmin(axis=0))
        cost = np.concatenate([[np.inf], candidate.min(axis=0)])
    edges, stop = [], num
    for cut in reversed(cuts):
        edges.append(int(distinct[stop - 1]))
        stop = int(cut[stop - 1])
        if stop == 0:
            break
    return np.array(edges[::-1], dtype=np.int64)
