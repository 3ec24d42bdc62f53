"""CUDA graphs simulated on a CPU: the operations of a step, recorded once and done again on the same memory.

As in a real graph, to capture is not to run; a replay reads and writes the tensors of the capture, whatever
lies in them by then; numbers that were Python's are what they were at the capture; and an operation that a
host would have to wait for is an error.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from sentilora.train.graphs import Work

_SYNCHRONISING = ("aten::_local_scalar_dense", "aten::nonzero", "aten::masked_select", "aten::unique")


class SimulatedGraphs:
    """A ``graphs.Recorder`` that counts what it is asked for."""

    def __init__(self) -> None:
        self.num_run = self.num_captured = self.num_replayed = 0

    def run(self, work: Work) -> None:
        self.num_run += 1
        work()

    def capture(self, work: Work) -> Work:
        self.num_captured += 1
        recording = _Recording()
        mode: Any = _NotedIn  # torch leaves the class untyped
        with mode() as entered:
            entered.recording = recording
            work()
        recording.undo()

        def replay() -> None:
            self.num_replayed += 1
            recording.replay()

        return replay


class _NotedIn(TorchDispatchMode):
    """Does every operation, and notes it."""

    recording: _Recording

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return self.recording.do(func, args, kwargs or {})


@dataclass
class _Recording:
    operations: list[tuple[Any, Any, Any, list[Tensor]]] = field(default_factory=list)
    """Each operation with its arguments and the tensors it gave."""
    own: set[int] = field(default_factory=set)
    """Memory that came into being meanwhile."""
    before: list[tuple[Tensor, Tensor]] = field(default_factory=list)
    """Other tensors that were overwritten, and what they held."""

    def do(self, func: Any, args: Any, kwargs: Any) -> Any:
        """Do an operation and note it."""
        assert not func._schema.name.startswith(_SYNCHRONISING), f"{func} makes the host wait"
        for place, value in zip(func._schema.arguments, args, strict=False):
            if place.alias_info is not None and place.alias_info.is_write:
                self.before += [(t, t.clone()) for t in _tensors(value) if _memory(t) not in self.own]
        result = func(*args, **kwargs)
        outputs = _tensors(result)
        read = {_memory(tensor) for tensor in _tensors((args, kwargs))}
        self.own |= {_memory(tensor) for tensor in outputs} - read
        self.operations.append((func, args, kwargs, outputs))
        return result

    def undo(self) -> None:
        """Give every tensor that the work has overwritten what it held before."""
        with torch.no_grad():
            for tensor, before in reversed(self.before):
                tensor.copy_(before)

    def replay(self) -> None:
        """Do the operations again, each result going to where it went at first."""
        with torch.no_grad():
            for func, args, kwargs, outputs in self.operations:
                for place, value in zip(outputs, _tensors(func(*args, **kwargs)), strict=True):
                    if _memory(place) != _memory(value):
                        place.copy_(value)


def _tensors(values: Any) -> list[Tensor]:
    return [leaf for leaf in tree_leaves(values) if isinstance(leaf, Tensor)]


def _memory(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()
