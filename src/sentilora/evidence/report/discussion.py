"""The discussion: what the results mean, how the claims fared, and what they cannot show."""

from __future__ import annotations

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.prose import LORA_METHODS, claims_summary, trained_share
from sentilora.evidence.statistics.claims import JudgedClaim
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.names import (
    Numbering,
    data_name,
    differ_in_rank_alone,
    scored,
    short_backbone_name,
    verdict_on,
)
from sentilora.evidence.writing.safe_text import excerpt


def conclusion(analysis: Analysis) -> str:
    """The answer in a few sentences, no stronger than the tests behind it."""
    challenger, baseline = analysis.challenger, analysis.baseline
    where = f"on {data_name(str(analysis.data['source']))} with {short_backbone_name(analysis.backbone)}"
    if challenger is None:
        return (
            f"One arm alone has results {where}: they say how good it is, not whether another would be "
            "better."
        )
    pair, arm = analysis.over_baseline(challenger), analysis.arm(challenger)
    subject = "LoRA" if arm.method == "lora" else f"The arm {challenger}"
    gap = f"{notation.points(pair.accuracy.mean)} {notation.points_interval(pair.accuracy.interval)}"
    verdict = verdict_on(pair)
    if verdict == "undecided":
        first = (
            f"{where[0].upper()}{where[1:]}, these runs do not decide whether {challenger} differs from "
            f"{baseline}."
        )
    elif verdict == "equivalent":
        first = (
            f"{subject} makes no difference that matters {where}: {challenger} and {baseline} are equivalent."
        )
    else:
        share = (
            f" while training {trained_share(analysis.outcomes[challenger])} of the parameters"
            if arm.method in LORA_METHODS
            else ""
        )
        first = f"{subject} changes accuracy {where} by {gap}{share}."
    return " ".join([first, *_full(analysis), *_ranks(analysis), *_where(analysis)])


def claims_paragraph(analysis: Analysis, numbering: Numbering) -> list[str]:
    """How the claims fared; each is in the table with its numbers."""
    if not analysis.claims:
        return ["The study states no claims, so none is judged."]
    text = claims_summary(analysis)
    refuted = [claim for claim in analysis.claims if claim.verdict == "refuted"]
    undecided = [claim for claim in analysis.claims if claim.kind == "claim" and claim.verdict == "undecided"]
    if refuted:
        text.append(f"Refuted: {'; '.join(_quoted(claim) for claim in refuted)}.")
    if undecided:
        text.append(f"Undecided: {'; '.join(_quoted(claim) for claim in undecided)}.")
    where = numbering.of("claims")
    if where:
        text.append(f"{where} gives the numbers behind each verdict.")
    return text


def risks(analysis: Analysis) -> list[str]:
    """One item for each risk the study names: whether it came true, and what follows."""
    items = []
    for claim in analysis.claims:
        if claim.kind != "risk":
            continue
        found = " ".join(finding.sentence for finding in claim.findings)
        follows = {
            "present": "It came true: read the gains beside this level and the costs, not alone.",
            "absent": "It did not come true.",
        }.get(claim.verdict, "Whether it came true is unclear at this size of test set and number of seeds.")
        items.append(f"{_quoted(claim)}: {excerpt(found, 300)} {follows}")
    return items


def limits(analysis: Analysis) -> list[str]:
    """What these results cannot show, in the order of weight."""
    items = [*_seed_limits(analysis), *_edge_limits(analysis)]
    items.append(
        "One backbone and one training set: that the same holds for other models or domains is not shown"
        + (", beyond the transfer sets scored here." if analysis.transfer else ".")
    )
    failed = analysis.totals.num_failed + analysis.totals.num_missing
    if failed:
        items.append(
            f"{notation.count(failed)} of {notation.count(analysis.totals.num_planned)} planned runs failed "
            "or are missing; a setting that does not always train is counted against its arm, but its "
            "scores come from the runs that did."
        )
    noise = analysis.disagreements
    if noise is not None and noise.label_noise.num_found:
        share = notation.percent(noise.label_noise.num_found / analysis.totals.num_test)
        items.append(
            f"{notation.counted(noise.label_noise.num_found, 'test label')} ({share}) "
            f"{'looks' if noise.label_noise.num_found == 1 else 'look'} doubtful (Northcutt et al. 2021): "
            "the models' own view, not a correction; all scores use the labels as recorded."
        )
    if any(outcome.costs.pack_size.high > 1 for outcome in analysis.outcomes.values()):
        items.append(
            "Runs train in packs that share one frozen backbone: a run's time is its share of the pack, and "
            "its memory the whole pack's, so neither is what the run would cost alone."
        )
    return [f"{item[0].upper()}{item[1:]}" for item in items]


