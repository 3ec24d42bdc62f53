"""The report from records: whole, reproducible, within its pages, and safe from what reviews contain."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pypdf
import pytest
from matplotlib.figure import Figure
from PIL import Image

from sentilora.errors import RecordError
from sentilora.evidence.analysis import analyse
from sentilora.evidence.report.report import ReportFiles, build_report
from sentilora.evidence.writing import figure_style as style
from sentilora.files import manifest_problem
from sentilora.records.record import Predictions, read_study_records
from support import synthetic_records
from support.synthetic_records import SyntheticArm, change_predictions, write_synthetic_study

CLAIMS = {
    "LoRA reaches 90 % with under 1 % trainable": {"arm": "lora-8", "accuracy": 0.9, "trainable_share": 0.01},
    "The frozen baseline lies at 75 to 82 %": {"arm": "frozen", "accuracy": (0.75, 0.82)},
    "The baseline performs too well": {"kind": "risk", "arm": "frozen", "accuracy": 0.85},
}
PROBE = SyntheticArm(name="frozen", method="probe", accuracy=0.78)
LORA = SyntheticArm(name="lora-8", method="lora", accuracy=0.89)
RANKS = tuple(
    SyntheticArm(name=f"lora-{rank}", method="lora", accuracy=0.88, rank=rank)
    for rank in (1, 2, 4, 8, 16, 32, 64)
)
SHAPES: dict[str, dict[str, Any]] = {
    "usual": {"claims": CLAIMS, "transfer": {"amazon": 150}},
    "one arm, one seed": {"arms": [LORA], "seeds": [0], "learning_rates": [1e-3]},
    "only a probe": {"arms": [PROBE], "num_test": 60},
    "no LoRA": {"arms": [PROBE, SyntheticArm(name="full", method="full", accuracy=0.9)]},
    "LoRA and full, no probe": {"arms": [LORA, SyntheticArm(name="full", method="full", accuracy=0.9)]},
    "no difference": {"arms": [PROBE, SyntheticArm(name="lora-8", method="lora", accuracy=0.78)]},
    "a failed seed": {"failed": {("lora-8", 1)}},
    "a failed arm": {"failed": {("lora-16", seed) for seed in range(3)}, "claims": CLAIMS},
    "three classes": {"label_names": ("negative", "neutral", "positive")},
    "no texts": {"texts": False},
    "many ranks": {"arms": [PROBE, *RANKS], "claims": CLAIMS},
}


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_synthetic_study(tmp_path_factory.mktemp("usual"), **SHAPES["usual"])


@pytest.fixture(scope="module")
def usual_report(usual: Path) -> ReportFiles:
    return build_report(usual)


@pytest.fixture
def blank_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures of their true size with nothing on them, for tests of words and files."""

    def savefig(figure: Figure, file: Path, **_: object) -> None:
        width, height = (round(72 * inches) for inches in figure.get_size_inches())
        if file.suffix == ".svg":
            file.write_text(
                f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}pt" height="{height}pt"/>'
            )
        else:
            Image.new("L", (width, height)).save(file)

    monkeypatch.setattr(Figure, "savefig", savefig)


def pdf_text(path: Path) -> str:
    """All pages' text with white space made single spaces."""
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(path).pages).split())


def num_text_pages(path: Path) -> int:
    """Pages before the references; a page that they share with the text counts."""
    pages = [page.extract_text().lstrip() for page in pypdf.PdfReader(path).pages]
    place = next(place for place, text in enumerate(pages) if "\nReferences\n" in f"\n{text}\n")
    return place if pages[place].startswith("References") else place + 1


def csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


QUICK = ("usual", "one arm, one seed")


@pytest.mark.parametrize(
    "shape", [shape if shape in QUICK else pytest.param(shape, marks=pytest.mark.slow) for shape in SHAPES]
)
def test_every_shape_of_study_reads_well_and_keeps_to_its_pages(
    shape: str, tmp_path: Path, usual_report: ReportFiles
) -> None:
    if shape == "usual":
        files = usual_report
    else:
        files = build_report(write_synthetic_study(tmp_path, **SHAPES[shape]))
    assert 3 <= num_text_pages(files.report) <= 5
    for path in (files.report, files.slides):
        text = pdf_text(path)
        faults = re.findall(r".{20}(?:\bNone\b|\bnan\b|\bNaN\b|\(\)|\[\]| ,| \.(?=\s)|\.\.|\{|\}).{20}", text)
        assert faults == []
    for heading in ("Abstract", "1 Introduction", "2 Methods", "3 Results", "4 Discussion", "References"):
        assert heading in pdf_text(files.report)
    for table in files.tables:
        assert table.read_text("utf-8").strip()


