"""What parts of a benchmark are made of: how much is measured, of which programs, which ratios are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from benchmarks.harness.rounds import Contender
from benchmarks.harness.workload import Workload

MEASURE = ("-m", "benchmarks.harness.measure")
BATCH_SIZE = 32


@dataclass(frozen=True)
class Scale:
    """How much is measured."""

    window_steps: int = 64
    """Steps in a window, batches of 32; the texts are as many as fill it once."""
    padded_steps: int = 5
    """Steps in a window where every text is padded to 128 and all batches cost the same."""
    warmup_steps: int = 64
    """Steps before a window: one pass over the texts, which shows it every batch shape. A shape's first batch
    compiles its products, which a study pays once and a short window always.
    """
    fraction_examples: int = 4096
    """Texts that are 100 % in the part on training-set sizes."""
    probe_examples: int = 4096
    """Texts that the probes are trained on."""
    whole_examples: int | None = None
    """A whole training set; None for all texts."""
    quality_share: float = 0.1
    """Share of the data that accuracies are measured with."""
    quality_epochs: int = 1
    """Passes over them."""
    classifier_examples: int = 2048
    """Texts that the classifier of the part ``predict`` is made from."""
    predict_examples: int = 20_000
    """Texts that it is given."""
    num_runs: tuple[int, ...] = (1, 2, 4, 8, 16, 32)
    """Values of K."""
    compared_runs: int = 8
    """The K that peers are compared with beside 1; larger packs run in the first round only."""
    ranks: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64)
    """Ranks to try at K = 1."""


TINY = Scale(
    window_steps=2,
    padded_steps=1,
    warmup_steps=1,
    fraction_examples=100,
    probe_examples=64,
    whole_examples=64,
    quality_share=0.001,
    classifier_examples=80,
    predict_examples=40,
    num_runs=(1, 2),
    compared_runs=2,
    ranks=(1, 8),
)
"""Enough to see that every program runs; its figures mean nothing."""

ON_GPU = Scale(num_runs=(1, 16, 32), compared_runs=32, padded_steps=100, window_steps=100)


@dataclass(frozen=True)
class Comparison:
    """A ratio of speeds, taken in each round: how many times faster ``ours`` is than the fastest peer."""

    ours: str
    """A contender."""
    peers: tuple[str, ...]
    """Contenders, of which the fastest counts."""
    factor: float = 1.0
    """Passes that the peer makes for each one of ours."""
    with_startup: bool = False
    """Count our start-up, and not the peer's."""
    goal: float | None = None
    """The ratio aimed at."""
    floor: float | None = None
    """The least that passes."""


@dataclass(frozen=True)
class Part:
    """Programs that are measured side by side, and what is read from it."""

    name: str
    """Of the part."""
    title: str
    """Of its table."""
    contenders: Sequence[Contender]
    """The programs."""
    comparisons: Sequence[Comparison] = field(default_factory=tuple)
    """The ratios."""
    prepare: Callable[[], None] | None = None
    """Makes what the programs need, before the first round."""


@dataclass(frozen=True)
class Bench:
    """Everything that parts are made from."""

    model: str
    """Folder or hub id of the backbone."""
    workload: Workload
    """The texts."""
    folder: Path
    """Where the texts are written to for the programs."""
    device: Literal["cpu", "cuda"]
    """Where they run."""
    scale: Scale
    """How much they do."""
    peers: Path | None = None
    """Folder of the peers' scripts, None to leave them out."""
    adapters_path: Path | None = None
    """Folder that the ``adapters`` library was installed into with the versions it needs."""

    def data(self, num_train: int | None) -> str:
        """A folder with the first ``num_train`` training texts, or all of them."""
        name = "all" if num_train is None else str(num_train)
        folder = self.folder / name
        return str(folder if folder.is_dir() else self.workload.write(folder, num_train))

    @property
    def window_examples(self) -> int:
        """As many texts as fill a window of batches of 32."""
        return min(self.scale.window_steps * BATCH_SIZE, len(self.workload.train) // BATCH_SIZE * BATCH_SIZE)

    def ours(self, name: str, kind: str, num_train: int | None, **options: object) -> Contender:
        """A measurement of ours."""
        most_rounds = options.pop("most_rounds", None)
        arguments = (*MEASURE, kind, *self._arguments(num_train, options))
        return Contender(name, arguments, most_rounds if isinstance(most_rounds, int) else None)

    def peer(self, name: str, script: str, num_train: int | None, **options: object) -> list[Contender]:
        """A measurement of a peer, where there are peers."""
        if self.peers is None:
            return []
        return [Contender(name, (str(self.peers / script), *self._arguments(num_train, options)))]

    def _arguments(self, num_train: int | None, options: dict[str, object]) -> list[str]:
        standing = {"model": self.model, "data": self.data(num_train), "device": self.device}
        arguments: list[str] = []
        for option, value in (standing | options).items():
            flag = f"--{option.replace('_', '-')}"
            if value is True:
                arguments.append(flag)
            elif isinstance(value, range):
                arguments += [flag, *map(str, value)]
            else:
                arguments += [flag, str(value)]
        return arguments

    def window(self, steps: int | None = None) -> dict[str, object]:
        """The options of a window of steps."""
        return {"steps": steps or self.scale.window_steps, "warmup_steps": self.scale.warmup_steps}
