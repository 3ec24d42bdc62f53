"""Training steps as CUDA graphs: one for each batch shape, so that a step costs one launch.

At these model sizes an eager step on a GPU is all launch overhead (1,200 examples/s where a captured one does
20,000). The first batch of a shape runs eagerly, on the stream that the capture will use: it is a real
step, and the warm-up that a capture needs. The second is captured and then replayed, and so are all after
it; no step is made twice and none is thrown away.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Step = Callable[[Tensor, int, bool], None]
"""A training step on positions (K, S), padded to a length, with a mask or without."""


def capture_steps(step: Step, device: torch.device, *, capturable: bool) -> Step:
    """``step`` itself, or on a CUDA device the same through graphs.

    Args:
        step: reads its positions and otherwise only tensors that outlive every call; never synchronises.
        device: where it runs.
        capturable: whether ``step`` keeps to that.
    """
    if device.type == "cuda" and capturable:
        return _GraphedSteps(step, device)
    return step


class _GraphedSteps:
    def __init__(self, step: Step, device: torch.device) -> None:
        self._step = step
        self._stream = torch.cuda.Stream(device)
        # Graphs run one after the other and leave nothing behind in their pool, so that they can share it.
        self._pool = torch.cuda.graph_pool_handle()
        self._warm: set[tuple[int, int]] = set()
        self._graphs: dict[tuple[int, int], tuple[torch.cuda.CUDAGraph, Tensor]] = {}

    def __call__(self, positions: Tensor, length: int, padded: bool) -> None:
        # A mask is always given: whether one is needed may differ between batches of one shape.
        shape = (positions.shape[1], length)
        if shape not in self._warm:
            self._warm.add(shape)
            self._stream.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(self._stream):
                self._step(positions, length, True)
            torch.cuda.current_stream().wait_stream(self._stream)
            return
        if shape not in self._graphs:
            self._graphs[shape] = self._capture(positions, length)
        graph, buffer = self._graphs[shape]
        buffer.copy_(positions)
        graph.replay()

    def _capture(self, positions: Tensor, length: int) -> tuple[torch.cuda.CUDAGraph, Tensor]:
        buffer = positions.clone()
        graph = torch.cuda.CUDAGraph()
        torch.cuda.synchronize()
        with torch.cuda.graph(graph, pool=self._pool, stream=self._stream):
            self._step(buffer, length, True)
        return graph, buffer
