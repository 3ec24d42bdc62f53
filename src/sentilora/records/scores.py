"""Scores of one run on one split, from its logits, as ``record.json`` keeps them."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax
from sklearn.metrics import f1_score, matthews_corrcoef


@dataclass(frozen=True, kw_only=True)
class RecordedScores:
    """What one run achieves on one split."""

    accuracy: float
    """Share of examples whose largest logit is the label, 0 to 1."""
    f1: float
    """F1 of the last class where there are two classes, macro F1 otherwise, 0 to 1."""
    mcc: float
    """Matthews correlation coefficient, -1 to 1; 0 where it is undefined (one class predicted)."""
    loss: float
    """Mean cross-entropy, nats."""

    def to_json(self) -> dict[str, float]:
        """Plain data for ``record.json``."""
        return asdict(self)


def score(logits: NDArray[np.floating], labels: NDArray[np.int64]) -> RecordedScores:
    """Scores from logits (N, classes) and labels (N,), N >= 1."""
    predicted = logits.argmax(axis=-1)
    log_probabilities = log_softmax(logits.astype(np.float64), axis=-1)
    binary = logits.shape[-1] == 2
    return RecordedScores(
        accuracy=float((predicted == labels).mean()),
        f1=float(f1_score(labels, predicted, average="binary" if binary else "macro", zero_division=0.0)),
        # scikit-learn warns where a split and its predictions hold one class alone; the value is 0.
        mcc=float(matthews_corrcoef(labels, predicted)) if len({*labels, *predicted}) > 1 else 0.0,
        loss=float(-log_probabilities[np.arange(len(labels)), labels].mean()),
    )
