"""Where and on what the arms err: slices, examples worth reading, and data away from home."""

from __future__ import annotations

from collections.abc import Sequence

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.statistics.disagreements import Disagreements, ShownExample
from sentilora.evidence.statistics.slices import Slice, SliceGain
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.names import Numbering, class_names, data_name, scored
from sentilora.evidence.writing.numbers import NBSP
from sentilora.evidence.writing.safe_text import excerpt
from sentilora.evidence.writing.tables import Cell, Column, Table, words

EXCERPT_CHARACTERS = 150
NO_TEXTS = "Texts are left out of this report; the ids are those of examples.parquet."

_KINDS = (
    ("fixed", "fixed"),
    ("broken", "broken"),
    ("wrong_for_all", "wrong for all"),
    ("label_noise", "doubtful label"),
)


def slice_results(analysis: Analysis, numbering: Numbering) -> list[str]:
    """Where the challenger gains most and least, with the test behind it."""
    arm = analysis.challenger
    extreme = next((entry for entry in analysis.extremes if entry.arm == arm), None)
    if arm is None or extreme is None:
        return _hardest(analysis, numbering)
    most, least = (_slice_gain(analysis, arm, place) for place in (extreme.most, extreme.least))
    text = []
    if most is not None and least is not None:
        text.append(
            f"Over the baseline, {arm} gains most on {_slice_words(most[0])}, {_gain_words(*most)}, and "
            f"least on {_slice_words(least[0])}, {_gain_words(*least)}{numbering.see('errors')}."
        )
        text.append(_beyond_rest(arm, most, least))
    text += _unproven(analysis, arm)
    return text


def example_results(analysis: Analysis, numbering: Numbering) -> list[str]:
    """How many examples the challenger fixes and breaks, and how many nobody gets right."""
    found = analysis.disagreements
    if found is None:
        return []
    test = analysis.totals.num_test
    return [
        f"In most seeds, {analysis.challenger} is right where {analysis.baseline} is wrong on "
        f"{notation.counted(found.fixed.num_found, 'test example')}, and wrong where it is right on "
        f"{notation.count(found.broken.num_found)}{numbering.see('examples')}.",
        f"{_capital(notation.counted(found.wrong_for_all.num_found, 'example'))} "
        f"({notation.percent(found.wrong_for_all.num_found / test)}) "
        f"{'is' if found.wrong_for_all.num_found == 1 else 'are'} wrong for every arm.",
        f"{_capital(notation.counted(found.label_noise.num_found, 'label'))} "
        f"{'looks' if found.label_noise.num_found == 1 else 'look'} doubtful to the models (confident "
        "learning; Northcutt et al. 2021).",
    ]


def transfer_results(analysis: Analysis, numbering: Numbering) -> list[str]:
    """How much of the accuracy of baseline and challenger stays on data they were not trained on."""
    text = []
    for target in analysis.transfer:
        shown = [
            f"{entry.arm} reaches {notation.percent(entry.scores.accuracy.mean)} "
            f"{notation.percent_interval(entry.scores.accuracy.interval)}, "
            f"{notation.points(abs(entry.drop)).lstrip('+')} {'below' if entry.drop > 0 else 'above'} its "
            "accuracy at home"
            for entry in target.arms
            if entry.arm in (analysis.challenger, analysis.baseline)
        ]
        if shown:
            size = f"n{NBSP}={NBSP}{notation.count(target.num_examples)}"
            text.append(f"On {data_name(target.name)} ({size}), {notation.listed(shown)}")
    if text:
        text[0] += numbering.see("transfer")
    return [f"{words}." for words in text]


def examples_table(analysis: Analysis, *, with_texts: bool, of_each_kind: int) -> Table:
    """A few examples of each kind, with the recorded label's probability; no rows without a challenger."""
    found = analysis.disagreements
    texts_shown = with_texts and found is not None and has_texts(found)
    arms = [name for name in (analysis.baseline, analysis.challenger) if name is not None]
    rows = [
        _example_row(kind, example, arms, class_names(analysis), texts_shown=texts_shown)
        for kind, example in (_without_repeats(found, of_each_kind) if found is not None else ())
    ]
    return Table(
        "examples",
        f"Test examples: fixed and broken by {analysis.challenger}, wrong for all arms, and labels the "
        "models doubt (with what they suggest). Numbers: mean probability of the recorded label, in %."
        + ("" if texts_shown else f" {NO_TEXTS}"),
        (
            Column("Kind", ("kind",), numeric=False),
            Column("Text" if texts_shown else "Id", ("id", "text"), numeric=False, width="1"),
            Column("Label", ("label", "suggested_label"), numeric=False),
            *(Column(name, (f"probability_of_label_{name}",)) for name in arms),
        ),
        tuple(rows),
    )


