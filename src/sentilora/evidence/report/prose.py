"""Sentences that the results choose: pure functions from an analysis to prose.

Nothing here is written before the numbers are known. A difference is called one only where test and
interval agree; two arms are called equivalent only where the margin stated in the study says so; everything
else is undecided, and is called that.
"""

from __future__ import annotations

from collections.abc import Sequence

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.statistics.arms import ArmResult, Outcome
from sentilora.evidence.statistics.pairs import Pair
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.names import data_name, method_name, scored, short_backbone_name, verdict_on
from sentilora.evidence.writing.numbers import NBSP

LORA_METHODS = ("lora", "peft")


def title(analysis: Analysis) -> str:
    """What the study is about, by the arms that have results."""
    backbone = short_backbone_name(analysis.backbone)
    data = data_name(str(analysis.data["source"]))
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
    """Question, method, headline numbers, certainty, in one paragraph."""
    arms = scored(analysis)
    data, backbone = data_name(str(analysis.data["source"])), short_backbone_name(analysis.backbone)
    has_lora = any(arm.method in LORA_METHODS for arm in arms)
    sentences = [
        f"We measure what low-rank adaptation adds to {backbone} on {data}, what it costs, and how certain "
        "the answer is."
        if has_lora
        else f"We measure how well {backbone} classifies {data}, and how certain the answer is."
    ]
    sentences.append(_abstract_setup(analysis))
    baseline, outcomes = analysis.arm(analysis.baseline), analysis.outcomes
    sentences.append(
        f"The {'baseline' if len(arms) > 1 else 'arm'} {subject(baseline)} reaches "
        f"{accuracy_of(outcomes[baseline.name])} "
        f"test accuracy (95{NBSP}% "
        f"interval{NBSP}{notation.percent_interval(outcomes[baseline.name].scores.accuracy.interval)})."
    )
    if analysis.challenger is not None:
        outcome = outcomes[analysis.challenger]
        sentences.append(
            f"{_introduced(analysis, analysis.challenger)} trains {trained_share(outcome)} of the "
            f"parameters and reaches {accuracy_of(outcome)} "
            f"{notation.percent_interval(outcome.scores.accuracy.interval)}: "
            f"{_headline_difference(analysis, analysis.challenger)}."
        )
    sentences += _abstract_other_arms(analysis)
    lost = [arm.name for arm in analysis.arms if arm.outcome is None]
    if lost:
        sentences.append(f"No run of {notation.listed(lost, 'or')} could be scored.")
    sentences += claims_summary(analysis)
    return " ".join(sentences)


def introduction(analysis: Analysis) -> list[str]:
    """Why the question matters and what is asked, in two paragraphs."""
    methods = {arm.method for arm in analysis.arms}
    lora = bool(methods & set(LORA_METHODS))
    first = (
        "A pretrained language model can be put to a new task at very different prices. Training only a "
        "linear head leaves the model as it is; full fine-tuning changes, and stores, every weight anew for "
        "every task."
    )
    if lora:
        first += (
            " Low-rank adaptation, LoRA (Hu et al. 2021), lies between the two: the model stays frozen, and "
            "two small matrices are trained beside some of its projections."
        )
    first += (
        " Which price is worth paying is an empirical question, and easily answered wrongly: another seed "
        "alone can move accuracy by more than the differences that are reported (Dodge et al. 2020; "
        "Bouthillier et al. 2021), the best learning rate differs between methods, and a best-of-many score "
        "is no estimate of the next run."
    )
    asked = notation.listed(questions(analysis))
    return [first, f"We ask {asked}; and, for each answer, how sure it is."]


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


def trained_share(outcome: Outcome) -> str:
    """The share of the model an arm trains: "0.22 %"."""
    return f"{notation.bare_small_share(outcome.parameters.trainable_share)}{NBSP}%"


def claims_summary(analysis: Analysis) -> list[str]:
    """How the claims fared, in one or two sentences; nothing where the study states none."""
    sentences = []
    claims = [claim for claim in analysis.claims if claim.kind == "claim"]
    if claims:
        verdicts = [claim.verdict for claim in claims]
        fates = (
            (verdicts.count("held"), "held", "held"),
            (verdicts.count("refuted"), "is refuted", "are refuted"),
            (verdicts.count("undecided"), "is undecided", "are undecided"),
        )
        shown = [notation.counted(*fate) for fate in fates if fate[0]]
        noun = notation.counted(len(claims), "claim")
        sentences.append(f"Of {noun} stated before the runs, {notation.listed(shown)}.")
    present = [claim for claim in analysis.claims if claim.kind == "risk" and claim.verdict == "present"]
    if present:
        number = notation.counted(len(present), "risk")
        sentences.append(f"{number[0].upper()}{number[1:]} the study named came true.")
    return sentences


