"""The one shape that every data source yields: typed examples in named splits.

Columns rather than a list of objects: 67,349 rows are five arrays, and everything downstream
(tokens, batches, predictions) indexes them by position.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sentilora.files import sha256_of

SplitName = Literal["train", "dev", "test"]


@dataclass(frozen=True)
class Example:
    """One labelled text."""

    id: str
    """Unique within its split, stable across loads."""
    text: str
    """The text as given, never stripped of more than surrounding white space."""
    label: int
    """Class index, 0 <= label < number of label names."""
    strength: float | None = None
    """How strongly the sentiment is felt, 0 (barely) to 1 (most), or None if unknown."""


@dataclass(frozen=True)
class Examples:
    """The examples of one split, as columns of one length N."""

    ids: tuple[str, ...]
    """N unique strings."""
    texts: tuple[str, ...]
    """N texts."""
    labels: NDArray[np.int64]
    """(N,) int64 class indices."""
    strengths: NDArray[np.float64]
    """(N,) float64 in [0, 1]; NaN where the source does not know it."""

    def __post_init__(self) -> None:
        assert len(self.ids) == len(self.texts) == len(self.labels) == len(self.strengths)

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[Example]:
        for id, text, label, strength in zip(self.ids, self.texts, self.labels, self.strengths, strict=True):
            yield Example(id, text, int(label), None if np.isnan(strength) else float(strength))

    def take(self, positions: NDArray[np.int64]) -> Examples:
        """The examples at these positions, in this order."""
        return Examples(
            ids=tuple(self.ids[i] for i in positions),
            texts=tuple(self.texts[i] for i in positions),
            labels=self.labels[positions],
            strengths=self.strengths[positions],
        )

    @classmethod
    def of(cls, examples: Sequence[Example]) -> Examples:
        """Columns from rows."""
        return cls(
            ids=tuple(e.id for e in examples),
            texts=tuple(e.text for e in examples),
            labels=np.array([e.label for e in examples], dtype=np.int64),
            strengths=np.array([np.nan if e.strength is None else e.strength for e in examples]),
        )


@dataclass(frozen=True)
class Dataset:
    """A data set as every source yields it."""

    name: str
    """The source as the study names it, for example ``sst2``."""
    label_names: tuple[str, ...]
    """One name per class, in the order of the class indices."""
    splits: Mapping[str, Examples]
    """``train``, ``dev``, ``test``; a transfer set may hold ``test`` alone."""
    notes: tuple[str, ...] = ()
    """What a reader must know of how it came to be (rules, joins, places), one per line."""
    _fingerprint: list[str] = field(default_factory=list, repr=False, compare=False)

    @property
    def fingerprint(self) -> str:
        """SHA-256 over label names and every split's ids, texts and labels, in order."""
        if not self._fingerprint:
            parts = [repr(self.label_names)]
            for split in sorted(self.splits):
                examples = self.splits[split]
                rows = zip(examples.ids, examples.texts, examples.labels, strict=True)
                parts.append(repr((split, len(examples))))
                parts += [repr((id, text, int(label))) for id, text, label in rows]
            self._fingerprint.append(sha256_of(*parts))
        return self._fingerprint[0]
