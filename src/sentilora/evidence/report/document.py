"""The report as plain data: chapters become blocks in reading order, which ``templates/report.typ`` sets.

Nothing here knows a topic. Tables and figures are numbered as they come, references in the text are spelled
out, and the works that the text cites are listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.front_matter import byline, document_properties
from sentilora.evidence.report.numbering import Numbering
from sentilora.evidence.report.sections.abstract import abstract
from sentilora.evidence.report.sections.section import Block, Chapter, Figure, Section
from sentilora.evidence.writing.citations import cited_references
from sentilora.evidence.writing.names import about_backbone, about_data, about_transfer_set
from sentilora.evidence.writing.safe_text import breakable
from sentilora.evidence.writing.tables import Table


def report_document(analysis: Analysis, chapters: Sequence[Chapter], *, base_size: float) -> dict[str, Any]:
    """The whole report.

    Args:
        analysis: what the chapters speak of.
        chapters: in the order of the report.
        base_size: type size, points.
    """
    numbering = _numbering(chapters)
    body = [
        block for number, chapter in _numbered(chapters) for block in _chapter(number, chapter, numbering)
    ]
    summary = typographic(abstract(analysis))
    texts = [summary, *(block.get("text", "") for block in body)]
    texts += [item for block in body for item in block.get("items", ())]
    references = cited_references(texts, known=_own_citations(analysis))
    back = [chapter for chapter in chapters if not chapter.numbered]
    return {
        **document_properties(analysis),
        "byline": byline(analysis),
        "abstract": summary,
        "base_size": base_size,
        "blocks": body,
        "back": [
            _heading("References"),
            {"kind": "references", "items": references},
            *(block for chapter in back for block in _chapter("", chapter, numbering)),
        ],
    }


def typographic(prose: str) -> str:
    """Our own prose with the apostrophe that print uses."""
    return prose.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}")


def _numbering(chapters: Sequence[Chapter]) -> Numbering:
    sections = [section for chapter in chapters for section in chapter.sections]
    return Numbering(
        tables=[table.name for section in sections for table in section.tables],
        figures=[figure.name for section in sections for figure in section.figures],
    )


def _numbered(chapters: Sequence[Chapter]) -> Iterator[tuple[str, Chapter]]:
    numbered = [chapter for chapter in chapters if chapter.numbered]
    return ((f"{place}  ", chapter) for place, chapter in enumerate(numbered, start=1))


def _chapter(number: str, chapter: Chapter, numbering: Numbering) -> Iterator[dict[str, Any]]:
    yield _heading(number + chapter.title)
    for section in chapter.sections:
        yield from _section(section, numbering, run_in=chapter.run_in)


def _section(section: Section, numbering: Numbering, *, run_in: bool) -> Iterator[dict[str, Any]]:
    """The section's text, then what it points at."""
    if section.heading and not run_in:
        yield _heading(section.heading, level=2)
    for place, block in enumerate(section.body):
        lead = f"{section.heading}." if run_in and place == 0 else ""
        yield from _text(block, numbering, lead)
    for table in section.tables:
        yield _table(table, numbering)
    for figure in section.figures:
        yield _figure(figure, numbering)


def _text(block: Block, numbering: Numbering, lead: str) -> Iterator[dict[str, Any]]:
    match block.kind:
        case "paragraph":
            text = breakable(typographic(numbering.resolve(" ".join(block.lines))))
            yield {"kind": "paragraph", "lead": lead, "text": text}
        case "list":
            items = [breakable(typographic(numbering.resolve(line))) for line in block.lines]
            yield {"kind": "list", "items": items}
        case "notice":
            yield from ({"kind": "notice", "text": breakable(line)} for line in block.lines)
        case "commands":
            yield {"kind": "commands", "lines": list(block.lines)}
        case "records":
            yield {"kind": "records", "items": [*map(breakable, block.lines)]}


def _table(table: Table, numbering: Numbering) -> dict[str, Any]:
    return {
        "kind": "table",
        "number": numbering.tables.index(table.name) + 1,
        "caption": typographic(table.caption),
        "wide": table.wide,
        **table.typeset(),
    }


def _figure(figure: Figure, numbering: Numbering) -> dict[str, Any]:
    return {
        "kind": "figure",
        "file": f"{figure.name}.svg",
        "number": numbering.figures.index(figure.name) + 1,
        "caption": typographic(figure.caption),
        "alt": figure.caption,
        "wide": figure.wide,
    }


def _heading(text: str, *, level: int = 1) -> dict[str, Any]:
    return {"kind": "heading", "level": level, "text": text}


def _own_citations(analysis: Analysis) -> dict[str, str]:
    """The works that data, transfer sets and backbone bring along."""
    transfer = [about_transfer_set(analysis.data, target.name) for target in analysis.transfer]
    known = [about_data(analysis.data), about_backbone(analysis.backbone), *transfer]
    return {cited: entry for about in known for cited, entry in about.citations.items()}
