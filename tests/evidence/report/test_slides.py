"""Slides: about ten, one page each, headed by what the results say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pypdf
import pytest

from sentilora.evidence.analysis import Analysis, analyse
from sentilora.evidence.report.report import write_report
from sentilora.evidence.report.slides import slide_deck
from sentilora.evidence.statistics.claims import JudgedClaim
from sentilora.records.record import read_study_records
from support.synthetic_records import SyntheticArm, write_synthetic_study

ARMS = (
    SyntheticArm(name="frozen", method="probe", accuracy=0.78),
    SyntheticArm(name="lora-8", method="lora", accuracy=0.89),
)


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    study = write_synthetic_study(
        tmp_path_factory.mktemp("slides"),
        arms=ARMS,
        transfer={"tweets": 80},
        claims={"LoRA reaches 90 %": {"arm": "lora-8", "accuracy": 0.9}},
    )
    return analyse(read_study_records(study), num_resamples=200)


def with_claims(analysis: Analysis, num_claims: int, wording: str) -> Analysis:
    claims: tuple[JudgedClaim, ...] = tuple(
        replace(analysis.claims[0], wording=f"{i}: {wording}") for i in range(num_claims)
    )
    return replace(analysis, claims=claims)


@pytest.mark.parametrize("num_claims", [1, 25])
def test_every_slide_keeps_to_one_page_however_much_it_says(
    analysis: Analysis, num_claims: int, tmp_path: Path
) -> None:
    full = with_claims(analysis, num_claims, "a long hypothesis " * 20)
    files = write_report(full, tmp_path)
    drawn = sorted({path.stem for path in files.figures})
    deck = slide_deck(full, drawn=drawn, with_texts=True)
    pages = pypdf.PdfReader(files.slides).pages
    assert 8 <= len(pages) == len(deck["slides"]) <= 13
    for page, slide in zip(pages, deck["slides"], strict=True):
        text = " ".join(page.extract_text().split())
        assert slide["heading"].replace("\u200b", "").replace("\xa0", " ") in text
    box = pages[0].mediabox
    assert float(box.width / box.height) == pytest.approx(16 / 9, abs=0.01)


def test_headings_follow_the_results(analysis: Analysis) -> None:
    def headings(changed: Analysis) -> str:
        return "\n".join(
            slide["heading"] for slide in slide_deck(changed, drawn=(), with_texts=True)["slides"]
        )

    gain = 100 * analysis.pairs[0].accuracy.mean
    assert f"lora-8 gains {gain:.1f}\xa0points on frozen" in headings(analysis)
    (pair,) = analysis.pairs
    undecided = replace(pair, significant=False, equivalence=replace(pair.equivalence, equivalent=False))
    assert "Whether lora-8 beats frozen is undecided" in headings(replace(analysis, pairs=(undecided,)))
    equal = replace(undecided, equivalence=replace(pair.equivalence, equivalent=True))
    assert "lora-8 and frozen are equivalent" in headings(replace(analysis, pairs=(equal,)))


def test_figures_that_are_not_there_have_no_slide(analysis: Analysis) -> None:
    deck = slide_deck(analysis, drawn=("errors",), with_texts=True)
    assert {slide["figure"] for slide in deck["slides"]} == {None, "errors.svg"}
