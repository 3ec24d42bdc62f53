"""Other people's text on a terminal steers nothing."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentilora.cli.terminal_text import printable, say, text_table


@given(st.text(max_size=80))
def test_what_is_printable_has_no_controls_and_the_same_length(text: str) -> None:
    shown = printable(text)
    assert len(shown) == len(text)
    assert not {unicodedata.category(c) for c in shown.replace("\n", "").replace("\t", "")} & {
        "Cc",
        "Cf",
        "Cs",
    }


def test_plain_text_stays_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    text = "naïve 好 \U0001f600 5\N{NO-BREAK SPACE}%: [red]not markup[/red]\nnext"
    say(text, err=True)
    assert capsys.readouterr().err == f"{text}\n"


def test_cells_are_neither_markup_nor_controls() -> None:
    table = text_table("a \x1b[2J title", ("name", "[b]n[/b]"), [("evil\x1b]0;x\x07", "[/]"), ("x", "1")])
    assert "\x1b" not in table
    assert "\x07" not in table
    assert "[b]n[/b]" in table
    assert "[/]" in table
