"""Text and tables for a terminal, in which other people's text steers nothing."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

import click

WIDTH = 200
"""Columns take what they need of this, so that no heading is broken on a narrow terminal or in a log."""


def printable(text: str) -> str:
    """The text with U+FFFD for every character that steers a terminal: colours, cursor, direction."""
    kept = "\n\t\N{NO-BREAK SPACE}"
    return "".join(c if c.isprintable() or c in kept else "\N{REPLACEMENT CHARACTER}" for c in text)


def say(text: str, *, err: bool = False) -> None:
    """Print a line for a person, to standard output or standard error."""
    click.echo(printable(text), err=err)


def text_table(title: str, heading: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "") -> str:
    """A table as text, its first column to the left and the others to the right, never cut by the width."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=Text(printable(title)),
        title_justify="left",
        caption=Text(caption),
        caption_justify="left",
    )
    for i, name in enumerate(heading):
        table.add_column(Text(name), justify="right" if i else "left")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    text = io.StringIO()
    Console(file=text, width=WIDTH).print(table)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines())
