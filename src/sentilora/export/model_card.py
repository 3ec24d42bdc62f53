"""The ``README.md`` of an export: metadata for the hub, then what a person must know before using it.

Every number comes from the run's record and its study's analysis; nothing is typed by hand. A class name or
data source is other people's text and is escaped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

import yaml

import sentilora
from sentilora.data.sources.sst2 import HUB_TEXTS
from sentilora.evidence.statistics.estimates import Estimate
from sentilora.evidence.writing.names import WHAT_A_HEAD_READS
from sentilora.evidence.writing.numbers import count, percent, percent_interval, points, points_interval
from sentilora.evidence.writing.safe_text import excerpt, markdown_cell
from sentilora.export.measured_results import MeasuredResults
from sentilora.records.about import About
from sentilora.use.adapter_folder import ClassifierFile

Target = Literal["peft", "transformers", "onnx"]

_METRICS = (("accuracy", "Accuracy", "accuracy"), ("f1", "F1", "f1"), ("mcc", "MCC", "matthews_correlation"))
"""Name in records, in tables, and as the hub calls it."""

LONGEST_TEXT = 400
"""Characters of a label or a note that a card shows."""


@dataclass(frozen=True)
class CardFacts:
    """What a card is written from."""

    target: Target
    """What was exported."""
    title: str
    """The heading."""
    description: ClassifierFile
    """The run's ``classifier.json``."""
    base_model: str | None
    """The backbone's hub id, or None where it is no model of the hub."""
    base_revision: str | None
    """Its commit, where known."""
    usage: str
    """Python that loads it with stock libraries, and says what it gives."""
    measured: MeasuredResults | None
    """From the records, or None where there are none."""
    notes: tuple[str, ...] = ()
    """Further sentences, for example what int8 costs."""


def model_card(facts: CardFacts) -> str:
    """The card as Markdown with YAML front matter."""
    sections = [
        f"# {_plain(facts.title)}",
        _summary(facts),
        f"## How to use\n\n{facts.usage}",
        f"## Results\n\n{_results(facts)}",
        f"## Training data\n\n{_data(facts)}",
        f"## Training\n\n{_training(facts)}",
        f"## Limits\n\n{_limits()}",
    ]
    return f"---\n{_metadata(facts)}---\n\n" + "\n\n".join(sections) + "\n"


def _metadata(facts: CardFacts) -> str:
    fields: dict[str, Any] = {"pipeline_tag": "text-classification", "library_name": facts.target}
    if facts.base_model is not None:
        fields["base_model"] = facts.base_model
        relation = {"peft": "adapter", "transformers": "finetune", "onnx": "quantized"}
        fields["base_model_relation"] = relation[facts.target]
    fields["tags"] = ["sentilora", "sentiment", facts.description.arm.method]
    measured = facts.measured
    if measured is not None:
        dataset = _hub_dataset(measured)
        if dataset is not None:
            fields["datasets"] = [dataset]
        fields["metrics"] = [hub for _, _, hub in _METRICS]
        fields["model-index"] = [{"name": facts.title, "results": [_index_entry(measured)]}]
    text: str = yaml.safe_dump(fields, sort_keys=False, allow_unicode=True, width=110)
    return text


def _index_entry(measured: MeasuredResults) -> dict[str, Any]:
    source = str(measured.study["data"]["source"])
    return {
        "task": {"type": "text-classification", "name": "Sentiment classification"},
        "dataset": {
            "name": About.read(measured.study["data"], name=source).title,
            "type": _hub_dataset(measured) or source,
            "split": measured.split,
        },
        "metrics": [
            {"type": hub, "name": name, "value": float(measured.metrics[key])} | _arm_args(measured, key)
            for key, name, hub in _METRICS
        ],
    }


def _arm_args(measured: MeasuredResults, key: str) -> dict[str, Any]:
    """The interval of the arm that this run is one seed of."""
    estimate = _estimate(measured, key)
    if estimate is None:
        return {}
    return {
        "args": {
            "mean_over_seeds": estimate.mean,
            "interval_low": estimate.interval.low,
            "interval_high": estimate.interval.high,
            "interval_level": measured.level,
            "num_seeds": len(estimate.per_seed),
        }
    }


def _estimate(measured: MeasuredResults, key: str) -> Estimate | None:
    if measured.outcome is None:
        return None
    estimate: Estimate = getattr(measured.outcome.scores, key)
    return estimate


def _hub_dataset(measured: MeasuredResults) -> str | None:
    source = str(measured.study["data"]["source"])
    match = re.match(r"hub:([^@:\s]+)", source)
    if match is not None:
        return match[1]
    return HUB_TEXTS[0] if source == "sst2" else None


