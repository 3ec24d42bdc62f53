"""A data set that has a name: one value that says how it is loaded, beside the code that loads it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sentilora.data.dataset import Dataset


@dataclass(frozen=True)
class NamedSource:
    """A data set that a study names by one word."""

    name: str
    """That word, for example ``sst2``."""
    load: Callable[[], Dataset]
    """Fetches, reads and checks it."""
    shares_texts_with: Sequence[str] = ()
    """Named sources that hold the same texts: no study trains on this one and tests on one of them."""
