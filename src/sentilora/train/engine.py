"""The training loop: K runs, one pass, whatever is trained.

``fit`` reads top to bottom and emits what happens; records, progress bars and TensorBoard consume it. Each
run's loss is the mean over its own batch, and the sum over runs is differentiated: no run's numbers enter
another's loss, so the gradient of the sum is each run's own gradient. A loss that is not finite ends that run
alone; the others go on untouched.

Nothing is read back from the device inside a step. Losses are summed there and fetched at each evaluation.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from sentilora.data.batches.batching import BatchPlan
from sentilora.study_file.recipe import Recipe
from sentilora.train.allocator import give_freed_memory_back
from sentilora.train.best_state import BestStates, Failure
from sentilora.train.graphs import capture_steps
from sentilora.train.optimizer import StackedAdamW, linear_schedule
from sentilora.train.split_pass import Corpus, compute_over

InputT = TypeVar("InputT")
InputT_contra = TypeVar("InputT_contra", contravariant=True)


class Trainee(Protocol[InputT_contra]):
    """What ``fit`` trains: K runs with stacked parameters, or one run whose parameters have any shape."""

    @property
    def num_runs(self) -> int:
        """K."""

    @property
    def parameters(self) -> Sequence[Tensor]:
        """Leaf tensors, each (K, ...); of any shape where K = 1."""

    @property
    def decayed(self) -> Sequence[Tensor]:
        """For each parameter, 1 where weight decay applies, else 0; broadcasts over one run's part of it."""

    @property
    def capturable(self) -> bool:
        """Whether a step may become a CUDA graph."""

    def logits(self, inputs: InputT_contra, step: Tensor | None) -> Tensor:
        """(K, S, C) fp32; ``step`` (int32 scalar) is what to draw dropout for, None for no dropout."""


@dataclass(frozen=True)
class StepMade:
    """One more step was made."""

    step: int
    num_steps: int


@dataclass(frozen=True)
class Evaluation:
    """Where each run stands, at an evaluation on dev; the tensors are (K,) on the host."""

    step: int
    """Steps made."""
    epoch: float
    """The same, in epochs."""
    train_loss: Tensor
    """Mean over the steps since the last evaluation, dropout on."""
    train_accuracy: Tensor
    """Likewise."""
    dev_loss: Tensor
    """Mean cross-entropy on dev, nats."""
    dev_accuracy: Tensor
    """0 to 1."""
    learning_rate: Tensor
    """Of the last step."""
    gradient_norm: Tensor
    """Of the last step, before clipping."""


@dataclass
class Fitted:
    """What training K runs came to. The kept states are in the trainee itself."""

    curves: list[list[dict[str, float]]]
    """Each run's evaluations, as lines of ``curve.jsonl``."""
    kept: list[dict[str, float] | None]
    """For each run the line whose state was kept; None where the run failed."""
    failures: list[Failure | None]
    """For each run None, or what ended it."""
    train_seconds: float = 0.0
    """Wall clock of training, evaluations left out."""
    evaluation_seconds: float = 0.0
    """Wall clock of evaluations."""
    examples_trained: int = 0
    """Examples that each run was trained on, repeats counted."""


@dataclass(frozen=True)
class _StepState:
    """What a step reads and writes on the device; (K,) but for ``step``, a scalar that counts up."""

    step: Tensor
    loss_sum: Tensor
    correct_sum: Tensor
    norms: Tensor
    failed_at: Tensor

    @classmethod
    def start(cls, num_runs: int, device: torch.device) -> _StepState:
        zeros = torch.zeros(num_runs, device=device)
        never = torch.full((num_runs,), -1, dtype=torch.int32, device=device)
        step = torch.zeros((), dtype=torch.int32, device=device)
        return cls(step, zeros.clone(), zeros.clone(), zeros.clone(), never)


