"""The first tab: a review, and what two classifiers say of it with the words that moved them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from sentilora.evidence.writing.safe_text import markdown_cell
from sentilora.serve.batcher import BusyError
from sentilora.serve.limits import MAX_CHARACTERS, MAX_SECONDS
from sentilora.serve.page.highlighting import colour_map, directions, highlighted
from sentilora.serve.served_study import ServedArm, ServedStudy
from sentilora.serve.visitor_text import clean_text
from sentilora.use.explain import Explanation, explain
from sentilora.use.predict import Prediction

EXAMPLES = (
    "A warm, funny film that never talks down to its audience.",
    "It is not a bad film, but you will have forgotten it by the time you find your car.",
    "The trailer promised a thriller; what arrived was two hours of people looking at maps.",
    "I wanted to hate it, and by the end I was in tears.",
    "Too clever by half, and half as clever as it thinks.",
    "Hardly a masterpiece, yet I would see it again tomorrow.",
)
"""Invented. The easy one comes first, then negation, irony and contrast, where the two tend to differ."""


def try_tab(study: ServedStudy) -> tuple[gr.Textbox, dict[str, Any]]:
    """Build the tab; returns the review's box, and what answers it as arguments of an event."""
    review = gr.Textbox(
        EXAMPLES[0],
        label="Review",
        placeholder="Type a review, or pick one below",
        lines=3,
        max_lines=8,
        elem_id="review",
        info=f"English, up to {MAX_CHARACTERS:,} characters",
    )
    button = gr.Button("Compare", variant="primary", elem_id="compare")
    examples = gr.Dataset(
        components=[gr.Textbox(visible=False)],
        samples=[[example] for example in EXAMPLES],
        label="Examples",
        elem_id="examples",
    )
    *_, first = _answers(study, EXAMPLES[0])
    outputs: list[gr.components.Component] = [gr.Markdown(first[0], elem_id="notice")]
    with gr.Row():
        for place, served in enumerate((study.baseline, study.challenger)):
            with gr.Column(min_width=280):
                outputs += _side(study, served, *first[1 + 3 * place : 4 + 3 * place])
    gr.Markdown(_legend(study))

    def answer(text: str) -> Iterator[list[Any]]:
        yield from _answers(study, text)

    listening: dict[str, Any] = {
        "fn": answer,
        "inputs": review,
        "outputs": outputs,
        "concurrency_limit": 1,
        "concurrency_id": "compare",
        "show_progress": "hidden",
        "api_visibility": "private",
    }
    gr.on([button.click, review.submit], **listening)
    pick: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    examples.click(lambda sample: sample[0], examples, review, **pick).success(**listening)
    return review, listening


def _side(
    study: ServedStudy, served: ServedArm, probabilities: Any, words: Any, total: str
) -> list[gr.components.Component]:
    name = served.arm
    return [
        gr.Label(probabilities, label=name, elem_id=f"label-{name}", num_top_classes=5),
        gr.HighlightedText(
            words,
            label=f"Words that moved {name}",
            elem_id=f"words-{name}",
            color_map=colour_map(study.labels),
            show_inline_category=False,
            show_legend=False,
        ),
        gr.Markdown(total, elem_id=f"sum-{name}"),
    ]


def _answers(study: ServedStudy, text: str) -> Iterator[list[Any]]:
    """Probabilities first, which take a few milliseconds, then each side's words."""
    read = clean_text(text)
    if not read.text:
        yield [f"**Type or pick a review first.** {read.notice}", *[None, None, ""] * 2]
        return
    sides = (study.baseline, study.challenger)
    try:
        waiting = [side.batcher.submit([read.text]) for side in sides]
        said = [future.result(timeout=MAX_SECONDS)[0] for future in waiting]
    except (BusyError, TimeoutError):
        yield ["**The server is busy. Try again in a few seconds.**", *[None, None, ""] * 2]
        return
    plain: list[tuple[str, str | None]] = [(read.text, None)]
    shown: list[Any] = [f"{_agreement(sides, said)} {read.notice}"]
    for prediction in said:
        shown += [dict(zip(study.labels, prediction.probabilities, strict=True)), plain, ""]
    yield shown
    for place, (side, prediction) in enumerate(zip(sides, said, strict=True)):
        explanation = explain(side.classifier, read.text, _target(study, prediction))
        shown[2 + 3 * place] = highlighted(explanation, study.labels)
        shown[3 + 3 * place] = _sum(explanation, study.labels)
        yield shown


def _target(study: ServedStudy, prediction: Prediction) -> int:
    """With two classes always the last, so that colours mean the same on both sides; else what was said."""
    return 1 if len(study.labels) == 2 else study.labels.index(prediction.label)


def _legend(study: ServedStudy) -> str:
    toward, against = map(markdown_cell, directions(study.labels))
    return (
        f"**Blue** words pull {toward}, **orange** words {against}; the deeper, the more, on a scale of each "
        "side's own (integrated gradients)."
    )


def _agreement(sides: tuple[ServedArm, ServedArm], said: list[Prediction]) -> str:
    names = [markdown_cell(side.arm) for side in sides]
    labels = [markdown_cell(prediction.label) for prediction in said]
    if labels[0] == labels[1]:
        return f"Both say **{labels[0]}**."
    return f"They differ: {names[0]} says **{labels[0]}**, {names[1]} says **{labels[1]}**."


def _sum(explanation: Explanation, labels: tuple[str, ...]) -> str:
    difference = explanation.logit - explanation.baseline_logit
    label = markdown_cell(labels[explanation.target])
    unread = sum(word.attribution is None for word in explanation.words)
    cut = f" The last {unread} words are beyond what the model reads." if unread else ""
    return (
        f"Together the words move the logit of {label} by {difference:+.2f} "
        f"(error of the sum {abs(explanation.convergence_delta):.2f}).{cut}"
    )
