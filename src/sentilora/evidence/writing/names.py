"""What things are called in print: data sets, backbones, methods, and where a sentence points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.statistics.arms import ArmResult
from sentilora.evidence.statistics.pairs import Pair
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.safe_text import ELLIPSIS, excerpt

_DATA_NAMES = {
    "sst2": "SST-2",
    "movie-snippets": "the movie snippets",
    "amazon": "Amazon reviews",
    "tweets": "tweets",
    "nyt": "newspaper editorials",
}
_BACKBONE_NAMES = {
    "minilm": "MiniLM (all-MiniLM-L6-v2)",
    "mpnet": "MPNet (all-mpnet-base-v2)",
    "distilbert/distilbert-base-uncased": "DistilBERT",
    "distilbert-base-uncased": "DistilBERT",
}


@dataclass(frozen=True)
class Numbering:
    """Which figures and tables a report holds, in its order; sentences point only at what is there."""

    figures: Sequence[str] = ()
    """Names of the figures."""
    tables: Sequence[str] = ()
    """Names of the tables."""

    def of(self, name: str) -> str:
        """As "Figure 2"; empty where the report has no such figure or table."""
        if name in self.figures:
            return f"Figure{notation.NBSP}{self.figures.index(name) + 1}"
        if name in self.tables:
            return f"Table{notation.NBSP}{self.tables.index(name) + 1}"
        return ""

    def see(self, *names: str) -> str:
        """As " (Figure 2, Table 3)" with those that are there; empty where none is."""
        there = [self.of(name) for name in names if self.of(name)]
        return f" ({', '.join(there)})" if there else ""


def data_name(source: str) -> str:
    """A data source as prose calls it."""
    return _DATA_NAMES.get(source, f"“{excerpt(source.removeprefix('hub:'), 60)}”")


def backbone_name(backbone: Mapping[str, Any]) -> str:
    """A backbone as a reader knows it."""
    name = str(backbone["name"])
    return _BACKBONE_NAMES.get(name, excerpt(name.rstrip("/").rsplit("/", 1)[-1], 60))


def short_backbone_name(backbone: Mapping[str, Any]) -> str:
    """The same without the publisher's name in brackets."""
    return backbone_name(backbone).split(" (")[0]


def class_names(analysis: Analysis) -> list[str]:
    """The label names, cut to what a table can hold."""
    return [excerpt(str(name), 24) for name in analysis.data["label_names"]]


def method_name(arm: ArmResult) -> str:
    """An arm's method with the settings that tell it from others: "LoRA, r = 8, α = 16"."""
    settings, nbsp = arm.settings, notation.NBSP
    if arm.method == "probe":
        exact = settings.get("solver", "exact") == "exact"
        return "linear head, backbone frozen" + ("" if exact else ", AdamW")
    if arm.method == "full":
        return "full fine-tuning"
    if arm.method == "peft":
        options = settings.get("options", {})
        kind = "DoRA" if options.get("use_dora") else excerpt(str(settings.get("peft_type", "PEFT")), 20)
        rank = f", r{nbsp}={nbsp}{options['r']}" if isinstance(options.get("r"), int) else ""
        return f"PEFT, {kind}{rank}"
    kind = "rsLoRA" if settings.get("rank_stabilized") else "LoRA"
    return f"{kind}, r{nbsp}={nbsp}{arm.rank}, α{nbsp}={nbsp}{float(settings['alpha']):g}"


def central_arms(analysis: Analysis, most: int = 5) -> list[str]:
    """The arms a crowded figure shows, in the study's order: baseline and challenger first of all."""
    there = [arm.name for arm in scored(analysis)]
    full = [arm.name for arm in scored(analysis) if arm.method == "full"]
    first = [name for name in (analysis.baseline, analysis.challenger, *full, *there) if name is not None]
    kept = list(dict.fromkeys(first))[:most]
    return [name for name in there if name in kept]


def scored(analysis: Analysis) -> list[ArmResult]:
    """The arms that have test scores."""
    return [arm for arm in analysis.arms if arm.outcome is not None]


def verdict_on(pair: Pair) -> str:
    """One word: different, equivalent, both ("different, within margin") or undecided."""
    if pair.significant:
        return "different, within margin" if pair.equivalence.equivalent else "different"
    return "equivalent" if pair.equivalence.equivalent else "undecided"


def differ_in_rank_alone(arms: Sequence[ArmResult]) -> bool:
    """Whether these LoRA arms are a study of rank: all ranks differ, and what is adapted and how does not."""
    ranks = [arm.rank for arm in arms]
    others = {(str(arm.settings.get("targets")), str(arm.settings.get("rank_stabilized"))) for arm in arms}
    return len(ranks) > 1 and len(set(ranks)) == len(ranks) and len(others) == 1


def left_out(analysis: Analysis) -> list[str]:
    """One sentence for each arm without scores, each kind of failure, and each record that is not used."""
    lines = [
        f"{arm.name} has no test scores: {arm.reason}" for arm in analysis.arms if arm.reason is not None
    ]
    failures: dict[tuple[str, str], list[str]] = {}
    for run in analysis.failures:
        step = "" if run.step is None else f" at step {notation.count(run.step)}"
        failures.setdefault((run.arm, run.reason), []).append(f"{run.run_id}{step}")
    for (arm, reason), runs in failures.items():
        number = notation.counted(len(runs), "run")
        lines.append(f"{number[0].upper()}{number[1:]} of {arm} failed ({reason}): {', '.join(runs)}")
    lines += [f"Left out: {problem}" for problem in analysis.problems]
    shown = [excerpt(line.rstrip("."), 300) for line in lines]
    return [line if line.endswith(ELLIPSIS) else f"{line}." for line in shown]
