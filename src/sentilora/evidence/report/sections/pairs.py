"""Comparisons: what each arm gains over the baseline and over the others, and how sure that is.

A difference is called one only where the corrected test says so; two arms are called equivalent only where
the margin stated in the study says so; everything else is undecided, is called that, and is given what would
decide it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.numbering import see
from sentilora.evidence.report.sections.section import Figure, Section, Slide, paragraph
from sentilora.evidence.statistics.pairs import Pair
from sentilora.evidence.statistics.power import Remedy
from sentilora.evidence.writing import figure_style as style
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.names import differ_in_rank_alone, scored
from sentilora.evidence.writing.numbers import NBSP, sentence
from sentilora.evidence.writing.tables import (
    Cell,
    Column,
    Table,
    count_cell,
    difference_cell,
    missing,
    words,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

MOST_PAIRS = 14


def section(analysis: Analysis) -> Section | None:
    """Every comparison of two arms; None where only one arm has results."""
    if not analysis.pairs:
        return None
    shown = shown_pairs(analysis)
    figure = Figure(name="comparisons", draw=draw_comparisons, caption=_caption(analysis, len(shown)))
    among = _among_the_others(analysis)
    detectable = [*_detectable(analysis), *_what_would_decide(analysis)]
    return Section(
        heading="Comparisons",
        body=(*paragraph(*gains(analysis)), *paragraph(*among, *detectable)),
        tables=(pairs_table(analysis, shown),),
        figures=(figure,),
        files=(pairs_table(analysis, analysis.pairs), mcnemar_table(analysis)),
        slides=(Slide(heading=_headline(analysis), points=(*among[:2], *detectable), figure=figure),),
    )


def verdict_on(pair: Pair) -> str:
    """One word: different, equivalent, both ("different, within margin") or undecided."""
    if pair.significant:
        return "different, within margin" if pair.equivalence.equivalent else "different"
    return "equivalent" if pair.equivalence.equivalent else "undecided"


def comparison(pair: Pair) -> str:
    """One pair of arms in a sentence without its full stop; undecided is called undecided."""
    gap = f"{notation.points(pair.accuracy.mean)} {notation.points_interval(pair.accuracy.interval)}"
    tests = f"Holm-adjusted {notation.p_value(pair.adjusted_p_value)}"
    margin = f"±{notation.decimal(100 * pair.equivalence.margin, 1)}{NBSP}points"
    tost = f"90{NBSP}% interval{NBSP}{notation.points_interval(pair.equivalence.interval)}"
    verdict = verdict_on(pair)
    if verdict == "equivalent":
        return f"the arms {pair.arm} and {pair.over} are equivalent within {margin} ({gap}; {tost})"
    if verdict == "undecided":
        return f"whether {pair.arm} and {pair.over} differ is undecided ({gap}; {tests})"
    word = "more" if pair.accuracy.mean > 0 else "less"
    within = f", though by less than {margin}" if verdict != "different" else ""
    return f"the arm {pair.arm} is {word} accurate than {pair.over}{within} ({gap}; {tests})"


def rank_pairs(analysis: Analysis) -> list[Pair]:
    """The comparisons of LoRA arms with each other."""
    lora = {arm.name for arm in scored(analysis) if arm.method == "lora"}
    return [
        pair for pair in analysis.pairs if {pair.arm, pair.over} <= lora and pair.over != analysis.baseline
    ]


def full_pairs(analysis: Analysis) -> list[Pair]:
    """The comparisons of the challenger with full fine-tuning, where that is not the baseline."""
    full = {arm.name for arm in scored(analysis) if arm.method == "full"} - {analysis.challenger}
    return [
        pair
        for pair in analysis.pairs
        if analysis.challenger in (pair.arm, pair.over)
        and full & {pair.arm, pair.over}
        and pair.over != analysis.baseline
    ]


def verdict_counts(pairs: Sequence[Pair], noun: str) -> str:
    """How many of these pairs are equivalent, different and undecided."""
    verdicts = [verdict_on(pair) for pair in pairs]
    shown = [
        f"{notation.counted(verdicts.count(word), 'is', 'are')} {word}" for word in dict.fromkeys(verdicts)
    ]
    margin = notation.decimal(100 * pairs[0].equivalence.margin, 1)
    return f"Of {len(pairs)} {noun}, {notation.listed(shown)} (margin ±{margin}{NBSP}points)."


def gains(analysis: Analysis) -> list[str]:
    """What each arm gains over the baseline, and which gains are beyond chance; nothing for one arm."""
    pairs = [pair for pair in analysis.pairs if pair.over == analysis.baseline]
    if not pairs:
        return []
    gaps = [
        f"{pair.arm} {notation.points(pair.accuracy.mean)} {notation.points_interval(pair.accuracy.interval)}"
        for pair in pairs
    ]
    return [
        f"The difference to the baseline is {notation.listed(gaps)}{see('comparisons', 'pairs')}.",
        _beyond_chance(pairs),
    ]


def shown_pairs(analysis: Analysis) -> tuple[Pair, ...]:
    """The pairs a page has room for, those with the baseline first."""
    return analysis.pairs[:MOST_PAIRS]


def pairs_table(analysis: Analysis, pairs: Sequence[Pair]) -> Table:
    """These comparisons of two arms with the tests behind them."""
    margin = notation.decimal(100 * analysis.settings.equivalence_margin, 1)
    return Table(
        "pairs",
        "Pairs of arms on test. p: seeds and examples at random, then adjusted by Holm over "
        f"{notation.counted(len(analysis.pairs), 'pair')}; TOST: equivalent where the 90{NBSP}% interval "
        f"lies within ±{margin} points; detectable: with {notation.percent(analysis.settings.power, 0)} "
        "power, with these seeds, examples and pairs; would decide: seeds, or else test examples.",
        (
            Column("Pair", ("arm", "over"), numeric=False, width="1"),
            Column("Difference (points)", ("difference", "difference_low", "difference_high")),
            Column("p", ("p_value",)),
            Column("p, Holm", ("adjusted_p_value",)),
            Column("TOST interval (points)", ("tost_low", "tost_high", "equivalence_margin")),
            Column("Disagree (%)", ("disagreement",)),
            Column("Detectable (points)", ("detectable_difference",)),
            Column("Verdict", ("verdict",), numeric=False),
            Column("Would decide", ("seeds_that_decide", "test_examples_that_decide")),
        ),
        tuple(_pair_row(pair) for pair in pairs),
    )


def mcnemar_table(analysis: Analysis) -> Table:
    """McNemar's exact test of every pair, seed by seed."""
    return Table(
        "mcnemar",
        "Exact McNemar tests of two runs of one seed, not adjusted: the examples that only one of the two "
        "gets right. They say what one seed would have shown; the table of pairs says what all show.",
        (
            Column("Pair", ("arm", "over"), numeric=False, width="1"),
            Column("Seed", ("seed",)),
            Column("Only the first right", ("only_arm_right",)),
            Column("Only the second right", ("only_over_right",)),
            Column("p", ("p_value",)),
        ),
        tuple(
            (
                _name_cell(pair),
                Cell(str(test.seed), (test.seed,)),
                count_cell(test.only_arm),
                count_cell(test.only_over),
                Cell(notation.bare_p_value(test.p_value), (test.p_value,)),
            )
            for pair in analysis.pairs
            for test in pair.mcnemar
        ),
    )


