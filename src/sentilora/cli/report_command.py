"""``sentilora report``: figures, tables, report and slides of a study, from its records alone."""

from __future__ import annotations

import json
from pathlib import Path

import click

from sentilora.cli.options import runs_option, study_folder


@click.command("report")
@click.argument("study", default="quickstart")
@runs_option
@click.option("--output", type=click.Path(path_type=Path), help="Folder to write to. [default: STUDY/report]")
@click.option("--without-texts", is_flag=True, help="Show ids for texts that must not be passed on.")
@click.option("--json", "as_json", is_flag=True, help="The whole analysis as JSON, for programs.")
def report_study(
    study: str, runs_folder: Path, output: Path | None, without_texts: bool, as_json: bool
) -> None:
    """Write report.pdf, slides.pdf, tables and figures of STUDY, a folder of records or its name.

    \b
    Examples:
      sentilora report quickstart
      sentilora report runs/proposal --output paper
    """  # fmt: skip
    folder = study_folder(study, runs_folder)
    if as_json:
        from sentilora.evidence.analysis import analyse
        from sentilora.records.record import read_study_records

        click.echo(json.dumps(analyse(read_study_records(folder)).to_json(), indent=1))
        return
    from sentilora.evidence.report.report import build_report

    files = build_report(folder, output, with_texts=not without_texts)
    for path in (files.report, files.slides):
        click.echo(path)
