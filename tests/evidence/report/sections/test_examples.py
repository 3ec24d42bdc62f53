"""Report, slides and file show the same examples, each as one kind."""

from __future__ import annotations

from dataclasses import replace

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.report import without_texts
from sentilora.evidence.report.sections.examples import section
from sentilora.evidence.writing.tables import Cell


def kinds(rows: tuple[tuple[Cell, ...], ...]) -> dict[str, str]:
    return {str(row[1].raw[0]): row[0].shown for row in rows}


def test_an_example_has_one_kind_wherever_it_is_shown(analysis: Analysis) -> None:
    found = section(analysis)
    assert found is not None
    (printed,), (whole,), (slide,) = found.tables, found.files, found.slides
    assert slide.table is not None
    everywhere = kinds(whole.rows)
    assert len(everywhere) == len(whole.rows) > len(printed.rows) > len(slide.table.rows)
    assert kinds(printed.rows).items() <= everywhere.items()
    assert kinds(slide.table.rows).items() <= everywhere.items()


def test_without_texts_the_table_is_small_and_says_so(analysis: Analysis) -> None:
    found, silent = section(analysis), section(without_texts(analysis))
    assert found is not None
    assert silent is not None
    assert (found.tables[0].wide, silent.tables[0].wide) == (True, False)
    assert "Texts are left out" in silent.tables[0].caption
    assert "Texts are left out" not in found.tables[0].caption


def test_one_arm_has_no_examples_to_fix(analysis: Analysis) -> None:
    assert section(replace(analysis, challenger=None, disagreements=None)) is None
