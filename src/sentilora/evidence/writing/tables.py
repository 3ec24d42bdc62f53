"""Tables that are built once and written three times: CSV, Markdown and the report.

A cell holds what is shown and the numbers behind it. What is shown is rounded and carries its interval; the
CSV gets a column for every raw number instead, so that no spreadsheet has to parse "89.5 [88.1, 90.9]".
A number that is not there is a word in print and ``NA`` in the CSV, never an empty cell.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sentilora.evidence.statistics.estimates import Difference, Estimate, Spread
from sentilora.evidence.writing import numbers
from sentilora.evidence.writing.safe_text import breakable, csv_cell, markdown_cell

Raw = str | float | int | None


@dataclass(frozen=True)
class Column:
    """A column as printed."""

    title: str
    """Its head, with the unit."""
    keys: tuple[str, ...]
    """The CSV columns behind it, with the unit in the name; none for what only print needs."""
    numeric: bool = True
    """Set flush right."""
    width: str = "auto"
    """``auto``, or a share of the room that is left, for columns of running text."""


@dataclass(frozen=True)
class Cell:
    """What is shown, and a raw value for each of the column's keys."""

    shown: str
    raw: tuple[Raw, ...]


@dataclass(frozen=True)
class Table:
    """A table."""

    name: str
    """Its file's name without the ending."""
    caption: str
    """One or two sentences."""
    columns: tuple[Column, ...]
    """C of them."""
    rows: tuple[tuple[Cell, ...], ...]
    """Each of C cells."""
    wide: bool = True
    """Whether print gives it a page's whole width, or one column."""

    def __post_init__(self) -> None:
        for row in self.rows:
            assert len(row) == len(self.columns), f"{self.name}: a row has {len(row)} cells"
            for cell, column in zip(row, self.columns, strict=True):
                assert cell.shown.strip(), f"{self.name}: an empty cell under {column.title}"
                assert len(cell.raw) == len(column.keys), f"{self.name}: {column.title} lacks a raw value"

    def only(self, *titles: str) -> Table:
        """The table with these columns alone, for a slide's width."""
        kept = [place for place, column in enumerate(self.columns) if column.title in titles]
        return replace(
            self,
            columns=tuple(replace(self.columns[place], width="auto") for place in kept),
            rows=tuple(tuple(row[place] for place in kept) for row in self.rows),
        )

    def first(self, most: int) -> Table:
        """The table with its first rows alone."""
        return replace(self, rows=self.rows[:most])

    def typeset(self) -> dict[str, Any]:
        """Columns and shown cells as the Typst templates take them."""
        return {
            "columns": [
                {"title": column.title, "numeric": column.numeric, "width": column.width}
                for column in self.columns
            ],
            "rows": [[breakable(cell.shown) for cell in row] for row in self.rows],
        }


def words(text: str) -> Cell:
    """A cell of text, the same in print and in the CSV."""
    return Cell(text, (text,))


def missing(num_keys: int, word: str = "no result") -> Cell:
    """A cell for a number that is not there."""
    return Cell(word, ("NA",) * num_keys)


def score_keys(score: str) -> tuple[str, ...]:
    """CSV columns of an estimate."""
    return (score, f"{score}_low", f"{score}_high", f"{score}_sd")


def raw_estimate(estimate: Estimate) -> tuple[float | str, ...]:
    """An estimate's mean, interval and standard deviation."""
    sd = "NA" if estimate.sd is None else estimate.sd
    return (estimate.mean, estimate.interval.low, estimate.interval.high, sd)


def raw_range(spread: Spread) -> tuple[float, ...]:
    """A spread's mean, lowest and highest run."""
    return (spread.mean, spread.low, spread.high)


def percent_cell(estimate: Estimate) -> Cell:
    """A share with its interval, in percent."""
    shown = (
        f"{numbers.bare_percent(estimate.mean)}{numbers.NBSP}{numbers.percent_interval(estimate.interval)}"
    )
    return Cell(shown, raw_estimate(estimate))


def decimal_cell(estimate: Estimate) -> Cell:
    """A score that is no share, with its interval."""
    interval = estimate.interval
    mean, low, high = (numbers.decimal(value, 3) for value in (estimate.mean, interval.low, interval.high))
    return Cell(f"{mean}{numbers.NBSP}[{low},{numbers.NBSP}{high}]", raw_estimate(estimate))


def difference_cell(difference: Difference) -> Cell:
    """A difference in points with its interval."""
    interval = difference.interval
    return Cell(
        f"{numbers.bare_points(difference.mean)}{numbers.NBSP}{numbers.points_interval(interval)}",
        (difference.mean, interval.low, interval.high),
    )


def count_cell(number: int) -> Cell:
    """A whole number."""
    return Cell(numbers.count(number), (number,))


def to_csv(table: Table) -> str:
    """The raw values as CSV (RFC 4180 with line feeds); text can never be read as a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([key for column in table.columns for key in column.keys])
    for row in table.rows:
        writer.writerow([csv_cell(value) for cell in row for value in cell.raw])
    return text.getvalue()


def to_markdown(table: Table) -> str:
    """The table as shown, for GitHub."""
    lines = [
        f"**{markdown_cell(table.caption)}**",
        "",
        _markdown_row([column.title for column in table.columns]),
        _markdown_row(["--:" if column.numeric else ":--" for column in table.columns], escaped=True),
        *(_markdown_row([cell.shown for cell in row]) for row in table.rows),
    ]
    return "\n".join(lines) + "\n"


def write_tables(tables: Sequence[Table], folder: Path) -> tuple[Path, ...]:
    """Writes ``<name>.csv`` and ``<name>.md`` of every table that has rows; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for table in tables:
        if table.rows:
            files = (folder / f"{table.name}.csv", folder / f"{table.name}.md")
            for file, content in zip(files, (to_csv(table), to_markdown(table)), strict=True):
                file.write_text(content, "utf-8", newline="")
            written += files
    return tuple(written)


def _markdown_row(cells: Sequence[str], *, escaped: bool = False) -> str:
    return "| " + " | ".join(cell if escaped else markdown_cell(cell) for cell in cells) + " |"
