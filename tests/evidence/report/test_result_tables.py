"""Tables: raw numbers in the CSV, words where a number is missing, and text that stays text."""

from __future__ import annotations

import csv
import io
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentilora.evidence.analysis import Analysis, analyse
from sentilora.evidence.report.detail_tables import detail_tables
from sentilora.evidence.report.result_tables import result_tables
from sentilora.evidence.writing.safe_text import breakable, csv_cell, excerpt, markdown_cell
from sentilora.evidence.writing.tables import Cell, Column, Table, to_csv, to_markdown, words
from sentilora.records.record import read_study_records
from support.synthetic_records import write_synthetic_study


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    study = write_synthetic_study(
        tmp_path_factory.mktemp("tables"), failed={("lora-16", 0), ("lora-16", 1), ("lora-16", 2)}
    )
    return analyse(read_study_records(study), num_resamples=200)


def rows_of(table: Table) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(to_csv(table))))


def test_no_cell_is_empty_in_any_table(analysis: Analysis) -> None:
    for table in result_tables(analysis) + detail_tables(analysis):
        for row in rows_of(table):
            assert all(value for value in row.values()), (table.name, row)
        assert "|  |" not in to_markdown(table)


def test_the_csv_holds_unrounded_numbers_and_names_what_is_missing(analysis: Analysis) -> None:
    rows = {row["arm"]: row for row in rows_of(result_tables(analysis)[1])}
    scores = analysis.outcomes["lora-8"].scores
    assert float(rows["lora-8"]["accuracy"]) == scores.accuracy.mean
    assert float(rows["lora-8"]["f1_low"]) == scores.f1.interval.low
    assert rows["lora-16"]["accuracy"] == "NA"
    assert rows["frozen"]["learning_rate"] == "NA"


def test_every_scored_run_is_listed_by_itself(analysis: Analysis) -> None:
    runs = rows_of(next(table for table in detail_tables(analysis) if table.name == "runs"))
    assert [row["run_id"] for row in runs] == [
        run for outcome in analysis.outcomes.values() for run in outcome.run_ids
    ]


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
    assert not any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in shown)
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
