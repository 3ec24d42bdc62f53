"""The slides of a ten-minute talk: a title, and what each section shows, in the order of the report.

They are plain data, which ``templates/slides.typ`` sets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.document import typographic
from sentilora.evidence.report.front_matter import byline, document_properties, extent
from sentilora.evidence.report.numbering import Numbering
from sentilora.evidence.report.sections.abstract import title
from sentilora.evidence.report.sections.section import Chapter, Figure, Slide
from sentilora.evidence.writing.numbers import counted
from sentilora.evidence.writing.safe_text import breakable

# Slides number nothing: what a sentence points at is on the slide or not there.
_UNNUMBERED = Numbering()
_MOST_ROWS = 10
"""Rows of a table that can be read from afar."""


def slide_deck(analysis: Analysis, chapters: Sequence[Chapter]) -> dict[str, Any]:
    """All slides."""
    first = Slide(heading=title(analysis), points=(extent(analysis),), note=byline(analysis))
    return {
        **document_properties(analysis),
        "slides": [*map(_typeset, [first, *_slides(chapters)])],
    }


def slide_figures(chapters: Sequence[Chapter]) -> tuple[Figure, ...]:
    """The figures that the slides show."""
    return tuple(slide.figure for slide in _slides(chapters) if slide.figure is not None)


def _slides(chapters: Sequence[Chapter]) -> list[Slide]:
    return [slide for chapter in chapters for section in chapter.sections for slide in section.slides]


def _typeset(slide: Slide) -> dict[str, Any]:
    figure, table, note = slide.figure, slide.table, slide.note
    if table is not None and len(table.rows) > _MOST_ROWS:
        left = counted(len(table.rows) - _MOST_ROWS, "further row")
        table, note = table.first(_MOST_ROWS), f"{note} The report has {left}.".strip()
    return {
        "heading": breakable(slide.heading),
        "points": [breakable(typographic(_UNNUMBERED.resolve(point))) for point in slide.points],
        "note": breakable(typographic(note)),
        "table": None if table is None else table.typeset(),
        "figure": None if figure is None else f"{figure.name}.svg",
        "alt": "" if figure is None else figure.caption,
        "wide": figure is not None and figure.wide,
    }
