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
    several = _has_several_seeds(analysis)
    return [
        "Scores are means over seeds, never a best seed." if several else "Scores are those of one seed.",
        f"Intervals ({notation.percent(settings.level, 0)}) of accuracies and their differences are score "
        "intervals (Wilson 1927; Tango 1998), which cannot leave the possible range or shrink to a point.",
        "They count the seeds as drawn at random like the examples (Clark 1973): the variance between "
        "seeds, less what chance on the examples explains (Owen 2007), is added, with Student's t at "
        "Satterthwaite's degrees of freedom (Satterthwaite 1946), since a study has few seeds."
        if several
        else "They do not cover what another seed would change.",
        "Intervals of the other scores resample the examples "
        f"{notation.count(settings.num_resamples)} times and are widened likewise.",
        "Calibration is the expected calibration error (Guo et al. 2017) over "
        f"{settings.num_calibration_bins} {settings.calibration_binning} bins (Nixon et al. 2019), beside "
        "what the same confidences would show by chance without any miscalibration, and the Brier score "
        "(Brier 1950).",
    ]


def _tests(analysis: Analysis) -> list[str]:
    return [
        "Every arm is compared with the baseline and with the best arm on dev, and claims add the pairs they "
        "name.",
        "A pair's p-value belongs to its interval and counts the seeds as it does; p-values are adjusted "
        "over these pairs (Holm 1979).",
        f"Two one-sided tests say whether arms are equivalent within {_margin(analysis)} (Schuirmann 1987).",
        "Exact tests of single runs are in a table of their own (McNemar 1947).",
        "Arms are called different where the adjusted p is below 0.05, equivalent where the "
        f"90{NBSP}% interval lies within the margin, undecided otherwise.",
        "In which slice an arm gains more than on the rest is tested by permutation, allowing for the search "
        "through all slices (Westfall and Young 1993).",
    ]


def _slide(analysis: Analysis) -> Slide:
    settings = analysis.settings
    points = [
        *search_sentences(analysis),
        "Everything is chosen on dev; test is scored once, after all choices.",
        "Scores are means over seeds, never the best seed."
        if _has_several_seeds(analysis)
        else "One seed an arm: intervals cover the test examples, not another seed.",
        f"Intervals and tests count {settings.drawn} as drawn at random.",
    ]
    if analysis.pairs:
        points.append(
            "Arms are compared on the same examples, Holm-adjusted over the stated pairs; equivalence "
            f"needs the 90{NBSP}% interval within {_margin(analysis)}, a margin {margin_origin(analysis)}."
        )
    return Slide(heading="How it was measured", points=tuple(points))


def _has_several_seeds(analysis: Analysis) -> bool:
    return any(len(outcome.seeds) > 1 for outcome in analysis.outcomes.values())


def _margin(analysis: Analysis) -> str:
    return f"±{notation.decimal(100 * analysis.settings.equivalence_margin, 1)}{NBSP}points"
