"""Tables: raw numbers in the CSV, words where a number is missing, and text that stays text."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentilora.evidence.writing.safe_text import excerpt
from sentilora.evidence.writing.tables import Cell, Column, Table, to_csv, words, write_tables


def rows_of(table: Table) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(to_csv(table))))


def test_a_table_with_an_empty_cell_cannot_be_made() -> None:
    with pytest.raises(AssertionError, match="empty cell"):
        Table("t", "A table.", (Column("A", ("a",)),), ((Cell("", ("x",)),),))


@given(st.text(min_size=1, max_size=60))
def test_text_never_becomes_a_formula_and_can_be_read_back(text: str) -> None:
    shown = excerpt(text, 50) or "?"
    table = Table("t", "Text.", (Column("A", ("a",)), Column("B", ("b",))), ((words(shown), words("b")),))
    (row,) = rows_of(table)
    assert row["a"][:1] not in tuple("=+-@\t\r＝＋－＠")
    assert row["a"].removeprefix("'") == shown.removeprefix("'")
    assert row["b"] == "b"


def test_a_slide_shows_some_columns_and_rows_of_a_table() -> None:
    rows = tuple((words(f"a{i}"), words(f"b{i}"), words(f"c{i}")) for i in range(3))
    columns = tuple(Column(title, (title,), width="1") for title in ("A", "B", "C"))
    few = Table("t", "A table.", columns, rows).only("A", "C").first(2)
    assert [column.title for column in few.columns] == ["A", "C"]
    assert [[cell.shown for cell in row] for row in few.rows] == [["a0", "c0"], ["a1", "c1"]]


def test_tables_without_rows_are_not_written(tmp_path: Path) -> None:
    column = (Column("A", ("a",)),)
    full, empty = Table("full", "A table.", column, ((words("x"),),)), Table("empty", "A table.", column, ())
    assert {path.name for path in write_tables([full, empty], tmp_path)} == {"full.csv", "full.md"}
    assert {path.name for path in tmp_path.iterdir()} == {"full.csv", "full.md"}