def _summary(facts: CardFacts) -> str:
    description = facts.description
    labels = ", ".join(_plain(label) for label in description.labels)
    base = facts.base_model or description.backbone.name
    revision = f" at `{facts.base_revision}`" if facts.base_revision else ""
    how = {
        "probe": "a linear head on its frozen features",
        "lora": "a LoRA adapter and a linear head",
        "peft": f"a {getattr(description.arm, 'peft_type', '')} adapter and a linear head",
        "full": "all of its weights and a linear head",
    }[description.arm.method]
    reads = WHAT_A_HEAD_READS[description.pooling]
    return (
        f"A text classifier: `{_code(base)}`{revision} with {how}, trained by "
        f"sentilora {sentilora.__version__} (run `{_code(description.run_id)}`).\n\n"
        f"- Labels, in the order of the logits: {labels}\n"
        f"- The head reads {reads}\n"
        f"- Texts are cut to {description.max_length} wordpieces\n"
        f"- SHA-256 over the base model's configuration and weights: `{description.backbone.fingerprint}`"
    )


def _results(facts: CardFacts) -> str:
    measured = facts.measured
    if measured is None:
        return "Not in this folder: the adapter was exported without the records of its study."
    heading = f"| | this model, {measured.split} |"
    rule = "|---|---|"
    interval_heading = ""
    if measured.outcome is not None:
        interval_heading = f" mean over {len(measured.outcome.seeds)} seeds, {measured.level:.0%} interval |"
        rule += "---|"
    lines = [heading + interval_heading, rule]
    for key, name, _ in _METRICS:
        estimate = _estimate(measured, key)
        line = f"| {name} | {_number(key, measured.metrics[key])} |"
        if estimate is not None:
            if key == "mcc":
                line += f" {estimate.mean:.3f} [{estimate.interval.low:.3f}, {estimate.interval.high:.3f}] |"
            else:
                line += f" {percent(estimate.mean)} {percent_interval(estimate.interval)} |"
        lines.append(line)
    text = "\n".join(lines)
    pair = measured.over_baseline
    if pair is not None:
        gain = points(pair.accuracy.mean)
        text += (
            f"\n\nAccuracy of `{pair.arm}` against `{pair.over}` of the same study: {gain} "
            f"{points_interval(pair.accuracy.interval)}, Holm-adjusted p = {pair.adjusted_p_value:.2g}."
        )
    if measured.split == "dev":
        text += "\n\nThis learning rate was not chosen, so the run was never scored on test."
    return "\n\n".join([text, *facts.notes])


def _number(key: str, value: float) -> str:
    return f"{value:.3f}" if key == "mcc" else percent(value)


def _data(facts: CardFacts) -> str:
    if facts.measured is None:
        return "Unknown here; the study's records tell."
    data = facts.measured.study["data"]
    about = About.read(data, name=str(data["source"]))
    sizes = ", ".join(f"{split} {count(int(size))}" for split, size in data["sizes"].items())
    lines = [f"{_plain(about.in_prose())}: {sizes} texts. Fingerprint `{data['fingerprint']}`.\n"]
    lines += [f"- {_plain(note)}" for note in data["notes"]]
    if about.licence:
        lines.append(f"- Licence of the data: {_plain(about.licence)}")
    lines += [f"- {_plain(reference)}" for reference in about.citations.values()]
    return "\n".join(lines)


def _training(facts: CardFacts) -> str:
    settings = facts.description.arm.model_dump(mode="json", exclude={"name", "learning_rate"})
    lines = [f"- {name.replace('_', ' ')}: {_plain(value)}" for name, value in settings.items()]
    if facts.measured is not None:
        record = facts.measured.record
        lines.append(f"- learning rate: {record['learning_rate'] or 'none, solved exactly'}")
        lines.append(f"- seed: {record['seed']}")
        lines += [f"- {key.replace('_', ' ')}: {_plain(value)}" for key, value in record["training"].items()]
        parameters = record["parameters"]
        lines.append(
            f"- trained parameters: {count(parameters['trainable'])} of {count(parameters['total'])} "
            f"({count(parameters['adapter'])} adapter, {count(parameters['head'])} head, "
            f"{count(parameters['backbone'])} backbone)"
        )
    return "\n".join(lines)


def _code(text: str) -> str:
    """Text that stays inside its backticks."""
    return " ".join(text.replace("`", "'").split())


def _plain(value: Any) -> str:
    """One line of text in which nothing is markup."""
    text = ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)
    return markdown_cell(excerpt(text, LONGEST_TEXT))


def _limits() -> str:
    return (
        "- It gives one of the labels above to every text, also to one without sentiment, in another "
        "language, or about something else.\n"
        "- The figures hold for texts like the test texts. On other kinds of text, measure it first.\n"
        "- Its probabilities are not corrected for calibration.\n"
        "- It has the biases of the base model and of its training data. Do not use it to judge people."
    )
