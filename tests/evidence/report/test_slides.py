"""Slides: about ten, one page each, with the figures that the sections ask for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pypdf
import pytest

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.contents import chapters
from sentilora.evidence.report.report import write_report
from sentilora.evidence.report.slides import slide_deck, slide_figures


@pytest.mark.parametrize("num_claims", [1, 25])
def test_every_slide_keeps_to_one_page_however_much_it_says(
    analysis: Analysis, num_claims: int, tmp_path: Path
) -> None:
    claims = tuple(
        replace(analysis.claims[0], wording=f"{i}: {'a long hypothesis ' * 20}") for i in range(num_claims)
    )
    full = replace(analysis, claims=claims)
    files = write_report(full, tmp_path)
    deck = slide_deck(full, chapters(full))
    pages = pypdf.PdfReader(files.slides).pages
    assert 8 <= len(pages) == len(deck["slides"]) <= 14
    for page, slide in zip(pages, deck["slides"], strict=True):
        text = " ".join(page.extract_text().split())
        assert slide["heading"].replace("\u200b", "").replace("\xa0", " ") in text
    box = pages[0].mediabox
    assert float(box.width / box.height) == pytest.approx(16 / 9, abs=0.01)


def test_slides_point_at_no_number_and_show_the_figures_they_are_given(analysis: Analysis) -> None:
    contents = chapters(analysis)
    slides = slide_deck(analysis, contents)["slides"]
    assert not any("Figure" in point or "Table" in point for slide in slides for point in slide["points"])
    shown = [slide["figure"] for slide in slides if slide["figure"] is not None]
    assert shown == [f"{figure.name}.svg" for figure in slide_figures(contents)]
    assert {"curves.svg", "reliability.svg", "comparisons.svg"} <= set(shown)
    assert "rates.svg" not in shown


def test_a_long_table_says_how_much_of_it_a_slide_leaves_out(analysis: Analysis) -> None:
    claims = tuple(replace(analysis.claims[0], wording=f"Claim {i}") for i in range(13))
    full = replace(analysis, claims=claims)
    (slide,) = [slide for slide in slide_deck(full, chapters(full))["slides"] if "claims" in slide["heading"]]
    assert [row[0] for row in slide["table"]["rows"]] == [f"Claim {i}" for i in range(10)]
    assert slide["note"] == "The report has three\xa0further rows."
