"""Splits: what people call them, how texts without any are divided, and a fixed part of one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from sentilora.data.dataset import Examples, SplitName
from sentilora.data.near_duplicates import near_duplicate_groups, text_key
from sentilora.files import sha256_of

SPLIT_ALIASES: Mapping[str, SplitName] = {
    "train": "train",
    "dev": "dev",
    "validation": "dev",
    "valid": "dev",
    "val": "dev",
    "test": "test",
}
"""What files, columns and hub data sets call the splits."""


def assign_splits(texts: Sequence[str]) -> list[SplitName]:
    """A split for each text, by a hash of its near-duplicate group, so that no near-duplicates are parted.

    Args:
        texts: N texts.

    Returns:
        N split names, 80 % train, 10 % dev and 10 % test in expectation; the same whatever the texts' order.
    """
    groups = near_duplicate_groups(texts).tolist()
    group_key: dict[int, str] = {}
    for group, text in zip(groups, texts, strict=True):
        key = text_key(text)
        group_key[group] = min(group_key.get(group, key), key)
    split_of_group = {group: _split_of(key) for group, key in group_key.items()}
    return [split_of_group[group] for group in groups]


def take_fraction(examples: Examples, fraction: float) -> Examples:
    """A fixed part of the examples: of each label those whose hashed ids come first.

    It depends on ids and labels alone, so every run of a study, on any machine, gets the same; a smaller
    fraction is a part of a larger one.

    Args:
        examples: N examples.
        fraction: share of each label's examples to keep, above 0 and at most 1; at least one of each is kept.

    Returns:
        The kept examples in their order; the same object for 1.
    """
    assert 0 < fraction <= 1
    if fraction == 1:
        return examples
    rank = np.array([sha256_of(id) for id in examples.ids], dtype="S64")
    kept = []
    for label in np.unique(examples.labels):
        positions = np.flatnonzero(examples.labels == label)
        num_kept = math.ceil(round(fraction * len(positions), 6))
        kept.append(positions[np.argsort(rank[positions], kind="stable")][:num_kept])
    return examples.take(np.sort(np.concatenate(kept)))


def _split_of(key: str) -> SplitName:
    tenth = int(sha256_of(key), 16) % 10
    return "test" if tenth == 0 else "dev" if tenth == 1 else "train"
