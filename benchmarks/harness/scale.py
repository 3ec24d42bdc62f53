"""How much the benchmark measures: in full, on a GPU, and next to nothing, to see that it runs."""

from __future__ import annotations

from dataclasses import dataclass


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
