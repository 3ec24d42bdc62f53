"""What all parts of the benchmark share, and how the command line of each measured program is made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from benchmarks.harness.rounds import Contender
from benchmarks.harness.scale import Scale
from benchmarks.harness.workload import Workload

PEERS = Path(__file__).parents[1] / "peers"
"""The peers' scripts."""
MEASURE_OURS = "benchmarks.harness.measure_ours"
"""The module that measures our own work in a process of its own."""
BATCH_SIZE = 32


@dataclass(frozen=True)
class BenchmarkSetup:
    """What all parts share: the backbone, the texts, the device, and how a program's command line is made."""

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

    def ours(
        self,
        name: str,
        kind: str,
        num_train: int | None,
        *,
        most_rounds: int | None = None,
        **options: Any,
    ) -> Contender:
        """A measurement of this project's own work; ``kind`` is a command of ``measure_ours``."""
        arguments = ("-m", MEASURE_OURS, kind, *self._arguments(num_train, options))
        return Contender(name, arguments, most_rounds)

    def peer(self, name: str, script: str, num_train: int | None, **options: Any) -> Contender:
        """A measurement of a peer; ``script`` is a file of benchmarks/peers."""
        return Contender(name, (str(PEERS / script), *self._arguments(num_train, options)))

    def ceiling(self) -> Contender:
        """The fastest matrix product of the device."""
        return Contender("ceiling", ("-m", MEASURE_OURS, "ceiling", "--device", self.device))

    def _arguments(self, num_train: int | None, options: dict[str, Any]) -> list[str]:
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

    def window(self, steps: int | None = None) -> dict[str, Any]:
        """The options of a window of steps."""
        return {"steps": steps or self.scale.window_steps, "warmup_steps": self.scale.warmup_steps}
