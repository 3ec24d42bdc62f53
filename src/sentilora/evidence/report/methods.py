"""The methods section: data, backbone, arms, training, statistics and machine, as the records have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.statistics.arms import ArmResult
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.names import Numbering, backbone_name, class_names, data_name, method_name
from sentilora.evidence.writing.numbers import NBSP
from sentilora.evidence.writing.safe_text import excerpt

_DATA_CITATIONS = {
    "sst2": "SST-2, the binary Stanford Sentiment Treebank (Socher et al. 2013) as GLUE splits it (Wang "
    "et al. 2018)",
    "movie-snippets": "short movie reviews, each labelled by the sign of the mean of 20 human ratings "
    "(Hutto and Gilbert 2014)",
    "amazon": "sentences of product reviews, labelled by the sign of the mean of 20 human ratings "
    "(Hutto and Gilbert 2014)",
    "tweets": "tweets, labelled by the sign of the mean of 20 human ratings (Hutto and Gilbert 2014)",
    "nyt": "snippets of newspaper editorials, labelled by the sign of the mean of 20 human ratings "
    "(Hutto and Gilbert 2014)",
}
_BACKBONE_CITATIONS = {
    "minilm": " (Wang et al. 2020; Reimers and Gurevych 2019)",
    "mpnet": " (Song et al. 2020; Reimers and Gurevych 2019)",
    "distilbert": " (Sanh et al. 2019)",
}


def data_paragraph(analysis: Analysis, numbering: Numbering) -> str:
    """Where the data come from, how much of them is used, and what was noted of them."""
    data, names = analysis.data, class_names(analysis)
    source = str(data["source"])
    what = _DATA_CITATIONS.get(source, data_name(source))
    sizes = data["sizes"]
    text = [
        f"The data are {what}: {notation.count(sizes['train'])} training, {notation.count(sizes['dev'])} dev "
        f"and {notation.count(sizes['test'])} test examples of "
        f"{notation.counted(len(names), 'class', 'classes')} "
        f"({notation.listed(names)}){numbering.see('data')}."
    ]
    if sizes["train"] < data["train_total"]:
        share = notation.percent(sizes["train"] / data["train_total"])
        text.append(
            f"Training uses {share} of the {notation.count(data['train_total'])} training examples, drawn "
            "once for all arms by a hash of their ids."
        )
    truncated = sum(data["truncated"].values())
    text.append(
        f"Texts longer than {analysis.study['data']['max_length']} wordpieces are cut: "
        f"{notation.counted(truncated, 'text')} {'was' if truncated == 1 else 'were'}."
    )
    notes = [excerpt(str(note), 240) for note in data["notes"]]
    text += [note if note.endswith((".", "!", "?", "…")) else f"{note}." for note in notes[:3]]
    return " ".join(text)


def backbone_paragraph(analysis: Analysis) -> str:
    """The model that all arms share."""
    backbone = analysis.backbone
    pooled = "the first token's state" if backbone["pooling"] == "cls" else "the mean over all tokens' states"
    shared = "All arms share" if len(analysis.arms) > 1 else "The backbone is"
    citation = next(
        (
            words
            for key, words in _BACKBONE_CITATIONS.items()
            if key in (str(backbone["name"]).lower(), str(backbone["family"]).lower())
        ),
        "",
    )
    return (
        f"{shared} {backbone_name(backbone)}{citation}: {notation.count(backbone['num_layers'])} layers, "
        f"hidden size {notation.count(backbone['hidden_size'])}, {notation.count(backbone['parameters'])} "
        f"parameters. A linear head reads {pooled}; the backbone's own dropout is off."
    )


def arms_paragraph(analysis: Analysis) -> str:
    """What each arm trains."""
    shown = [f"{arm.name} ({method_name(arm)}{_arm_details(arm)})" for arm in analysis.arms]
    noun = "arm is" if len(shown) == 1 else "arms are"
    text = [f"The {noun} {notation.listed(shown)}."]
    if any(arm.method == "lora" for arm in analysis.arms):
        text.append(
            "LoRA arms train an update BA of each target, scaled by α/r, and the head (Hu et al. 2021)."
        )
    if any(arm.method == "lora" and arm.settings.get("rank_stabilized") for arm in analysis.arms):
        text.append("Rank-stabilized arms scale by α/√r instead (Kalajdzievski 2023).")
    if any(arm.method == "peft" and arm.settings.get("options", {}).get("use_dora") for arm in analysis.arms):
        text.append("DoRA trains magnitudes and directions apart (Liu et al. 2024).")
    if any(arm.method == "probe" and arm.settings.get("solver", "exact") == "exact" for arm in analysis.arms):
        text.append(
            "The exact probe solves the convex problem of the linear head, its L2 strength chosen on dev; "
            "it has neither learning rate nor training curve."
        )
    return " ".join(text)


def training_paragraph(analysis: Analysis) -> str:
    """The recipe, the search, and the one look at test."""
    recipe = analysis.study["training"]
    seeds = analysis.study["study"]["seeds"]
    text = []
    if any(arm.rates for arm in analysis.arms):
        text.append(
            "Training uses AdamW (Loshchilov and Hutter 2019) for "
            f"{notation.counted(recipe['epochs'], 'epoch')} in batches of "
            f"{notation.count(recipe['batch_size'])}, weight decay {recipe['weight_decay']:g}, gradients "
            f"clipped at {recipe['gradient_clip']:g}, the learning rate rising over "
            f"{notation.percent(recipe['warmup_fraction'], 0)} of the steps and falling linearly to zero."
        )
        text.append(search_sentence(analysis))
    text.append(
        f"Every arm is run with {notation.counted(len(seeds), 'seed')}"
        + (" for each rate" if any(len(arm.rates) > 1 for arm in analysis.arms) else "")
        + "; the state kept and every setting are chosen on dev, and test is scored once, after all choices."
    )
    return " ".join(text)


def statistics_paragraph(analysis: Analysis) -> str:
    """How scores, intervals and tests were made."""
    settings = analysis.settings
    several = len(analysis.pairs) > 0
    resampled = f"resample {settings.resampled}"
    one_seed = settings.resampled == "examples"
    text = [
        "Scores are means over seeds, never a best seed. "
        if any(len(outcome.seeds) > 1 for outcome in analysis.outcomes.values())
        else "Scores are those of one seed. ",
        f"Intervals ({notation.percent(settings.level, 0)}) {resampled} "
        f"{notation.count(settings.num_resamples)} times "
        + (
            "(bootstrap); they do not cover what another seed would change."
            if one_seed
            else "(Multi-Bootstrap; Sellam et al. 2022), rescaled to the unbiased variance (Owen 2007) with "
            "Student's t at Satterthwaite's degrees of freedom (Satterthwaite 1946), since a study has few "
            "seeds."
        ),
        f" Calibration is the expected calibration error over {settings.num_calibration_bins} "
        f"{settings.calibration_binning} bins (Guo et al. 2017) and the Brier score (Brier 1950).",
    ]
    if several:
        margin = notation.decimal(100 * settings.equivalence_margin, 1)
        text.append(
            " Pairs of arms are compared on the same examples by an exact sign-flip test of the difference "
            "in mean correctness, which with one seed is exact McNemar (McNemar 1947), adjusted over all "
            "pairs (Holm 1979); by P(A>B), the chance that a new run of one beats a new run of the other "
            "(Bouthillier et al. 2021); and by two one-sided tests of equivalence within "
            f"±{margin}{NBSP}points (Schuirmann 1987). Arms are called different where adjusted p is below "
            f"0.05 and the interval leaves out zero, equivalent where the 90{NBSP}% interval lies within the "
            "margin, undecided otherwise."
        )
    return "".join(text)


def machine_paragraph(analysis: Analysis) -> str:
    """Where the runs ran and what they cost together."""
    totals, text = analysis.totals, []
    for environment in analysis.environments[:2]:
        fields = environment.fields
        runs = notation.counted(environment.num_runs, "run")
        all_runs = f"all {runs}" if len(analysis.environments) == 1 and environment.num_runs > 1 else runs
        text.append(f"{all_runs} ran on {_device(fields)}{_versions(fields)}")
    more = len(analysis.environments) - 2
    if more > 0:
        text.append(f"{notation.counted(more, 'further environment')} in the records")
    spent = (
        f"together they trained for {notation.duration(totals.train_seconds)} and occupied "
        f"{notation.size(totals.bytes_on_disk)}"
    )
    words = "; ".join([*text, spent])
    return f"{words[0].upper()}{words[1:]}."


def _arm_details(arm: ArmResult) -> str:
    settings = arm.settings
    if arm.method == "lora":
        dropout = f", dropout {float(settings['dropout']):g}"
        return f" on {notation.listed(list(settings['targets']))}{dropout}"
    if arm.method == "peft":
        return f" on {notation.listed(list(settings['targets']))}"
    return ""


def search_sentence(analysis: Analysis) -> str:
    """How learning rates were searched; for studies with an arm that has one."""
    budgets = sorted({len(arm.rates) for arm in analysis.arms if arm.rates})
    rates = {tuple(trial.learning_rate for trial in arm.rates) for arm in analysis.arms if arm.rates}
    if budgets == [1]:
        return "No learning rate was searched."
    if len(rates) == 1:
        shown = notation.listed([notation.rate(rate) for rate in next(iter(rates))])
        return f"Every trained arm tries the same learning rates ({shown})."
    return f"Every trained arm tries {notation.counted(budgets[-1], 'learning rate')} of its own."


def _device(fields: Mapping[str, Any]) -> str:
    name = excerpt(str(fields.get("device_name") or fields.get("processor") or "an unnamed processor"), 60)
    threads = fields.get("threads")
    on_cpu = fields.get("device") == "cpu" and isinstance(threads, int)
    return name + (f" ({notation.counted(threads, 'thread')})" if on_cpu and isinstance(threads, int) else "")


def _versions(fields: Mapping[str, Any]) -> str:
    versions = fields.get("versions", {})
    shown = [
        f"{name}{NBSP}{versions[name]}" for name in ("torch", "transformers", "peft") if name in versions
    ]
    python = fields.get("python")
    shown = ([f"Python{NBSP}{python}"] if python else []) + shown
    return f", {', '.join(excerpt(item, 30) for item in shown)}" if shown else ""
