"""The slides of a ten-minute talk: about ten, each headed by what it shows, chosen by the results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report import discussion, error_results, methods, prose, results
from sentilora.evidence.report.document import byline, date_fields, last_finished, typographic
from sentilora.evidence.report.prose import accuracy_of, comparison, sentence
from sentilora.evidence.report.result_tables import arms_table, claims_table, costs_table
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.names import (
    Numbering,
    class_names,
    data_name,
    differ_in_rank_alone,
    scored,
    short_backbone_name,
    verdict_on,
)
from sentilora.evidence.writing.numbers import NBSP
from sentilora.evidence.writing.safe_text import breakable, excerpt
from sentilora.evidence.writing.tables import Table

Slide = dict[str, Any]
_MOST_CLAIMS = 9
_NOWHERE = Numbering()


def slide_deck(analysis: Analysis, *, drawn: Sequence[str], with_texts: bool) -> dict[str, Any]:
    """All slides as ``templates/slides.typ`` takes them; ``drawn`` are the figures at hand."""
    finished = last_finished(analysis)
    slides = [
        _slide(prose.title(analysis), [_question(analysis)], note=byline(analysis)),
        *_setting(analysis),
        *_findings(analysis, drawn),
        *_errors(analysis, drawn, with_texts=with_texts),
        *_claims(analysis),
        _conclusion(analysis),
    ]
    return {
        "title": prose.title(analysis),
        "author": "sentilora",
        "date": date_fields(finished),
        "footer": f"Study {excerpt(analysis.name, 60)}",
        "slides": slides,
    }


def _question(analysis: Analysis) -> str:
    arms = scored(analysis)
    seeds = max(len(outcome.seeds) for outcome in analysis.outcomes.values())
    return (
        f"{sentence(notation.counted(len(arms), 'arm'))[:-1]}, {notation.counted(seeds, 'seed')}, "
        f"{notation.count(analysis.totals.num_test)} test examples of "
        f"{data_name(str(analysis.data['source']))}"
    )


def _setting(analysis: Analysis) -> Iterator[Slide]:
    data, sizes = analysis.data, analysis.data["sizes"]
    yield _slide("The question", [sentence(words) for words in prose.questions(analysis)])
    yield _slide(
        f"One backbone, {notation.counted(len(analysis.arms), 'way', 'ways')} to use it",
        [
            f"Data: {data_name(str(data['source']))}, {notation.count(sizes['train'])} training, "
            f"{notation.count(sizes['dev'])} dev and {notation.count(sizes['test'])} test examples "
            f"({notation.listed(class_names(analysis))})",
            f"Backbone: {short_backbone_name(analysis.backbone)}, "
            f"{notation.count(analysis.backbone['parameters'])} parameters, shared by all arms",
        ],
        table=_columns(costs_table(analysis), (0, 1, 2, 3, 4)),
    )
    settings = analysis.settings
    points = [methods.search_sentence(analysis)] if any(arm.rates for arm in analysis.arms) else []
    points += [
        "Everything is chosen on dev; test is scored once, after all choices.",
        "Scores are means over seeds, never the best seed."
        if any(len(outcome.seeds) > 1 for outcome in analysis.outcomes.values())
        else "One seed an arm: intervals cover the test examples, not another seed.",
        f"Intervals resample {settings.resampled}, {notation.count(settings.num_resamples)} times.",
    ]
    if analysis.pairs:
        margin = notation.decimal(100 * settings.equivalence_margin, 1)
        points.append(
            "Arms are compared on the same examples by an exact test, Holm-adjusted; equivalence needs the "
            f"90 % interval within ±{margin}{NBSP}points, a margin set beforehand."
        )
    yield _slide("How it was measured", points)


def _findings(analysis: Analysis, drawn: Sequence[str]) -> Iterator[Slide]:
    yield _slide(
        _headline(analysis),
        results.accuracy_against_baseline(analysis, _NOWHERE)[-1:]
        + results.accuracy_among_the_others(analysis)[:2],
        table=_columns(arms_table(analysis), (0, 1, 4, 5, 7)),
    )
    if "tradeoff" in drawn and len(scored(analysis)) > 1:
        front = results.pareto_sentences(analysis, _NOWHERE)
        yield _slide("What accuracy costs", front[:3], figure="tradeoff", wide=True)
    if "comparisons" in drawn:
        verdicts = [sentence(comparison(pair)) for pair in prose.rank_pairs(analysis)[:2]]
        detectable = results.detectable_sentence(analysis)
        yield _slide(_comparisons_heading(analysis), [*verdicts, *detectable], figure="comparisons")


def _errors(analysis: Analysis, drawn: Sequence[str], *, with_texts: bool) -> Iterator[Slide]:
    if "errors" in drawn:
        words = error_results.slice_results(analysis, _NOWHERE)[:2]
        yield _slide("Where the errors are", words, figure="errors", wide=True)
    examples = error_results.examples_table(analysis, with_texts=with_texts, of_each_kind=2)
    found = analysis.disagreements
    if found is not None and examples.rows:
        heading = (
            f"{analysis.challenger} fixes {notation.count(found.fixed.num_found)} test examples and breaks "
            f"{notation.count(found.broken.num_found)}"
        )
        note = examples.caption
        yield _slide(heading, [], table=examples, note=note)
    if "transfer" in drawn:
        kept = error_results.transfer_results(analysis, _NOWHERE)[:3]
        yield _slide("Away from home", kept, figure="transfer", wide=True)


def _claims(analysis: Analysis) -> Iterator[Slide]:
    if not analysis.claims:
        return
    table = claims_table(analysis)
    shown = Table(table.name, table.caption, table.columns, table.rows[:_MOST_CLAIMS])
    left = len(table.rows) - len(shown.rows)
    note = f"{notation.counted(left, 'further claim')} in the report." if left else ""
    summary = prose.claims_summary(analysis)
    yield _slide(summary[0].rstrip(".") if summary else "What the study claimed", [], table=shown, note=note)


def _conclusion(analysis: Analysis) -> Slide:
    totals = analysis.totals
    points = [discussion.conclusion(analysis), *discussion.limits(analysis)[:3]]
    points.append(
        f"The whole study: {notation.counted(totals.num_finished, 'run')}, "
        f"{notation.duration(totals.train_seconds)} of training, {notation.size(totals.bytes_on_disk)} of "
        "records."
    )
    return _slide("What follows, and what does not", points)


def _headline(analysis: Analysis) -> str:
    challenger = analysis.challenger
    if challenger is None:
        return (
            f"{analysis.baseline} reaches {accuracy_of(analysis.outcomes[analysis.baseline])} test accuracy"
        )
    pair = analysis.over_baseline(challenger)
    gap = notation.points(abs(pair.accuracy.mean)).lstrip("+")
    verdict = verdict_on(pair)
    if verdict == "undecided":
        return f"Whether {challenger} beats {pair.over} is undecided"
    if verdict == "equivalent":
        return f"{challenger} and {pair.over} are equivalent"
    verb = "gains" if pair.accuracy.mean > 0 else "loses"
    return f"{challenger} {verb} {gap} on {pair.over}"


def _comparisons_heading(analysis: Analysis) -> str:
    pairs = prose.rank_pairs(analysis)
    verdicts = {verdict_on(pair) for pair in pairs}
    if not pairs:
        return "How sure the differences are"
    ranks = differ_in_rank_alone([arm for arm in scored(analysis) if arm.method == "lora"])
    if verdicts == {"equivalent"}:
        return f"The {'ranks' if ranks else 'LoRA arms'} are equivalent within the margin"
    if verdicts == {"undecided"}:
        return f"Which {'rank' if ranks else 'LoRA arm'} is better is undecided"
    return "How the arms differ"


def _columns(table: Table, kept: Sequence[int]) -> Table:
    """The table with some of its columns, for a slide's width."""
    return Table(
        table.name,
        table.caption,
        tuple(replace(table.columns[i], width="auto") for i in kept),
        tuple(tuple(row[i] for i in kept) for row in table.rows),
    )


def _slide(
    heading: str,
    points: Sequence[str],
    *,
    note: str = "",
    table: Table | None = None,
    figure: str | None = None,
    wide: bool = False,
) -> Slide:
    return {
        "heading": breakable(heading),
        "points": [breakable(typographic(point)) for point in points],
        "note": breakable(typographic(note)),
        "table": None if table is None else table.typeset(),
        "figure": None if figure is None else f"{figure}.svg",
        "alt": heading,
        "wide": wide,
    }
