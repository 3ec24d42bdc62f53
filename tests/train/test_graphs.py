"""Which steps are run, captured and replayed: through simulated graphs, and on a GPU through CUDA's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from sentilora.data.batches.corpus import TokenCorpus
from sentilora.data.batches.tokens import Tokens
from sentilora.model.backbone.loading import load_backbone
from sentilora.model.packed import PackedClassifier, frozen_encoder
from sentilora.model.updates.adapter_stack import AdapterRun
from sentilora.study_file.arms import LoraArm
from sentilora.study_file.recipe import Recipe
from sentilora.train import engine
from sentilora.train.engine import Fitted, fit
from sentilora.train.graphs import GraphedSteps, Step, capture_steps
from sentilora.train.kept_result import KeptResult
from support.simulated_graphs import SimulatedGraphs

CPU = torch.device("cpu")
RECIPE = Recipe(epochs=3, batch_size=4, precision="fp32", evaluations_per_epoch=2)


def noted_steps(graphs: SimulatedGraphs, slots: Tensor) -> GraphedSteps:
    """Steps that write their positions, length and whether they are padded to the next row of ``slots``."""
    next_row = torch.zeros(1, dtype=torch.int64)

    def step(positions: Tensor, length: int, padded: bool) -> None:
        row = torch.cat([positions[0], torch.tensor([length, int(padded)])])
        slots.index_copy_(0, next_row, row[None])
        next_row.add_(1)

    return GraphedSteps(step, graphs)


def test_each_step_is_made_once_on_its_own_positions() -> None:
    graphs, slots = SimulatedGraphs(), torch.zeros(5, 4, dtype=torch.int64)
    steps = noted_steps(graphs, slots)
    positions = torch.zeros(1, 2, dtype=torch.int64)
    for i in range(5):
        positions.fill_(i)  # a caller may use the same tensor again
        steps(positions, 8, padded=False)
    assert slots.tolist() == [[i, i, 8, True] for i in range(5)]
    assert (graphs.num_run, graphs.num_captured, graphs.num_replayed) == (1, 1, 4)


def test_each_length_has_a_graph_of_its_own() -> None:
    graphs, slots = SimulatedGraphs(), torch.zeros(6, 4, dtype=torch.int64)
    steps, lengths = noted_steps(graphs, slots), [8, 12, 8, 12, 12, 8]
    for i, length in enumerate(lengths):
        steps(torch.full((1, 2), i), length, padded=i % 2 == 0)
    assert slots.tolist() == [[i, i, length, True] for i, length in enumerate(lengths)]
    assert (graphs.num_run, graphs.num_captured, graphs.num_replayed) == (2, 2, 4)


def test_the_simulation_shows_a_number_that_is_frozen_and_a_host_that_waits() -> None:
    """A real graph would go on with the number of its capture, and refuse to wait."""
    total, number = torch.zeros(()), 0

    def counts_on_the_host(positions: Tensor, length: int, padded: bool) -> None:
        nonlocal number
        number += 1
        total.add_(number)

    steps = GraphedSteps(counts_on_the_host, SimulatedGraphs())
    for _ in range(4):
        steps(torch.zeros(1, 2), 8, padded=True)
    assert float(total) == 1 + 2 + 2 + 2

    def waits(positions: Tensor, length: int, padded: bool) -> None:
        total.add_(float(positions.sum()))

    steps = GraphedSteps(waits, SimulatedGraphs())
    steps(torch.zeros(1, 2), 8, padded=True)
    with pytest.raises(AssertionError, match="makes the host wait"):
        steps(torch.zeros(1, 2), 8, padded=True)


def test_a_cpu_and_a_trainee_that_cannot_be_captured_step_eagerly() -> None:
    def step(positions: Tensor, length: int, padded: bool) -> None: ...

    assert capture_steps(step, CPU, capturable=True) is step
    assert capture_steps(step, torch.device("cuda"), capturable=False) is step


def train(folder: Path, device: torch.device) -> tuple[PackedClassifier, Fitted]:
    """Two runs with dropout, on texts of a few lengths."""
    backbone = load_backbone(str(folder))
    generator = np.random.default_rng(0)
    lengths = generator.choice([4, 6], size=24)
    ids = generator.integers(5, backbone.tokenizer.vocab_size, size=lengths.sum()).astype(np.int32)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    tokens = Tokens(ids, offsets, np.zeros(len(lengths), dtype=np.bool_))
    labels = (ids[offsets[:-1] + 1] % 2).astype(np.int64)
    corpus = TokenCorpus(tokens, labels, backbone.pad_token_id, device)
    arm = LoraArm(name="lora", method="lora", rank=2, dropout=0.2)
    pack = PackedClassifier(
        backbone,
        frozen_encoder(backbone, "mean", device, torch.float32),
        [AdapterRun(arm, seed) for seed in (0, 1)],
        pooling="mean",
        num_classes=2,
        device=device,
    )
    assert pack.capturable
    training = fit(pack, corpus, corpus, RECIPE, seeds=[0, 1], learning_rates=[0.01, 0.02])
    return pack, KeptResult(training).finish()


def use(monkeypatch: pytest.MonkeyPatch, change: Callable[[Step], Step]) -> None:
    def capture(step: Step, device: torch.device, **_: Any) -> Step:
        return change(step)

    monkeypatch.setattr(engine, "capture_steps", capture)


def test_a_pack_trains_through_graphs_as_it_does_without(
    tiny_model: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dropout, the schedule and the sums of ``fit`` depend on tensors alone, and no step waits for a host."""
    eager, fitted = train(tiny_model("bert"), CPU)
    graphs = SimulatedGraphs()
    use(monkeypatch, lambda step: GraphedSteps(step, graphs))
    graphed, fitted_too = train(tiny_model("bert"), CPU)
    assert graphs.num_captured == 2
    assert graphs.num_replayed == 18 - graphs.num_run
    assert fitted_too.curves == fitted.curves
    assert torch.equal(graphed.flat, eager.flat)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_graphs_train_as_eager_steps_do(
    tiny_model: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    graphed, fitted = train(tiny_model("bert"), torch.device("cuda"))
    use(monkeypatch, lambda step: step)
    eager, fitted_too = train(tiny_model("bert"), torch.device("cuda"))
    torch.testing.assert_close(graphed.flat, eager.flat, rtol=1e-4, atol=1e-5)
    for line, other in zip(fitted.curves[0], fitted_too.curves[0], strict=True):
        assert line == pytest.approx(other, rel=1e-3, abs=1e-4)
