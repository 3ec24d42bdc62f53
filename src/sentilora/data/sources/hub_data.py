"""Data sets of the Hugging Face hub, as tables, so that they pass the same checks as a user's files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from sentilora.data.dataset import SPLITS, Dataset, SplitName
from sentilora.data.sources.assembly import assemble
from sentilora.data.splits import SPLIT_ALIASES
from sentilora.data.tables.arrow_rows import ClassNames, named_values, noted_class_names
from sentilora.data.tables.reading import AS_FOUND, Reading
from sentilora.data.tables.table import SourceTable, find_columns, taken
from sentilora.errors import DataError
from sentilora.records.about import About

HUB_FORM = "hub:<id>[@<revision>][/<configuration>]"
"""How a study names a hub data set."""

_HUB_SOURCE = re.compile(
    r"hub:(?P<id>[^@:/\s]+(/[^@:/\s]+)?)(@(?P<revision>[^:/\s]+))?([:/](?P<config>[^/\s]+))?"
)


@dataclass(frozen=True)
class HubTables:
    """A hub data set's splits."""

    tables: Mapping[SplitName, SourceTable]
    """Those that the hub calls train, dev (validation) and test; others are left out."""
    found: Sequence[str]
    """The hub's names of all splits."""
    commit: str
    """The commit that was read."""


def load_hub_source(
    source: str, reading: Reading = AS_FOUND, *, needed: Sequence[SplitName] = SPLITS
) -> Dataset:
    """The hub data set that a study names.

    Args:
        source: as ``HUB_FORM`` says.
        reading: what the user said of columns, labels and splits.
        needed: the splits that must be there; dev and test are divided from train where they are missing.

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
            remedy="for example hub:cornell-movie-review-data/rotten_tomatoes, or hub:nyu-mll/glue/sst2",
        )
    hub = read_hub_tables(match["id"], config=match["config"], revision=match["revision"], reading=reading)
    place = f"{match['id']}, commit {hub.commit}"
    about = About(title=f"“{source.removeprefix('hub:')}”", place=place)
    others = [name for name in hub.found if name.lower() not in SPLIT_ALIASES]
    notes = (f"splits that are left out: {', '.join(others[:12])}",) if others else ()
    return assemble(hub.tables, name=source, about=about, reading=reading, needed=needed, notes=notes)


def read_hub_tables(
    dataset_id: str, *, config: str | None = None, revision: str | None = None, reading: Reading = AS_FOUND
) -> HubTables:
    """The splits of a hub data set, class labels by their names.

    Args:
        dataset_id: ``owner/name``.
        config: the configuration; the only one if None.
        revision: a branch, tag or commit; the default branch if None.
        reading: what the user said of columns.

    Raises:
        HubError: see ``load_hub_dataset``.
    """
    from sentilora.fetch.hub import load_hub_dataset  # costs a second, which local data need not pay

    dataset = load_hub_dataset(dataset_id, config=config, revision=revision)
    tables: dict[SplitName, SourceTable] = {}
    for name, rows in dataset.tables.items():
        split = SPLIT_ALIASES.get(name.lower())
        if split is not None:
            where = f"hub:{dataset_id}, split {name}"
            tables[split] = table_of(rows, reading, where=where, classes=dataset.class_names)
    return HubTables(tables=tables, found=tuple(dataset.tables), commit=dataset.commit)


def table_of(
    rows: pa.Table, reading: Reading, *, where: str, classes: ClassNames | None = None
) -> SourceTable:
    """A table of ``datasets``, its class labels by their names.

    Args:
        rows: the rows.
        reading: what the user said of columns.
        where: how errors name it.
        classes: the names of its classes; those that its schema notes if None.
    """
    names = rows.column_names
    classes = noted_class_names(rows.schema) if classes is None else classes
    columns = find_columns(names, reading, where=where)
    return SourceTable(
        where=where,
        names=names,
        columns={
            column: named_values(rows[names[i]].to_pylist(), classes.get(names[i]))
            for column, i in columns.items()
        },
        places=range(1, rows.num_rows + 1),
        unit="row",
        notes=taken(names, columns, reading),
        classes=classes.get(names[columns["label"]], ()) if "label" in columns else (),
    )
