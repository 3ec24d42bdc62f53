"""Answers to reviews on the page: the labels at once, then each arm's words.

A visitor who asks again while words are still computed is answered about the newer review: what is left of
the older answer is given up.
"""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from sentilora.evidence.writing.safe_text import excerpt, markdown_cell
from sentilora.serve.batcher import BusyError
from sentilora.serve.page.highlighting import highlighted
from sentilora.serve.served_study import ServedArm, ServedStudy
from sentilora.serve.server_limits import MAX_SECONDS
from sentilora.serve.visitor_text import clean_text
from sentilora.use.explain import Explanation, explain
from sentilora.use.predict import Prediction

MAX_VISITORS = 2000
"""Visitors whose newest review is remembered; the longest absent is forgotten first."""
OUTPUTS_AN_ARM = 3
"""Of an answer: probabilities, words, and the sentence below them."""


class ReviewAnswers:
    """Answers about a study's arms, for many visitors.

    Args:
        study: what is served.
    """

    def __init__(self, study: ServedStudy) -> None:
        self._study = study
        self._numbers = itertools.count()
        self._newest: OrderedDict[str, int] = OrderedDict()

    def of(self, text: str, visitor: str) -> Iterator[list[Any]]:
        """An answer as it grows; it ends early when the same visitor asks again.

        Args:
            text: a review, as typed.
            visitor: whoever asks.

        Yields:
            A notice, then for each arm its probabilities, its words and a sentence.
        """
        number = self._newest[visitor] = next(self._numbers)
        self._newest.move_to_end(visitor)
        if len(self._newest) > MAX_VISITORS:
            self._newest.popitem(last=False)
        for shown in self._growing(text):
            if self._newest.get(visitor) != number:
                return
            yield shown

    def _growing(self, text: str) -> Iterator[list[Any]]:
        read, arms, labels = clean_text(text), self._study.arms, self._study.labels
        nothing: list[Any] = [None, None, ""] * len(arms)
        if not read.text:
            yield [f"**Type or pick a review first.** {read.notice}", *nothing]
            return
        try:
            waiting = [arm.batcher.submit([read.text]) for arm in arms]
            said = [future.result(timeout=MAX_SECONDS)[0] for future in waiting]
        except (BusyError, TimeoutError):
            yield ["**The server is busy. Try again in a few seconds.**", *nothing]
            return
        plain: list[tuple[str, str | None]] = [(read.text, None)]
        shown: list[Any] = [f"{_verdict(read.text, arms, said)} {read.notice}"]
        for prediction in said:
            shown += [dict(zip(labels, prediction.probabilities, strict=True)), plain, ""]
        yield shown
        for place, (arm, prediction) in enumerate(zip(arms, said, strict=True)):
            explanation = explain(arm.classifier, read.text, _target(labels, prediction))
            words = 2 + OUTPUTS_AN_ARM * place
            shown[words : words + 2] = [highlighted(explanation, labels), _sum(explanation, labels)]
            yield shown


def _target(labels: tuple[str, ...], prediction: Prediction) -> int:
    """With two classes always the last, so that colours mean the same for every arm; else what was said."""
    return 1 if len(labels) == 2 else labels.index(prediction.label)


def _verdict(text: str, arms: tuple[ServedArm, ...], said: list[Prediction]) -> str:
    """Which text this is about, and what the arms say of it."""
    labels = [markdown_cell(prediction.label) for prediction in said]
    about = f"“{markdown_cell(excerpt(text, 60))}”"
    if len(set(labels)) == 1:
        return f"{about}: {'both' if len(arms) == 2 else 'all'} say **{labels[0]}**."
    each = (f"{markdown_cell(arm.arm)} says **{label}**" for arm, label in zip(arms, labels, strict=True))
    return f"{about}: they differ. {', '.join(each)}."


def _sum(explanation: Explanation, labels: tuple[str, ...]) -> str:
    difference = explanation.logit - explanation.baseline_logit
    label = markdown_cell(labels[explanation.target])
    unread = sum(word.attribution is None for word in explanation.words)
    cut = f" The last {unread} words are beyond what the model reads." if unread else ""
    return (
        f"Together the words move the logit of {label} by {difference:+.2f} "
        f"(error of the sum {abs(explanation.convergence_delta):.2f}).{cut}"
    )
