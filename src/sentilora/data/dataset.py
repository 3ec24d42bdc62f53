"""The one shape that every data source yields: typed examples in named splits.

Columns rather than a list of objects: everything downstream (tokens, batches, predictions) indexes them by
position.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from sentilora.files import sha256_of
from sentilora.records.about import About

SplitName = Literal["train", "dev", "test"]

SPLITS: tuple[SplitName, ...] = get_args(SplitName)


@dataclass(frozen=True)
class Examples:
    """The examples of one split, as columns of one length N."""

    ids: tuple[str, ...]
    """N strings, each once, the same at every loading."""
    texts: tuple[str, ...]
    """N texts as given, but for surrounding white space."""
    labels: NDArray[np.int64]
    """(N,) int64 class indices."""
    strengths: NDArray[np.float64]
    """(N,) float64, how strongly the sentiment is felt: 0 (barely) to 1 (most); NaN where unknown."""

    def __post_init__(self) -> None:
        assert len(self.ids) == len(self.texts) == len(self.labels) == len(self.strengths)

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, positions: NDArray[np.int64]) -> Examples:
        """The examples at these positions, in this order."""
        return Examples(
            ids=tuple(self.ids[i] for i in positions),
            texts=tuple(self.texts[i] for i in positions),
            labels=self.labels[positions],
            strengths=self.strengths[positions],
        )


@dataclass(frozen=True)
class Dataset:
    """A data set as every source yields it."""

    name: str
    """The source as the study names it, for example ``sst2``."""
    label_names: tuple[str, ...]
    """One name per class, in the order of the class indices."""
    splits: Mapping[SplitName, Examples]
    """``train``, ``dev``, ``test``; a transfer set may hold ``test`` alone."""
    about: About
    """Title, citations, licence and place."""
    notes: tuple[str, ...] = ()
    """What a reader must know of how it came to be (rules, joins), one per line."""

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over label names and every split's ids, texts and labels, in order."""
        parts = [repr(self.label_names)]
        for split in sorted(self.splits):
            examples = self.splits[split]
            rows = zip(examples.ids, examples.texts, examples.labels.tolist(), strict=True)
            parts.append(repr((split, len(examples))))
            parts += map(repr, rows)
        return sha256_of(*parts)

    def with_labels(self, label_names: tuple[str, ...]) -> Dataset:
        """The same examples with these classes, which are all of its own and may be more, in this order."""
        index = np.array([label_names.index(name) for name in self.label_names], dtype=np.int64)
        splits = {
            split: replace(examples, labels=index[examples.labels]) for split, examples in self.splits.items()
        }
        return replace(self, label_names=label_names, splits=splits)
