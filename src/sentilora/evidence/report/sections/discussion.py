"""The discussion: the answer in a few sentences, no stronger than the tests behind it."""

from __future__ import annotations

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.sections.limits import limits
from sentilora.evidence.report.sections.pairs import full_pairs, rank_pairs, verdict_on
from sentilora.evidence.report.sections.section import Section, Slide, paragraph
from sentilora.evidence.report.sections.slices import is_apart
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.names import (
    data_title,
    differ_in_rank_alone,
    margin_origin,
    scored,
    short_backbone_title,
    trained_share,
)
from sentilora.evidence.writing.numbers import capitalised


def section(analysis: Analysis) -> Section:
    """The conclusion; its slide adds the weightiest limits and the size of the study."""
    totals = analysis.totals
    answer = conclusion(analysis)
    size = (
        f"The whole study: {notation.counted(totals.num_finished, 'run')}, "
        f"{notation.duration(totals.train_seconds)} of training, {notation.size(totals.bytes_on_disk)} of "
        "records."
    )
    return Section(
        body=paragraph(answer),
        slides=(
            Slide(heading="What follows, and what does not", points=(answer, *limits(analysis)[:3], size)),
        ),
    )


def conclusion(analysis: Analysis) -> str:
    """What the challenger changes, how it stands to full fine-tuning, and what rank and wording matter."""
    where = f"on {data_title(analysis.data)} with {short_backbone_title(analysis.backbone)}"
    if analysis.challenger is None:
        return (
            f"One arm alone has results {where}: they say how good it is, not whether another would be "
            "better."
        )
    text = [
        _gain(analysis, analysis.challenger, where),
        *_beside_full(analysis),
        *_ranks(analysis),
        *_where(analysis),
    ]
    return " ".join(text)


def _gain(analysis: Analysis, name: str, where: str) -> str:
    pair, arm = analysis.over_baseline(name), analysis.arm(name)
    who = "LoRA" if arm.method == "lora" else f"The arm {name}"
    verdict = verdict_on(pair)
    if verdict == "undecided":
        return f"{capitalised(where)}, these runs do not decide whether {name} differs from {pair.over}."
    if verdict == "equivalent":
        return f"{who} makes no difference that matters {where}: {name} and {pair.over} are equivalent."
    share = (
        f" while training {trained_share(analysis.outcomes[name])} of the parameters"
        if arm.trains == "adapters"
        else ""
    )
    gap = f"{notation.points(pair.accuracy.mean)} {notation.points_interval(pair.accuracy.interval)}"
    return f"{who} changes accuracy {where} by {gap}{share}."


def _beside_full(analysis: Analysis) -> list[str]:
    text = []
    for pair in full_pairs(analysis):
        full = pair.over if pair.arm == analysis.challenger else pair.arm
        ahead = pair.arm if pair.accuracy.mean > 0 else pair.over
        gap = notation.unsigned_points(pair.accuracy.mean)
        text.append(
            {
                "undecided": f"Whether it falls short of {full} is undecided.",
                "equivalent": f"It is equivalent to {full} within the margin, {margin_origin(analysis)}.",
            }.get(verdict_on(pair), f"Of the two, {ahead} is ahead of the other by {gap}.")
        )
    return text


def _ranks(analysis: Analysis) -> list[str]:
    verdicts = {verdict_on(pair) for pair in rank_pairs(analysis)}
    if not verdicts:
        return []
    ranks = differ_in_rank_alone([arm for arm in scored(analysis) if arm.method == "lora"])
    if verdicts == {"equivalent"}:
        enough = "ranks tried are equivalent: the smallest is enough" if ranks else "LoRA arms are equivalent"
        return [f"The {enough}."]
    if verdicts <= {"undecided", "equivalent"}:
        shown = "not shown either" if verdicts == {"undecided"} else "shown for some pairs only"
        return [
            f"No {'rank' if ranks else 'LoRA arm'} is shown to be better than another; that they are equal "
            f"is {shown}."
        ]
    return [f"Some of the {'ranks tried' if ranks else 'LoRA arms'} differ beyond chance."]


def _where(analysis: Analysis) -> list[str]:
    """Where the challenger helps most, if it is shown to help more there than elsewhere."""
    for entry in analysis.extremes:
        for part in analysis.slices:
            if entry.arm != analysis.challenger or (part.family, part.name) != entry.most:
                continue
            gain = next(gain for gain in part.gains if gain.arm == entry.arm)
            if gain.significant and gain.gain.mean > 0 and is_apart(gain, more=True):
                return [f"It helps most on texts {part.name}, and more there than on the rest."]
    return []
