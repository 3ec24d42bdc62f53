"""What is read of a visitor's text, and what is said of the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentilora.serve.server_limits import MAX_CHARACTERS
from sentilora.serve.visitor_text import VisitorText, clean_text


@given(st.text(max_size=300))
def test_an_cleaned_text_can_be_shown_and_is_cleaned_as_it_is(text: str) -> None:
    cleaned = clean_text(text)
    cleaned.text.encode()
    assert clean_text(cleaned.text) == VisitorText(cleaned.text, "")
    assert [c for c in text if c.isalnum()] == [c for c in cleaned.text if c.isalnum()]
    assert cleaned.notice or cleaned.text == text.strip()


@pytest.mark.parametrize("text", ["x" * 100_000, "\U0001f600" * 2001, "a " * 1001])
def test_a_long_text_is_cut_and_says_so(text: str) -> None:
    cleaned = clean_text(text)
    assert cleaned.text == text[:MAX_CHARACTERS].strip()
    assert f"2,000 of {len(text):,}" in cleaned.notice


@pytest.mark.parametrize("text", ["", "  \n", "\x00\x01\x7f", "‮", "\ud800"])
def test_nothing_to_read_is_empty(text: str) -> None:
    assert clean_text(text).text == ""


def test_joined_emoji_are_kept_whole() -> None:
    family = "\U0001f468‍\U0001f469‍\U0001f467"
    assert clean_text(f" {family}\n").text == family
