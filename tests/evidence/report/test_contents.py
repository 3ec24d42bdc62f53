"""All sections together: one name a table and a figure, sound tables, and references to what is there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.contents import chapters
from sentilora.evidence.report.sections.section import Section
from sentilora.evidence.writing.tables import to_csv, to_markdown


def sections_of(analysis: Analysis) -> list[Section]:
    return [section for chapter in chapters(analysis) for section in chapter.sections]


def test_what_is_printed_has_a_name_of_its_own(analysis: Analysis) -> None:
    sections = sections_of(analysis)
    names = [table.name for section in sections for table in section.tables]
    names += [figure.name for section in sections for figure in section.figures]
    assert len(set(names)) == len(names)
    assert {"arms", "pairs", "costs", "claims", "comparisons", "tradeoff", "transfer"} <= set(names)


def test_slides_show_figures_that_the_report_prints(analysis: Analysis) -> None:
    for section in sections_of(analysis):
        assert all(slide.figure in (None, *section.figures) for slide in section.slides)


def test_no_cell_is_empty_in_any_table(analysis: Analysis) -> None:
    tables = [table for section in sections_of(analysis) for table in (*section.tables, *section.files)]
    assert len(tables) > 10
    for table in tables:
        assert "|  |" not in to_markdown(table)
        assert ",," not in to_csv(table)


def test_every_sentence_begins_with_a_capital_and_every_section_ends(analysis: Analysis) -> None:
    for section in sections_of(analysis):
        for block in section.body:
            if block.kind in ("paragraph", "list", "notice"):
                # The name of an arm may begin a sentence as it is written.
                starts = [line for line in block.lines if line[:1].islower()]
                assert [line for line in starts if line.split()[0] not in analysis.outcomes] == []
                assert all(line.rstrip("”").endswith((".", "?", "!")) for line in block.lines)


@pytest.mark.parametrize(
    ("without", "gone"),
    [
        ({"pairs": ()}, "comparisons"),
        ({"curves": ()}, "curves"),
        ({"slices": ()}, "errors"),
        ({"transfer": ()}, "transfer"),
    ],
)
def test_what_has_no_numbers_is_not_shown(analysis: Analysis, without: dict[str, Any], gone: str) -> None:
    def figures(changed: Analysis) -> set[str]:
        return {figure.name for section in sections_of(changed) for figure in section.figures}

    # Sentences that need what is taken away stand elsewhere: a study of one arm has none of them.
    alone = replace(analysis, challenger=None, disagreements=None, **without)
    assert figures(analysis) - figures(alone) == {gone}
