"""One measurement of this project's own work, in this process: ``python -m benchmarks.harness.measure_ours``.

Trains through the same ``TrainingInputs`` and ``fit`` as a study does and prints one JSON line, with the
fields that the peers in ``benchmarks/peers`` print. The window opens after ``--warmup-steps`` and closes
``--steps`` later; with ``--epochs`` it is the whole training, its evaluations included.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import torch

from benchmarks.harness.ceiling import measure_ceiling
from benchmarks.harness.workload import read_rows
from sentilora.data.batches.corpus import TokenBatch
from sentilora.data.batches.tokens import tokenize
from sentilora.model.backbone.loading import load_backbone
from sentilora.model.packed import PackedClassifier
from sentilora.model.updates.adapter_stack import AdapterRun
from sentilora.study.capacity import bytes_per_run
from sentilora.study_file.arms import ROLES, LoraArm, ProbeArm
from sentilora.study_file.recipe import Recipe
from sentilora.train.allocator import keep_freed_memory
from sentilora.train.device import resolve_precision
from sentilora.train.engine import Evaluation, Fitted, StepMade, Trainee, fit
from sentilora.train.exact_probe import solve_probe
from sentilora.train.inputs import TokenizedSplit, TrainingInputs
from sentilora.train.kept_result import KeptResult

WINDOW_DEV_EXAMPLES = 32
"""Enough to make the evaluation that an epoch's end brings into a window of steps, and no burden on it."""


