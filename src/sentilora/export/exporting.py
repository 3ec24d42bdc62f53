"""Exports a trained classifier for PEFT, transformers or ONNX, and checks what it wrote before leaving it.

What is written is read back through the stock library and must give our fp32 logits within 1e-4 and our
labels on the check texts; only then does the folder take its place, whole, with a manifest of SHA-256.
Nothing is pickled.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from transformers import AutoModelForSequenceClassification, AutoTokenizer, PreTrainedTokenizerFast
from transformers.utils import logging as transformers_logging

from sentilora.errors import AdapterError
from sentilora.export.int8_cost import Int8Cost, measure_int8_cost
from sentilora.export.measured_results import MeasuredResults, read_measured_results
from sentilora.export.model_card import CardFacts, Target, model_card
from sentilora.export.onnx_model import INT8_FILE, MODEL_FILE, onnx_logits, write_int8, write_onnx
from sentilora.export.peft_folder import hub_reference, peft_logits, write_peft
from sentilora.export.stock_model import (
    labelled_config,
    stock_classifier,
    stock_head,
    stock_logits,
    stock_tokenizer,
)
from sentilora.export.usage_examples import usage_example
from sentilora.files import MANIFEST, replacing_sealed_folder
from sentilora.records.record import RECORD_FILE
from sentilora.use.adapter_folder import Adapter, read_adapter
from sentilora.use.merge import Merged, base_backbone
from sentilora.use.predict import Classifier, load_classifier

TOLERANCE = 1e-4
"""Most that a logit on the check texts may move."""
CARD_FILE = "README.md"

CHECK_TEXTS = (
    "good",
    "a warm, funny film with a big heart.",
    "dull, clumsy and far too long!",
    "It is not bad, but it never becomes more than that...",
    "The acting is fine; the story, though, goes nowhere for two hours & then it stops.",
    "I laughed. I cried. I left before the end.",
    "Visually lovely , emotionally empty .",
    "¿Qué tal? Naïve café 5/5 👍",
    "?",
    "the best worst film of the year " * 40,
)
"""Invented texts that every export is read back with: short, long enough to be cut, and strange ones."""


@dataclass(frozen=True)
class Exported:
    """What an export left."""

    folder: Path
    """Where."""
    target: Target
    """What kind."""
    files: dict[str, int]
    """Their names and sizes in bytes."""
    largest_difference: float
    """Of a logit on the check texts, read back through the stock library."""
    int8: Int8Cost | None
    """What int8 costs; None without it, or without records that hold the dev texts."""
    notes: tuple[str, ...]
    """Sentences to show."""


def export_classifier(
    adapter_folder: Path, out: Path, target: Target, *, int8: bool = False, force: bool = False
) -> Exported:
    """Write a trained classifier for another library.

    Args:
        adapter_folder: a run's folder, or its ``adapter/``.
        out: the folder to write; new or empty, or an earlier export with ``force``.
        target: ``peft``, ``transformers`` or ``onnx``.
        int8: also write a file with int8 weights, and measure what it costs (``onnx`` alone).
        force: replace an earlier export.

    Raises:
        AdapterError: the adapter cannot be used, its head cannot be expressed, ``out`` is taken, or what was
            written does not give the same logits.
    """
    if int8 and target != "onnx":
        raise AdapterError("int8 is an option of ONNX", where="--int8", remedy="--to onnx --int8")
    _check_place(out, force=force)
    adapter = read_adapter(adapter_folder)
    classifier = load_classifier(adapter_folder, device="cpu", precision="fp32")
    measured = read_measured_results(adapter)
    cost: Int8Cost | None = None
    notes: list[str] = []
    with _no_progress_bars(), replacing_sealed_folder(out) as working:
        stock_tokenizer(classifier.backbone, classifier.max_length).save_pretrained(working)
        tokenizer: Any = AutoTokenizer.from_pretrained(working, local_files_only=True)
        found, on_stock_head = _write_and_read_back(working, target, classifier, tokenizer)
        difference = _check_logits(found, classifier.logits(CHECK_TEXTS))
        if int8:
            write_int8(working)
            onnx_logits(working / INT8_FILE, tokenizer, CHECK_TEXTS)  # it runs, whatever it costs
            cost = measure_int8_cost(working, adapter, tokenizer)
            notes.append(
                "What int8 costs is unknown: no records with dev texts." if cost is None else cost.sentence()
            )
        card = _card(adapter, target, measured, on_stock_head=on_stock_head, title=out.name, notes=notes)
        (working / CARD_FILE).write_text(card, "utf-8")
        for path in working.iterdir():
            path.chmod(0o644)
    files = {path.name: path.stat().st_size for path in sorted(out.iterdir())}
    return Exported(out, target, files, difference, cost, tuple(notes))


@contextlib.contextmanager
def _no_progress_bars() -> Iterator[None]:
    """Without transformers' bars for files that take a moment."""
    had_bars = transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        if had_bars:
            transformers_logging.enable_progress_bar()


