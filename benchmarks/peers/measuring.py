"""What every peer does alike: read the same texts, time the same window, print one JSON line.

The window opens after ``--warmup-steps`` and closes ``--steps`` later; with ``--epochs`` it is the whole
training. Logging, saving and evaluation are off inside it, in the peer's favour.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, TaskType, get_peft_model
from texts_and_report import read_split, report
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)

TARGETS = {
    "bert": ["query", "value"],
    "roberta": ["query", "value"],
    "electra": ["query", "value"],
    "distilbert": ["q_lin", "v_lin"],
    "mpnet": ["q", "v"],
}
"""The query and value layers as each family calls them."""


def parser(description: str | None) -> argparse.ArgumentParser:
    """The options that every peer takes."""
    options = argparse.ArgumentParser(description=description)
    options.add_argument("--model", required=True, help="folder of the backbone and its tokenizer")
    options.add_argument("--data", type=Path, required=True, help="folder of train.tsv and dev.tsv")
    options.add_argument("--batch-size", type=int, default=32)
    options.add_argument("--rank", type=int, default=8)
    options.add_argument("--learning-rate", type=float, default=1e-3)
    options.add_argument("--warmup-steps", type=int, default=8)
    options.add_argument("--steps", type=int, default=64)
    options.add_argument("--epochs", type=int, help="train whole epochs instead of a window of steps")
    options.add_argument("--evaluate", action="store_true", help="accuracy on dev afterwards")
    options.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    return options


def tokenized(options: argparse.Namespace, split: str, **how: Any) -> list[dict[str, Any]]:
    """A split as the Trainer takes it: one dictionary a text."""
    texts, labels = read_split(options.data / f"{split}.tsv")
    tokenizer = AutoTokenizer.from_pretrained(options.model)
    longest = min(128, tokenizer.model_max_length)
    encoded = tokenizer(texts, truncation=True, max_length=longest, **how)
    columns = [encoded[name] for name in encoded]
    return [dict(zip([*encoded, "labels"], row, strict=True)) for row in zip(*columns, labels, strict=True)]


def lora_model(options: argparse.Namespace, **how: Any) -> Any:
    """Transformers' classifier with PEFT's LoRA on query and value, as the proposal sets it."""
    model = AutoModelForSequenceClassification.from_pretrained(options.model, num_labels=2, **how)
    return get_peft_model(
        model,
        LoraConfig(
            task_type=TaskType.SEQ_CLS,
            r=options.rank,
            lora_alpha=16,
            lora_dropout=0.1,
            target_modules=TARGETS[model.config.model_type],
        ),
    )


def arguments(options: argparse.Namespace, folder: str, **tuning: Any) -> TrainingArguments:
    """The Trainer's arguments: the recipe, and what a peer tunes."""
    length: dict[str, Any] = {"max_steps": options.warmup_steps + options.steps}
    if options.epochs:
        length = {"num_train_epochs": options.epochs}
    return TrainingArguments(
        output_dir=folder,
        per_device_train_batch_size=options.batch_size,
        per_device_eval_batch_size=128,
        learning_rate=options.learning_rate,
        save_strategy="no",
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
        use_cpu=options.device == "cpu",
        **length,
        **tuning,
    )


class Window(TrainerCallback):
    """Notes when the measured window opens and closes."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.opens_after = 0 if options.epochs else options.warmup_steps
        self.opened = self.closed = self.began = 0.0
        self.steps = 0

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        self.began = _now()
        if self.opens_after == 0:
            self.opened = self.began

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        if state.global_step == self.opens_after:
            self.opened = _now()
        if state.global_step == state.max_steps:
            self.closed = _now()
            self.steps = state.global_step - self.opens_after


def measure(trainer: Any, options: argparse.Namespace) -> None:
    """Train with a Trainer, and print what it took as one JSON line."""
    window = Window(options)
    trainer.add_callback(window)
    trainer.train()
    if options.epochs:
        examples = options.epochs * len(trainer.train_dataset)
    else:
        examples = window.steps * options.batch_size
    accuracies = []
    if options.evaluate:
        prediction = trainer.predict(trainer.eval_dataset)
        accuracies = [float((prediction.predictions.argmax(-1) == prediction.label_ids).mean())]
    report(window.began, window.opened, window.closed, examples, accuracies, options.device)


def _now() -> float:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.time()
