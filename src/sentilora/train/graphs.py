"""Training steps as CUDA graphs: one for each batch shape, so that a step costs one launch.

At these model sizes an eager step on a GPU is mostly launch overhead (LOG.md, "CUDA graphs"). The first batch
of a shape runs eagerly, on the stream that the capture will use: it is a real step, and the warm-up that a
capture needs. The second is captured and then replayed, and so are all after it; no step is made twice and
none is thrown away.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

Step = Callable[[Tensor, int, bool], None]
"""A training step on positions (K, S), padded to a length, with a mask or without."""
Work = Callable[[], None]


class Recorder(Protocol):
    """What makes graphs: ``CudaRecorder``, or in tests something that needs no GPU."""

    def run(self, work: Work) -> None:
        """Do the work now, where it would be captured."""

    def capture(self, work: Work) -> Work:
        """What does the work again on the same tensors, each time it is called; nothing is done yet."""


def capture_steps(step: Step, device: torch.device, *, capturable: bool) -> Step:
    """``step`` itself, or on a CUDA device the same through graphs.

    Args:
        step: reads its positions and otherwise only tensors that outlive every call; never synchronises.
        device: where it runs.
        capturable: whether ``step`` keeps to that.
    """
    if device.type == "cuda" and capturable:
        return GraphedSteps(step, CudaRecorder(device))
    return step


class GraphedSteps:
    """A step through graphs, one for each number of texts and length.

    Args:
        step: as ``capture_steps`` takes it.
        recorder: makes the graphs.
    """

    def __init__(self, step: Step, recorder: Recorder) -> None:
        self._step = step
        self._recorder = recorder
        self._warm: set[tuple[int, int]] = set()
        self._graphs: dict[tuple[int, int], tuple[Work, Tensor]] = {}

    def __call__(self, positions: Tensor, length: int, padded: bool) -> None:
        """Make one step."""
        # A mask is always given: whether one is needed may differ between batches of one shape.
        shape = (positions.shape[1], length)
        if shape not in self._warm:
            self._warm.add(shape)
            self._recorder.run(lambda: self._step(positions, length, True))
            return
        if shape not in self._graphs:
            buffer = positions.clone()
            self._graphs[shape] = self._recorder.capture(lambda: self._step(buffer, length, True)), buffer
        replay, buffer = self._graphs[shape]
        buffer.copy_(positions)
        replay()


class CudaRecorder:
    """CUDA graphs on a stream of their own.

    Args:
        device: where the work runs.
    """

    def __init__(self, device: torch.device) -> None:
        self._stream = torch.cuda.Stream(device)
        # Graphs run one after the other and leave nothing behind in their pool, so that they can share it.
        self._pool = torch.cuda.graph_pool_handle()

    def run(self, work: Work) -> None:
        """Do the work on the stream."""
        self._stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self._stream):
            work()
        torch.cuda.current_stream().wait_stream(self._stream)

    def capture(self, work: Work) -> Work:
        """Capture the work as a graph, and give what replays it."""
        graph = torch.cuda.CUDAGraph()
        torch.cuda.synchronize()
        with torch.cuda.graph(graph, pool=self._pool, stream=self._stream):
            work()
        replay: Work = graph.replay
        return replay
