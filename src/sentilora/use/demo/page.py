"""The page: a review and what two classifiers say of it, the errors of the study, its trade-off.

Texts, labels and names of arms come from strangers: they are shown by components that show text (text box,
label, highlighted text, table of strings), and where a sentence holds one it is escaped. There is no
component that takes or gives files.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from sentilora.evidence import notation, style
from sentilora.evidence.figures_performance import draw_tradeoff
from sentilora.evidence.plain_text import markdown_cell
from sentilora.evidence.result_tables import arms_table, costs_table
from sentilora.evidence.tables import Table
from sentilora.evidence.wording import backbone_name, data_name
from sentilora.use.demo.batcher import BusyError
from sentilora.use.demo.contents import Contender, Contents
from sentilora.use.demo.highlighting import colour_map, directions, highlighted
from sentilora.use.demo.limits import (
    MAX_CHARACTERS,
    MAX_SECONDS,
    MAX_TEXTS,
    MAX_WAITING_CLICKS,
    ROWS_A_PAGE,
    accept,
)
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

CSS = """
.gradio-container {
  width: 100% !important; max-width: min(1080px, 100vw) !important; margin: 0 auto !important;
}
.table-wrap, [id^="label-"] { --font-mono: var(--font); }
.cell-menu-button { display: none; }
#errors .body-cell { cursor: pointer; }
#errors .text { overflow-wrap: break-word; word-break: normal; }
[id^="words-"] .textfield { min-height: 3.5em; line-height: 2; }
.dark .token-container:has(.highlighted) { background: white; border-radius: 4px; margin: 0 4px; }
.dark .token-container .highlighted { margin: 0; }
#tradeoff-plot { overflow-x: auto !important; background: white; border-radius: 8px; }
#tradeoff-plot .matplotlib { justify-content: flex-start; align-items: flex-start; }
#tradeoff-plot img { min-width: 640px; width: 100%; max-width: none; }
@media (max-width: 640px) {
  button[role="tab"] { padding-inline: 10px !important; }
  #examples .gallery { flex-wrap: nowrap; overflow-x: auto; }
  #examples .gallery > * { flex: none; }
  #errors .cell-wrap { padding: 4px; }
  #errors .text { font-size: 0.72rem; }
}
footer { display: none !important; }
"""


def build_page(contents: Contents, address: str) -> gr.Blocks:
    """The page of a study, which programs reach at ``address``."""
    title = f"{contents.analysis.name}: {contents.baseline.arm} against {contents.challenger.arm}"
    with gr.Blocks(title=title, analytics_enabled=False) as page:
        gr.Markdown(_heading(contents))
        with gr.Tabs() as tabs:
            with gr.Tab("Try it", id="try"):
                review, compare = _try_tab(contents)
            with gr.Tab("Errors", id="errors"):
                _errors_tab(contents, review, tabs, compare)
            with gr.Tab("Trade-off", id="tradeoff"):
                _tradeoff_tab(contents)
            with gr.Tab("API", id="programs"):
                gr.Markdown(_programs(contents, address))
    queued: gr.Blocks = page.queue(max_size=MAX_WAITING_CLICKS, default_concurrency_limit=2, api_open=False)
    return queued


def theme() -> gr.themes.Base:
    """A quiet theme in the visitor's own fonts: none is fetched."""
    return gr.themes.Default(
        primary_hue="blue",
        neutral_hue="slate",
        font=("system-ui", "sans-serif"),
        font_mono=("ui-monospace", "monospace"),
    )