def draw_comparisons(analysis: Analysis) -> Drawing:
    """Forest plot: differences in test accuracy, their intervals, and the band of equivalence."""
    pairs = shown_pairs(analysis)
    looks = style.looks(analysis.arms)
    figure, axes = style.new_figure(style.PAGE_INCHES, 0.62 + 0.19 * len(pairs))
    margin = 100 * analysis.settings.equivalence_margin
    axes.axvspan(-margin, margin, color=style.BAND, linewidth=0)
    axes.axvline(0, color=style.QUIET, linewidth=0.7)
    for row, pair in enumerate(pairs):
        look, interval = looks[pair.arm], pair.accuracy.interval
        axes.plot([100 * interval.low, 100 * interval.high], [row, row], color=look.colour, linewidth=1.5)
        axes.plot(
            100 * pair.accuracy.mean,
            row,
            look.marker,
            color=look.colour,
            markerfacecolor=look.colour if pair.significant else "white",
        )
        axes.annotate(
            f"{notation.bare_points(pair.accuracy.mean)} {notation.points_interval(interval)}",
            (1.02, row),
            xycoords=("axes fraction", "data"),
            va="center",
            annotation_clip=False,
        )
    axes.set_yticks(range(len(pairs)), [_name(pair) for pair in pairs])
    axes.set_ylim(len(pairs) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    style.grid(axes, "x")
    axes.set_xlabel("difference in test accuracy (points)")
    return figure


def _caption(analysis: Analysis, num_shown: int) -> str:
    settings, num_pairs = analysis.settings, len(analysis.pairs)
    margin = notation.decimal(100 * settings.equivalence_margin, 1)
    some = f" {num_shown} of {num_pairs} pairs are shown; all are in tables/pairs.csv."
    return (
        f"Differences in test accuracy with {notation.percent(settings.level, 0)} intervals. Filled marks: "
        f"beyond chance after Holm's correction. Shaded: the margin of equivalence, ±{margin}{NBSP}points."
        f"{some if num_shown < num_pairs else ''}"
    )


def _headline(analysis: Analysis) -> str:
    pairs = rank_pairs(analysis)
    verdicts = {verdict_on(pair) for pair in pairs}
    ranks = differ_in_rank_alone([arm for arm in scored(analysis) if arm.method == "lora"])
    if verdicts == {"equivalent"}:
        return f"The {'ranks' if ranks else 'LoRA arms'} are equivalent within the margin"
    if verdicts == {"undecided"}:
        return f"Which {'rank' if ranks else 'LoRA arm'} is better is undecided"
    return "How the arms differ" if pairs else "How sure the differences are"


def _beyond_chance(pairs: Sequence[Pair]) -> str:
    """Which of these differences are beyond chance, after Holm's correction."""
    above = [pair.arm for pair in pairs if pair.significant and pair.accuracy.mean > 0]
    below = [pair.arm for pair in pairs if pair.significant and pair.accuracy.mean < 0]
    unproven = [pair.arm for pair in pairs if not pair.significant]
    largest = max((pair.adjusted_p_value for pair in pairs if pair.significant), default=1.0)
    bound = notation.p_value(largest).replace(f"p{NBSP}=", f"p{NBSP}≤")
    if len(above) == len(pairs):
        everyone = "The gain is" if len(pairs) == 1 else "Each gain is"
        return f"{everyone} beyond chance after Holm's correction ({bound})."
    parts = [
        f"the {word} of {notation.listed(arms)} is beyond chance after Holm's correction ({bound})"
        for word, arms in (("gain", above), ("loss", below))
        if arms
    ]
    if unproven:
        parts.append(f"for {notation.listed(unproven)} no difference is shown")
    return sentence("; ".join(parts))


def _among_the_others(analysis: Analysis) -> list[str]:
    """LoRA ranks among themselves, and the challenger beside full fine-tuning."""
    ranks = rank_pairs(analysis)
    text = [sentence(comparison(pair)) for pair in ranks] if len(ranks) <= 3 else []
    if len(ranks) > 3:
        text.append(verdict_counts(ranks, "pairs of LoRA arms"))
    return text + [sentence(comparison(pair)) for pair in full_pairs(analysis)]


def _detectable(analysis: Analysis) -> list[str]:
    """What difference these seeds and examples could have shown."""
    found = [pair.detectable_difference for pair in analysis.pairs if pair.detectable_difference is not None]
    if not found:
        return []
    low, high = (notation.decimal(100 * bound, 1) for bound in (min(found), max(found)))
    span = low if low == high else f"{low} to {high}"
    return [
        "With these seeds, test examples and pairs, a true difference is shown with "
        f"{notation.percent(analysis.settings.power, 0)} power if it is {span}{NBSP}points; a smaller one "
        "can stay hidden."
    ]


def _what_would_decide(analysis: Analysis) -> list[str]:
    """How many seeds or examples would decide what is undecided, where that is known."""
    text = [
        f"{pair.arm} and {pair.over} by {remedy_words(pair.remedy)}"
        for pair in analysis.pairs
        if pair.remedy is not None and (pair.remedy.num_seeds or pair.remedy.num_test)
    ]
    if any(not pair.seeds_counted for pair in analysis.pairs):
        return ["One seed an arm decides nothing about the arms: a second would show what seeds change."]
    if not text:
        return []
    more = f", and {notation.counted(len(text) - 3, 'more pair')}" if len(text) > 3 else ""
    return [f"What is undecided would probably be decided: {'; '.join(text[:3])}{more}."]


def remedy_words(remedy: Remedy) -> str:
    """The seeds, or else the test examples, that would show a difference or equivalence."""
    enough = [
        *([f"{remedy.num_seeds}{NBSP}seeds"] if remedy.num_seeds else []),
        *([f"{notation.count(remedy.num_test)}{NBSP}test examples"] if remedy.num_test else []),
    ]
    what = "as equivalent" if remedy.shows == "equivalence" else "as different"
    return f"{notation.listed(enough, 'or')} ({what})"


def _pair_row(pair: Pair) -> tuple[Cell, ...]:
    tost, detectable, remedy = pair.equivalence, pair.detectable_difference, pair.remedy
    return (
        _name_cell(pair),
        difference_cell(pair.accuracy),
        Cell(notation.bare_p_value(pair.p_value), (pair.p_value,)),
        Cell(notation.bare_p_value(pair.adjusted_p_value), (pair.adjusted_p_value,)),
        Cell(notation.points_interval(tost.interval), (tost.interval.low, tost.interval.high, tost.margin)),
        Cell(notation.bare_percent(pair.disagreement), (pair.disagreement,)),
        missing(1, "none")
        if detectable is None
        else Cell(notation.decimal(100 * detectable, 1), (detectable,)),
        words(verdict_on(pair)),
        missing(2, "nothing more" if pair.seeds_counted else "second seed")
        if remedy is None
        else _remedy_cell(remedy),
    )


def _remedy_cell(remedy: Remedy) -> Cell:
    seeds, examples = remedy.num_seeds, remedy.num_test
    shown = f"{seeds} seeds" if seeds else f"{notation.count(examples)} examples" if examples else "neither"
    return Cell(shown, (seeds or "NA", examples or "NA"))


def _name(pair: Pair) -> str:
    return f"{pair.arm} {notation.MINUS} {pair.over}"


def _name_cell(pair: Pair) -> Cell:
    return Cell(_name(pair), (pair.arm, pair.over))
