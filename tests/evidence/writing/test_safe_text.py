"""Text of strangers stays text: in excerpts, in CSV and in Markdown."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentilora.evidence.writing.safe_text import breakable, csv_cell, excerpt, markdown_cell


@pytest.mark.parametrize("text", ["=1+1", "+1", "-2+3", "@SUM(A1)", " =1", "\t=1", "＝1"])
def test_formulas_are_neutralised(text: str) -> None:
    assert csv_cell(text) == f"'{text}"


@pytest.mark.parametrize("number", [-0.5, 1e-9, 3, -7, 0.1 + 0.2])
def test_numbers_stay_numbers(number: float) -> None:
    assert float(csv_cell(number)) == number


@given(st.text(max_size=300), st.integers(10, 60))
def test_an_excerpt_is_one_short_visible_line(text: str, most: int) -> None:
    shown = excerpt(text, most)
    assert len(shown) <= most
    assert "\n" not in shown
    assert not any(unicodedata.category(character) in ("Cc", "Cs", "Co", "Zl", "Zp") for character in shown)
    assert not set(shown) & set("‪‫‬‭‮⁦⁧⁨⁩​")
    assert excerpt(shown, most) == shown


def test_long_texts_end_in_an_ellipsis_and_are_not_read_to_their_end() -> None:
    assert excerpt("word " * 2_000_000, 40).endswith("word…")
    assert excerpt("x" * 10_000, 40) == "x" * 39 + "…"
    assert excerpt("short", 40) == "short"


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=200))
def test_break_opportunities_change_nothing_else(text: str) -> None:
    assert breakable(text).replace("\u200b", "") == text.replace("\u200b", "")
    longest = max((len(word) for word in re.split(r"[\s\u200b]+", breakable(text))), default=0)
    assert longest <= 25


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=80))
def test_a_markdown_row_keeps_its_columns_whatever_a_cell_says(text: str) -> None:
    line = f"| {markdown_cell(text)} | b |"
    unescaped = re.sub(r"\\.", "", line)
    assert unescaped.count("|") == 3
    assert not set("<>[]`*_$#~") & set(unescaped)


@pytest.mark.parametrize("text", ["http://a.example", "www.a.example", "a@b.example", "@someone"])
def test_markdown_makes_no_links_or_mentions_of_addresses(text: str) -> None:
    assert not re.search(r"(?<!\\)://|(?i:www)\.|@\w", markdown_cell(text).replace("\\.", ""))
