"""The second tab: the study's test predictions, by slice and by who is right."""

from __future__ import annotations

from typing import Any

import gradio as gr

from sentilora.evidence.writing import numbers as notation
from sentilora.serve.served_study import ServedStudy
from sentilora.serve.server_limits import ROWS_A_PAGE

_MARKS = (
    "✓ right, ✗ wrong in most seeds, ½ a draw; the probability is the mean over seeds. "
    "A click on a row tries that review."
)


def errors_tab(study: ServedStudy, review: gr.Textbox, tabs: gr.Tabs, compare: dict[str, Any]) -> None:
    """Build the tab.

    Args:
        study: what is served.
        review: the box that a picked review goes to.
        tabs: of the page.
        compare: what answers a review, as arguments of an event.
    """
    explorer = study.explorer
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
    num_columns = 1 + len(study.arms)
    table = gr.Dataframe(
        rows,
        headers=["Review", "Label", *(arm.arm for arm in study.arms)],
        datatype="str",
        interactive=False,
        wrap=True,
        type="array",
        elem_id="errors",
        column_widths=["43%", *[f"{57 / num_columns:.1f}%"] * num_columns],
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
