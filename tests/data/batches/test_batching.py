"""Every example exactly once an epoch, and shapes that do not depend on the run."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sentilora.data.batches.batching import BatchPlan, bucket_edges, evaluation_batches

lengths = st.lists(st.integers(1, 60), min_size=1, max_size=300).map(lambda xs: np.array(xs, dtype=np.int64))
seeds = st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=5)


@given(lengths, st.integers(1, 70), seeds, st.integers(0, 20))
def test_every_example_exactly_once_an_epoch_for_every_run(
    lengths: NDArray[np.int64], batch_size: int, seeds: list[int], epoch: int
) -> None:
    plan = BatchPlan(lengths, batch_size)
    batches = plan.epoch(epoch, seeds)
    assert len(batches) == plan.num_batches
    for k in range(len(seeds)):
        seen = np.concatenate([batch.positions[k] for batch in batches])
        assert sorted(seen) == list(range(len(lengths)))
    for batch in batches:
        assert lengths[batch.positions].max() <= batch.length


@given(lengths, st.integers(1, 70), seeds, st.integers(0, 3))
def test_a_run_has_the_same_batches_alone_and_in_a_pack(
    lengths: NDArray[np.int64], batch_size: int, seeds: list[int], epoch: int
) -> None:
    plan = BatchPlan(lengths, batch_size)
    together = plan.epoch(epoch, seeds)
    for k, seed in enumerate(seeds):
        for alone, packed in zip(plan.epoch(epoch, [seed]), together, strict=True):
            assert alone.length == packed.length
            assert np.array_equal(alone.positions[0], packed.positions[k])


def test_seeds_and_epochs_shuffle() -> None:
    plan = BatchPlan(np.random.default_rng(0).integers(3, 30, size=500), 32)
    first, other_seed, other_epoch = (
        np.concatenate([b.positions[0] for b in plan.epoch(epoch, [seed])])
        for epoch, seed in ((0, 1), (0, 2), (1, 1))
    )
    assert not np.array_equal(first, other_seed)
    assert not np.array_equal(first, other_epoch)


@given(lengths, st.integers(1, 2000))
def test_evaluation_covers_every_example_once(lengths: NDArray[np.int64], tokens_per_batch: int) -> None:
    batches = evaluation_batches(lengths, tokens_per_batch)
    assert sorted(np.concatenate([b.positions[0] for b in batches])) == list(range(len(lengths)))
    assert all(lengths[b.positions].max() <= b.length for b in batches)
    assert all(b.positions.size == 1 or b.positions.size * b.length <= tokens_per_batch for b in batches)


@given(st.lists(st.integers(1, 12), min_size=1, max_size=40), st.integers(1, 4))
def test_bucket_edges_pad_the_least_of_all_choices(drawn: list[int], max_shapes: int) -> None:
    lengths = np.array(drawn, dtype=np.int64)

    def padded(edges: Sequence[int] | NDArray[np.int64]) -> int:
        return int(np.asarray(edges)[np.searchsorted(edges, lengths)].sum())

    distinct = np.unique(lengths)
    every_choice = itertools.chain.from_iterable(
        itertools.combinations(distinct, n) for n in range(1, max_shapes + 1)
    )
    best = min(padded(choice) for choice in every_choice if choice[-1] == distinct[-1])
    edges = bucket_edges(lengths, max_shapes)
    assert len(edges) <= max_shapes
    assert padded(edges) == best
