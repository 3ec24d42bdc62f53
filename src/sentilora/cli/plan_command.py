"""``sentilora plan``: what a study would run, before it runs."""

from __future__ import annotations

import json
from typing import Any

import click

from sentilora.cli.options import chosen_study, study_options
from sentilora.cli.terminal_text import say


@click.command("plan")
@study_options
@click.option("--json", "as_json", is_flag=True, help="The resolved study and its runs, for programs.")
def show_plan(as_json: bool, **options: Any) -> None:
    """Show the runs of STUDY, a preset or a TOML file, and its settings with every default filled in.

    \b
    Examples:
      sentilora plan proposal
      sentilora plan my-study.toml --json
    """
    study = chosen_study(**options)

    from sentilora.study_file.study import preset_names

    runs = [
        {"arm": arm.name, "method": arm.method, "seed": seed, "learning_rate": rate}
        for arm in study.arm
        for seed in study.study.seeds
        for rate in study.learning_rates(arm)
    ]
    if as_json:
        click.echo(json.dumps({"study": study.model_dump(mode="json"), "runs": runs}, indent=1))
        return
    say(f"{study.study.name}: {study.study.description}".rstrip(": "))
    say(f"  data      {study.data.source}, {study.data.train_fraction:.0%} of train")
    say(f"  backbone  {study.backbone.name}, {study.backbone.pooling} pooling")
    recipe = study.training
    say(f"  training  {recipe.epochs} epochs, batches of {recipe.batch_size}, {recipe.precision}")
    for arm in study.arm:
        rates = ", ".join(
            "solved exactly" if rate is None else f"{rate:g}" for rate in study.learning_rates(arm)
        )
        say(f"  arm       {arm.name} ({arm.method}), learning rates: {rates}")
    say(f"  seeds     {', '.join(map(str, study.study.seeds))}")
    say(f"  runs      {len(runs)}")
    for wording in study.claims:
        say(f"  claim     {wording}")
    say(f"presets: {', '.join(preset_names())}")
