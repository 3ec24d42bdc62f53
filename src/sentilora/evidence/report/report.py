"""The report of a study: figures, tables, ``report.pdf`` and ``slides.pdf``, from its records alone.

The text keeps to 3 to 5 pages by its type size, references and appendix come behind it, and what does not fit
a page is in the tables folder. The same records give the same bytes: dates are the records' own.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sentilora.evidence.analysis import Analysis, analyse
from sentilora.evidence.report.contents import chapters
from sentilora.evidence.report.document import report_document
from sentilora.evidence.report.front_matter import last_finished
from sentilora.evidence.report.sections.section import Chapter, Figure
from sentilora.evidence.report.slides import slide_deck, slide_figures
from sentilora.evidence.report.typesetting import num_text_pages, to_pdf, typeset
from sentilora.evidence.writing import figure_style as style
from sentilora.evidence.writing.tables import Table, write_tables
from sentilora.files import MANIFEST, replace_file, sha256_of_file
from sentilora.records.record import read_study_records

FEWEST_PAGES, MOST_PAGES = 3, 5
_SIZES = (10.8, 10.4, 10.0, 9.7, 9.4, 9.1, 8.8, 8.5)
"""Type sizes in points, roomiest first."""
_ROOMY_SIZES = (11.4, 12.0, 12.6)
"""For studies with little to tell, smallest first."""
_SLIDE_TYPE_SCALE = 1.2


@dataclass(frozen=True)
class ReportFiles:
    """What ``build_report`` wrote."""

    report: Path
    """``report.pdf``."""
    slides: Path
    """``slides.pdf``."""
    tables: tuple[Path, ...]
    """Every CSV and Markdown file."""
    figures: tuple[Path, ...]
    """Every SVG and PNG file."""
    manifest: Path
    """``manifest.json``: the SHA-256 of every file above."""
    left_out: tuple[str, ...]
    """One sentence for everything the records could not give."""


def build_report(study_folder: Path, output: Path | None = None, *, with_texts: bool = True) -> ReportFiles:
    """Read a study's records and write its report, slides, tables and figures.

    Args:
        study_folder: ``runs/<study>``.
        output: where to write; ``<study_folder>/report`` if None.
        with_texts: whether texts of examples may be shown; ids stand in their place otherwise.

    Raises:
        RecordError: the folder is no study, its own files are damaged, or no run has test scores.
    """
    analysis = analyse(read_study_records(study_folder))
    folder = study_folder / "report" if output is None else output
    return write_report(analysis, folder, with_texts=with_texts)


def write_report(analysis: Analysis, folder: Path, *, with_texts: bool = True) -> ReportFiles:
    """The files of ``build_report`` from an analysis."""
    contents = chapters(analysis if with_texts else without_texts(analysis))
    sections = [section for chapter in contents for section in chapter.sections]
    shown = [figure for section in sections for figure in section.figures]
    figures = draw_figures(analysis, shown, folder / "figures", kinds=("svg", "png"))
    tables = write_tables(_tables(contents), folder / "tables")
    replace_file(folder / "report.pdf", _report_pdf(analysis, contents, folder / "figures"))
    replace_file(folder / "slides.pdf", _slides_pdf(analysis, contents))
    files = ReportFiles(
        report=folder / "report.pdf",
        slides=folder / "slides.pdf",
        tables=tables,
        figures=figures,
        manifest=folder / MANIFEST,
        left_out=analysis.problems,
    )
    _seal(folder, (files.report, files.slides, *tables, *figures))
    return files


def without_texts(analysis: Analysis) -> Analysis:
    """The analysis as of a study that keeps no texts of its examples."""
    found = analysis.disagreements
    if found is None:
        return analysis
    silent = {
        kind: replace(examples, shown=tuple(replace(example, text=None) for example in examples.shown))
        for kind, examples in vars(found).items()
        if examples is not None
    }
    return replace(analysis, disagreements=replace(found, **silent))


def draw_figures(
    analysis: Analysis,
    figures: Iterable[Figure],
    folder: Path,
    *,
    kinds: Sequence[str],
    type_scale: float = 1.0,
) -> tuple[Path, ...]:
    """Writes ``<name>.<kind>`` of every figure; the same analysis gives the same bytes.

    Args:
        analysis: what to draw.
        figures: what to draw of it.
        folder: where to; made if absent.
        kinds: ``svg``, ``png``.
        type_scale: factor on the size of type, lines and marks.
    """
    written: list[Path] = []
    with style.house_style(type_scale):
        for figure in figures:
            written += style.save(figure.draw(analysis), folder, figure.name, kinds)
    return tuple(written)


def _tables(contents: Sequence[Chapter]) -> list[Table]:
    """What goes into the tables folder: every printed table, or the whole that a page has no room for."""
    tables: dict[str, Table] = {}
    for chapter in contents:
        for section in chapter.sections:
            tables |= {table.name: table for table in (*section.tables, *section.files)}
    return list(tables.values())


def _report_pdf(analysis: Analysis, contents: Sequence[Chapter], figures: Path) -> bytes:
    """The report in the largest type that keeps to five pages, or in a larger one to fill three."""
    for size in _SIZES:
        pdf, pages = _set_report(analysis, contents, figures, size)
        if pages <= MOST_PAGES:
            break
    for size in _ROOMY_SIZES:
        if pages >= FEWEST_PAGES:
            break
        pdf, pages = _set_report(analysis, contents, figures, size)
    return pdf


def _set_report(
    analysis: Analysis, contents: Sequence[Chapter], figures: Path, base_size: float
) -> tuple[bytes, int]:
    """The report in one type size: its bytes and the pages of its text."""
    document = report_document(analysis, contents, base_size=base_size)
    with typeset("report", document, figures) as compiler:
        return to_pdf(compiler, last_finished(analysis)), num_text_pages(compiler)


def _slides_pdf(analysis: Analysis, contents: Sequence[Chapter]) -> bytes:
    """The slides, with their figures in the larger type of a screen."""
    with tempfile.TemporaryDirectory(prefix="sentilora-") as name:
        figures = slide_figures(contents)
        draw_figures(analysis, figures, Path(name), kinds=("svg",), type_scale=_SLIDE_TYPE_SCALE)
        with typeset("slides", slide_deck(analysis, contents), Path(name)) as compiler:
            return to_pdf(compiler, last_finished(analysis))


def _seal(folder: Path, files: Sequence[Path]) -> None:
    """Writes the manifest, and removes what the folder's earlier report had and this one has not.

    Sections name their files, so the manifest alone knows an earlier report's; a user's own files stay.
    """
    names = {path.relative_to(folder).as_posix(): sha256_of_file(path) for path in sorted(files)}
    try:
        earlier = json.loads((folder / MANIFEST).read_text("utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        earlier = {}
    for kind in ("tables", "figures"):
        for path in (folder / kind).iterdir() if (folder / kind).is_dir() else ():
            name = path.relative_to(folder).as_posix()
            if name in earlier and name not in names:
                path.unlink()
    replace_file(folder / MANIFEST, (json.dumps({"files": names}, indent=1) + "\n").encode())
