"""Simple features of a text's words, by which error analysis slices its examples.

Word lists rather than a parser: a reader can check each flag by eye, and the same rule holds for tokenised
(``do n't``) and plain (``don't``) spelling. The price is crudeness: a listed word counts wherever it stands,
``not only`` is a negation and ``still`` a contrast only in some readings, so it is not listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_NEGATION = """
no not never none nobody nothing nowhere neither nor without cannot hardly barely scarcely
"""
NEGATION_WORDS = frozenset(_NEGATION.split())
"""With every word that ends in ``n't``."""

_CONTRAST = """
but yet however although though despite nevertheless nonetheless whereas while albeit
"""
CONTRAST_WORDS = frozenset(_CONTRAST.split())
"""With the phrase ``in spite of``."""

_COMPARATIVE = """
more most less least better best worse worst fewer fewest further furthest than
bigger biggest smaller smallest greater greatest higher highest lower lowest longer longest shorter shortest
older oldest younger youngest newer newest stronger strongest weaker weakest faster fastest slower slowest
deeper deepest darker darkest brighter brightest sharper sharpest smarter smartest dumber dumbest
easier easiest harder hardest funnier funniest sillier silliest scarier scariest lamer lamest duller dullest
finer finest richer richest sweeter sweetest closer closest
"""
COMPARATIVE_WORDS = frozenset(_COMPARATIVE.split())
"""Comparatives and superlatives: a list, since no ending tells ``funnier`` from ``soldier``."""

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_IN_SPITE_OF = re.compile(r"\bin\s+spite\s+of\b")


@dataclass(frozen=True)
class TextFeatures:
    """What is seen in one text."""

    num_words: int
    """Pieces between white space, so punctuation apart counts as in GLUE's tokenised texts."""
    negation: bool
    """A word of ``NEGATION_WORDS``, or one that ends in ``n't``."""
    contrast: bool
    """A word of ``CONTRAST_WORDS``, or ``in spite of``."""
    comparative: bool
    """A word of ``COMPARATIVE_WORDS``."""
    num_unseen_words: int
    """Occurrences of words that the vocabulary lacks."""


def features_of(text: str, vocabulary: frozenset[str]) -> TextFeatures:
    """The features of a text.

    Args:
        text: any text.
        vocabulary: the words of the training texts, as ``vocabulary`` gives them.
    """
    words = words_of(text)
    distinct = set(words)
    return TextFeatures(
        num_words=len(text.split()),
        negation=not distinct.isdisjoint(NEGATION_WORDS) or any(word.endswith("n't") for word in distinct),
        contrast=not distinct.isdisjoint(CONTRAST_WORDS) or bool(_IN_SPITE_OF.search(text.lower())),
        comparative=not distinct.isdisjoint(COMPARATIVE_WORDS),
        num_unseen_words=sum(word not in vocabulary for word in words),
    )


def vocabulary(texts: Iterable[str]) -> frozenset[str]:
    """Every word of these texts."""
    return frozenset(word for text in texts for word in words_of(text))


def words_of(text: str) -> list[str]:
    """Runs of letters and digits in lower case, with the apostrophes within them: ``don't``, ``n't``."""
    return _WORD.findall(text.lower().replace("’", "'"))
