"""The first tab: a review, and what each arm says of it with the words that moved it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from sentilora.evidence.writing.safe_text import markdown_cell
from sentilora.serve.page.highlighting import colour_map, directions
from sentilora.serve.page.review_answers import OUTPUTS_AN_ARM, ReviewAnswers
from sentilora.serve.served_study import ServedStudy
from sentilora.serve.server_limits import MAX_CHARACTERS

EXAMPLES = (
    "A warm, funny film that never talks down to its audience.",
    "It is not a bad film, but you will have forgotten it by the time you find your car.",
    "The trailer promised a thriller; what arrived was two hours of people looking at maps.",
    "I wanted to hate it, and by the end I was in tears.",
    "Too clever by half, and half as clever as it thinks.",
    "Hardly a masterpiece, yet I would see it again tomorrow.",
)
"""Invented. The easy one comes first, then negation, irony and contrast, where arms tend to differ."""


def try_tab(study: ServedStudy) -> tuple[gr.Textbox, dict[str, Any]]:
    """Build the tab; returns the review's box, and what answers it as arguments of an event."""
    review = gr.Textbox(
        EXAMPLES[0],
        label="Review",
        placeholder="Type a review, or pick one below",
        lines=1,  # with more, Enter would begin a new line instead of comparing
        max_lines=8,
        elem_id="review",
        info=f"English, up to {MAX_CHARACTERS:,} characters; Enter compares, Shift+Enter begins a new line",
    )
    button = gr.Button("Compare", variant="primary", elem_id="compare")
    examples = gr.Dataset(
        components=[gr.Textbox(visible=False)],
        samples=[[example] for example in EXAMPLES],
        label="Examples",
        elem_id="examples",
    )
    answers = ReviewAnswers(study)
    *_, (notice, *first) = answers.of(EXAMPLES[0], visitor="")
    outputs: list[gr.components.Component] = [gr.Markdown(notice, elem_id="notice")]
    with gr.Row():
        for place, arm in enumerate(study.arms):
            with gr.Column(min_width=280):
                outputs += _side(study, arm.arm, *first[OUTPUTS_AN_ARM * place :][:OUTPUTS_AN_ARM])
    gr.Markdown(_legend(study))

    def answer(text: str, request: gr.Request) -> Iterator[list[Any]]:
        yield from answers.of(text, visitor=request.session_hash or "")

    quiet: dict[str, Any] = {
        "trigger_mode": "multiple",  # or a second click would be dropped while the first is answered
        "show_progress": "hidden",
        "api_visibility": "private",
    }
    compare: dict[str, Any] = {
        "fn": answer,
        "inputs": review,
        "outputs": outputs,
        "concurrency_limit": 2,  # so that a newer review can end an older one's answer
        "concurrency_id": "compare",
        **quiet,
    }
    gr.on([button.click, review.submit], **compare)
    examples.click(lambda sample: sample[0], examples, review, **quiet).success(**compare)
    return review, compare


def _side(
    study: ServedStudy, name: str, probabilities: Any, words: Any, total: str
) -> list[gr.components.Component]:
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


def _legend(study: ServedStudy) -> str:
    toward, against = map(markdown_cell, directions(study.labels))
    return (
        f"**Blue** words pull {toward}, **orange** words {against}; the deeper, the more, on a scale of each "
        "arm's own (integrated gradients)."
    )
