"""``sentilora share``: a study's records to pass on, without weights."""

from __future__ import annotations

from pathlib import Path

import click

from sentilora.cli.options import runs_option, study_folder


@click.command("share")
@click.argument("study")
@click.argument("target", type=click.Path(path_type=Path))
@runs_option
@click.option("--without-texts", is_flag=True, help="Leave the texts out: their licence may forbid it.")
def copy_records(study: str, target: Path, runs_folder: Path, without_texts: bool) -> None:
    """Copy the records of STUDY to TARGET without weights: all that a report needs.

    \b
    Example:
      sentilora share proposal paper/records --without-texts
    """  # fmt: skip
    from sentilora.records.sharing import share_records

    share_records(study_folder(study, runs_folder), target, with_texts=not without_texts)
    click.echo(target)
