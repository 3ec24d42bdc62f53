"""What is known of a data set or a backbone by name: title, citations, licence and place.

Whoever provides the data set or the backbone states these facts once; ``study.json`` carries them, and the
report reads them there. It needs no table of names of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any


@dataclass(frozen=True, kw_only=True)
class About:
    """What a reader must know of a data set or a backbone; empty where nothing is known."""

    title: str
    """What prose calls it, for example ``SST-2``; a publisher's own name may follow in brackets, for example
    ``MiniLM (all-MiniLM-L6-v2)``.
    """
    description: str = ""
    """What it is, with its citations, as it follows "The data are" or "All arms share"; if empty, the title
    followed by the citations says it.
    """
    citations: Mapping[str, str] = field(default_factory=dict)
    """How prose cites a work, for example ``Socher et al. 2013``, to its full reference."""
    licence: str = ""
    """As the publisher states it, for example ``Apache-2.0``."""
    place: str = ""
    """Where it was taken from: a hub id with its commit, a release on a package index, or a local folder's
    kind. Never a path of this machine.
    """

    def in_prose(self) -> str:
        """What it is, with its citations: "DistilBERT (Sanh et al. 2019)"."""
        cited = f" ({'; '.join(self.citations)})" if self.citations else ""
        return self.description or self.title + cited

    def to_json(self) -> dict[str, Any]:
        """Plain data, merged into ``data``, a transfer set or ``backbone`` of ``study.json``."""
        return asdict(self)

    @classmethod
    def read(cls, entry: Mapping[str, Any], *, name: str) -> About:
        """The facts in an entry of ``study.json``; an entry older than they has ``name`` as title."""
        known = {each.name: entry[each.name] for each in fields(cls) if each.name in entry}
        return cls(**{"title": name, **known})
