"""Data sets of the Hugging Face hub as tables, so that they pass the same checks as a user's files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sentilora.data.dataset import SplitName
from sentilora.data.tables.columns import SPLIT_ALIASES
from sentilora.data.tables.rows import KNOWN_COLUMNS, Table


@dataclass(frozen=True)
class HubTables:
    """A hub data set's splits."""

    tables: Mapping[SplitName, Table]
    """Those that the hub calls train, dev (validation) and test; others are left out."""
    found: Sequence[str]
    """The hub's names of all splits."""
    commit: str
    """The commit that was read."""


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
    tables: dict[SplitName, Table] = {}
    for name, rows in dataset.items():
        split = SPLIT_ALIASES.get(name.lower())
        if split is None:
            continue
        columns = {
            column.lower(): _named(rows[column].to_pylist(), dataset.class_names.get(column))
            for column in rows.column_names
            if column.lower() in KNOWN_COLUMNS
        }
        tables[split] = Table(
            where=f"hub:{dataset_id}, split {name}",
            names=tuple(column.lower() for column in rows.column_names),
            columns=columns,
            places=range(1, rows.num_rows + 1),
            unit="row",
        )
    return HubTables(tables=tables, found=tuple(dataset), commit=dataset.commit)


def _named(values: Sequence[object], class_names: Sequence[str] | None) -> Sequence[object]:
    """Class indices by name; None for those outside, which is how the hub writes hidden labels."""
    if class_names is None:
        return values
    return [
        class_names[value] if isinstance(value, int) and 0 <= value < len(class_names) else None
        for value in values
    ]