def _seed_limits(analysis: Analysis) -> list[str]:
    single = [name for name, outcome in analysis.outcomes.items() if len(outcome.seeds) == 1]
    if not single:
        return []
    who = "Every arm has" if len(single) == len(analysis.outcomes) else f"{notation.listed(single)}: there is"
    return [
        f"{who} one seed only: intervals cover the choice of test examples, not of initialisation and data "
        "order, which can matter as much (Dodge et al. 2020)."
    ]


def _edge_limits(analysis: Analysis) -> list[str]:
    """Arms whose best learning rate is the first or last tried: the optimum may lie beyond."""
    edges = [
        arm.name
        for arm in analysis.arms
        if arm.outcome is not None
        and len(arm.rates) > 1
        and arm.outcome.learning_rate in (arm.rates[0].learning_rate, arm.rates[-1].learning_rate)
    ]
    if not edges:
        return []
    rates = "rate of {} was" if len(edges) == 1 else "rates of {} were"
    return [
        f"The learning {rates.format(notation.listed(edges))} chosen at an end of the range tried: a better "
        "one may lie beyond it."
    ]


def _full(analysis: Analysis) -> list[str]:
    text = []
    for arm in scored(analysis):
        pair = analysis.pair(arm.name, analysis.challenger or "") or analysis.pair(
            analysis.challenger or "", arm.name
        )
        if arm.method != "full" or pair is None or analysis.baseline in (pair.arm, pair.over):
            continue
        gap = f"{notation.points(abs(pair.accuracy.mean)).lstrip('+')}"
        ahead = arm.name if (pair.accuracy.mean > 0) == (pair.arm == arm.name) else analysis.challenger
        text.append(
            {
                "undecided": f"Whether it falls short of {arm.name} is undecided.",
                "equivalent": f"It is equivalent to {arm.name} within the margin stated beforehand.",
            }.get(verdict_on(pair), f"Of the two, {ahead} is ahead of the other by {gap}.")
        )
    return text


def _where(analysis: Analysis) -> list[str]:
    """Where the challenger helps most, if it helps more there than elsewhere by more than the interval."""
    for entry in analysis.extremes:
        if entry.arm != analysis.challenger:
            continue
        for part in analysis.slices:
            gain = next((gain for gain in part.gains if gain.arm == entry.arm), None)
            if (part.family, part.name) == entry.most and gain is not None and gain.significant:
                more = gain.beyond_rest is not None and gain.beyond_rest.interval.low > 0
                if more:
                    return [f"It helps most on texts {part.name}, and more there than on the rest."]
    return []


def _ranks(analysis: Analysis) -> list[str]:
    arms = [arm for arm in scored(analysis) if arm.method == "lora"]
    names = {arm.name for arm in arms}
    verdicts = {verdict_on(pair) for pair in analysis.pairs if {pair.arm, pair.over} <= names}
    if not verdicts:
        return []
    ranks = differ_in_rank_alone(arms)
    if verdicts == {"equivalent"}:
        enough = "ranks tried are equivalent: the smallest is enough" if ranks else "LoRA arms are equivalent"
        return [f"The {enough}."]
    if verdicts <= {"undecided", "equivalent"}:
        return [
            f"No {'rank' if ranks else 'LoRA arm'} is shown to be better than another; that they are equal "
            f"is {'not shown either' if verdicts == {'undecided'} else 'shown for some pairs only'}."
        ]
    return [f"Some of the {'ranks tried' if ranks else 'LoRA arms'} differ beyond chance."]


def _quoted(claim: JudgedClaim) -> str:
    return f"“{excerpt(claim.wording, 140)}”"