def _try_tab(contents: Contents) -> tuple[gr.Textbox, dict[str, Any]]:
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
    *_, first = _answers(contents, EXAMPLES[0])
    outputs: list[gr.components.Component] = [gr.Markdown(first[0], elem_id="notice")]
    with gr.Row():
        for place, contender in enumerate((contents.baseline, contents.challenger)):
            with gr.Column(min_width=280):
                outputs += _side(contents, contender, *first[1 + 3 * place : 4 + 3 * place])
    gr.Markdown(_legend(contents))

    def answer(text: str) -> Iterator[list[Any]]:
        yield from _answers(contents, text)

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
    contents: Contents, contender: Contender, probabilities: Any, words: Any, total: str
) -> list[gr.components.Component]:
    name = contender.arm
    return [
        gr.Label(probabilities, label=name, elem_id=f"label-{name}", num_top_classes=5),
        gr.HighlightedText(
            words,
            label=f"Words that moved {name}",
            elem_id=f"words-{name}",
            color_map=colour_map(contents.labels),
            show_inline_category=False,
            show_legend=False,
        ),
        gr.Markdown(total, elem_id=f"sum-{name}"),
    ]


def _answers(contents: Contents, text: str) -> Iterator[list[Any]]:
    """Probabilities first, which take a few milliseconds, then each side's words."""
    accepted = accept(text)
    if not accepted.text:
        yield [f"**Type or pick a review first.** {accepted.notice}", *[None, None, ""] * 2]
        return
    sides = (contents.baseline, contents.challenger)
    try:
        waiting = [side.batcher.submit([accepted.text]) for side in sides]
        said = [future.result(timeout=MAX_SECONDS)[0] for future in waiting]
    except (BusyError, TimeoutError):
        yield ["**The demo is busy. Try again in a few seconds.**", *[None, None, ""] * 2]
        return
    plain: list[tuple[str, str | None]] = [(accepted.text, None)]
    shown: list[Any] = [f"{_agreement(sides, said)} {accepted.notice}"]
    for prediction in said:
        shown += [dict(zip(contents.labels, prediction.probabilities, strict=True)), plain, ""]
    yield shown
    for place, (side, prediction) in enumerate(zip(sides, said, strict=True)):
        explanation = explain(side.classifier, accepted.text, _target(contents, prediction))
        shown[2 + 3 * place] = highlighted(explanation, contents.labels)
        shown[3 + 3 * place] = _sum(explanation, contents.labels)
        yield shown


def _target(contents: Contents, prediction: Prediction) -> int:
    """With two classes always the last, so that colours mean the same on both sides; else what was said."""
    return 1 if len(contents.labels) == 2 else contents.labels.index(prediction.label)


def _legend(contents: Contents) -> str:
    toward, against = map(markdown_cell, directions(contents.labels))
    return (
        f"**Blue** words pull {toward}, **orange** words {against}; the deeper, the more, on a scale of each "
        "side's own (integrated gradients)."
    )


def _agreement(sides: tuple[Contender, Contender], said: list[Prediction]) -> str:
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


def _errors_tab(contents: Contents, review: gr.Textbox, tabs: gr.Tabs, compare: dict[str, Any]) -> None:
    explorer = contents.explorer
    with gr.Row():
        part = gr.Dropdown(explorer.slices, value=explorer.slices[0], label="Slice", elem_id="slice")
        verdict = gr.Dropdown(
            explorer.verdicts, value=explorer.verdicts[0], label="Who is right", elem_id="verdict"
        )

    def show(part: str, verdict: str, number: float | None) -> tuple[list[list[str]], int, str]:
        page = explorer.page(part, verdict, int(number or 1), num_rows=ROWS_A_PAGE)
        counted = notation.counted(page.num_found, "example")
        return page.rows, page.number, f"{counted}, page {page.number:,} of {page.num_pages:,}"

    rows, first, counted = show(explorer.slices[0], explorer.verdicts[0], 1)
    table = gr.Dataframe(
        rows,
        headers=["Review", "Label", contents.baseline.arm, contents.challenger.arm],
        datatype="str",
        interactive=False,
        wrap=True,
        type="array",
        elem_id="errors",
        column_widths=["43%", "19%", "19%", "19%"],
        buttons=[],
        max_height=4000,
    )
    with gr.Row(equal_height=True):
        before = gr.Button("Previous", elem_id="before", min_width=80, size="md")
        number = gr.Number(
            first, label="Page", precision=0, minimum=1, elem_id="page", min_width=80, container=False
        )
        after = gr.Button("Next", elem_id="after", min_width=80, size="md")
    found = gr.Markdown(counted, elem_id="found")
    gr.Markdown(_MARKS)

    def pick(part: str, verdict: str, number: float | None, event: gr.SelectData) -> tuple[Any, Any]:
        page = explorer.page(part, verdict, int(number or 1), num_rows=ROWS_A_PAGE)
        # By its cells, not its place: a visitor may have sorted the table in the browser.
        picked = [i for i, row in zip(page.positions, page.rows, strict=True) if row == event.row_value]
        text = explorer.examples.texts[picked[0]] if picked else None
        if text is None:
            return gr.skip(), gr.skip()
        return text, gr.Tabs(selected="try")

    filters, shown = [part, verdict, number], [table, number, found]
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    gr.on([part.change, verdict.change], lambda p, v: show(p, v, 1), [part, verdict], shown, **quiet)
    number.submit(show, filters, shown, **quiet)
    before.click(lambda p, v, n: show(p, v, (n or 1) - 1), filters, shown, **quiet)
    after.click(lambda p, v, n: show(p, v, (n or 1) + 1), filters, shown, **quiet)
    table.select(pick, filters, [review, tabs], **quiet).success(**compare)