def main(arguments: list[str] | None = None) -> None:
    """Measure what the arguments say and print it."""
    options = _parser().parse_args(arguments)
    keep_freed_memory()  # as a study does
    print(json.dumps(options.measure(options)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.harness.measure_ours", description=__doc__)
    commands = parser.add_subparsers(required=True)
    ceiling = commands.add_parser("ceiling", help="the fastest matrix product")
    ceiling.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    ceiling.set_defaults(measure=lambda options: measure_ceiling(torch.device(options.device)))
    measures: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
        "lora": _measure_lora,
        "peft": _measure_peft,
        "probe": _measure_probe,
        "graphs": _measure_graphs,
    }
    for name, measure in measures.items():
        command = commands.add_parser(name)
        command.set_defaults(measure=measure)
        command.add_argument("--model", required=True)
        command.add_argument("--data", type=Path, required=True, help="folder of train.tsv and dev.tsv")
        command.add_argument("--batch-size", type=int, default=32)
        command.add_argument("--rank", type=int, default=8)
        command.add_argument("--learning-rate", type=float, default=1e-3)
        command.add_argument("--precision", choices=["auto", "fp32", "bf16"], default="auto")
        command.add_argument("--seeds", type=int, nargs="+", default=[0], help="one run for each")
        command.add_argument("--warmup-steps", type=int, default=8)
        command.add_argument("--steps", type=int, default=64)
        command.add_argument("--epochs", type=int, help="train whole epochs instead of a window of steps")
        command.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    predict = commands.add_parser("predict", help="labels for texts")
    predict.set_defaults(measure=_measure_predict)
    predict.add_argument("--model", type=Path, required=True, help="folder of an adapter")
    predict.add_argument("--data", type=Path, required=True, help="folder of train.tsv")
    predict.add_argument("--labels", type=Path, required=True, help="labels to compare with; written if new")
    predict.add_argument("--precision", choices=["auto", "fp32"], default="auto")
    predict.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    return parser


def _measure_lora(options: argparse.Namespace) -> dict[str, Any]:
    """K runs in one pack."""
    inputs = read_inputs(options)
    return _measure_fit(_pack(inputs, options), inputs, options)


def _measure_peft(options: argparse.Namespace) -> dict[str, Any]:
    """One run through PEFT's own modules."""
    inputs = read_inputs(options)
    (seed,) = options.seeds
    return _measure_fit(inputs.unpacked(_arm(options), seed), inputs, options)


def _measure_probe(options: argparse.Namespace) -> dict[str, Any]:
    """The exact probe: encoding both splits, and solving."""
    with tempfile.TemporaryDirectory() as cache:
        inputs = replace(read_inputs(options), cache=Path(cache))  # nothing was encoded before
        opened = _now(options)
        train, dev = inputs.encoded("train"), inputs.encoded("dev")
        probe = solve_probe(
            train.values,
            inputs.splits["train"].labels,
            dev.values,
            inputs.splits["dev"].labels,
            inverse_l2=ProbeArm(name="probe", method="probe").inverse_l2,
            num_classes=2,
        )
        closed = _now(options)
    return _times(options, opened, opened, closed, len(train.values), [probe.dev_accuracy])


def _measure_predict(options: argparse.Namespace) -> dict[str, Any]:
    """Labels for all texts, tokenising included and loading left out."""
    from sentilora.use.predict import load_classifier

    texts = [text for text, _ in read_rows(options.data / "train.tsv")]
    classifier = load_classifier(options.model, device=options.device, precision=options.precision)
    classifier.predict(texts[:32])
    opened = _now(options)
    labels = [prediction.label for prediction in classifier.predict(texts)]
    closed = _now(options)
    if not options.labels.is_file():
        options.labels.write_text("\n".join(labels), encoding="utf-8")
    expected = options.labels.read_text(encoding="utf-8").split("\n")
    differing = sum(ours != theirs for ours, theirs in zip(labels, expected, strict=True))
    return {**_times(options, opened, opened, closed, len(texts), []), "labels_differing": differing}


def _measure_graphs(options: argparse.Namespace) -> dict[str, Any]:
    """How far losses with CUDA graphs are from losses without; where there are no graphs, 0."""
    inputs = read_inputs(options)
    losses = []
    for pack in (_pack(inputs, options), _Eager(_pack(inputs, options))):
        events = _events(pack, inputs, options)
        losses.append(torch.stack([e.train_loss for e in events if isinstance(e, Evaluation)]))
    return {"evaluations": len(losses[0]), "largest_difference": float((losses[0] - losses[1]).abs().max())}


class _Eager:
    """A pack whose steps are never captured."""

    capturable = False

    def __init__(self, pack: PackedClassifier) -> None:
        self.num_runs, self.parameters, self.decayed = pack.num_runs, pack.parameters, pack.decayed
        self.logits = pack.logits


def read_inputs(options: argparse.Namespace) -> TrainingInputs:
    """What a study's runner prepares: the backbone loaded, the texts tokenised."""
    device = torch.device(options.device)
    backbone = load_backbone(options.model)

    def split(name: str, num_rows: int | None) -> TokenizedSplit:
        rows = read_rows(options.data / f"{name}.tsv")[:num_rows]
        tokens = tokenize([text for text, _ in rows], backbone.tokenizer, min(128, backbone.max_length))
        return TokenizedSplit(tokens, np.array([label for _, label in rows], dtype=np.int64))

    train, dev = split("train", None), split("dev", None if options.epochs else WINDOW_DEV_EXAMPLES)
    steps = options.warmup_steps + options.steps
    recipe = Recipe(
        epochs=options.epochs or math.ceil(steps * options.batch_size / len(train.labels)),
        batch_size=options.batch_size,
        evaluations_per_epoch=4 if options.epochs else 1,
    )
    return TrainingInputs(
        backbone=backbone,
        pooling="cls",
        num_classes=2,
        splits={"train": train, "dev": dev},
        device=device,
        precision=resolve_precision(options.precision, device),
        recipe=recipe,
        cache=Path(),
    )


def _arm(options: argparse.Namespace) -> LoraArm:
    return LoraArm(name="lora", method="lora", rank=options.rank)


def _pack(inputs: TrainingInputs, options: argparse.Namespace) -> PackedClassifier:
    return inputs.packed([AdapterRun(_arm(options), seed) for seed in options.seeds])


def _events(
    trainee: Trainee[TokenBatch], inputs: TrainingInputs, options: argparse.Namespace
) -> Generator[StepMade | Evaluation, None, Fitted]:
    rates = [options.learning_rate] * len(options.seeds)
    train, dev = inputs.tokens("train"), inputs.tokens("dev")
    return fit(trainee, train, dev, inputs.recipe, seeds=options.seeds, learning_rates=rates)


def _measure_fit(
    trainee: Trainee[TokenBatch], inputs: TrainingInputs, options: argparse.Namespace
) -> dict[str, Any]:
    began = opened = _now(options)
    events = _events(trainee, inputs, options)
    lengths = inputs.splits["train"].tokens.lengths
    accuracies: list[float] = []
    extra: dict[str, Any] = {}
    if options.epochs:
        fitted = KeptResult(events).finish()
        examples = fitted.examples_trained
        extra["train_seconds"] = fitted.train_seconds
        accuracies = [line["dev_accuracy"] for line in fitted.kept if line is not None]
    else:
        assert len(lengths) % options.batch_size == 0, "a window of steps takes whole batches"
        _advance(events, options.warmup_steps)
        opened = _now(options)
        _advance(events, options.steps)
        examples = options.steps * options.batch_size
    closed = _now(options)
    line = _times(options, began, opened, closed, examples * len(options.seeds), accuracies)
    return {
        **line,
        **extra,
        "precision": inputs.precision,
        "flop_per_second": line["examples_per_second"] * flop_per_example(inputs),
        "activation_bytes": bytes_per_run(inputs) * len(options.seeds),
    }


def flop_per_example(inputs: TrainingInputs) -> float:
    """What training cannot do without: each frozen weight once forward and once for the gradient.

    Two operations each, over the tokens of a text, padding not counted; attention and the adapters, a few
    per cent at these lengths, are left out, and so is what first-token pooling saves in the last block.
    """
    weights = sum(layer.weight.numel() for layer in inputs.backbone.linears(*ROLES).values())
    return 4.0 * weights * float(inputs.splits["train"].tokens.lengths.mean())


def _advance(events: Iterator[StepMade | Evaluation], num_steps: int) -> None:
    while num_steps > 0:
        num_steps -= isinstance(next(events), StepMade)


def _times(
    options: argparse.Namespace,
    began: float,
    opened: float,
    closed: float,
    examples: int,
    accuracies: list[float],
) -> dict[str, Any]:
    """The fields that every program prints; start-up is from the start of the process."""
    start = psutil.Process().create_time()
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {
        "examples": examples,
        "seconds": closed - opened,
        "examples_per_second": examples / (closed - opened),
        "startup_seconds": began - start,
        "total_seconds": closed - start,
        "peak_memory_bytes": torch.cuda.max_memory_allocated() if options.device == "cuda" else resident,
        "dev_accuracies": accuracies,
    }


def _now(options: argparse.Namespace) -> float:
    if options.device == "cuda":
        torch.cuda.synchronize()
    return time.time()


if __name__ == "__main__":
    main()
