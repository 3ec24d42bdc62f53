"""``sentilora export``: a trained classifier for other people's tools."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Literal

import click

from sentilora.cli.terminal_text import say


@click.command("export")
@click.argument("adapter_dir", type=click.Path(path_type=Path))
@click.option("--to", "target", type=click.Choice(["peft", "transformers", "onnx"]), required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A new or empty folder.")
@click.option("--int8", is_flag=True, help="With --to onnx: an int8 file too, and what it costs on dev.")
@click.option("--force", is_flag=True, help="Replace an earlier export.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def write_export(
    adapter_dir: Path,
    target: Literal["peft", "transformers", "onnx"],
    out: Path,
    int8: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Write the classifier in ADAPTER_DIR (a run's folder, or its adapter/) for another library.

    \b
    peft           the adapter with its head, for PeftModel.from_pretrained
    transformers   merged, for AutoModelForSequenceClassification and pipeline
    onnx           one file with pooling and head inside, any batch and length

    \b
    Examples:
      sentilora export runs/quickstart/RUN --to transformers --out my-classifier
      sentilora export runs/quickstart/RUN --to onnx --int8 --out my-onnx
    """
    from sentilora.export.exporting import export_classifier

    exported = export_classifier(adapter_dir, out, target, int8=int8, force=force)
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(exported), default=str))
        return
    for name, num_bytes in exported.files.items():
        say(f"{num_bytes / 1e6:10.2f} MB  {out / name}")
    say(
        f"Read back through the stock library: logits within {exported.largest_difference:.1g} of ours, "
        "the same labels."
    )
    for note in exported.notes:
        say(note)
