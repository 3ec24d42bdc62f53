"""``sentilora audit``: what a data set is made of, and what is wrong with it."""

from __future__ import annotations

import json
from typing import Any

import click

from sentilora.cli.options import chosen_reading, reading_options
from sentilora.cli.terminal_text import say


@click.command("audit")
@click.argument("source")
@click.option("--max-length", type=int, default=128, show_default=True, help="Wordpieces to cut texts to.")
@click.option(
    "--backbone",
    default="minilm",
    show_default=True,
    help="Whose tokenizer counts; none for words alone.",
)
@reading_options
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def audit_source(source: str, max_length: int, backbone: str, as_json: bool, **reading: Any) -> None:
    """Look into SOURCE: sst2, movie-snippets, amazon, tweets, nyt, hub:ID, a file or a folder.

    \b
    Examples:
      sentilora audit movie-snippets
      sentilora audit reviews.csv --text review --label stars
    """
    from sentilora.data.audit import AUDIT_LEGEND, audit, audit_rows
    from sentilora.data.sources.registry import load_dataset

    dataset = load_dataset(source, chosen_reading(**reading))
    if backbone == "none":
        found = audit(dataset, max_length=max_length)
    else:
        from sentilora.data.batches.tokens import tokenize
        from sentilora.model.backbone.loading import load_tokenizer

        tokenizer = load_tokenizer(backbone)
        # No text is cut here: the audit counts what a cut would lose.
        found = audit(
            dataset,
            token_lengths=lambda texts: tokenize(texts, tokenizer, max_length=1_000_000).lengths,
            max_length=max_length,
        )
    if as_json:
        click.echo(json.dumps(found.to_json(), indent=1))
        return
    from sentilora.cli.terminal_text import text_table

    heading, *rows = audit_rows(found)
    say(text_table(source, heading, rows, caption=AUDIT_LEGEND))
    for note in dataset.notes:
        say(f"- {note}")
