"""The command line. Each command imports what it needs when it runs, so that ``--help`` answers at once."""

from __future__ import annotations

import sys

import click

import sentilora
from sentilora.cli.audit import audit
from sentilora.cli.demo import demo
from sentilora.cli.doctor import doctor
from sentilora.cli.export import export
from sentilora.cli.plan import plan
from sentilora.cli.predict import predict
from sentilora.cli.report import report
from sentilora.cli.run import run
from sentilora.cli.search import search
from sentilora.cli.share import share
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


for command in (run, report, search, plan, audit, predict, export, demo, share, doctor):
    cli.add_command(command)


def main() -> None:
    """Run the command line; a user's error ends with exit code 2 and no traceback."""
    try:
        status = cli.main(standalone_mode=False)
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
