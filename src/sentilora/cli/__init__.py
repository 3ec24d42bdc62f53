"""The command line. Each command imports what it needs when it runs, so that ``--help`` answers at once."""

from __future__ import annotations

import copy
from typing import NoReturn

import click

import sentilora
from sentilora.cli.audit_command import audit_source
from sentilora.cli.command_end import add_debug_option, run_to_its_end
from sentilora.cli.doctor_command import examine_machine
from sentilora.cli.export_command import write_export
from sentilora.cli.plan_command import show_plan
from sentilora.cli.predict_command import label_texts
from sentilora.cli.report_command import report_study
from sentilora.cli.run_command import train_study
from sentilora.cli.search_command import search_settings
from sentilora.cli.serve_command import serve_study
from sentilora.cli.share_command import copy_records


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(sentilora.__version__, prog_name="sentilora")
def cli() -> None:
    """What LoRA does for your sentiment classifier, with proof.

    \b
    Begin with:
      sentilora run                 the quickstart study, nothing from a hub
      sentilora run proposal        SST-2, frozen baseline, LoRA r=8 and r=16
      sentilora doctor              what this machine has

    Shell completion: eval "$(_SENTILORA_COMPLETE=bash_source sentilora)"
    """


for command in (
    train_study, report_study, search_settings, show_plan, audit_source,
    label_texts, write_export, serve_study, copy_records, examine_machine,
):  # fmt: skip
    add_debug_option(command)
    cli.add_command(command)
add_debug_option(cli)
demo = copy.copy(serve_study)
demo.hidden = True
cli.add_command(demo, "demo")  # the name that ``serve`` had before


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit.

    Args:
        arguments: those of the process if None.
    """
    run_to_its_end(cli, arguments, program="sentilora")
