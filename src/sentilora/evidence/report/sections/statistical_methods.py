"""The statistical methods: how scores, intervals and tests were made."""

from __future__ import annotations

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.sections.section import Section, Slide, paragraph
from sentilora.evidence.report.sections.training import search_sentences
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.names import margin_origin
from sentilora.evidence.writing.numbers import NBSP


def section(analysis: Analysis) -> Section:
    """Intervals and tests, with their sources."""
    tests = _tests(analysis) if analysis.pairs else []
    return Section(
        heading="Statistics",
        body=paragraph(*_scores(analysis), *tests),
        slides=(_slide(analysis),),
    )


def _scores(analysis: Analysis) -> list[str]:
    settings = analysis.settings
    method = (
        "(bootstrap); they do not cover what another seed would change"
        if settings.resampled == "examples"
        else "(Multi-Bootstrap; Sellam et al. 2022), rescaled to the unbiased variance (Owen 2007) with "
        "Student's t at Satterthwaite's degrees of freedom (Satterthwaite 1946), since a study has few seeds"
    )
    return [
        "Scores are means over seeds, never a best seed."
        if _has_several_seeds(analysis)
        else "Scores are those of one seed.",
        f"Intervals ({notation.percent(settings.level, 0)}) resample {settings.resampled} "
        f"{notation.count(settings.num_resamples)} times {method}.",
        f"Calibration is the expected calibration error over {settings.num_calibration_bins} "
        f"{settings.calibration_binning} bins (Guo et al. 2017) and the Brier score (Brier 1950).",
    ]


def _tests(analysis: Analysis) -> list[str]:
    return [
        "Pairs of arms are compared on the same examples by an exact sign-flip test of the difference "
        "in mean correctness, which with one seed is exact McNemar (McNemar 1947), adjusted over all "
        "pairs (Holm 1979); by P(A>B), the chance that a new run of one beats a new run of the other "
        "(Bouthillier et al. 2021); and by two one-sided tests of equivalence within "
        f"{_margin(analysis)} (Schuirmann 1987).",
        "Arms are called different where adjusted p is below 0.05 and the interval leaves out zero, "
        f"equivalent where the 90{NBSP}% interval lies within the margin, undecided otherwise.",
    ]


def _slide(analysis: Analysis) -> Slide:
    settings = analysis.settings
    points = [
        *search_sentences(analysis),
        "Everything is chosen on dev; test is scored once, after all choices.",
        "Scores are means over seeds, never the best seed."
        if _has_several_seeds(analysis)
        else "One seed an arm: intervals cover the test examples, not another seed.",
        f"Intervals resample {settings.resampled}, {notation.count(settings.num_resamples)} times.",
    ]
    if analysis.pairs:
        points.append(
            "Arms are compared on the same examples by an exact test, Holm-adjusted; equivalence needs the "
            f"90{NBSP}% interval within {_margin(analysis)}, a margin {margin_origin(analysis)}."
        )
    return Slide(heading="How it was measured", points=tuple(points))


def _has_several_seeds(analysis: Analysis) -> bool:
    return any(len(outcome.seeds) > 1 for outcome in analysis.outcomes.values())


def _margin(analysis: Analysis) -> str:
    return f"±{notation.decimal(100 * analysis.settings.equivalence_margin, 1)}{NBSP}points"
