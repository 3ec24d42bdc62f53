"""Which words of a text moved a classifier, and how far: integrated gradients of a class's logit.

Sundararajan et al. 2017, through captum, on the input embeddings of the merged fp32 encoder. The baseline is
the same text with every piece but [CLS] and [SEP] replaced by [PAD]: same length and positions, nothing
said. What is explained is a logit, not a probability, whose gradient vanishes where the classifier is sure.

The attributions add up to the difference between text and baseline but for the error of the numerical
integral, which is returned with them: about 2 % with Gauss-Legendre's 20 points (LOG.md, "Prediction and
explanation").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from captum.attr import IntegratedGradients
from torch import Tensor

from sentilora.model.heads import pool
from sentilora.use.predict import Classifier

NUM_STEPS = 20
"""Points of the integral; the convergence delta tells whether they suffice for a text."""
TOKENS_AT_ONCE = 1024
"""Steps are computed together up to so many tokens: bounded memory, and no faster beyond."""

_STOPS = r".,;:!?…\"“”()\[\]{}"
_WORD = re.compile(rf"[^\s{_STOPS}]+|[{_STOPS}]+")
"""A run of anything but space and punctuation (``don't``, an emoji with its joiners), or of punctuation."""


@dataclass(frozen=True)
class Word:
    """A word, or a run of punctuation, and what it adds."""

    start: int
    """Its first character in the text."""
    end: int
    """One past its last."""
    attribution: float | None
    """What its wordpieces add to the explained logit together; None where the text was cut before it, so that
    the classifier never read it.
    """


@dataclass(frozen=True)
class Explanation:
    """What each word of a text adds to a class's logit."""

    text: str
    """As given."""
    words: tuple[Word, ...]
    """Of the text, in order."""
    target: int
    """Index of the class explained."""
    logit: float
    """Of that class less the mean of the other classes' logits; with two classes, the log-odds."""
    baseline_logit: float
    """The same for the baseline."""
    convergence_delta: float
    """Sum of the attributions less ``logit - baseline_logit``; 0 for an exact integral."""


def explain(classifier: Classifier, text: str, target: int) -> Explanation:
    """Attribute a class's logit to the words of a text.

    Args:
        classifier: from ``sentilora.load``.
        text: any text; beyond ``classifier.max_length`` wordpieces it is not read.
        target: index of the class to explain, 0 <= target < number of labels.
    """
    encoding = classifier.backbone.tokenizer(
        text,
        truncation=True,
        max_length=classifier.max_length,
        return_offsets_mapping=True,
        return_special_tokens_mask=True,
    )
    ids = torch.tensor([encoding["input_ids"]], device=classifier.device)
    special = torch.tensor([encoding["special_tokens_mask"]], device=classifier.device).bool()
    # Any: modules are untyped, and each family has its own.
    encoder: Any = classifier.backbone.encoder
    embed = encoder.get_input_embeddings()
    with torch.no_grad():
        inputs = embed(ids)
        baseline = embed(torch.where(special, ids, classifier.backbone.pad_token_id))
    logit = _TargetLogit(classifier, target)
    with torch.no_grad():
        ends = logit(torch.cat([inputs, baseline]))
    attributions = IntegratedGradients(logit).attribute(
        inputs,
        baseline,
        n_steps=NUM_STEPS,
        method="gausslegendre",
        internal_batch_size=max(1, TOKENS_AT_ONCE // ids.shape[1]),
    )
    pieces = attributions.sum(dim=-1)[0].double()
    return Explanation(
        text=text,
        words=join_words(text, encoding["offset_mapping"], pieces.tolist()),
        target=target,
        logit=float(ends[0]),
        baseline_logit=float(ends[1]),
        convergence_delta=float(pieces.sum()) - float(ends[0] - ends[1]),
    )


def join_words(
    text: str, offsets: Sequence[tuple[int, int]], attributions: Sequence[float]
) -> tuple[Word, ...]:
    """The words of a text, each with the sum of its wordpieces' attributions.

    A wordpiece belongs to the word that its first character other than a space lies in.

    Args:
        text: the text.
        offsets: start and end of each wordpiece in it; empty spans (special tokens) are left out.
        attributions: one for each wordpiece.
    """
    spans = [match.span() for match in _WORD.finditer(text)]
    sums: list[float | None] = [None] * len(spans)
    at = 0
    for (start, end), attribution in zip(offsets, attributions, strict=True):
        while start < end and text[start].isspace():
            start += 1
        if start == end:
            continue
        while spans[at][1] <= start:
            at += 1
        sums[at] = (sums[at] or 0.0) + attribution
    return tuple(Word(start, end, total) for (start, end), total in zip(spans, sums, strict=True))


class _TargetLogit:
    """A class's logit less the mean of the others', as a function of input embeddings (S, T, H) to (S,).

    A head may keep all its weights in one class's row (logistic regression does). The logit of the other
    class then says nothing by itself; its distance from the others does.
    """

    def __init__(self, classifier: Classifier, target: int) -> None:
        others = [c for c in range(len(classifier.labels)) if c != target]
        self._encoder = classifier.backbone.encoder
        self._pooling = classifier.pooling
        self._direction = classifier.weight[target] - classifier.weight[others].mean(dim=0)
        self._offset = classifier.bias[target] - classifier.bias[others].mean()

    def __call__(self, embeddings: Tensor) -> Tensor:
        mask = torch.ones(embeddings.shape[:2], dtype=torch.long, device=embeddings.device)
        hidden = self._encoder(inputs_embeds=embeddings, attention_mask=mask).last_hidden_state
        return pool(hidden, None, self._pooling) @ self._direction + self._offset