def fit(
    trainee: Trainee[InputT],
    train: Corpus[InputT],
    dev: Corpus[InputT],
    recipe: Recipe,
    *,
    seeds: Sequence[int],
    learning_rates: Sequence[float],
) -> Generator[StepMade | Evaluation, None, Fitted]:
    """Train K runs, yielding what happens and returning what came of it.

    Args:
        trainee: what to train; on return its parameters are each run's kept state.
        train: what to train on.
        dev: what each run's kept state is chosen on: the highest accuracy, then the lowest loss.
        recipe: epochs, batch size, schedule, clipping, evaluations.
        seeds: K data orders.
        learning_rates: K peaks of the schedule.
    """
    device = train.labels.device
    plan = BatchPlan(train.lengths, recipe.batch_size)
    num_steps = recipe.epochs * plan.num_batches
    parameters = list(trainee.parameters)
    optimizer = StackedAdamW(
        parameters,
        trainee.decayed,
        num_runs=trainee.num_runs,
        weight_decay=recipe.weight_decay,
        gradient_clip=recipe.gradient_clip,
    )
    schedule = linear_schedule(num_steps, recipe.warmup_fraction).to(device)
    peaks = torch.tensor(learning_rates, dtype=torch.float32, device=device)
    state = _StepState.start(trainee.num_runs, device)

    def make_step(positions: Tensor, length: int, padded: bool) -> None:
        logits = trainee.logits(train.gather(positions, length, padded=padded), state.step)
        labels = train.labels[positions]
        losses = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none")
        losses = losses.view_as(labels).mean(dim=1)
        gradients = torch.autograd.grad(losses.sum(), parameters, materialize_grads=True)
        with torch.no_grad():
            norms = optimizer.step(gradients, peaks * schedule.index_select(0, state.step.view(1)))
            bad = ~(torch.isfinite(losses) & torch.isfinite(norms)) & (state.failed_at < 0)
            state.failed_at.copy_(torch.where(bad, state.step, state.failed_at))
            state.loss_sum.add_(losses)
            state.correct_sum.add_((logits.argmax(dim=-1) == labels).float().mean(dim=1))
            state.norms.copy_(norms)
            state.step.add_(1)

    advance = capture_steps(make_step, device, capturable=trainee.capturable)
    best = BestStates(parameters, trainee.num_runs)
    fitted = Fitted(best.curves, best.kept, best.failures)
    clock = _Clock(device)
    steps_done = steps_evaluated = 0
    for epoch in range(recipe.epochs):
        batches = plan.epoch(epoch, seeds)
        due = evaluation_steps(len(batches), recipe.evaluations_per_epoch)
        order = torch.from_numpy(np.concatenate([b.positions for b in batches], axis=1)).to(device)
        starts = np.cumsum([0] + [b.positions.shape[1] for b in batches])
        for index, batch in enumerate(batches):
            padded = bool((train.lengths[batch.positions] < batch.length).any())
            advance(order[:, starts[index] : starts[index + 1]], batch.length, padded)
            steps_done += 1
            yield StepMade(steps_done, num_steps)
            if index + 1 not in due:
                continue
            fitted.train_seconds += clock.lap()
            dev_loss, dev_accuracy = _evaluate(trainee, dev)
            steps = steps_done - steps_evaluated
            evaluation = Evaluation(
                step=steps_done,
                epoch=steps_done / plan.num_batches,
                train_loss=state.loss_sum.cpu() / steps,
                train_accuracy=state.correct_sum.cpu() / steps,
                dev_loss=dev_loss,
                dev_accuracy=dev_accuracy,
                learning_rate=peaks.cpu() * schedule[steps_done - 1].cpu(),
                gradient_norm=state.norms.cpu(),
            )
            state.loss_sum.zero_()
            state.correct_sum.zero_()
            steps_evaluated = steps_done
            best.note_failures(state.failed_at.tolist(), batches, steps_done - (index + 1))
            best.consider(vars(evaluation))
            give_freed_memory_back()  # batches of many shapes fragment the heap
            fitted.evaluation_seconds += clock.lap()
            yield evaluation
            if best.all_failed:
                return fitted
            clock.lap()
    fitted.examples_trained = recipe.epochs * len(train.lengths)
    best.restore()
    return fitted


def split_logits(trainee: Trainee[InputT], corpus: Corpus[InputT]) -> Tensor:
    """Logits (K, N, C) of all runs on a split, in the split's order, on the device."""
    return compute_over(corpus, lambda inputs: trainee.logits(inputs, None))


def evaluation_steps(num_batches: int, evaluations: int) -> set[int]:
    """After which batches of an epoch to evaluate: evenly spread, the last always, never one twice."""
    return {round(num_batches * (i + 1) / evaluations) for i in range(evaluations)} - {0} | {num_batches}


def _evaluate(trainee: Trainee[InputT], dev: Corpus[InputT]) -> tuple[Tensor, Tensor]:
    """Mean loss and accuracy (K,) on dev, on the host."""
    logits = split_logits(trainee, dev)
    labels = dev.labels.expand(logits.shape[0], -1)
    losses = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none").view_as(labels)
    accuracy = (logits.argmax(dim=-1) == labels).double().mean(dim=1)
    return losses.double().mean(dim=1).cpu(), accuracy.cpu()


class _Clock:
    """Wall clock between laps, with the device's queued work finished."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._last = time.perf_counter()

    def lap(self) -> float:
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
        now = time.perf_counter()
        seconds, self._last = now - self._last, now
        return seconds
