"""The page: a review and what classifiers say of it, the errors of the study, its trade-off.

Texts, labels and names of arms come from strangers: they are shown by components that show text (text box,
label, highlighted text, table of strings), and where a sentence holds one it is escaped. There is no
component that takes or gives files.
"""

from __future__ import annotations

import gradio as gr

from sentilora.evidence.report.sections.accuracy import arms_table
from sentilora.evidence.report.sections.cost import costs_table, draw_tradeoff
from sentilora.evidence.writing import figure_style as style
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.names import backbone_title, data_title
from sentilora.evidence.writing.safe_text import markdown_cell
from sentilora.evidence.writing.tables import Table
from sentilora.serve.page.errors_tab import errors_tab
from sentilora.serve.page.try_tab import try_tab
from sentilora.serve.served_study import ServedStudy
from sentilora.serve.server_limits import MAX_CHARACTERS, MAX_TEXTS, MAX_WAITING_CLICKS

CSS = """
.gradio-container {
  width: 100% !important; max-width: min(1080px, 100vw) !important; margin: 0 auto !important;
}
.table-wrap, [id^="label-"] { --font-mono: var(--font); }
.cell-menu-button { display: none; }
#errors .body-cell { cursor: pointer; }
#review textarea { min-height: 4.5em; }
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


def build_page(study: ServedStudy, address: str) -> gr.Blocks:
    """The page of a study, which programs reach at ``address``."""
    title = f"{study.analysis.name}: {', '.join(arm.arm for arm in study.arms)} side by side | sentilora"
    with gr.Blocks(title=title, analytics_enabled=False) as page:
        gr.Markdown(_heading(study))
        with gr.Tabs() as tabs:
            with gr.Tab("Try it", id="try"):
                review, compare = try_tab(study)
            with gr.Tab("Errors", id="errors"):
                errors_tab(study, review, tabs, compare)
            with gr.Tab("Trade-off", id="tradeoff"):
                _tradeoff_tab(study)
            with gr.Tab("API", id="programs"):
                gr.Markdown(_programs(study, address))
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


def _tradeoff_tab(study: ServedStudy) -> None:
    with style.house_style(1.15):
        figure = draw_tradeoff(study.analysis)
    gr.Plot(figure, show_label=False, container=False, elem_id="tradeoff-plot")
    gr.Markdown(
        "Test accuracy with its interval against three costs; the grey line joins the arms that "
        "no other beats on both."
    )
    for table in (arms_table(study.analysis), costs_table(study.analysis)):
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


def _heading(study: ServedStudy) -> str:
    analysis = study.analysis
    baseline, *others = (arm.arm for arm in study.arms)
    backbone, data = backbone_title(analysis.backbone), data_title(analysis.data)
    lines = [
        "# Classifiers of sentiment, side by side",
        f"Study **{markdown_cell(analysis.name)}**: {markdown_cell(backbone)} on {markdown_cell(data)}.",
    ]
    for arm in others:
        gain = analysis.over_baseline(arm).accuracy
        lines.append(
            f"On test, {markdown_cell(arm)} gains **{notation.points(gain.mean)}** of accuracy "
            f"{notation.points_interval(gain.interval)} over {markdown_cell(baseline)}."
        )
    if study.report.is_file():
        lines.append("[The whole report (PDF)](report.pdf)")
    return f"{lines[0]}\n\n{' '.join(lines[1:])}"


def _programs(study: ServedStudy, address: str) -> str:
    arms = ", ".join(f"`{arm.arm}`" for arm in study.arms)
    return f"""
Programs ask `POST /predict` with up to {MAX_TEXTS} texts of up to {MAX_CHARACTERS:,} characters:

```
curl -s {address}/predict \\
  -H 'Content-Type: application/json' \\
  -d '{{"texts": ["A warm, funny film."], "arm": "{study.default.arm}"}}'
```

`arm` is one of {arms} (`{study.default.arm}` if it is left out). The answer holds
one object for each text, in order: `label`, `probability`, `margin` (to the runner-up) and `probabilities`
by label. Status 422 says what is wrong with the request, 503 that too much is waiting (try again after a
second). `/openapi.json` describes it to machines.
"""
