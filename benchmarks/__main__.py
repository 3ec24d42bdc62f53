"""``python -m benchmarks``: what training and predicting cost on this machine, and how that compares."""

from __future__ import annotations

import json
from pathlib import Path

import click

from sentilora.cli.command_end import run_to_its_end


@click.command()
@click.argument("parts", nargs=-1)
@click.option("--backbone", default="minilm", show_default=True, help="minilm, mpnet, a folder or a hub id.")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    envvar="SENTILORA_SST2_DIR",
    show_envvar=True,
    help="Folder of SST-2 or of other tables.  [default: the movie snippets]",
)
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda or cuda:N.")
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True, help="Of all programs.")
@click.option(
    "--adapters-path",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder that the adapters library was installed into with its own transformers.",
)
@click.option("--tiny", is_flag=True, help="Next to no work: does every program run here?")
@click.option("--output", type=click.Path(path_type=Path), help="Folder for the results as JSON.")
@click.option("--json", "as_json", is_flag=True, help="The results as JSON instead of tables.")
def benchmark(
    parts: tuple[str, ...],
    backbone: str,
    data: Path | None,
    device: str,
    rounds: int,
    adapters_path: Path | None,
    tiny: bool,
    output: Path | None,
    as_json: bool,
) -> int:
    """Measure PARTS: training, ranks, batches, fractions, probe, quality, predict, whole, graphs.

    Without PARTS those that suit the device. Programs run one after the other in interleaved rounds, so leave
    the machine to them. The peers are the scripts in benchmarks/peers.

    \b
    Examples:
      python -m benchmarks --output benchmarks/results
      python -m benchmarks training probe --rounds 5
    """
    from benchmarks.harness.benchmark import Measured, run_benchmark
    from benchmarks.harness.results import markdown, write_results
    from sentilora.train.device import choose_device

    events = run_benchmark(
        backbone=backbone,
        data=data,
        device=choose_device(device),
        parts=parts,
        num_rounds=rounds,
        tiny=tiny,
        adapters_path=adapters_path,
    )
    failed = False
    for event in events:
        if isinstance(event, Measured):
            failed = failed or event.failure is not None
            rate = (event.measurement or {}).get("examples_per_second")
            told = event.failure or ("" if rate is None else f"{rate:,.0f} examples/s")
            click.echo(f"{event.part:10} {event.program:45} {told}", err=True)
            continue
        if output is not None:
            path = write_results(event, output)
            click.echo(f"results: {path}", err=True)
        click.echo(json.dumps(event) if as_json else markdown(event))
    return 1 if failed else 0


if __name__ == "__main__":
    run_to_its_end(benchmark, None, program="python -m benchmarks")
