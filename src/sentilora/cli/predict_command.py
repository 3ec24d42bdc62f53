"""``sentilora predict``: labels for texts."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from sentilora.cli.options import device_option


@click.command("predict")
@click.option(
    "--adapter", type=click.Path(path_type=Path), required=True, help="A run's folder, or its adapter/."
)
@click.argument("texts", nargs=-1, metavar="[TEXT]...")
@click.option(
    "--file", "file", type=click.Path(path_type=Path), help="TSV, CSV, JSONL, Parquet or text lines."
)
@click.option("--column", help="The column that holds the texts.  [default: text or sentence]")
@click.option("--output", type=click.Path(path_type=Path), help="Write to this .csv, .tsv or .jsonl file.")
@device_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs.")
def label_texts(
    adapter: Path,
    texts: tuple[str, ...],
    file: Path | None,
    column: str | None,
    output: Path | None,
    device: str,
    as_json: bool,
) -> int:
    """Label each TEXT, or the texts of a file, or the lines of standard input.

    Prints label, probability, margin (the probability less the runner-up's) and text, in the texts' order.

    \b
    Examples:
      sentilora predict --adapter runs/quickstart/RUN "a warm, funny film"
      sentilora predict --adapter runs/quickstart/RUN --file reviews.csv --output labels.csv
      cat reviews.txt | sentilora predict --adapter runs/quickstart/RUN --json
    """
    from sentilora.cli.streams import counted, quiet_pipe, written_file
    from sentilora.use.prediction_rows import Format, format_of, prediction_lines

    if texts and file is not None:
        raise click.UsageError("give TEXT or --file, not both")
    if not texts and file is None and sys.stdin.isatty():
        raise click.UsageError("no TEXT, no --file, and nothing on standard input")
    form: Format = "jsonl" if as_json else "plain"
    if output is not None:
        form = format_of(output)

    from sentilora.data.tables.table import stream_texts
    from sentilora.data.tables.text_lines import without_ends
    from sentilora.train.allocator import keep_freed_memory
    from sentilora.use.predict import load_classifier

    def source() -> Iterator[str]:
        if texts:
            yield from texts
        elif file is not None:
            yield from stream_texts(file, column)
        else:
            yield from without_ends(io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace"))

    keep_freed_memory()
    classifier = load_classifier(adapter, device=device)
    pairs = classifier.predict_pairs(source())
    shown = output is not None or not sys.stdout.isatty()
    lines = prediction_lines(counted(pairs, "texts", show=shown), classifier.labels, form)
    if output is not None:
        with written_file(output) as target:
            target.writelines(lines)
        return 0
    return quiet_pipe(lines)
