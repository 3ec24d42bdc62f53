from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentilora.data.text_features import (
    COMPARATIVE_WORDS,
    CONTRAST_WORDS,
    NEGATION_WORDS,
    features_of,
    vocabulary,
    words_of,
)

NOTHING: frozenset[str] = frozenset()


@pytest.mark.parametrize("spelling", ["don't", "don’t", "do n't", "do NOT", "DON'T", "did nothing", "(not)"])
def test_negation_in_every_spelling(spelling: str) -> None:
    assert features_of(f"they {spelling} care", NOTHING).negation


@pytest.mark.parametrize("text", ["a notable knot", "note the nobility", "nonsense", "an ant", "another one"])
def test_words_that_only_contain_a_negation(text: str) -> None:
    assert not features_of(text, NOTHING).negation


@pytest.mark.parametrize("text", ["dull, but short", "In spite  of it all", "fine—yet long", "However:"])
def test_contrast(text: str) -> None:
    assert features_of(text, NOTHING).contrast
    assert not features_of("butter and a yeti in spite", NOTHING).contrast


@pytest.mark.parametrize("text", ["funnier than most", "the WORST of all", "better"])
def test_comparatives(text: str) -> None:
    assert features_of(text, NOTHING).comparative
    assert not features_of("a soldier's letter, never the same", NOTHING).comparative


@given(text=st.text(), other=st.text())
def test_a_text_has_no_word_that_its_own_vocabulary_lacks(text: str, other: str) -> None:
    assert features_of(text, vocabulary([other, text])).num_unseen_words == 0
    assert features_of(text, NOTHING).num_unseen_words == len(words_of(text))


@given(
    text=st.text(alphabet="ab' .,-"),
    word=st.sampled_from(sorted(NEGATION_WORDS | CONTRAST_WORDS | COMPARATIVE_WORDS)),
)
def test_a_listed_word_counts_between_any_punctuation(text: str, word: str) -> None:
    found = features_of(f"{text} ({word.upper()}), {text}", NOTHING)
    assert found.negation >= (word in NEGATION_WORDS)
    assert found.contrast >= (word in CONTRAST_WORDS)
    assert found.comparative >= (word in COMPARATIVE_WORDS)


def test_counts() -> None:
    features = features_of("a dull , dull film .", vocabulary(["A film!"]))
    assert (features.num_words, features.num_unseen_words) == (6, 2)
    assert features_of("", NOTHING).num_words == 0
