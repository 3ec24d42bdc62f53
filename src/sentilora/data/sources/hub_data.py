"""Data sets of the Hugging Face hub, as tables, so that they pass the same checks as a user's files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sentilora.data.dataset import Dataset, SplitName
from sentilora.data.sources.user_files import dataset_of, divided_dataset
from sentilora.data.splits import SPLIT_ALIASES
from sentilora.data.tables.columns import find_columns
from sentilora.data.tables.table import SourceTable
from sentilora.errors import DataError
from sentilora.records.about import About

HUB_FORM = "hub:<id>[@<revision>][:<configuration>]"
"""How a study names a hub data set."""

_HUB_SOURCE = re.compile(r"hub:(?P<id>[^@:\s]+)(@(?P<revision>[^:\s]+))?(:(?P<config>\S+))?")


@dataclass(frozen=True)
class HubTables:
    """A hub data set's splits."""

    tables: Mapping[SplitName, SourceTable]
    """Those that the hub calls train, dev (validation) and test; others are left out."""
    found: Sequence[str]
    """The hub's names of all splits."""
    commit: str
    """The commit that was read."""


def load_hub_source(source: str, *, needed: Sequence[SplitName]) -> Dataset:
    """The hub data set that a study names.

    Args:
        source: as ``HUB_FORM`` says.
        needed: the splits that must be there; a train split alone is divided.

    Raises:
        DataError: no such form, or its data cannot be used.
        HubError: it cannot be had.
    """
    match = _HUB_SOURCE.fullmatch(source)
    if match is None:
        raise DataError(
            f"{source!r} names no hub data set",
            where="data.source",
            rule=HUB_FORM,
            remedy="for example hub:cornell-movie-review-data/rotten_tomatoes",
        )
    hub = read_hub_tables(match["id"], config=match["config"], revision=match["revision"])
    place = f"{match['id']}, commit {hub.commit}"
    about = About(title=f"“{source.removeprefix('hub:')}”", place=place)
    if tuple(hub.tables) == ("train",) == tuple(hub.found):
        return divided_dataset(hub.tables["train"], name=source, about=about, needed=needed)
    return dataset_of(hub.tables, name=source, about=about, found=hub.found, needed=needed)


def read_hub_tables(dataset_id: str, *, config: str | None = None, revision: str | None = None) -> HubTables:
    """The splits of a hub data set, class labels by their names.

    Args:
        dataset_id: ``owner/name``.
        config: the configuration; the only one if None.
        revision: a branch, tag or commit; the default branch if None.

    Raises:
        HubError: see ``load_hub_dataset``.
    """
    from sentilora.fetch.hub import load_hub_dataset  # costs a second, which local data need not pay

    dataset = load_hub_dataset(dataset_id, config=config, revision=revision)
    tables: dict[SplitName, SourceTable] = {}
    for name, rows in dataset.tables.items():
        split = SPLIT_ALIASES.get(name.lower())
        if split is None:
            continue
        where = f"hub:{dataset_id}, split {name}"
        names = rows.column_names
        tables[split] = SourceTable(
            where=where,
            names=names,
            columns={
                column: _named(rows[names[i]].to_pylist(), dataset.class_names.get(names[i]))
                for column, i in find_columns(names, where=where).items()
            },
            places=range(1, rows.num_rows + 1),
            unit="row",
        )
    return HubTables(tables=tables, found=tuple(dataset.tables), commit=dataset.commit)


def _named(values: Sequence[object], class_names: Sequence[str] | None) -> Sequence[object]:
    """Class indices by name; None for those outside, which is how the hub writes hidden labels."""
    if class_names is None:
        return values
    return [
        class_names[value] if isinstance(value, int) and 0 <= value < len(class_names) else None
        for value in values
    ]
