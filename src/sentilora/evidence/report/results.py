"""The results section: accuracy, cost, learning and calibration, in sentences the numbers choose.

Every function returns sentences; a report joins them to a paragraph, a slide sets them as points.
"""

from __future__ import annotations

from collections.abc import Sequence

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.prose import (
    LORA_METHODS,
    accuracy_of,
    comparison,
    rank_pairs,
    sentence,
    subject,
    trained_share,
    verdict_counts,
)
from sentilora.evidence.statistics.learning import Overfitting
from sentilora.evidence.statistics.pairs import Pair
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.names import Numbering, differ_in_rank_alone, scored
from sentilora.evidence.writing.numbers import NBSP

_MOST_LISTED = 8


def accuracy_against_baseline(analysis: Analysis, numbering: Numbering) -> list[str]:
    """The baseline's accuracy, and what each other arm adds to it."""
    outcome = analysis.outcomes[analysis.baseline]
    interval = notation.percent_interval(outcome.scores.accuracy.interval)
    name = "The baseline" if len(analysis.outcomes) > 1 else "The only arm with results,"
    text = [
        f"{name} {subject(analysis.arm(analysis.baseline))} reaches {accuracy_of(outcome)} {interval} on "
        f"test{numbering.see('arms')}."
    ]
    pairs = [pair for pair in analysis.pairs if pair.over == analysis.baseline]
    if not pairs:
        return [*text, "No second arm has results, so nothing is compared."]
    gaps = [
        f"{pair.arm} {notation.points(pair.accuracy.mean)} {notation.points_interval(pair.accuracy.interval)}"
        for pair in pairs
    ]
    text.append(f"The difference to it is {notation.listed(gaps)}{numbering.see('comparisons', 'pairs')}.")
    text.append(_decided(pairs))
    return text


def accuracy_among_the_others(analysis: Analysis) -> list[str]:
    """LoRA ranks among themselves, and LoRA beside full fine-tuning."""
    ranks = rank_pairs(analysis)
    text = [sentence(comparison(pair)) for pair in ranks] if len(ranks) <= 3 else []
    if len(ranks) > 3:
        text.append(verdict_counts(ranks, "pairs of LoRA arms"))
    full = {arm.name for arm in scored(analysis) if arm.method == "full"}
    return text + [
        sentence(comparison(pair))
        for pair in analysis.pairs
        if analysis.challenger in (pair.arm, pair.over)
        and full & {pair.arm, pair.over}
        and pair.over != analysis.baseline
    ]


def seeds_and_power(analysis: Analysis) -> list[str]:
    """How much seeds differ, and how small a difference this test set could have shown."""
    text = []
    spreads = [
        (outcome.scores.accuracy.sd, name)
        for name, outcome in analysis.outcomes.items()
        if outcome.scores.accuracy.sd
    ]
    if spreads:
        sd, name = max(spreads)
        most = " at most" if len(spreads) > 1 else ""
        text.append(
            f"Between seeds, accuracy varies by a standard deviation of{most} "
            f"{notation.decimal(100 * sd, 1)}{NBSP}points ({name})."
        )
    return text + detectable_sentence(analysis)


def detectable_sentence(analysis: Analysis) -> list[str]:
    """What one exact test could have found at this size and disagreement."""
    found = [pair.detectable_difference for pair in analysis.pairs if pair.detectable_difference is not None]
    if not found:
        return []
    low, high = (notation.decimal(100 * bound, 1) for bound in (min(found), max(found)))
    span = low if low == high else f"{low} to {high}"
    return [
        f"At this test size and disagreement, one McNemar test finds a true difference of {span}{NBSP}points "
        f"with {notation.percent(analysis.settings.power, 0)} power; a smaller one can stay hidden."
    ]


def cost_results(analysis: Analysis, numbering: Numbering) -> list[str]:
    """Parameters, time and memory."""
    shares = [
        f"{name} trains {notation.count(outcome.parameters.adapter)} adapter and "
        f"{notation.count(outcome.parameters.head)} head parameters, {trained_share(outcome)} of the model"
        for name, outcome in analysis.outcomes.items()
        if analysis.arm(name).method in LORA_METHODS
    ]
    text = [sentence(f"the arm {'; '.join(shares[:3])}{numbering.see('costs')}")] if shares else []
    costs = {name: outcome.costs for name, outcome in analysis.outcomes.items()}
    times = [f"{notation.duration(cost.share_seconds.mean)} for {name}" for name, cost in costs.items()]
    memory = sorted(cost.peak_memory_bytes.mean for cost in costs.values())
    see = "" if shares else numbering.see("costs")
    text.append(f"One run takes {notation.listed(times[:_MOST_LISTED])}{see}.")
    low, high = notation.size(memory[0]), notation.size(memory[-1])
    text.append(f"Peak memory is {low}." if low == high else f"Peak memory lies between {low} and {high}.")
    return text


