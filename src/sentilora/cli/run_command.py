"""``sentilora run``: train what is missing of a study, and say what came of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sentilora.cli.options import chosen_study, device_option, runs_option, study_options
from sentilora.cli.terminal_text import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sentilora.records.summary import ArmSummary
    from sentilora.study_file.study import Study


@click.command("run")
@study_options
@runs_option
@device_option
@click.option("--tensorboard", type=click.Path(path_type=Path), help="Mirror the curves to this folder.")
@click.option("--wide", is_flag=True, help="All columns of the table at the end, however wide.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs.")
def train_study(
    runs_folder: Path, device: str, tensorboard: Path | None, wide: bool, as_json: bool, **options: Any
) -> int:
    """Run STUDY: a preset or a TOML file. The same command again runs only what is missing.

    \b
    Examples:
      sentilora run
      sentilora run proposal --backbone minilm --train-fraction 0.1
      sentilora run my-study.toml --seeds 0,1,2 --set search.learning_rate=[5e-4,1e-3]
    """  # fmt: skip
    study = chosen_study(**options)

    from sentilora.cli.run_progress import ProgressBars, ProgressLines
    from sentilora.records.record import read_study_records
    from sentilora.records.summary import summarize
    from sentilora.study.runner import event_fields, run_study
    from sentilora.train.device import choose_device

    events = run_study(study, runs_folder=runs_folder, device=choose_device(device))
    if tensorboard is not None:
        from sentilora.study.tensorboard_curves import write_curves

        events = write_curves(events, tensorboard / study.study.name)
    if as_json:
        for event in events:
            fields = event_fields(event)
            if fields is not None:
                click.echo(json.dumps(fields))
    else:
        with (ProgressBars if sys.stderr.isatty() else ProgressLines)() as display:
            for event in events:
                display.show(event)
    folder = runs_folder / study.study.name
    found = read_study_records(folder)
    failed = [record.run_id for record in found.records if not record.finished]
    if as_json:
        rows = [vars(row) for row in summarize(found.records)]
        click.echo(json.dumps({"event": "done", "records": str(folder), "failed": failed, "arms": rows}))
    else:
        say(summary_table(study, summarize(found.records), wide=wide))
        say(f"records: {folder}   next: sentilora report {folder}")
        for run_id in failed:
            say(f"failed: {run_id} (see its record.json)", err=True)
    return 1 if failed else 0


def summary_table(study: Study, rows: Sequence[ArmSummary], *, wide: bool) -> str:
    """The table at the end of a run: one row an arm.

    Args:
        study: that was run.
        rows: of ``summarize``.
        wide: all columns, however wide; else those that fit 80 characters.
    """
    from sentilora.cli.terminal_text import UNBOUNDED, WIDTH, text_table

    columns: dict[str, Callable[[ArmSummary], str]] = {
        "arm": lambda row: row.arm,
        "test accuracy": lambda row: _mean_and_range(row.accuracy),
        "F1": lambda row: _mean_and_range(row.f1),
        "seeds": lambda row: (
            str(len(row.accuracy)) + (f" ({row.num_failed} failed)" if row.num_failed else "")
        ),
        "learning rate": lambda row: "solved" if row.learning_rate is None else f"{row.learning_rate:g}",
        "adapter": lambda row: f"{row.adapter_parameters + row.backbone_parameters:,}",
        "head": lambda row: f"{row.head_parameters:,}",
        "trained": lambda row: f"{row.trainable_share:.3%}",
        "seconds a run": lambda row: f"{row.train_seconds:,.1f}",
        "peak memory": lambda row: f"{row.peak_memory_bytes / 1e9:.2f} GB",
    }
    caption = "Means over seeds, with their range; seconds are a run's share of its pack's training."
    if not wide:
        for name in ("F1", "adapter", "head", "trained"):
            del columns[name]
        caption += " --wide adds F1 and counts of parameters."
    title = f"{study.study.name}: {study.data.source}, {study.backbone.name}"
    cells = [[show(row) for show in columns.values()] for row in rows]
    return text_table(title, list(columns), cells, caption, width=UNBOUNDED if wide else WIDTH)


def _mean_and_range(values: tuple[float, ...]) -> str:
    mean = f"{sum(values) / len(values):.1%}"
    low, high = f"{100 * min(values):.1f}", f"{100 * max(values):.1f}"
    return mean if low == high else f"{mean} ({low} to {high})"
