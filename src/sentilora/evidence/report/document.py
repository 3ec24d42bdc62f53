"""The report as plain data: blocks in reading order, which ``templates/report.typ`` sets.

The order is IMRaD: introduction, methods, results (with the error analysis), discussion, references, and an
appendix that names the records. Prose comes from the section modules; this module only arranges.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report import discussion, error_results, methods, prose, results
from sentilora.evidence.report.captions import caption
from sentilora.evidence.report.figures_performance import shown_pairs
from sentilora.evidence.report.result_tables import (
    arms_table,
    claims_table,
    costs_table,
    data_table,
    pairs_table,
)
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.citations import cited_references
from sentilora.evidence.writing.names import Numbering, left_out
from sentilora.evidence.writing.safe_text import breakable, excerpt
from sentilora.evidence.writing.tables import Table
from sentilora.study_file.study import preset_names

Block = dict[str, Any]
_NARROW_FIGURES = ("comparisons", "reliability")
_MOST_NOTICES = 5


def report_document(
    analysis: Analysis,
    *,
    drawn: Sequence[str],
    with_texts: bool,
    base_size: float,
    examples_of_each_kind: int,
) -> dict[str, Any]:
    """The whole report.

    Args:
        analysis: with scores for one arm or more.
        drawn: figures that lie in the figures folder, in order.
        with_texts: whether texts of examples may be shown.
        base_size: type size, points.
        examples_of_each_kind: rows of each kind in the table of examples.
    """
    examples = error_results.examples_table(
        analysis, with_texts=with_texts, of_each_kind=examples_of_each_kind
    )
    tables = {table.name: table for table in _report_tables(analysis, examples)}
    numbering = Numbering(tuple(drawn), tuple(tables))
    blocks = [
        *_introduction(analysis),
        *_methods(analysis, numbering, tables),
        *_results(analysis, numbering, tables),
        *_discussion(analysis, numbering, tables),
    ]
    abstract = typographic(prose.abstract(analysis))
    texts = [abstract, *(block.get("text", "") for block in blocks)]
    texts += [item for block in blocks for item in block.get("items", ())]
    blocks += [_heading("References"), {"kind": "references", "items": cited_references(texts)}]
    blocks += _appendix(analysis)
    finished = last_finished(analysis)
    return {
        "title": prose.title(analysis),
        "author": "sentilora",
        "date": date_fields(finished),
        "footer": f"Study {excerpt(analysis.name, 60)}",
        "byline": byline(analysis),
        "abstract": abstract,
        "base_size": base_size,
        "blocks": blocks,
    }


def last_finished(analysis: Analysis) -> datetime | None:
    """When the last run finished, by the records; None where no record says so."""
    times = [environment.last_finished for environment in analysis.environments]
    try:
        return max(datetime.fromisoformat(time) for time in times) if times else None
    except (ValueError, TypeError):
        return None


def date_fields(time: datetime | None) -> dict[str, int] | None:
    """Year, month and day as Typst takes them."""
    return None if time is None else {"year": time.year, "month": time.month, "day": time.day}


def byline(analysis: Analysis) -> str:
    """The study's name, its size and its date."""
    finished = last_finished(analysis)
    parts = [
        f"Study {excerpt(analysis.name, 60)}",
        f"{notation.counted(analysis.totals.num_finished, 'run')}",
    ]
    if finished is not None:
        parts.append(f"{finished.day} {finished:%B %Y}")
    return " · ".join([*parts, "written by sentilora from the records alone"])


def _report_tables(analysis: Analysis, examples: Table) -> Iterator[Table]:
    yield data_table(analysis)
    yield arms_table(analysis)
    if analysis.pairs:
        yield pairs_table(analysis, shown_pairs(analysis))
    yield costs_table(analysis)
    if examples.rows:
        yield examples
    if analysis.claims:
        yield claims_table(analysis)


def _introduction(analysis: Analysis) -> Iterator[Block]:
    yield _heading("1  Introduction")
    yield from map(_paragraph, prose.introduction(analysis))
    description = excerpt(str(analysis.study["study"].get("description", "")), 300)
    if description:
        yield _paragraph(f"The study says of itself: “{description}”")


def _methods(analysis: Analysis, numbering: Numbering, tables: dict[str, Table]) -> Iterator[Block]:
    yield _heading("2  Methods")
    yield _paragraph(methods.data_paragraph(analysis, numbering), lead="Data.")
    yield _table(tables["data"], numbering, span="column")
    yield _paragraph(methods.backbone_paragraph(analysis), lead="Backbone.")
    yield _paragraph(methods.arms_paragraph(analysis), lead="Arms.")
    yield _paragraph(methods.training_paragraph(analysis), lead="Training.")
    yield _paragraph(methods.statistics_paragraph(analysis), lead="Statistics.")
    yield _paragraph(methods.machine_paragraph(analysis), lead="Machine.")


