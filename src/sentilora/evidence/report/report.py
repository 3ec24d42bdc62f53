"""The report of a study: figures, tables, ``report.pdf`` and ``slides.pdf``, from its records alone.

The report keeps to 3 to 5 pages by its type size and the number of examples it shows; what does not fit a
page is in the tables folder. The same records give the same bytes: dates are the records' own.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from sentilora.evidence.analysis import Analysis, analyse
from sentilora.evidence.report.detail_tables import detail_tables
from sentilora.evidence.report.document import last_finished, report_document
from sentilora.evidence.report.error_results import examples_table
from sentilora.evidence.report.figures import draw_figures
from sentilora.evidence.report.result_tables import result_tables
from sentilora.evidence.report.slides import slide_deck
from sentilora.evidence.report.typesetting import num_pages, to_pdf, typeset
from sentilora.evidence.writing.tables import Table, write_tables
from sentilora.files import replace_file
from sentilora.records.record import read_study_records

FEWEST_PAGES, MOST_PAGES = 3, 5
MOST_EXAMPLES = 50
_LAYOUTS = ((10.8, 3), (10.4, 3), (10.0, 3), (9.7, 3), (9.4, 2), (9.1, 2), (8.8, 1), (8.5, 1))
"""Type sizes in points and examples of each kind, roomiest first."""
_ROOMY_LAYOUTS = ((11.4, 3), (12.0, 3), (12.6, 3))
"""For studies with little to tell, smallest first."""


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
    drawn = draw_figures(analysis, folder / "figures")
    tables = write_tables(_all_tables(analysis, with_texts=with_texts), folder / "tables")
    replace_file(
        folder / "report.pdf", _report_pdf(analysis, drawn, folder / "figures", with_texts=with_texts)
    )
    replace_file(folder / "slides.pdf", _slides_pdf(analysis, with_texts=with_texts))
    return ReportFiles(
        report=folder / "report.pdf",
        slides=folder / "slides.pdf",
        tables=tables,
        figures=tuple(folder / "figures" / f"{name}.{kind}" for name in drawn for kind in ("svg", "png")),
        left_out=analysis.problems,
    )


def _all_tables(analysis: Analysis, *, with_texts: bool) -> list[Table]:
    examples = examples_table(analysis, with_texts=with_texts, of_each_kind=MOST_EXAMPLES)
    return [*result_tables(analysis), *detail_tables(analysis), examples]


def _slides_pdf(analysis: Analysis, *, with_texts: bool) -> bytes:
    """The slides, with the same figures in the larger type of a screen."""
    with tempfile.TemporaryDirectory(prefix="sentilora-") as name:
        drawn = draw_figures(analysis, Path(name), type_scale=1.35, kinds=("svg",))
        deck = slide_deck(analysis, drawn=drawn, with_texts=with_texts)
        with typeset("slides", deck, Path(name)) as compiler:
            return to_pdf(compiler, last_finished(analysis))


def _report_pdf(analysis: Analysis, drawn: tuple[str, ...], figures: Path, *, with_texts: bool) -> bytes:
    """The report in the roomiest layout that keeps to five pages, or to three where it has little to tell."""
    pdf = b""
    for layout in _LAYOUTS:
        pdf, pages = _set_report(analysis, drawn, figures, layout, with_texts=with_texts)
        if pages <= MOST_PAGES:
            break
    if pages >= FEWEST_PAGES:
        return pdf
    for layout in _ROOMY_LAYOUTS:
        pdf, pages = _set_report(analysis, drawn, figures, layout, with_texts=with_texts)
        if pages >= FEWEST_PAGES:
            break
    return pdf


def _set_report(
    analysis: Analysis,
    drawn: tuple[str, ...],
    figures: Path,
    layout: tuple[float, int],
    *,
    with_texts: bool,
) -> tuple[bytes, int]:
    """The report in one layout: its bytes and its pages."""
    base_size, of_each_kind = layout
    document = report_document(
        analysis, drawn=drawn, with_texts=with_texts, base_size=base_size, examples_of_each_kind=of_each_kind
    )
    with typeset("report", document, figures) as compiler:
        return to_pdf(compiler, last_finished(analysis)), num_pages(compiler)