def has_texts(found: Disagreements) -> bool:
    """Whether the study keeps the texts of its examples."""
    shown = [example for attribute, _ in _KINDS for example in getattr(found, attribute).shown]
    return any(example.text is not None for example in shown)


def _without_repeats(found: Disagreements, of_each_kind: int) -> list[tuple[str, ShownExample]]:
    """The first examples of each kind, none twice: a doubtful label is often wrong for all as well."""
    chosen: dict[str, tuple[str, ShownExample]] = {}
    for attribute, kind in _KINDS:
        fresh = [example for example in getattr(found, attribute).shown if example.id not in chosen]
        chosen |= {example.id: (kind, example) for example in fresh[:of_each_kind]}
    return list(chosen.values())


def _example_row(
    kind: str, example: ShownExample, arms: Sequence[str], names: Sequence[str], *, texts_shown: bool
) -> tuple[Cell, ...]:
    label = excerpt(example.label_name, 24)
    suggestion = example.suggested_label
    text = excerpt(example.text, EXCERPT_CHARACTERS) if texts_shown and example.text is not None else ""
    id = excerpt(example.id, 60)
    suggested = "" if suggestion is None else f" (or {names[suggestion]}?)"
    return (
        words(kind),
        Cell(text or id, (id, text or "left out")),
        Cell(label + suggested, (label, "none" if suggestion is None else names[suggestion])),
        *(_probability(example, arm) for arm in arms),
    )


def _probability(example: ShownExample, arm: str) -> Cell:
    value = example.probabilities[arm][example.label]
    return Cell(notation.bare_percent(value, 0), (value,))


def _hardest(analysis: Analysis, numbering: Numbering) -> list[str]:
    """Without a challenger: where the only arm errs most."""
    arms = scored(analysis)
    parts = [part for part in analysis.slices if not part.small and part.errors]
    if not arms or not parts:
        return []
    name = arms[0].name
    rates = {id(part): entry.error_rate for part in parts for entry in part.errors if entry.arm == name}
    worst = max(parts, key=lambda part: rates[id(part)].mean)
    rate = rates[id(worst)]
    return [
        f"The arm {name} errs most on {_slice_words(worst)}: {notation.percent(rate.mean)} "
        f"{notation.percent_interval(rate.interval)} of {notation.count(worst.num_examples)} "
        f"examples{numbering.see('errors')}."
    ]


def _slice_gain(analysis: Analysis, arm: str, place: tuple[str, str]) -> tuple[Slice, SliceGain] | None:
    for part in analysis.slices:
        if (part.family, part.name) == place:
            return next(((part, gain) for gain in part.gains if gain.arm == arm), None)
    return None


def _slice_words(part: Slice) -> str:
    return f"“{part.family}: {part.name}”"


def _gain_words(part: Slice, entry: SliceGain) -> str:
    return (
        f"{notation.points(entry.gain.mean)} {notation.points_interval(entry.gain.interval)} "
        f"(n{NBSP}={NBSP}{notation.count(part.num_examples)}; Holm-adjusted "
        f"{notation.p_value(entry.adjusted_p_value)})"
    )


def _beyond_rest(arm: str, most: tuple[Slice, SliceGain], least: tuple[Slice, SliceGain]) -> str:
    """Whether the two extremes differ from the rest of the test set by more than their intervals."""
    above = most[1].beyond_rest is not None and most[1].beyond_rest.interval.low > 0
    below = least[1].beyond_rest is not None and least[1].beyond_rest.interval.high < 0
    if above and below:
        return "Both differ from the rest of the test set by more than their intervals."
    if above:
        return "Only the first differs from the rest of the test set by more than its interval."
    if below:
        return "Only the second differs from the rest of the test set by more than its interval."
    return "Neither differs from the rest of the test set by more than its interval."


def _unproven(analysis: Analysis, arm: str) -> list[str]:
    """In how many slices of a fair size the arm's gain is beyond chance."""
    gains = [gain for part in analysis.slices if not part.small for gain in part.gains if gain.arm == arm]
    proven = sum(gain.significant for gain in gains)
    small = sum(part.small for part in analysis.slices)
    if not gains:
        return []
    text = f"In {proven} of {len(gains)} slices the difference is beyond chance after Holm's correction"
    if small:
        text += (
            f"; {notation.counted(small, 'small slice')} {'is' if small == 1 else 'are'} left out of this "
            "count"
        )
    return [f"{text}."]


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]
