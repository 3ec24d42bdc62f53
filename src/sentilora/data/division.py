"""A division of texts into train, dev and test that evidence can stand on.

Texts that are near-duplicates of each other, or share a group (a product, an author), stay together. Every
class has its share of every part, as far as it has texts enough. Dev and test hold each text once, so that no
text counts twice in what is measured: further copies are left out there, and kept in train. Which text goes
where is decided by a hash of what it says: the same in any order of rows and on any machine.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sentilora.data.dataset import SplitName
from sentilora.data.near_duplicates import near_duplicate_groups, text_key
from sentilora.files import sha256_of

_LEAST_UNITS = 3
"""Units of a class from which each of three parts gets one."""


@dataclass(frozen=True)
class Division:
    """Which rows go where."""

    splits: list[SplitName | None]
    """Of each row; None for further copies of a text of dev or test."""
    num_texts: dict[SplitName, int]
    """Distinct texts of each part."""
    largest_unit: int
    """Distinct texts of the largest set that had to stay together."""


@dataclass
class _Unit:
    """Texts that stay together."""

    rows: list[int] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    labels: Counter[str] = field(default_factory=Counter)

    def label(self) -> str:
        """The label that most of its rows have."""
        return min(self.labels, key=lambda label: (-self.labels[label], label))


def divide(
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    shares: dict[SplitName, float],
    groups: Sequence[object] | None = None,
    seed: int = 0,
) -> Division:
    """Take dev, test or both out of these texts; the others are train.

    Args:
        texts: N texts.
        labels: of each.
        shares: for each part to take, its share of the distinct texts of each class.
        groups: of each text; rows of one group stay together, None is no group.
        seed: another number gives another division.
    """
    keys = [text_key(text) for text in texts]
    units: defaultdict[int, _Unit] = defaultdict(_Unit)
    for row, unit in enumerate(_connected(near_duplicate_groups(texts), groups).tolist()):
        units[unit].rows.append(row)
        units[unit].keys.add(keys[row])
        units[unit].labels[labels[row]] += 1
    by_label: defaultdict[str, list[_Unit]] = defaultdict(list)
    for unit in sorted(units.values(), key=lambda unit: sha256_of(f"{seed} ", min(unit.keys))):
        by_label[unit.label()].append(unit)
    splits: list[SplitName | None] = ["train"] * len(texts)
    num_texts: Counter[SplitName] = Counter()
    for label in sorted(by_label):
        for part, taken in _take(by_label[label], shares).items():
            for unit in taken:
                num_texts[part] += len(unit.keys)
                for row in unit.rows:
                    splits[row] = None
                for row in _one_of_each(unit, keys, texts, labels):
                    splits[row] = part
    num_texts["train"] = sum(len(unit.keys) for unit in units.values()) - sum(num_texts.values())
    return Division(splits, dict(num_texts), max(len(unit.keys) for unit in units.values()))


def _take(units: Sequence[_Unit], shares: dict[SplitName, float]) -> dict[SplitName, list[_Unit]]:
    """The units of one class that each part gets: in their order, while they fit its share."""
    if len(units) < _LEAST_UNITS:
        return {}
    num = sum(len(unit.keys) for unit in units)
    left = list(units)
    taken: dict[SplitName, list[_Unit]] = {}
    for served, (part, share) in enumerate(shares.items(), start=1):
        room = max(1, round(share * num))
        to_leave = len(shares) - served + 1  # one for train and for each part that comes after
        its: list[_Unit] = []
        taken[part] = its
        for unit in list(left):
            if len(unit.keys) <= room and len(left) > to_leave:
                its.append(unit)
                left.remove(unit)
                room -= len(unit.keys)
        if not its:  # none is small enough
            smallest = min(left, key=lambda unit: len(unit.keys))
            its.append(smallest)
            left.remove(smallest)
    return taken


def _one_of_each(unit: _Unit, keys: Sequence[str], texts: Sequence[str], labels: Sequence[str]) -> list[int]:
    """One row for each distinct text of a unit: of its commonest label, the first by the alphabet."""
    rows_of: defaultdict[str, list[int]] = defaultdict(list)
    for row in unit.rows:
        rows_of[keys[row]].append(row)
    chosen = []
    for rows in rows_of.values():
        counts = Counter(labels[row] for row in rows)
        chosen.append(min(rows, key=lambda row: (-counts[labels[row]], labels[row], texts[row], row)))
    return chosen


def _connected(
    near_duplicates: NDArray[np.int64], groups: Sequence[object] | None
) -> NDArray[np.int64] | NDArray[np.int32]:
    """(N,) sets of rows that near-duplication or a common group connects."""
    if groups is None:
        return near_duplicates
    index: dict[object, int] = {}
    num = int(near_duplicates.max()) + 1
    pairs = [
        (i, num + index.setdefault(group, len(index)))
        for i, group in zip(near_duplicates.tolist(), groups, strict=True)
        if group is not None
    ]
    rows, columns = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    size = num + len(index)
    graph = coo_array((np.ones(len(rows), dtype=bool), (rows, columns)), shape=(size, size))
    connected: NDArray[np.int32] = connected_components(graph, directed=False)[1]
    return connected[near_duplicates]