def pareto_sentences(analysis: Analysis, numbering: Numbering) -> list[str]:
    """Which arms no other arm beats in accuracy and cost together; nothing with a single arm."""
    if len(analysis.tradeoff) < 2:
        return []
    fronts: dict[tuple[str, ...], list[str]] = {}
    for cost, words in (
        ("trainable_parameters", "trained parameters"),
        ("share_seconds", "training time"),
        ("peak_memory_bytes", "memory"),
    ):
        front = tuple(point.arm for point in analysis.tradeoff if point.pareto[cost])
        fronts.setdefault(front, []).append(words)
    text = [
        f"Against {notation.listed(words)}, the Pareto front holds {notation.listed(list(front))}"
        for front, words in fronts.items()
    ]
    text[0] += numbering.see("tradeoff")
    return [f"{words}." for words in text]


def learning_results(analysis: Analysis, numbering: Numbering) -> list[str]:
    """How fast the arms converge and whether training runs ahead of dev."""
    if not analysis.curves:
        return []
    steps = [
        f"{notation.count(round(curve.median_steps_to_95))} ({curve.arm})"
        for curve in analysis.curves[:_MOST_LISTED]
    ]
    text = [
        f"Steps to 95{NBSP}% of the final dev accuracy, median over seeds: "
        f"{notation.listed(steps)}{numbering.see('curves')}."
    ]
    gaps = [
        f"{notation.points(entry.end_gap.mean)} ({entry.arm})"
        for entry in analysis.overfitting[:_MOST_LISTED]
    ]
    if gaps:
        text.append(
            "At the end, training accuracy, taken with dropout on, less dev accuracy is "
            f"{notation.listed(gaps)}."
        )
    lora = [arm for arm in scored(analysis) if arm.method == "lora"]
    return text + (_overfitting_by_rank(analysis.overfitting) if differ_in_rank_alone(lora) else [])


def calibration_results(analysis: Analysis, numbering: Numbering) -> list[str]:
    """Whether the probabilities can be believed."""
    errors = [
        f"{notation.percent(outcome.scores.ece.mean)} for {name}"
        for name, outcome in analysis.outcomes.items()
    ]
    text = [
        "The expected calibration error is "
        f"{notation.listed(errors[:_MOST_LISTED])}{numbering.see('reliability')}."
    ]
    beside = [pair for pair in analysis.pairs if pair.over == analysis.baseline]
    better = [pair.arm for pair in beside if pair.ece.interval.high < 0]
    worse = [pair.arm for pair in beside if pair.ece.interval.low > 0]
    if better:
        text.append(
            "By the interval of the difference, it is lower than the baseline's for "
            f"{notation.listed(better)}."
        )
    if worse:
        text.append(
            "By the interval of the difference, it is higher than the baseline's for "
            f"{notation.listed(worse)}."
        )
    if beside and not better and not worse:
        text.append("No arm's is shown to differ from the baseline's.")
    return text


def _decided(pairs: Sequence[Pair]) -> str:
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
        f"{'the gain' if sign > 0 else 'the loss'} of {notation.listed(arms)} is beyond chance after Holm's "
        f"correction ({bound})"
        for sign, arms in ((1, above), (-1, below))
        if arms
    ]
    if unproven:
        parts.append(f"for {notation.listed(unproven)} no difference is shown")
    return sentence("; ".join(parts))


def _overfitting_by_rank(entries: Sequence[Overfitting]) -> list[str]:
    """Whether more rank overfits more, by the smallest and the largest rank."""
    ranked = sorted((entry for entry in entries if entry.rank is not None), key=lambda entry: entry.rank or 0)
    if len({entry.rank for entry in ranked}) < 2:
        return []
    low, high = ranked[0], ranked[-1]
    if low.end_gap.sd is None or high.end_gap.sd is None:
        return ["One seed cannot show whether more rank overfits more."]
    if high.end_gap.low > low.end_gap.high:
        return [
            f"In every seed training runs further ahead with rank {high.rank} than with rank {low.rank}: a "
            "sign of overfitting."
        ]
    return [f"The seeds of ranks {low.rank} and {high.rank} overlap: no sign that more rank overfits more."]