_MARKS = (
    "✓ right, ✗ wrong in most seeds, ½ a draw; the probability is the mean over seeds. "
    "A click on a row tries that review."
)


def _tradeoff_tab(contents: Contents) -> None:
    with style.house_style(1.15):
        figure = draw_tradeoff(contents.analysis)
    if figure is not None:
        gr.Plot(figure, show_label=False, container=False, elem_id="tradeoff-plot")
        gr.Markdown(
            "Test accuracy with its interval against three costs; the grey line joins the arms that "
            "no other beats on both."
        )
    for table in (arms_table(contents.analysis), costs_table(contents.analysis)):
        _shown_table(table)


def _shown_table(table: Table) -> None:
    gr.Dataframe(
        [[cell.shown for cell in row] for row in table.rows],
        headers=[column.title for column in table.columns],
        datatype="str",
        interactive=False,
        buttons=[],
        elem_id=f"table-{table.name}",
    )
    gr.Markdown(markdown_cell(table.caption))


def _heading(contents: Contents) -> str:
    analysis = contents.analysis
    names = markdown_cell(contents.baseline.arm), markdown_cell(contents.challenger.arm)
    backbone, data = backbone_name(analysis.backbone), data_name(str(analysis.data["source"]))
    lines = [
        f"# {names[0]} against {names[1]}",
        f"Study **{markdown_cell(analysis.name)}**: {markdown_cell(backbone)} on {markdown_cell(data)}.",
    ]
    pair = analysis.pair(contents.challenger.arm, contents.baseline.arm)
    if pair is not None:
        lines.append(
            f"On test, {names[1]} gains **{notation.points(pair.accuracy.mean)}** of accuracy "
            f"{notation.points_interval(pair.accuracy.interval)}."
        )
    if contents.report.is_file():
        lines.append("[The whole report (PDF)](report.pdf)")
    return f"{lines[0]}\n\n{' '.join(lines[1:])}"


def _programs(contents: Contents, address: str) -> str:
    return f"""
Programs ask `POST /predict` with up to {MAX_TEXTS} texts of up to {MAX_CHARACTERS:,} characters:

```
curl -s {address}/predict \\
  -H 'Content-Type: application/json' \\
  -d '{{"texts": ["A warm, funny film."], "arm": "{contents.challenger.arm}"}}'
```

`arm` is `{contents.baseline.arm}` or `{contents.challenger.arm}` (taken if it is left out). The answer holds
one object for each text, in order: `label`, `probability`, `margin` (to the runner-up) and `probabilities`
by label. Status 422 says what is wrong with the request, 503 that too much is waiting (try again after a
second). `/openapi.json` describes it to machines.
"""
