"""Labels for texts: ``load(folder).predict(texts)``.

The adapter is merged into the backbone and the merged encoder runs as in training without adapters: texts
are sorted by length within a window, so that next to nothing is padded, and the last block computes
the first token alone where that is all the head reads. A window is tokenised while the one before it is
computed. Memory is bounded by two windows, however many texts there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sentilora.data.corpus import TokenCorpus
from sentilora.data.tokens import Tokens, tokenize
from sentilora.model.backbone import Backbone
from sentilora.model.heads import Pooling
from sentilora.model.packed import frozen_encoder
from sentilora.train.device import choose_device
from sentilora.train.features import encode
from sentilora.use.adapter import Adapter, read_adapter
from sentilora.use.merge import load_merged

WINDOW = 8192
"""Texts that are sorted by length together, and that are in memory at a time (twice)."""


@dataclass(frozen=True)
class Prediction:
    """What a classifier says of one text.

    Attributes:
        label: the name of the most probable class.
        probability: its probability, 0 to 1.
        margin: its probability less that of the runner-up, 0 (a tie) to 1.
        probabilities: of every class, in the order of ``Classifier.labels``.
    """

    label: str
    probability: float
    margin: float
    probabilities: tuple[float, ...]


class Classifier:
    """A trained classifier, ready to predict. Made by ``load``.

    Attributes:
        adapter: the folder it came from, with its description.
        labels: one name per class, in the order of the logits.
        backbone: the merged encoder, transformers' own module, and its tokenizer.
        weight: (C, H) fp32 of the head, on ``device``.
        bias: (C,) fp32 of the head, on ``device``.
        pooling: what the head reads.
        max_length: most wordpieces of a text; longer texts are cut.
        device: where it computes.
    """

    def __init__(self, adapter: Adapter, device: torch.device) -> None:
        merged = load_merged(adapter)
        self.adapter = adapter
        self.labels = adapter.description.labels
        self.backbone: Backbone = merged.backbone
        self.weight: Tensor = merged.weight.to(device)
        self.bias: Tensor = merged.bias.to(device)
        self.pooling: Pooling = adapter.description.pooling
        self.max_length = adapter.description.max_length
        self.device = device
        self._encoder = frozen_encoder(merged.backbone, self.pooling, device, torch.float32)

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """What it says of each text, in their order."""
        return list(self.predict_stream(texts))

    def predict_stream(self, texts: Iterable[str]) -> Iterator[Prediction]:
        """What it says of each text, in their order, in memory that does not grow with their number.

        Texts are taken ahead: up to two windows of ``WINDOW`` before the first prediction comes.
        """
        for logits in self._stream_logits(texts):
            for row in softmax(logits):
                first, second = np.argsort(-row, kind="stable")[:2]
                yield Prediction(
                    label=self.labels[first],
                    probability=float(row[first]),
                    margin=float(row[first] - row[second]),
                    probabilities=tuple(row.tolist()),
                )

    def logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Logits (N, C) of N texts."""
        rows = list(self._stream_logits(texts))
        return np.concatenate(rows) if rows else np.empty((0, len(self.labels)), dtype=np.float32)

    def _stream_logits(self, texts: Iterable[str]) -> Iterator[NDArray[np.float32]]:
        with ThreadPoolExecutor(max_workers=1) as ahead:
            windows = _windows(texts, WINDOW)
            window = next(windows, None)
            tokens = None if window is None else self._tokenize(window)
            while tokens is not None:
                window = next(windows, None)
                following = None if window is None else ahead.submit(self._tokenize, window)
                yield self._window_logits(tokens)
                tokens = None if following is None else following.result()

    def _tokenize(self, texts: Sequence[str]) -> Tokens:
        return tokenize(texts, self.backbone.tokenizer, self.max_length)

    def _window_logits(self, tokens: Tokens) -> NDArray[np.float32]:
        no_labels = np.zeros(len(tokens), dtype=np.int64)
        corpus = TokenCorpus(tokens, no_labels, self.backbone.pad_token_id, self.device)
        features = torch.from_numpy(encode(self._encoder, corpus, self.pooling)).to(self.device)
        logits: NDArray[np.float32] = torch.addmm(self.bias, features, self.weight.T).cpu().numpy()
        return logits


def load(folder: Path | str, *, device: str = "auto") -> Classifier:
    """The classifier in an adapter folder.

    Args:
        folder: a run's folder in a study's records, its ``adapter/``, or a copy of that.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:N`` or ``mps``.

    Raises:
        AdapterError: no adapter lies there, or it is incomplete, altered, or not of its backbone.
        BackboneError, HubError, AssetError: the backbone cannot be had.
        DeviceError: the device is not there.
    """
    return Classifier(read_adapter(Path(folder)), choose_device(device))


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Probabilities (N, C) of logits (N, C)."""
    powers = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    probabilities: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


def _windows(texts: Iterable[str], size: int) -> Iterator[list[str]]:
    iterator = iter(texts)
    while window := list(islice(iterator, size)):
        yield window
