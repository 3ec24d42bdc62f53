"""Labels for texts: ``sentilora.load(folder).predict(texts)``.

The adapter is merged into the backbone, and the merged encoder runs as in training without adapters: texts
are sorted by length within a window, so that little is padded, and the last block computes the first token
alone where that is all the head reads. A window is tokenised while the one before it is computed. Memory is
bounded by two windows, however many texts there are.

Where the processor multiplies bf16 in hardware that is several times as fast as fp32, and would change the
label of one text in 1,700. So texts near a tie, 2 to 3 %, are computed again in fp32: labels are then those
of fp32, and the probabilities of the other texts carry bf16's rounding (LOG.md, "Prediction and
explanation"). ``precision="fp32"`` computes everything in fp32.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sentilora.data.batches.corpus import TokenCorpus
from sentilora.data.batches.tokens import Tokens, tokenize
from sentilora.model.backbone.loading import Backbone
from sentilora.model.packed import Encoder, frozen_encoder
from sentilora.study_file.arms import Pooling
from sentilora.train.allocator import give_freed_memory_back
from sentilora.train.device import DTYPES, choose_device, resolve_precision
from sentilora.train.pooled_features import encode
from sentilora.use.adapter_folder import Adapter, read_adapter
from sentilora.use.merge import load_merged

WINDOW = 8192
"""Texts that are sorted by length together, and that are in memory at a time (twice)."""

NEAR_TIE = 0.6
"""A text is computed again where its label leads another class by less than this times ``|d * h|``.

``h`` are the pooled features and ``d`` is the difference of the two classes' weights, so the lead is
``d . h``. bf16 rounds each feature by itself: ``|d * h|`` is the unit that its error comes in, whatever the
head's scale. The largest error seen was half of this bound."""


@dataclass(frozen=True)
class Prediction:
    """What a classifier says of one text."""

    label: str
    """The name of the most probable class."""
    probability: float
    """Its probability, 0 to 1."""
    margin: float
    """Its probability less that of the runner-up, 0 (a tie) to 1."""
    probabilities: tuple[float, ...]
    """Of every class, in the order of ``Classifier.labels``."""


class Classifier:
    """A trained classifier, ready to predict. Made by ``sentilora.load``.

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

    def __init__(
        self, adapter: Adapter, device: torch.device, precision: Literal["auto", "fp32"] = "auto"
    ) -> None:
        merged = load_merged(adapter)
        self.adapter = adapter
        self.labels = adapter.description.labels
        self.backbone: Backbone = merged.backbone
        self.weight: Tensor = merged.weight.to(device)
        self.bias: Tensor = merged.bias.to(device)
        self.pooling: Pooling = adapter.description.pooling
        self.max_length = adapter.description.max_length
        self.device = device
        self._exact = self._fast = frozen_encoder(merged.backbone, self.pooling, device, torch.float32)
        resolved = resolve_precision(precision, device)
        if resolved != "fp32":
            self._fast = frozen_encoder(merged.backbone, self.pooling, device, DTYPES[resolved])

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """What it says of each text, in their order."""
        return list(self.predict_stream(texts))

    def predict_stream(self, texts: Iterable[str]) -> Iterator[Prediction]:
        """What it says of each text, in their order, in memory that does not grow with their number.

        Texts are taken ahead: up to two windows of ``WINDOW`` before the first prediction comes.
        """
        for tokens in self._tokenize_ahead(texts):
            for row in softmax(self._fast_logits(tokens)):
                first, second = np.argsort(-row, kind="stable")[:2]
                yield Prediction(
                    label=self.labels[first],
                    probability=float(row[first]),
                    margin=float(row[first] - row[second]),
                    probabilities=tuple(row.tolist()),
                )

    def logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Logits (N, C) of N texts, all in fp32."""
        rows = [self._head(self._features(self._exact, tokens)) for tokens in self._tokenize_ahead(texts)]
        return np.concatenate(rows) if rows else np.empty((0, len(self.labels)), dtype=np.float32)

    def _tokenize_ahead(self, texts: Iterable[str]) -> Iterator[Tokens]:
        """The tokens of windows of texts, the next one prepared while one is used."""

        def prepare(window: list[str]) -> Tokens:
            window = [text.encode("utf-8", "replace").decode("utf-8") for text in window]
            return tokenize(window, self.backbone.tokenizer, self.max_length)

        with ThreadPoolExecutor(max_workers=1) as ahead:
            prepared = (ahead.submit(prepare, window) for window in _windows(texts, WINDOW))
            window = next(prepared, None)
            while window is not None:
                following = next(prepared, None)
                yield window.result()
                give_freed_memory_back()  # or windows of ever other shapes fragment the heap
                window = following

    def _fast_logits(self, tokens: Tokens) -> NDArray[np.float32]:
        """Logits (N, C) whose greatest is that of fp32."""
        features = self._features(self._fast, tokens)
        logits = self._head(features)
        if self._fast is not self._exact:
            again = np.flatnonzero(near_ties(features, logits, self.weight.cpu().numpy()))
            if len(again):
                logits[again] = self._head(self._features(self._exact, _take(tokens, again)))
        return logits

    def _features(self, encoder: Encoder, tokens: Tokens) -> NDArray[np.float32]:
        no_labels = np.zeros(len(tokens), dtype=np.int64)
        corpus = TokenCorpus(tokens, no_labels, self.backbone.pad_token_id, self.device)
        return encode(encoder, corpus, self.pooling)

    def _head(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        pooled = torch.from_numpy(features).to(self.device)
        logits: NDArray[np.float32] = torch.addmm(self.bias, pooled, self.weight.T).cpu().numpy()
        return logits


def load_classifier(
    folder: Path, *, device: str = "auto", precision: Literal["auto", "fp32"] = "auto"
) -> Classifier:
    """The classifier in an adapter folder: ``sentilora.load``, which says what its arguments are."""
    return Classifier(read_adapter(folder), choose_device(device), precision)


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Probabilities (N, C) of logits (N, C)."""
    powers = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    probabilities: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


def near_ties(
    features: NDArray[np.float32], logits: NDArray[np.float32], weight: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """(N,) whether another class comes within ``NEAR_TIE`` of the greatest logit.

    Args:
        features: (N, H) pooled, rounded.
        logits: (N, C) from them.
        weight: (C, H) of the head.
    """
    top = logits.argmax(axis=1)
    near = np.zeros(len(logits), dtype=np.bool_)
    for other in range(logits.shape[1]):
        lead = logits[np.arange(len(logits)), top] - logits[:, other]
        unit = np.linalg.norm((weight[top] - weight[other]) * features, axis=1)
        near |= (top != other) & (lead < NEAR_TIE * unit)
    return near


def _take(tokens: Tokens, positions: NDArray[np.int64]) -> Tokens:
    """The tokens of the texts at these positions."""
    rows = [tokens.ids[tokens.offsets[i] : tokens.offsets[i + 1]] for i in positions]
    offsets = np.concatenate([[0], np.cumsum(tokens.lengths[positions])]).astype(np.int64)
    return Tokens(np.concatenate(rows), offsets, tokens.truncated[positions])


def _windows(texts: Iterable[str], size: int) -> Iterator[list[str]]:
    iterator = iter(texts)
    while window := list(islice(iterator, size)):
        yield window
