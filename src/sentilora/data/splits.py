"""A fixed split for texts that come without one: by hash, and so that no near-duplicates are parted."""

from __future__ import annotations

from collections.abc import Sequence

from sentilora.data.dataset import SplitName
from sentilora.data.near_duplicates import near_duplicate_groups, text_key
from sentilora.files import sha256_of


def assign_splits(texts: Sequence[str]) -> list[SplitName]:
    """A split for each text, decided by the smallest key of its near-duplicate group.

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


def _split_of(key: str) -> SplitName:
    tenth = int(sha256_of(key), 16) % 10
    return "test" if tenth == 0 else "dev" if tenth == 1 else "train"
