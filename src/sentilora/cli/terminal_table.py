"""Tables on a terminal."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDTH = 200
"""Columns take what they need of this, so that no heading is broken on a narrow terminal or in a log."""


def text_table(title: str, heading: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "") -> str:
    """A table as text, its first column to the left and the others to the right, never cut by the width."""
    table = Table(title=Text(title), title_justify="left", caption=Text(caption), caption_justify="left")
    for i, name in enumerate(heading):
        table.add_column(Text(name), justify="right" if i else "left")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    text = io.StringIO()
    Console(file=text, width=WIDTH).print(table)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines())
