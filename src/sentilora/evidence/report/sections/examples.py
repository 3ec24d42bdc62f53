"""Examples worth reading: fixed or broken by the challenger, wrong for all arms, or doubtfully labelled."""

from __future__ import annotations

from collections.abc import Sequence

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.numbering import see
from sentilora.evidence.report.sections.section import Section, Slide, paragraph
from sentilora.evidence.statistics.disagreements import Disagreements, ShownExample
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.names import class_names
from sentilora.evidence.writing.numbers import sentence
from sentilora.evidence.writing.safe_text import excerpt
from sentilora.evidence.writing.tables import Cell, Column, Table, words

NO_TEXTS = "Texts are left out of this report; the ids are those of examples.parquet."
_LONGEST_EXCERPT = 150
_MOST_PRINTED = 3
_MOST_IN_A_FILE = 50
_MOST_ON_A_SLIDE = 2


def section(analysis: Analysis) -> Section | None:
    """How many examples there are of each kind, and the clearest; None where there is no challenger."""
    found = analysis.disagreements
    if found is None:
        return None
    printed, whole, few = (
        examples_table(analysis, found, most) for most in (_MOST_PRINTED, _MOST_IN_A_FILE, _MOST_ON_A_SLIDE)
    )
    slide = Slide(
        heading=f"{analysis.challenger} fixes {notation.count(found.fixed.num_found)} test examples and "
        f"breaks {notation.count(found.broken.num_found)}",
        note=few.caption,
        table=few,
    )
    return Section(
        heading="Examples",
        body=paragraph(*_counts(analysis, found)),
        tables=(printed,) if printed.rows else (),
        files=(whole,) if whole.rows else (),
        slides=(slide,) if few.rows else (),
    )


def examples_table(analysis: Analysis, found: Disagreements, of_each_kind: int) -> Table:
    """A few examples of each kind, with the recorded label's probability."""
    chosen = _chosen(found, of_each_kind)
    texts_shown = any(example.text is not None for _, example in chosen)
    arms = [name for name in (analysis.baseline, analysis.challenger) if name is not None]
    return Table(
        "examples",
        f"Test examples: fixed and broken by {analysis.challenger}, wrong for all arms, and labels the "
        "models doubt (with what they suggest). Numbers: mean probability of the recorded label, in %."
        + ("" if texts_shown else f" {NO_TEXTS}"),
        (
            Column("Kind", ("kind",), numeric=False),
            Column("Text", ("id", "text"), numeric=False, width="1")
            if texts_shown
            else Column("Id", ("id", "text"), numeric=False),
            Column("Label", ("label", "suggested_label"), numeric=False),
            *(Column(name, (f"probability_of_label_{name}",)) for name in arms),
        ),
        tuple(_row(kind, example, arms, class_names(analysis)) for kind, example in chosen),
        wide=texts_shown,
    )


def _counts(analysis: Analysis, found: Disagreements) -> list[str]:
    """How many examples the challenger fixes and breaks, and how many nobody gets right."""
    wrong = found.wrong_for_all.num_found
    share = notation.percent(wrong / analysis.totals.num_test)
    text = [
        f"In most seeds, {analysis.challenger} is right where {analysis.baseline} is wrong on "
        f"{notation.counted(found.fixed.num_found, 'test example')}, and wrong where it is right on "
        f"{notation.count(found.broken.num_found)}{see('examples')}.",
        sentence(
            f"{notation.counted(wrong, 'example')} ({share}) {'is' if wrong == 1 else 'are'} wrong for every "
            "arm"
        ),
    ]
    if found.label_noise is not None:
        doubtful = found.label_noise.num_found
        text.append(
            sentence(
                f"{notation.counted(doubtful, 'label')} {'looks' if doubtful == 1 else 'look'} doubtful to "
                "the models (confident learning; Northcutt et al. 2021)"
            )
        )
    return text


def _chosen(found: Disagreements, of_each_kind: int) -> list[tuple[str, ShownExample]]:
    """The first examples of each kind."""
    lists = (
        ("fixed", found.fixed),
        ("broken", found.broken),
        ("wrong for all", found.wrong_for_all),
        ("doubtful label", found.label_noise),
    )
    return [
        (kind, example)
        for kind, examples in lists
        if examples is not None
        for example in examples.shown[:of_each_kind]
    ]


def _row(kind: str, example: ShownExample, arms: Sequence[str], names: Sequence[str]) -> tuple[Cell, ...]:
    label, id = names[example.label], excerpt(example.id, 60)
    text = excerpt(example.text or "", _LONGEST_EXCERPT)
    suggestion = None if example.suggested_label is None else names[example.suggested_label]
    return (
        words(kind),
        Cell(text or id, (id, text or "left out")),
        Cell(label if suggestion is None else f"{label} (or {suggestion}?)", (label, suggestion or "none")),
        *(_probability(example, arm) for arm in arms),
    )


def _probability(example: ShownExample, arm: str) -> Cell:
    value = example.probabilities[arm][example.label]
    return Cell(notation.bare_percent(value, 0), (value,))
