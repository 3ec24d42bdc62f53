"""Texts that are the same for a reader: what must not lie on both sides of a split.

Two texts are near-duplicates when their keys are equal (they differ in case, accents, punctuation or
white space only) or when they share at least half of their word pairs (Jaccard similarity of the sets
of adjacent words >= 1/2). Groups are the connected components: near-duplicates of near-duplicates
belong together, so no chain of small edits crosses a split either.

Word pairs rather than words, because two short reviews share many words by their topic alone. The
search is exact, not MinHash: with prefix filtering (Chaudhuri et al. 2006, "A primitive operator for
similarity joins"; Bayardo et al. 2007, "Scaling up all pairs similarity search") only texts that share
one of their rarest pairs are compared, which takes no time to speak of (LOG.md, "Data").
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

_APOSTROPHES = str.maketrans("", "", "'’‘ʼ`´")
_WORD = re.compile(r"[^\W_]+")
_WHITE_SPACE = re.compile(r"\s+")


def text_key(text: str) -> str:
    """The text without case, accents, punctuation and white space; equal keys are near-duplicates.

    A text of nothing but punctuation (``:)``) keeps it, or all such texts would share the empty key.

    Args:
        text: any text.

    Returns:
        Letters and digits after Unicode compatibility folding (NFKD and full case folding).
    """
    folded = _fold(text)
    return "".join(_WORD.findall(folded)) or _WHITE_SPACE.sub("", folded)


def near_duplicate_groups(texts: Sequence[str]) -> NDArray[np.int64]:
    """One group for each set of texts that near-duplication connects.

    Args:
        texts: N texts.

    Returns:
        (N,) group ids, counted from 0 in the order in which the groups first appear.
    """
    position_of_key: dict[str, int] = {}
    first_with_key = np.array(
        [position_of_key.setdefault(text_key(text), i) for i, text in enumerate(texts)], dtype=np.int64
    )
    distinct = list(position_of_key.values())
    edges = [(distinct[i], distinct[j]) for i, j in _similar_pairs([word_pairs(texts[i]) for i in distinct])]
    edges += list(enumerate(first_with_key.tolist()))
    rows, columns = np.array(edges, dtype=np.int64).reshape(-1, 2).T
    graph = coo_array((np.ones(len(rows), dtype=bool), (rows, columns)), shape=(len(texts), len(texts)))
    return _in_order_of_appearance(connected_components(graph, directed=False)[1])


def word_pairs(text: str) -> frozenset[tuple[str, ...]]:
    """The pairs of adjacent words of a text, folded like its key; of fewer than two words, the key."""
    words = _WORD.findall(_fold(text))
    return frozenset(pairwise(words)) or frozenset([(text_key(text),)])


def _fold(text: str) -> str:
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        text = "".join(character for character in decomposed if not unicodedata.combining(character))
    return text.casefold().translate(_APOSTROPHES)


def _similar_pairs(shingles: Sequence[frozenset[tuple[str, ...]]]) -> Iterator[tuple[int, int]]:
    """Positions of all sets whose Jaccard similarity is at least 1/2.

    Sets x and y of that similarity have at least half of x in common. So if both are sorted by one order,
    the first ``len(x) // 2 + 1`` elements of each contain a common one; the order by rarity makes that
    seldom so for the others.
    """
    frequency = Counter(shingle for shingle_set in shingles for shingle in shingle_set)
    seen_with: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for i, shingle_set in enumerate(shingles):
        by_rarity = sorted(shingle_set, key=lambda shingle: (frequency[shingle], shingle))
        prefix = by_rarity[: len(by_rarity) // 2 + 1]
        for j in {j for shingle in prefix for j in seen_with[shingle]}:
            if 3 * len(shingle_set & shingles[j]) >= len(shingle_set) + len(shingles[j]):
                yield j, i
        for shingle in prefix:
            seen_with[shingle].append(i)


def _in_order_of_appearance(labels: NDArray[np.int32]) -> NDArray[np.int64]:
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]
