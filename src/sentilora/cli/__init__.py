"""The command line. Each command imports what it needs when it runs, so that ``--help`` answers at once."""

from __future__ import annotations

import copy
import sys

import click

import sentilora
from sentilora.cli.audit_command import audit_command
from sentilora.cli.doctor_command import doctor_command
from sentilora.cli.export_command import export_command
from sentilora.cli.plan_command import plan_command
from sentilora.cli.predict_command import predict_command
from sentilora.cli.report_command import report_command
from sentilora.cli.run_command import run_command
from sentilora.cli.search_command import search_command
from sentilora.cli.serve_command import serve_command
from sentilora.cli.share_command import share_command
from sentilora.errors import SentiloraError


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
    run_command, report_command, search_command, plan_command, audit_command,
    predict_command, export_command, serve_command, share_command, doctor_command,
):  # fmt: skip
    cli.add_command(command)
demo_command = copy.copy(serve_command)
demo_command.hidden = True
cli.add_command(demo_command, "demo")  # the name that ``serve`` had before


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit; a user's error ends with exit code 2 and no traceback.

    Args:
        arguments: those of the process if None.
    """
    try:
        status = cli.main(arguments, prog_name="sentilora", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("interrupted; what was finished is kept", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except SentiloraError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)
    sys.exit(status if isinstance(status, int) else 0)
