"""Keeps each run's best state on dev, and notes which runs came to an early end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from sentilora.data.batches.batching import Batch


@dataclass(frozen=True)
class Failure:
    """A run's loss or gradient was not finite."""

    step: int
    """The step it happened in, 0 for the first."""
    positions: list[int]
    """The training examples in that step's batch."""


class BestStates:
    """The best state of each of K runs, row by row.

    Args:
        parameters: what is trained, as ``engine.Trainee`` describes it.
        num_runs: K.
    """

    def __init__(self, parameters: Sequence[Tensor], num_runs: int) -> None:
        self._parameters = [parameter.detach().view(num_runs, -1) for parameter in parameters]
        self._best = [parameter.clone() for parameter in self._parameters]
        self.curves: list[list[dict[str, float]]] = [[] for _ in range(num_runs)]
        self.kept: list[dict[str, float] | None] = [None] * num_runs
        self.failures: list[Failure | None] = [None] * num_runs

    @property
    def all_failed(self) -> bool:
        """Whether no run is left to train."""
        return all(failure is not None for failure in self.failures)

    def note_failures(self, failed_at: Sequence[int], batches: Sequence[Batch], first_step: int) -> None:
        """Note the runs whose numbers were not finite in this epoch.

        Args:
            failed_at: (K,) the step of each run's first number that was not finite, -1 for none.
            batches: this epoch's.
            first_step: the step that ``batches[0]`` was trained in.
        """
        for k, step in enumerate(failed_at):
            if step >= 0 and self.failures[k] is None:
                self.failures[k] = Failure(step, batches[step - first_step].positions[k].tolist())
                self.kept[k] = None

    def consider(self, evaluation: Mapping[str, Any]) -> None:
        """Add an evaluation (``engine.Evaluation``'s fields) to the curves; keep the states that improved."""
        for k, failure in enumerate(self.failures):
            if failure is not None:
                continue
            line = {
                name: value if isinstance(value, int | float) else float(value[k])
                for name, value in evaluation.items()
            }
            self.curves[k].append(line)
            if self.kept[k] is None or _merit(line) > _merit(self.kept[k]):
                self.kept[k] = line
                for best, parameter in zip(self._best, self._parameters, strict=True):
                    best[k].copy_(parameter[k])

    @torch.no_grad()
    def restore(self) -> None:
        """Put each run's best state back into the parameters."""
        for best, parameter in zip(self._best, self._parameters, strict=True):
            parameter.copy_(best)


def _merit(line: Mapping[str, float] | None) -> tuple[float, float]:
    assert line is not None
    return line["dev_accuracy"], -line["dev_loss"]