def _check_place(out: Path, *, force: bool) -> None:
    """Only a new place is written to, an empty folder, or with ``force`` an earlier export."""
    if out.is_dir() and not any(out.iterdir()):
        return
    if not out.exists():
        return
    is_export = (
        (out / MANIFEST).is_file() and (out / CARD_FILE).is_file() and not (out / RECORD_FILE).exists()
    )
    if not (force and is_export):
        raise AdapterError(
            f"{out} is there already" + (", and it is no earlier export" if force else ""),
            where="--out",
            rule="a new folder, an empty one, or with --force an earlier export",
            remedy="name another folder" + ("" if force or not is_export else ", or add --force"),
        )


def _write_and_read_back(
    folder: Path, target: Target, classifier: Classifier, tokenizer: PreTrainedTokenizerFast
) -> tuple[NDArray[np.float32], bool]:
    """Write the model and read it back.

    Returns:
        Its logits on the check texts, and whether it has transformers' own head.
    """
    adapter, backbone = classifier.adapter, classifier.backbone
    if target == "peft":
        head = write_peft(folder, adapter)
        base = base_backbone(adapter)
        logits = peft_logits(folder, base, head, adapter.description, tokenizer, CHECK_TEXTS)
        return logits, head is not None
    if target == "onnx":
        write_onnx(folder, Merged(backbone, classifier.weight, classifier.bias), classifier.pooling)
        labelled_config(backbone, classifier.labels).save_pretrained(folder)
        return onnx_logits(folder / MODEL_FILE, tokenizer, CHECK_TEXTS), False
    stock = stock_head(backbone, classifier.pooling, len(classifier.labels))
    model = stock_classifier(backbone, stock, classifier.weight, classifier.bias, classifier.labels)
    model.save_pretrained(folder)
    read = AutoModelForSequenceClassification.from_pretrained(folder, local_files_only=True)
    return stock_logits(read.eval(), tokenizer, CHECK_TEXTS), True


def _check_logits(found: NDArray[np.float32], ours: NDArray[np.float32]) -> float:
    """The largest difference between both; an error where it is too large, or a label differs."""
    difference = float(np.abs(found - ours).max())
    same_labels = bool((found.argmax(axis=1) == ours.argmax(axis=1)).all())
    if not (difference <= TOLERANCE and same_labels):
        raise AdapterError(
            f"what was written gives other logits: they differ by up to {difference:.2g}",
            rule=f"at most {TOLERANCE:g} and the same labels, read back through the stock library",
            remedy="nothing was kept; try --to onnx, and please report this",
        )
    return difference


def _card(
    adapter: Adapter,
    target: Target,
    measured: MeasuredResults | None,
    *,
    on_stock_head: bool,
    title: str,
    notes: Sequence[str],
) -> str:
    description = adapter.description
    name, revision = hub_reference(description.backbone.name, description.backbone.revision)
    on_hub = not Path(name).expanduser().is_dir()
    return model_card(
        CardFacts(
            target=target,
            title=title,
            description=description,
            base_model=name if on_hub else None,
            base_revision=revision,
            usage=usage_example(target, description, name, revision, on_stock_head=on_stock_head),
            measured=measured,
            notes=tuple(notes),
        )
    )
