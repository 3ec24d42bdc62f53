"""Text and tables for a terminal, in which other people's text steers nothing."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import click

WIDTH = 80
"""Of a table, in characters: what every terminal has."""
UNBOUNDED = 1000
"""Of a table that is as wide as it needs."""
SHORTEST_FIRST_COLUMN = 16
"""The first column is not broken into pieces shorter than this."""
_GAP = "  "


def printable(text: str) -> str:
    """The text with U+FFFD for every character that steers a terminal: colours, cursor, direction."""
    kept = "\n\t\N{NO-BREAK SPACE}"
    return "".join(c if c.isprintable() or c in kept else "\N{REPLACEMENT CHARACTER}" for c in text)


def say(text: str, *, err: bool = False) -> None:
    """Print a line for a person, to standard output or standard error."""
    click.echo(printable(text), err=err)


def text_table(
    title: str,
    heading: Sequence[str],
    rows: Sequence[Sequence[str]],
    caption: str = "",
    *,
    width: int = WIDTH,
) -> str:
    """A table as text, the first column to the left and the others to the right.

    Where it would be wider than ``width``, headings and cells of the first column are broken between words;
    the other cells stay whole, whatever that takes.
    """
    from rich.cells import cell_len

    rows = [[" ".join(printable(cell).split()) for cell in row] for row in rows]
    longest = [max((cell_len(row[i]) for row in rows), default=0) for i in range(len(heading))]
    widths = [max(cells, len(name)) for cells, name in zip(longest, heading, strict=True)]
    gaps = len(_GAP) * (len(heading) - 1)
    if sum(widths) + gaps > width:
        words = [max(map(len, name.split()), default=0) for name in heading]
        widths = [max(cells, word) for cells, word in zip(longest, words, strict=True)]
        shortest = min(widths[0], SHORTEST_FIRST_COLUMN)
        widths[0] = min(widths[0], max(shortest, width - gaps - sum(widths[1:])))
    full = sum(widths) + gaps
    lines = [printable(title), *_row_lines(heading, widths), "─" * full]
    for row in rows:
        lines += _row_lines(row, widths)
    lines += textwrap.wrap(caption, max(full, width // 2))
    return "\n".join(line.rstrip() for line in lines)


def _row_lines(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    """A row's lines, as many as its highest cell has; numbers stand beside the last line of the first."""
    from rich.cells import cell_len, set_cell_size
    from rich.console import Console
    from rich.text import Text

    console = Console()
    blocks = [
        [line.plain.rstrip() for line in Text(cell).wrap(console, max(1, width), overflow="fold")]
        for cell, width in zip(cells, widths, strict=True)
    ]
    blocks = [[""] * (max(map(len, blocks)) - len(block)) + block for block in blocks]
    return [
        _GAP.join(
            set_cell_size(part, width) if i == 0 else " " * (width - cell_len(part)) + part
            for i, (part, width) in enumerate(zip(parts, widths, strict=True))
        )
        for parts in zip(*blocks, strict=True)
    ]
