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
    from sentilora.records.summary import ArmSummary
    from sentilora.study_file.study import Study


@click.command("run")
@study_options
@runs_option
@device_option
@click.option("--tensorboard", type=click.Path(path_type=Path), help="Mirror the curves to this folder.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs.")
def train_study(
    runs_folder: Path, device: str, tensorboard: Path | None, as_json: bool, **options: Any
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
        from sentilora.study.tensorboard_curves import mirror_curves

        events = mirror_curves(events, tensorboard / study.study.name)
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
        say(summary_table(study, summarize(found.records)))
        say(f"records: {folder}   next: sentilora report {folder}")
        for run_id in failed:
            say(f"failed: {run_id} (see its record.json)", err=True)
    return 1 if failed else 0


def summary_table(study: Study, rows: list[ArmSummary]) -> str:
    """The table at the end of a run: one row an arm."""
    from sentilora.cli.terminal_text import text_table

    heading = (
        "arm", "test accuracy", "F1", "seeds", "learning rate", "adapter", "head", "trained",
        "seconds a run", "peak memory",
    )  # fmt: skip
    cells = [
        (
            row.arm,
            _mean_and_range(row.accuracy),
            _mean_and_range(row.f1),
            str(len(row.accuracy)) + (f" ({row.num_failed} failed)" if row.num_failed else ""),
            "solved" if row.learning_rate is None else f"{row.learning_rate:g}",
            f"{row.adapter_parameters + row.backbone_parameters:,}",
            f"{row.head_parameters:,}",
            f"{row.trainable_share:.3%}",
            f"{row.train_seconds:,.1f}",
            f"{row.peak_memory_bytes / 1e9:.2f} GB",
        )
        for row in rows
    ]
    title = f"{study.study.name}: {study.data.source}, {study.backbone.name}"
    caption = "Means over seeds, with their range; seconds are a run's share of its pack's training."
    return text_table(title, heading, cells, caption)


def _mean_and_range(values: tuple[float, ...]) -> str:
    mean = f"{sum(values) / len(values):.1%}"
    low, high = f"{min(values):.1%}", f"{max(values):.1%}"
    return mean if low == high else f"{mean} ({low} to {high})"
