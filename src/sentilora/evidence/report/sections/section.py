"""What a section of a report is: text, tables, figures and slides on one topic, without a position."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.writing.tables import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing


@dataclass(frozen=True)
class Block:
    """A piece of text. It may hold references to tables and figures (``numbering.see``)."""

    kind: Literal["paragraph", "list", "notice", "commands", "records"]
    """How it is set: a paragraph of sentences, bullets, warnings, commands to type, or ids in small print."""
    lines: tuple[str, ...]
    """Its sentences, items or lines."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure that is drawn when someone prints it."""

    name: str
    """Its file's name without the ending."""
    draw: Callable[[Analysis], Drawing]
    """Draws it in the style in force, at the size it is printed at."""
    caption: str
    """What is drawn, with what spread, and how to read it."""
    wide: bool = True
    """Whether it needs a page's whole width, or one column is enough."""


@dataclass(frozen=True, kw_only=True)
class Slide:
    """What a talk shows of a section."""

    heading: str
    """What the slide shows, as an assertion where the results allow one."""
    points: tuple[str, ...] = ()
    """Sentences."""
    note: str = ""
    """Small print under all else."""
    table: Table | None = None
    """A table above the points."""
    figure: Figure | None = None
    """A figure beside the points, or under them where it is wide."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """All that a report says on one topic."""

    heading: str = ""
    """Its heading within its chapter; none where the chapter's own is enough."""
    body: tuple[Block, ...] = ()
    """Its text."""
    tables: tuple[Table, ...] = ()
    """Tables that are printed, and written to the tables folder."""
    figures: tuple[Figure, ...] = ()
    """Figures that are printed, and written to the figures folder."""
    files: tuple[Table, ...] = ()
    """Tables of the tables folder alone; one that has the name of a printed table is written in its place."""
    slides: tuple[Slide, ...] = ()
    """What a talk shows of it, in order; none where nothing is worth a slide."""


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """Sections under one title."""

    title: str
    """As printed, without its number."""
    sections: tuple[Section, ...]
    """What there is to say, in order."""
    run_in: bool = False
    """Whether headings run into the text, as suits sections of one paragraph."""
    numbered: bool = True
    """Whether it is a numbered part of the text, or stands behind the references."""


def paragraph(*sentences: str) -> tuple[Block, ...]:
    """One paragraph of these sentences, or nothing where there are none."""
    return (Block("paragraph", sentences),) if sentences else ()
