"""Other people's text on a terminal steers nothing."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from sentilora.cli.terminal_text import UNBOUNDED, printable, say, text_table


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


WORDS = st.lists(st.text("abc 好", max_size=12), min_size=1, max_size=6).map(" ".join)


@given(st.lists(st.tuples(WORDS, st.integers(0, 10**9), st.integers(0, 10**9)), max_size=5))
def test_a_table_fits_its_width_and_numbers_stay_whole(rows: list[tuple[str, int, int]]) -> None:
    heading = ("what", "a long heading of a column", "another such heading")
    cells = [(name, f"{one:,}", f"{other:,}") for name, one, other in rows]
    lines = text_table("title", heading, cells, "a caption of words " * 9, width=50).splitlines()
    assert max(map(cell_len, lines)) <= 50
    shown = "\n".join(lines)
    for _, one, other in cells:
        assert any(line.endswith(other) and one in line for line in lines)
    assert "".join("".join(name.split()) for name, *_ in cells) == "".join(
        character for character in shown.partition("─\n")[2].partition("a caption")[0] if character in "abc好"
    )


def test_a_table_without_a_bound_breaks_nothing() -> None:
    heading, row = ("what", "a long heading of a column"), ("a name of several words " * 5, "1")
    lines = text_table("title", heading, [row], width=UNBOUNDED).splitlines()
    assert len(lines) == 4
    assert lines[1].endswith(heading[1])