def test_every_file_is_written_and_figures_are_well_formed(usual: Path, usual_report: ReportFiles) -> None:
    assert usual_report.report.parent == usual / "report"
    names = {path.stem for path in usual_report.figures}
    assert names == {"comparisons", "tradeoff", "curves", "rates", "reliability", "errors", "transfer"}
    for path in usual_report.figures:
        if path.suffix == ".svg":
            assert ElementTree.parse(path).getroot().tag.endswith("svg")
    tables = {path.stem for path in usual_report.tables}
    assert {
        "arms",
        "costs",
        "pairs",
        "claims",
        "slices",
        "runs",
        "mcnemar",
        "search",
        "transfer",
        "examples",
    } <= tables


def test_figures_are_as_wide_as_they_are_printed_and_hold_no_font(usual_report: ReportFiles) -> None:
    for path in usual_report.figures:
        if path.suffix != ".svg":
            continue
        root = ElementTree.parse(path).getroot()
        width_inches = float(root.attrib["width"].removesuffix("pt")) / 72
        narrow = path.stem in ("rates", "reliability")
        assert width_inches == pytest.approx(style.HALF_INCHES if narrow else style.PAGE_INCHES, abs=0.01)
        assert not root.findall(".//{http://www.w3.org/2000/svg}text")
        with Image.open(path.with_suffix(".png")) as image:
            assert image.width == pytest.approx(200 * width_inches, abs=2)


def test_the_same_records_give_the_same_bytes(usual: Path, usual_report: ReportFiles, tmp_path: Path) -> None:
    again = build_report(usual, tmp_path)
    first, second = usual_report.report.parent, again.report.parent
    names = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(second) for path in second.rglob("*") if path.is_file())
    assert [name for name in names if (first / name).read_bytes() != (second / name).read_bytes()] == []


@pytest.mark.usefixtures("blank_figures")
def test_a_changed_record_changes_the_csv_the_report_and_the_slides(tmp_path: Path) -> None:
    study = write_synthetic_study(tmp_path / "study", arms=[PROBE, LORA])
    before = build_report(study, tmp_path / "before")
    run = study / csv_rows(tmp_path / "before" / "tables" / "runs.csv")[-1]["run_id"]

    def spoil(rows: Predictions) -> Predictions:
        wrong = np.where(np.arange(400)[:, None] < 90, -rows.logits, rows.logits)
        return replace(rows, logits=wrong.astype(np.float32))

    change_predictions(run, "test", spoil)
    after = build_report(study, tmp_path / "after")
    shown = []
    for files in (before, after):
        arms = csv_rows(files.report.parent / "tables" / "arms.csv")
        shown.append(f"{100 * float(arms[1]['accuracy']):.1f}")
        assert f"{shown[-1]} [" in pdf_text(files.report)
        assert f"{shown[-1]} [" in pdf_text(files.slides)
    assert shown[0] != shown[1]
    assert f"{shown[0]} [" not in pdf_text(after.report)


def test_every_accuracy_printed_is_the_analysis_own(usual: Path, usual_report: ReportFiles) -> None:
    analysis = analyse(read_study_records(usual))
    text = pdf_text(usual_report.report)
    assert analysis.outcomes
    for outcome in analysis.outcomes.values():
        accuracy, interval = outcome.scores.accuracy, outcome.scores.accuracy.interval
        shown = f"{100 * accuracy.mean:.1f} [{100 * interval.low:.1f}, {100 * interval.high:.1f}]"
        assert shown in text


HOSTILE = (
    '#panic("injected") #let x = 1; #read("/etc/hostname")',
    "$ integral_0^1 $ @cite <label> *bold* _emph_ `raw` // comment /* open",
    '"]; #import "@preview/x:1.0.0" [\\',
    "=HYPERLINK(\"x\")|cmd' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "-2+3",
    "| a | b |\n|---|---|\n<script>alert(1)</script> [link](javascript:x) ![i](x)",
    "‮detrevni‬ مرحبا بالعالم שלום 🎢👩‍👩‍👧 你好",
    "\x1b[31mred\x07\x0b\x0c\ttab\r\nline",
    "Z̸̡̢̛̛̭̟̰͈̃̂̈́̓̄̚a̸̧̛̰̯̗̓͗l̷̰̫̮͉̾g̴̢̛͕̹̏o",
    "x" * 10_000,
    "many words " * 1_000,
)