def _results(analysis: Analysis, numbering: Numbering, tables: dict[str, Table]) -> Iterator[Block]:
    yield _heading("3  Results")
    yield from _notices(analysis)
    others = [*results.accuracy_among_the_others(analysis), *results.seeds_and_power(analysis)]
    yield from _part("Accuracy", results.accuracy_against_baseline(analysis, numbering), others)
    yield _table(tables["arms"], numbering)
    if "pairs" in tables:
        yield _table(tables["pairs"], numbering)
    yield from _figures(_NARROW_FIGURES, analysis, numbering)
    yield from _part("Calibration", results.calibration_results(analysis, numbering))
    costs = results.cost_results(analysis, numbering) + results.pareto_sentences(analysis, numbering)
    yield from _part("Cost", costs)
    yield _table(tables["costs"], numbering)
    yield from _figures(("tradeoff",), analysis, numbering)
    yield from _part("Learning", results.learning_results(analysis, numbering))
    yield from _figures(("curves",), analysis, numbering)
    slices = error_results.slice_results(analysis, numbering)
    yield from _part("Error analysis", slices, error_results.example_results(analysis, numbering))
    yield from _figures(("errors",), analysis, numbering)
    if "examples" in tables:
        yield _table(tables["examples"], numbering)
    yield from _part("Transfer", error_results.transfer_results(analysis, numbering))
    yield from _figures(("transfer",), analysis, numbering)


def _discussion(analysis: Analysis, numbering: Numbering, tables: dict[str, Table]) -> Iterator[Block]:
    yield _heading("4  Discussion")
    yield _paragraph(discussion.conclusion(analysis))
    yield from _part("Claims", discussion.claims_paragraph(analysis, numbering))
    if "claims" in tables:
        yield _table(tables["claims"], numbering)
    risks = discussion.risks(analysis)
    if risks:
        yield _heading("Risks", level=2)
        yield {"kind": "list", "items": [*map(typographic, risks)]}
    yield _heading("Limits", level=2)
    yield {"kind": "list", "items": [*map(typographic, discussion.limits(analysis))]}


def _appendix(analysis: Analysis) -> Iterator[Block]:
    name = excerpt(analysis.name, 80)
    yield _heading("Appendix: records and how to reproduce them")
    yield _paragraph(
        f"Every number here is read from the records in runs/{name}; study.json there holds the study with "
        f"every default and override filled in. Data fingerprint {str(analysis.data['fingerprint'])[:12]}, "
        f"backbone fingerprint {str(analysis.backbone['fingerprint'])[:12]} (SHA-256, first 12 digits). The "
        "tables folder holds every table with unrounded numbers, every run and every slice among them. "
        "Scored runs are listed below."
    )
    study = name if analysis.name in preset_names() else f"{name}.toml"
    yield {"kind": "commands", "lines": [f"sentilora run {study}", f"sentilora report runs/{name}"]}
    ids = [
        ", ".join(excerpt(run_id, 80) for run_id in outcome.run_ids) for outcome in analysis.outcomes.values()
    ]
    yield {"kind": "records", "items": [breakable(f"{line}.") for line in ids]}


def _notices(analysis: Analysis) -> Iterator[Block]:
    """What is left out, visibly, before any result."""
    lines = left_out(analysis)
    shown = lines[:_MOST_NOTICES]
    if len(lines) > len(shown):
        shown.append(f"And {notation.count(len(lines) - len(shown))} more, in tables/left-out.csv.")
    yield from ({"kind": "notice", "text": breakable(line)} for line in shown)


def _part(title: str, *paragraphs: Sequence[str]) -> Iterator[Block]:
    """A heading over paragraphs of sentences; nothing where there is no sentence."""
    if any(paragraphs):
        yield _heading(title, level=2)
        yield from (_paragraph(" ".join(sentences)) for sentences in paragraphs if sentences)


def _figures(names: Sequence[str], analysis: Analysis, numbering: Numbering) -> Iterator[Block]:
    """Those of these figures that are there, side by side."""
    figures = [
        {
            "file": f"{name}.svg",
            "number": numbering.figures.index(name) + 1,
            "caption": typographic(caption(name, analysis)),
            "alt": caption(name, analysis),
        }
        for name in names
        if name in numbering.figures
    ]
    if figures:
        yield {"kind": "figures", "figures": figures, "narrow": names[0] in _NARROW_FIGURES}


def _table(table: Table, numbering: Numbering, *, span: str = "page") -> Block:
    number = numbering.tables.index(table.name) + 1
    return {
        "kind": "table",
        "number": number,
        "caption": typographic(table.caption),
        "span": span,
        "size": 0.8,
        **table.typeset(),
    }


def typographic(prose: str) -> str:
    """Our own prose with the apostrophe that print uses."""
    return prose.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}")


def _heading(text: str, *, level: int = 1) -> Block:
    return {"kind": "heading", "level": level, "text": text}


def _paragraph(text: str, *, lead: str = "") -> Block:
    return {"kind": "paragraph", "lead": lead, "text": breakable(typographic(text))}
