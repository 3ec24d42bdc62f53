"""The model: the backbone that all arms share, and what each arm trains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.sections.cost import costs_table
from sentilora.evidence.report.sections.section import Section, Slide, paragraph
from sentilora.evidence.statistics.arm_results import ArmResult
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.names import (
    WHAT_A_HEAD_READS,
    about_backbone,
    class_names,
    data_title,
    method_name,
    short_backbone_title,
)


def section(analysis: Analysis) -> Section:
    """The backbone in one paragraph and the arms in another."""
    return Section(
        heading="Backbone and arms",
        body=(*paragraph(*_backbone(analysis)), *paragraph(*_arms(analysis))),
        slides=(_slide(analysis),),
    )


def _backbone(analysis: Analysis) -> list[str]:
    backbone = analysis.backbone
    shared = "All arms share" if len(analysis.arms) > 1 else "The backbone is"
    return [
        f"{shared} {about_backbone(backbone).in_prose()}: {notation.count(backbone['num_layers'])} layers, "
        f"hidden size {notation.count(backbone['hidden_size'])}, {notation.count(backbone['parameters'])} "
        "parameters.",
        f"A linear head reads {WHAT_A_HEAD_READS[backbone['pooling']]}{_pooling_choice(backbone)}; "
        "the backbone's own dropout is off.",
        *_other_poolings(analysis),
    ]


def _pooling_choice(backbone: Mapping[str, Any]) -> str:
    """How the pooling was chosen, where it was: the dev accuracy of a frozen head with each."""
    trials = backbone.get("pooling_trials")
    if not trials:
        return ""
    shown = [f"{WHAT_A_HEAD_READS[pooling]} {notation.percent(dev)}" for pooling, dev in trials.items()]
    return f", chosen by the dev accuracy of an exact frozen head ({', '.join(shown)})"


def _other_poolings(analysis: Analysis) -> list[str]:
    """The arms whose heads read something else."""
    return [
        f"The head of {arm.name} reads {WHAT_A_HEAD_READS[arm.settings['pooling']]}."
        for arm in analysis.arms
        if arm.settings.get("pooling")
    ]


def _arms(analysis: Analysis) -> list[str]:
    arms = analysis.arms
    shown = [f"{arm.name} ({method_name(arm)}{_details(arm)})" for arm in arms]
    text = [f"The {'arm is' if len(shown) == 1 else 'arms are'} {notation.listed(shown)}."]
    if any(arm.method == "lora" for arm in arms):
        text.append(
            "LoRA arms train an update BA of each target, scaled by α/r, and the head (Hu et al. 2021)."
        )
    if any(arm.method == "lora" and arm.settings.get("rank_stabilized") for arm in arms):
        text.append("Rank-stabilized arms scale by α/√r instead (Kalajdzievski 2023).")
    if any(arm.method == "peft" and arm.settings.get("options", {}).get("use_dora") for arm in arms):
        text.append("DoRA trains magnitudes and directions apart (Liu et al. 2024).")
    if any(arm.is_solved for arm in arms):
        text.append(
            "The exact probe solves the convex problem of the linear head, its L2 strength chosen on dev; "
            "it has neither learning rate nor training curve, and one solution: its seeds are copies of it."
        )
    return text


def _details(arm: ArmResult) -> str:
    if arm.trains != "adapters":
        return ""
    dropout = f", dropout {float(arm.settings['dropout']):g}" if arm.method == "lora" else ""
    layers = arm.settings.get("layers", "all")  # records may be older than the setting
    if layers == "all":
        where = ""
    elif isinstance(layers, str):
        where = f" of the last {layers.removeprefix('last-')} layers"
    else:
        where = f" of layers {notation.listed([str(number) for number in layers])} (0 is the first)"
    return f" on {notation.listed(list(arm.settings['targets']))}{where}{dropout}"


def _slide(analysis: Analysis) -> Slide:
    sizes = analysis.data["sizes"]
    return Slide(
        heading=f"One backbone, {notation.counted(len(analysis.arms), 'way', 'ways')} to use it",
        points=(
            f"Data: {data_title(analysis.data)}, {notation.count(sizes['train'])} training, "
            f"{notation.count(sizes['dev'])} dev and {notation.count(sizes['test'])} test examples "
            f"({notation.listed(class_names(analysis))})",
            f"Backbone: {short_backbone_title(analysis.backbone)}, "
            f"{notation.count(analysis.backbone['parameters'])} parameters, shared by all arms",
        ),
        table=costs_table(analysis).only("Arm", "Adapter", "Head", "Backbone", "Trained (%)"),
    )
