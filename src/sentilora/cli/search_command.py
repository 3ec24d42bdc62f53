"""``sentilora search``: an arm's settings, searched with Optuna, one pack of proposals at a time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from sentilora.cli.options import chosen_study, device_option, runs_option, study_options
from sentilora.cli.terminal_text import say


@click.command("search")
@study_options
@click.option("--arm", required=True, help="A lora arm of the study.")
@click.option("--trials", type=click.IntRange(min=1), default=16, show_default=True, help="Proposals in all.")
@click.option(
    "--rates",
    nargs=2,
    type=float,
    default=(1e-4, 5e-3),
    show_default=True,
    help="Lowest and highest learning rate.",
)
@click.option("--rank", "ranks", multiple=True, type=int, help="A rank to consider; may be repeated.")
@click.option("--dropout", "dropouts", multiple=True, type=float, help="A dropout; may be repeated.")
@runs_option
@device_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a trial, for programs.")
def search_settings(
    arm: str,
    trials: int,
    rates: tuple[float, float],
    ranks: tuple[int, ...],
    dropouts: tuple[float, ...],
    runs_folder: Path,
    device: str,
    as_json: bool,
    **options: Any,
) -> None:
    """Search the settings of an arm of STUDY on dev; the same command again goes on where it stopped.

    \b
    Examples:
      sentilora search quickstart --arm lora-8 --trials 16
      sentilora search proposal --arm lora-8 --rank 4 --rank 8 --rank 32 --trials 32
    """  # fmt: skip
    study = chosen_study(**options)

    from sentilora.study.search import SearchSpace, best_trial, search_arm
    from sentilora.train.device import choose_device

    space = SearchSpace(learning_rate=rates, ranks=ranks, dropouts=dropouts)
    done = []
    for trial in search_arm(
        study, arm, space, num_trials=trials, runs_folder=runs_folder, device=choose_device(device)
    ):
        done.append(trial)
        if as_json:
            click.echo(json.dumps(vars(trial)))
        else:
            result = "failed" if trial.dev_accuracy is None else f"dev {trial.dev_accuracy:.2%}"
            say(f"{len(done):4}/{trials}  {result}  {_settings(trial.settings)}")
    if not as_json:
        best = best_trial(done)
        say(f"best: {_settings(best.settings)}")


def _settings(settings: dict[str, Any]) -> str:
    return ", ".join(f"{name} = {value:.3g}" for name, value in settings.items())
