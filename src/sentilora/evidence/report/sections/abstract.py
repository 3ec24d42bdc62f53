"""The title and the abstract: question, method, headline numbers and certainty, chosen by the results."""

from __future__ import annotations

from collections import Counter

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.sections.claims import claims_summary
from sentilora.evidence.report.sections.pairs import (
    comparison,
    full_pairs,
    rank_pairs,
    verdict_counts,
    verdict_on,
)
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.names import (
    WHAT_A_HEAD_READS,
    accuracy_of,
    data_title,
    scored,
    short_backbone_title,
    trained_share,
    with_method,
)
from sentilora.evidence.writing.numbers import NBSP, capitalised, sentence


def title(analysis: Analysis) -> str:
    """What the study is about, by the arms that have results."""
    backbone, data = short_backbone_title(analysis.backbone), data_title(analysis.data)
    methods = {arm.method for arm in scored(analysis)}
    if "lora" in methods and "probe" in methods:
        return f"What LoRA adds to a frozen {backbone} on {data}: accuracy, cost and certainty"
    if "lora" in methods and "full" in methods:
        return f"LoRA and full fine-tuning of {backbone} on {data}: accuracy, cost and certainty"
    if "lora" in methods:
        return f"LoRA fine-tuning of {backbone} on {data}: accuracy, cost and certainty"
    if methods == {"probe"}:
        return f"A linear head on a frozen {backbone}: accuracy and cost on {data}"
    return f"Adapting {backbone} to {data}: accuracy, cost and certainty"


def abstract(analysis: Analysis) -> str:
    """Question, method, headline numbers and certainty, in one paragraph."""
    sentences = [_question(analysis), _set_up(analysis), _baseline(analysis)]
    if analysis.challenger is not None:
        sentences.append(_challenger(analysis, analysis.challenger))
    sentences += _other_arms(analysis)
    sentences += _claimed(analysis)
    lost = [arm.name for arm in analysis.arms if arm.outcome is None]
    if lost:
        sentences.append(f"No run of {notation.listed(lost, 'or')} could be scored.")
    return " ".join([*sentences, *claims_summary(analysis)])


def _question(analysis: Analysis) -> str:
    data, backbone = data_title(analysis.data), short_backbone_title(analysis.backbone)
    if any(arm.trains == "adapters" for arm in scored(analysis)):
        return (
            f"We measure what low-rank adaptation adds to {backbone} on {data}, what it costs, and how "
            "certain the answer is."
        )
    return f"We measure how well {backbone} classifies {data}, and how certain the answer is."


def _set_up(analysis: Analysis) -> str:
    arms = scored(analysis)
    seeds = sorted({len(outcome.seeds) for outcome in analysis.outcomes.values()})
    per_arm = (
        notation.counted(seeds[0], "seed")
        if len(seeds) == 1
        else f"{notation.in_words(seeds[0])} to {notation.counted(seeds[-1], 'seed')}"
    )
    data = analysis.data
    searched = any(len(arm.rates) > 1 for arm in arms)
    choice = ", with learning rates chosen on dev" if searched else ""
    share = notation.percent(data["sizes"]["train"] / data["train_total"])
    part = f" ({share} of the training set)" if data["sizes"]["train"] < data["train_total"] else ""
    verb, each = ("was", "") if len(arms) == 1 else ("were", " each")
    return (
        f"{capitalised(notation.counted(len(arms), 'arm'))} {verb} trained on "
        f"{notation.count(data['sizes']['train'])} examples{part}, with {per_arm}{each}{choice}, and scored "
        f"once on {notation.count(analysis.totals.num_test)} test examples; a linear head reads "
        f"{WHAT_A_HEAD_READS[analysis.backbone['pooling']]}."
    )


def _baseline(analysis: Analysis) -> str:
    outcome = analysis.outcomes[analysis.baseline]
    return (
        f"The {'baseline' if len(analysis.outcomes) > 1 else 'arm'} "
        f"{with_method(analysis.arm(analysis.baseline))} reaches {accuracy_of(outcome)} test accuracy "
        f"(95{NBSP}% interval{NBSP}{notation.percent_interval(outcome.scores.accuracy.interval)})."
    )


def _challenger(analysis: Analysis, name: str) -> str:
    outcome = analysis.outcomes[name]
    rivals = [arm for arm in scored(analysis) if arm.trains == "adapters" and arm.name != analysis.baseline]
    chosen = ", the best of its kind on dev," if len(rivals) > 1 else ""
    return (
        f"The arm {with_method(analysis.arm(name))}{chosen} trains {trained_share(outcome)} of the "
        f"parameters and reaches {accuracy_of(outcome)} "
        f"{notation.percent_interval(outcome.scores.accuracy.interval)}: {_difference(analysis, name)}."
    )


def _difference(analysis: Analysis, name: str) -> str:
    pair = analysis.over_baseline(name)
    gap = f"{notation.points(pair.accuracy.mean)} {notation.points_interval(pair.accuracy.interval)}"
    tests = f"Holm-adjusted {notation.p_value(pair.adjusted_p_value)}"
    if pair.significant:
        word = "a gain" if pair.accuracy.mean > 0 else "a loss"
        return f"{word} of {gap.lstrip('+' + notation.MINUS)} against the baseline, {tests}"
    return f"{gap} against the baseline, {verdict_on(pair)} ({tests})"


def _other_arms(analysis: Analysis) -> list[str]:
    """The full fine-tuning arm and the ranks, beside the challenger."""
    sentences = [sentence(f"beside full fine-tuning, {comparison(pair)}") for pair in full_pairs(analysis)]
    ranks = rank_pairs(analysis)
    if len(ranks) == 1:
        sentences.append(sentence(comparison(ranks[0])))
    elif ranks:
        sentences.append(verdict_counts(ranks, "pairs of LoRA arms"))
    return sentences


def _claimed(analysis: Analysis) -> list[str]:
    """The accuracy of the arm that most claims are about, where it is not among those named above."""
    arms = Counter(claim.arm for claim in analysis.claims if claim.arm in analysis.outcomes)
    if not arms:
        return []
    name, _ = arms.most_common(1)[0]
    if name is None or name in (analysis.baseline, analysis.challenger):
        return []
    outcome = analysis.outcomes[name]
    interval = notation.percent_interval(outcome.scores.accuracy.interval)
    return [f"The arm {name}, which most claims are about, reaches {accuracy_of(outcome)} {interval}."]