def _abstract_setup(analysis: Analysis) -> str:
    arms, totals = scored(analysis), analysis.totals
    seeds = sorted({len(outcome.seeds) for outcome in analysis.outcomes.values()})
    per_arm = (
        notation.counted(seeds[0], "seed")
        if len(seeds) == 1
        else f"{notation.in_words(seeds[0])} to {notation.counted(seeds[-1], 'seed')}"
    )
    searched = any(len(arm.rates) > 1 for arm in arms)
    choice = ", the learning rate of every trained arm chosen on dev," if searched else ""
    noun = notation.counted(len(arms), "arm")
    verb = "was" if len(arms) == 1 else "were"
    each = " each" if len(arms) > 1 else ""
    return (
        f"{noun[0].upper()}{noun[1:]}{choice} {verb} run with {per_arm}{each} and scored once on "
        f"{notation.count(totals.num_test)} test examples."
    )


def _abstract_other_arms(analysis: Analysis) -> list[str]:
    """The full fine-tuning arm and the ranks, beside the challenger."""
    sentences = []
    challenger = analysis.challenger
    for arm in scored(analysis):
        if arm.method == "full" and arm.name != challenger and challenger is not None:
            pair = analysis.pair(arm.name, challenger) or analysis.pair(challenger, arm.name)
            if pair is not None:
                sentences.append(sentence(f"beside full fine-tuning, {comparison(pair)}"))
    ranks = rank_pairs(analysis)
    if len(ranks) == 1:
        sentences.append(sentence(comparison(ranks[0])))
    elif ranks:
        sentences.append(verdict_counts(ranks, "pairs of LoRA arms"))
    return sentences


def _introduced(analysis: Analysis, challenger: str) -> str:
    """The challenger, and that it was chosen on dev where there was a choice."""
    rivals = [arm for arm in scored(analysis) if arm.method in LORA_METHODS and arm.name != analysis.baseline]
    chosen = ", the best of its kind on dev," if len(rivals) > 1 else ""
    return f"The arm {subject(analysis.arm(challenger))}{chosen}"


def _headline_difference(analysis: Analysis, challenger: str) -> str:
    pair = analysis.over_baseline(challenger)
    gap = f"{notation.points(pair.accuracy.mean)} {notation.points_interval(pair.accuracy.interval)}"
    tests = f"Holm-adjusted {notation.p_value(pair.adjusted_p_value)}"
    if pair.significant:
        word = "a gain" if pair.accuracy.mean > 0 else "a loss"
        return f"{word} of {gap.lstrip('+' + notation.MINUS)} against the baseline, {tests}"
    return f"{gap} against the baseline, {verdict_on(pair)} ({tests})"


def questions(analysis: Analysis) -> list[str]:
    """What the study can answer, by its arms, as clauses."""
    methods = [arm.method for arm in analysis.arms]
    adapted = [method for method in methods if method in LORA_METHODS]
    asked = []
    if adapted and "probe" in methods:
        asked.append("how much LoRA gains over a linear head on the same frozen backbone")
    elif "probe" in methods:
        asked.append("how far a linear head on a frozen backbone goes")
    if len({arm.rank for arm in analysis.arms if arm.rank is not None}) > 1:
        asked.append("whether a higher rank buys accuracy for its cost")
    if adapted and "full" in methods:
        asked.append("how close it comes to full fine-tuning")
    asked.append("where the errors lie")
    if analysis.claims:
        asked.append("which of the claims written into the study before it ran hold")
    return asked


def verdict_counts(pairs: Sequence[Pair], noun: str) -> str:
    """How many of these pairs are equivalent, different and undecided."""
    counts = {
        word: sum(verdict_on(pair) == word for pair in pairs)
        for word in dict.fromkeys(map(verdict_on, pairs))
    }
    shown = [f"{notation.counted(number, 'is', 'are')} {word}" for word, number in counts.items()]
    margin = notation.decimal(100 * pairs[0].equivalence.margin, 1)
    return f"Of {len(pairs)} {noun}, {notation.listed(shown)} (margin ±{margin}{NBSP}points)."


def rank_pairs(analysis: Analysis) -> list[Pair]:
    """The comparisons of LoRA arms with each other."""
    lora = {arm.name for arm in scored(analysis) if arm.method == "lora"}
    return [
        pair for pair in analysis.pairs if {pair.arm, pair.over} <= lora and pair.over != analysis.baseline
    ]


def subject(arm: ArmResult) -> str:
    """An arm with its method in brackets."""
    return f"{arm.name} ({method_name(arm)})"


def accuracy_of(outcome: Outcome) -> str:
    """Mean test accuracy in percent."""
    return notation.percent(outcome.scores.accuracy.mean)


def sentence(words: str) -> str:
    """The words as a sentence: a capital and a full stop."""
    return f"{words[0].upper()}{words[1:]}."
