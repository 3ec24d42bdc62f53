"""A section of the page of simulations, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Section:
    """What was simulated and what came out."""

    title: str
    text: str
    """Paragraphs, before the table."""
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    outcome: str = ""
    """What to read in the table, after it."""

    def markdown(self) -> str:
        lines = [self.head, ["---"] * len(self.head), *self.rows]
        table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
        return "\n\n".join(part for part in (f"## {self.title}", self.text, table, self.outcome) if part)


def per_cent(low: float, high: float | None = None) -> str:
    """A share, or the range of several."""
    if high is None or f"{low:.1f}" == f"{high:.1f}":
        return f"{low:.1f}"
    return f"{low:.1f} to {high:.1f}"
