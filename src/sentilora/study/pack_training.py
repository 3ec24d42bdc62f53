"""Training one pack: from its runs to what each came to, whatever the method."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import torch

from sentilora.model.updates.adapter_stack import AdapterRun
from sentilora.study.plan import Pack
from sentilora.study_file.arms import FullArm, LoraArm, PeftArm, ProbeArm
from sentilora.train.engine import Evaluation, Fitted, StepMade, fit, split_logits
from sentilora.train.exact_probe import solve_probe
from sentilora.train.inputs import TrainableClassifier, TrainingInputs
from sentilora.train.meter import MeasuredCosts, Meter


@dataclass(frozen=True)
class TrainedPack:
    """A pack after training."""

    classifier: TrainableClassifier[Any]
    """Holds every run's kept state."""
    fitted: Fitted
    """Curves, kept lines and failures, by run."""
    costs: MeasuredCosts
    """Of the whole pack."""
    dev_logits: torch.Tensor
    """(K, N, C) on the host."""
    selection: list[dict[str, float]]
    """Further facts about the kept state, by run."""


def train_pack(pack: Pack, inputs: TrainingInputs) -> Generator[StepMade | Evaluation, None, TrainedPack]:
    """Train a pack's runs together, yielding what happens."""
    inputs = inputs.read_by(pack.runs[0].arm)
    if isinstance(pack.runs[0].arm, ProbeArm) and pack.runs[0].arm.is_solved:
        return (yield from _solve(pack, pack.runs[0].arm, inputs))
    classifier = build_classifier(pack, inputs)
    with Meter(inputs.device) as costs:
        train, dev = (inputs.corpus(split, classifier.reads) for split in ("train", "dev"))
        fitted = yield from fit(
            classifier,
            train,
            dev,
            inputs.recipe,
            seeds=[run.seed for run in pack.runs],
            learning_rates=[_rate(run.learning_rate) for run in pack.runs],
        )
    if classifier.reads == "features":
        fitted.train_seconds += inputs.encoded("train").seconds + inputs.encoded("dev").seconds
    dev_logits = split_logits(classifier, dev).cpu()
    return TrainedPack(classifier, fitted, costs, dev_logits, [{} for _ in pack.runs])


def build_classifier(pack: Pack, inputs: TrainingInputs) -> TrainableClassifier[Any]:
    """The untrained classifier of a pack."""
    match pack.runs[0].arm:
        case ProbeArm():
            return inputs.probes([run.seed for run in pack.runs])
        case LoraArm():
            runs = [AdapterRun(run.arm, run.seed) for run in pack.runs if isinstance(run.arm, LoraArm)]
            return inputs.packed(runs)
        case PeftArm() | FullArm() as arm:
            return inputs.unpacked(arm, pack.runs[0].seed)


def _solve(pack: Pack, arm: ProbeArm, inputs: TrainingInputs) -> Generator[StepMade, None, TrainedPack]:
    """The exact probe: one solution, which is every seed's."""
    classifier = inputs.probes([run.seed for run in pack.runs])
    with Meter(inputs.device) as costs:
        train, dev = inputs.encoded("train"), inputs.encoded("dev")
        start = time.perf_counter()
        probe = solve_probe(
            train.values,
            inputs.splits["train"].labels,
            dev.values,
            inputs.splits["dev"].labels,
            inverse_l2=arm.inverse_l2,
            num_classes=inputs.num_classes,
        )
        solving_seconds = time.perf_counter() - start
    for k in range(len(pack.runs)):
        classifier.write_run(k, torch.from_numpy(probe.weight), torch.from_numpy(probe.bias))
    kept = {
        "step": 0,
        "epoch": 0.0,
        "dev_accuracy": probe.dev_accuracy,
        "dev_loss": probe.dev_loss,
    }
    fitted = Fitted(
        curves=[[] for _ in pack.runs],
        kept=[dict(kept) for _ in pack.runs],
        failures=[None for _ in pack.runs],
        # What encoding took when it was done: features from the cache are not free.
        train_seconds=train.seconds + dev.seconds + solving_seconds,
        examples_trained=len(train.values),
    )
    yield StepMade(1, 1)
    dev_logits = split_logits(classifier, inputs.features("dev")).cpu()
    chosen = [{"inverse_l2": probe.inverse_l2} for _ in pack.runs]
    return TrainedPack(classifier, fitted, costs, dev_logits, chosen)


def _rate(learning_rate: float | None) -> float:
    assert learning_rate is not None, "a run that is trained has a learning rate"
    return learning_rate