@pytest.mark.usefixtures("blank_figures")
def test_hostile_reviews_and_class_names_are_only_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthetic_records, "TEXTS", HOSTILE)
    names = ("#neg$|<b>", "=pos@`*")
    study = write_synthetic_study(tmp_path, label_names=names, num_test=300, arms=[PROBE, LORA])
    files = build_report(study)
    assert 3 <= num_text_pages(files.report) <= 5
    text = pdf_text(files.report)
    assert "#neg$|<b>" in text
    rows = csv_rows(files.report.parent / "tables" / "examples.csv")
    texts = [row["text"] for row in rows]
    assert any("panic" in review for review in texts)
    cells = [
        cell
        for path in files.tables
        if path.suffix == ".csv"
        for row in csv_rows(path)
        for cell in row.values()
    ]
    formulas = [cell for cell in cells if cell[:1] in "=+-@\t\r" and not re.fullmatch(r"-?[\d.e-]*", cell)]
    assert formulas == []
    assert all((len(review) <= 151 and review.isprintable()) or "‍" in review for review in texts)
    for path in (path for path in files.tables if path.suffix == ".md"):
        markdown = path.read_text("utf-8")
        bars = {len(re.findall(r"(?<!\\)\|", line)) for line in markdown.splitlines()[2:]}
        assert len(bars) == 1, path
        assert not re.search(r"(?<!\\)<script|(?<!\\)\]\(javascript", markdown)


@pytest.mark.usefixtures("blank_figures")
@pytest.mark.parametrize("kept", [True, False])
def test_without_texts_ids_stand_in_their_place_and_a_line_says_so(kept: bool, tmp_path: Path) -> None:
    study = write_synthetic_study(tmp_path, texts=kept, arms=[PROBE, LORA])
    files = build_report(study, with_texts=False)
    report = pdf_text(files.report)
    assert "Texts are left out of this report" in report
    assert "warm clever film" not in report + pdf_text(files.slides)
    for row in csv_rows(files.report.parent / "tables" / "examples.csv"):
        assert row["id"].startswith("test-")
        assert row["text"] == "left out"


@pytest.mark.usefixtures("blank_figures")
def test_missing_and_damaged_records_are_named_in_the_report(tmp_path: Path) -> None:
    study = write_synthetic_study(tmp_path, arms=[PROBE, LORA])
    (study / "lora-8-s1-lr0.001" / "record.json").write_text("{}", "utf-8")
    files = build_report(study)
    assert any("lora-8-s1" in line for line in files.left_out)
    assert "Left out: run lora-8-s1" in pdf_text(files.report)
    assert any(
        "lora-8-s1" in row["left_out"] for row in csv_rows(study / "report" / "tables" / "left-out.csv")
    )


@pytest.mark.usefixtures("blank_figures")
def test_a_second_report_leaves_nothing_of_the_first(tmp_path: Path) -> None:
    large = write_synthetic_study(tmp_path / "large", arms=[PROBE, LORA], transfer={"tweets": 60})
    small = write_synthetic_study(tmp_path / "small", arms=[LORA])
    build_report(large, tmp_path / "out")
    files = build_report(small, tmp_path / "out")
    left = {path for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert left == {files.report, files.slides, files.manifest, *files.tables, *files.figures}
    assert manifest_problem(tmp_path / "out") is None


@pytest.mark.usefixtures("blank_figures")
def test_a_second_report_leaves_files_that_are_not_its_own(tmp_path: Path) -> None:
    study = write_synthetic_study(tmp_path / "study", arms=[LORA])
    build_report(study, tmp_path / "out")
    own = tmp_path / "out" / "tables" / "mine.csv"
    own.write_text("a,b\n", "utf-8")
    build_report(study, tmp_path / "out")
    assert own.is_file()
    manifest = tmp_path / "out" / "manifest.json"
    names = ("../study/study.json", "tables/../../study/study.json", "tables/mine.csv")
    manifest.write_text(json.dumps({"files": dict.fromkeys(names, "")}), "utf-8")
    build_report(study, tmp_path / "out")
    assert (study / "study.json").is_file()
    assert not own.exists()


def test_nothing_sound_is_refused(tmp_path: Path) -> None:
    study = write_synthetic_study(tmp_path, arms=[LORA], failed={("lora-8", seed) for seed in range(3)})
    with pytest.raises(RecordError, match="scored on test"):
        build_report(study)
    assert not (study / "report").exists()
