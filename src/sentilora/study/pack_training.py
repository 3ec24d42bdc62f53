"""Training one pack: from its runs to what each came to, whatever the method."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, Literal

import torch

from sentilora.model.heads import ParameterCount
from sentilora.model.updates.stack import Run
from sentilora.study.plan import Pack
from sentilora.study_file.arms import FullArm, LoraArm, PeftArm, ProbeArm
from sentilora.train.device import Costs, Meter
from sentilora.train.engine import Evaluation, Fitted, Progress, fit, predict
from sentilora.train.exact_probe import solve_probe
from sentilora.train.inputs import Classifier, Setting


@dataclass(frozen=True)
class TrainedPack:
    """A pack after training."""

    classifier: Classifier[Any]
    """Holds every run's kept state."""
    corpus: Literal["tokens", "features"]
    """Which inputs it reads."""
    fitted: Fitted
    """Curves, kept lines and failures, by run."""
    costs: Costs
    """Of the whole pack."""
    dev_logits: torch.Tensor
    """(K, N, C) on the host."""
    selection: list[dict[str, float]] = field(default_factory=list)
    """Further facts about the kept state, by run."""

    def count(self, k: int) -> ParameterCount:
        """What run k trained."""
        return self.classifier.count(k)


def train_pack(pack: Pack, setting: Setting) -> Generator[Progress | Evaluation, None, TrainedPack]:
    """Train a pack's runs together, yielding what happens."""
    if isinstance(pack.runs[0].arm, ProbeArm) and pack.runs[0].arm.is_solved:
        return (yield from _solve(pack, pack.runs[0].arm, setting))
    classifier, kind = build_classifier(pack, setting)
    with Meter(setting.device) as costs:
        train, dev = corpus(setting, kind, "train"), corpus(setting, kind, "dev")
        fitted = yield from fit(
            classifier,
            train,
            dev,
            setting.recipe,
            seeds=[run.seed for run in pack.runs],
            learning_rates=[_rate(run.learning_rate) for run in pack.runs],
        )
    if kind == "features":
        fitted.train_seconds += setting.encoded("train").seconds + setting.encoded("dev").seconds
    dev_logits = predict(classifier, dev).cpu()
    return TrainedPack(classifier, kind, fitted, costs, dev_logits, [{} for _ in pack.runs])


def build_classifier(pack: Pack, setting: Setting) -> tuple[Classifier[Any], Literal["tokens", "features"]]:
    """The untrained classifier of a pack, and which inputs it reads."""
    match pack.runs[0].arm:
        case ProbeArm():
            return setting.probes([run.seed for run in pack.runs]), "features"
        case LoraArm():
            runs = [Run(run.arm, run.seed) for run in pack.runs if isinstance(run.arm, LoraArm)]
            return setting.packed(runs), "tokens"
        case PeftArm() | FullArm() as arm:
            return setting.unpacked(arm, pack.runs[0].seed), "tokens"


def corpus(setting: Setting, kind: Literal["tokens", "features"], split: str) -> Any:
    """A split as a classifier reads it."""
    return setting.tokens(split) if kind == "tokens" else setting.features(split)


def _solve(pack: Pack, arm: ProbeArm, setting: Setting) -> Generator[Progress, None, TrainedPack]:
    """The exact probe: one solution, which is every seed's."""
    classifier = setting.probes([run.seed for run in pack.runs])
    with Meter(setting.device) as costs:
        train, dev = setting.encoded("train"), setting.encoded("dev")
        start = time.perf_counter()
        probe = solve_probe(
            train.values,
            setting.splits["train"].labels,
            dev.values,
            setting.splits["dev"].labels,
            inverse_l2=arm.inverse_l2,
            num_classes=setting.num_classes,
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
    yield Progress(1, 1)
    dev_logits = predict(classifier, setting.features("dev")).cpu()
    chosen = [{"inverse_l2": probe.inverse_l2} for _ in pack.runs]
    return TrainedPack(classifier, "features", fitted, costs, dev_logits, chosen)


def _rate(learning_rate: float | None) -> float:
    assert learning_rate is not None, "a run that is trained has a learning rate"
    return learning_rate
