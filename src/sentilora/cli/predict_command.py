"""``sentilora predict``: labels for texts."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import click

from sentilora.cli.options import chosen_reading, device_option
from sentilora.cli.terminal_text import say


@click.command("predict")
@click.option(
    "--adapter", type=click.Path(path_type=Path), required=True, help="A run's folder, or its adapter/."
)
@click.argument("texts", nargs=-1, metavar="[TEXT]...")
@click.option(
    "--file", "file", type=click.Path(path_type=Path), help="A table of any kind, or one text a line."
)
@click.option(
    "--text", "--column", help="The column that holds the texts.  [default: found by the usual names]"
)
@click.option("--encoding", help="Of text files, for example windows-1252.  [default: UTF-8]")
@click.option("--no-header", is_flag=True, help="The first row is data; columns are called 1, 2, …")
@click.option("--drop-bad-rows", is_flag=True, help="Leave out rows without a text.")
@click.option("--output", type=click.Path(path_type=Path), help="Write to this .csv, .tsv or .jsonl file.")
@click.option("--escape-formulas", is_flag=True, help="Keep spreadsheets from taking a text for a formula.")
@device_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs.")
def label_texts(
    adapter: Path,
    texts: tuple[str, ...],
    file: Path | None,
    output: Path | None,
    escape_formulas: bool,
    device: str,
    as_json: bool,
    **reading: Any,
) -> int:
    """Label each TEXT, or the texts of a file, or the lines of standard input.

    Prints label, probability, margin (the probability less the runner-up's) and text, in the texts' order.
    With --output or --json, the rows of a table keep their columns.

    \b
    Examples:
      sentilora predict --adapter runs/quickstart/RUN "a warm, funny film"
      sentilora predict --adapter runs/quickstart/RUN --file reviews.csv --output labels.csv
      cat reviews.txt | sentilora predict --adapter runs/quickstart/RUN --json
    """
    from sentilora.cli.streams import quiet_pipe, with_count, written_file
    from sentilora.use.prediction_rows import Format, format_of, predict_rows, prediction_lines

    if texts and file is not None:
        raise click.UsageError("give TEXT or --file, not both")
    if not texts and file is None and sys.stdin.isatty():
        raise click.UsageError("no TEXT, no --file, and nothing on standard input")
    form: Format = "jsonl" if as_json else "plain"
    if output is not None:
        form = format_of(output)

    from sentilora.data.tables.table import TextStream, stream_lines, stream_texts
    from sentilora.train.allocator import keep_freed_memory
    from sentilora.use.predict import load_classifier

    if texts:
        stream = TextStream((), ((text, ()) for text in texts))
    elif file is not None:
        stream = stream_texts(file, chosen_reading(**reading))
    else:
        lines = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace")
        stream = stream_lines(lines)
    for note in stream.notes:
        say(note, err=True)
    keep_freed_memory()
    classifier = load_classifier(adapter, device=device)
    predicted = predict_rows(classifier.predict_stream, stream.rows)
    shown = output is not None or not sys.stdout.isatty()
    rows = prediction_lines(
        with_count(predicted, "texts", show=shown),
        classifier.labels,
        form,
        names=stream.names,
        escape_formulas=escape_formulas,
    )
    status = 0
    if output is not None:
        with written_file(output) as target:
            target.writelines(rows)
    else:
        status = quiet_pipe(rows)
    if stream.num_dropped:
        say(f"left out: {stream.num_dropped:,} rows without a text", err=True)
    return status
