"""What things are called in print: data sets, backbones, classes, methods and arms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.statistics.arm_results import ArmResult, Outcome
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.numbers import NBSP
from sentilora.evidence.writing.safe_text import excerpt
from sentilora.records.about import About
from sentilora.records.costs import TRAINED_SHARE

MOST_LISTED = 8
"""Arms that one sentence lists."""
_MOST_CENTRAL = 5


def about_data(data: Mapping[str, Any]) -> About:
    """What ``study.json`` knows of its data; for data that say nothing of themselves, their source quoted."""
    return _readable(About.read(data, name=f"“{str(data['source']).removeprefix('hub:')}”"))


def about_transfer_set(data: Mapping[str, Any], name: str) -> About:
    """What ``study.json`` knows of a transfer set."""
    return _readable(About.read(data["transfer"][name], name=f"“{name}”"))


def about_backbone(backbone: Mapping[str, Any]) -> About:
    """What ``study.json`` knows of a backbone; else its name, without its publisher or folder."""
    return _readable(About.read(backbone, name=str(backbone["name"]).rstrip("/").rsplit("/", 1)[-1]))


def data_title(data: Mapping[str, Any]) -> str:
    """A study's data as prose calls them."""
    return about_data(data).title


def backbone_title(backbone: Mapping[str, Any]) -> str:
    """A backbone as a reader knows it, the publisher's own name in brackets."""
    return about_backbone(backbone).title


def short_backbone_title(backbone: Mapping[str, Any]) -> str:
    """The same without the publisher's own name."""
    return backbone_title(backbone).split(" (")[0]


def margin_origin(analysis: Analysis) -> str:
    """Whether the margin of equivalence was there before the runs: "set beforehand"."""
    return {
        True: "set beforehand",
        False: "changed after runs had been made",
        None: "as the study states it",
    }[analysis.settings.margin_stated_beforehand]


def class_names(analysis: Analysis) -> list[str]:
    """The label names, cut to what a table can hold."""
    return [excerpt(str(name), 24) for name in analysis.data["label_names"]]


def method_name(arm: ArmResult) -> str:
    """An arm's method with the settings that tell it from others: "LoRA, r = 8, α = 16"."""
    settings = arm.settings
    if arm.method == "probe":
        return "linear head, backbone frozen" + ("" if arm.is_solved else ", AdamW")
    if arm.method == "full":
        return "full fine-tuning"
    if arm.method == "peft":
        options = settings.get("options", {})
        kind = "DoRA" if options.get("use_dora") else excerpt(str(settings.get("peft_type", "PEFT")), 20)
        rank = f", r{NBSP}={NBSP}{options['r']}" if isinstance(options.get("r"), int) else ""
        return f"PEFT, {kind}{rank}"
    kind = "rsLoRA" if settings.get("rank_stabilized") else "LoRA"
    return f"{kind}, r{NBSP}={NBSP}{arm.rank}, α{NBSP}={NBSP}{float(settings['alpha']):g}"


WHAT_A_HEAD_READS: Mapping[str, str] = {
    "cls": "the first token's state",
    "mean": "the mean over all tokens' states",
    "both": "the first token's state and the mean over all tokens' states",
}
"""In words, by pooling."""


def with_method(arm: ArmResult) -> str:
    """An arm with its method in brackets."""
    return f"{arm.name} ({method_name(arm)})"


def accuracy_of(outcome: Outcome) -> str:
    """An arm's mean test accuracy: "89.5 %"."""
    return notation.percent(outcome.scores.accuracy.mean)


def trained_share(outcome: Outcome) -> str:
    """The share of the model that an arm trains: "0.22 %"."""
    return f"{notation.bare_small_share(outcome.cost(TRAINED_SHARE).mean)}{NBSP}%"


def scored(analysis: Analysis) -> list[ArmResult]:
    """The arms that have test scores."""
    return [arm for arm in analysis.arms if arm.outcome is not None]


def central_arms(analysis: Analysis, most: int = _MOST_CENTRAL) -> list[str]:
    """The arms a crowded figure shows, in the study's order: baseline and challenger first of all."""
    there = list(analysis.outcomes)
    full = [arm.name for arm in scored(analysis) if arm.method == "full"]
    first = [name for name in (analysis.baseline, analysis.challenger, *full, *there) if name is not None]
    kept = list(dict.fromkeys(first))[:most]
    return [name for name in there if name in kept]


def some_arms(analysis: Analysis) -> str:
    """For a caption: how many arms ``central_arms`` left out; empty where it shows all."""
    shown, arms = len(central_arms(analysis)), len(analysis.outcomes)
    return f" {shown} of {arms} arms are shown." if shown < arms else ""


def differ_in_rank_alone(arms: Sequence[ArmResult]) -> bool:
    """Whether these LoRA arms are a study of rank: all ranks differ, and what is adapted and how does not."""
    ranks = [arm.rank for arm in arms]
    others = {
        tuple(str(arm.settings.get(key, "all")) for key in ("targets", "layers", "rank_stabilized"))
        for arm in arms
    }
    return len(ranks) > 1 and len(set(ranks)) == len(ranks) and len(others) == 1


def _readable(about: About) -> About:
    """The facts with their title and description cut to what prose can hold: a record may say anything."""
    return About(
        title=excerpt(about.title, 60),
        description=excerpt(about.description, 300),
        citations={excerpt(cited, 60): excerpt(entry, 400) for cited, entry in about.citations.items()},
        licence=excerpt(about.licence, 60),
        place=excerpt(about.place, 160),
    )
