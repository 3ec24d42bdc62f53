"""What may stand in a table's columns: text, label, id, strength, each read and checked by one function."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from sentilora.data.dataset import SplitName
from sentilora.data.tables.faults import Fault, refusal
from sentilora.data.tables.rows import Table
from sentilora.errors import DataError

SPLITS: tuple[SplitName, ...] = get_args(SplitName)

SPLIT_ALIASES: Mapping[str, SplitName] = {
    "train": "train",
    "dev": "dev",
    "validation": "dev",
    "valid": "dev",
    "val": "dev",
    "test": "test",
}
"""What files, columns and hub data sets call the splits."""

Label = int | str
"""A label as given: an integer, or a name."""


def read_texts(table: Table) -> list[str]:
    """The texts of the ``text`` or ``sentence`` column, without surrounding white space.

    Raises:
        DataError: no such column or both, or rows without a text or with broken characters.
    """
    values = _column(table, "text", "sentence")
    refuse_where(
        table,
        "no text",
        ((value, not isinstance(value, str) or not value.strip()) for value in values),
        rule="every row has a text that is not blank",
        remedy="remove these rows",
    )
    texts = [str(value) for value in values]
    refuse_where(
        table,
        "broken characters",
        ((text, "\0" in text or not _is_encodable(text)) for text in texts),
        rule="text is Unicode without NUL and lone surrogates",
        remedy="export the rows again as UTF-8",
    )
    return [text.strip() for text in texts]


def read_labels(table: Table) -> list[Label]:
    """The labels as integers and names, one a row; never empty.

    Raises:
        DataError: no ``label`` column, or rows without a label.
    """
    values = _column(table, "label")
    labels = [_label(value) for value in values]
    refuse_where(
        table,
        "no label that can be read",
        ((value, label is None) for value, label in zip(values, labels, strict=True)),
        rule="every row has a label: an integer (0, 1, …) or a name",
        remedy="label these rows or remove them",
    )
    return [label for label in labels if label is not None]


def _label(value: object) -> Label | None:
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if not isinstance(value, str) or not value.strip() or not _is_encodable(value):
        return None
    name = value.strip()
    if re.fullmatch(r"[+-]?[0-9]{1,9}(\.0+)?", name):
        return int(float(name))
    return None if re.fullmatch(r"[+-]?[0-9.]+", name) else name


def _is_encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _column(table: Table, *names: str) -> Sequence[object]:
    found = [name for name in names if name in table.columns]
    if len(found) == 1:
        return table.columns[found[0]]
    where = f"{table.where}, line 1" if table.unit == "line" else table.where
    if found:
        raise DataError(
            f"both a {' and a '.join(found)} column",
            where=where,
            rule="one of them holds the text",
            remedy="rename the other",
        )
    raise DataError(
        f"no {' or '.join(names)} column; the columns are: {', '.join(map(repr, table.names[:12]))}",
        where=where,
        rule="a text or sentence column and a label column, named by the first line (JSONL: by the keys)",
        remedy=f"name the column that holds the {names[0]} {names[0]!r}; .csv has commas between, .tsv tabs",
    )


def read_ids(table: Table, split: SplitName) -> tuple[str, ...]:
    """The ``id`` column; without one, the split and the position within it: ``train-17``.

    Raises:
        DataError: ids that are blank, there twice, or hold lone surrogates.
    """
    if "id" not in table.columns:
        return tuple(f"{split}-{i}" for i in range(len(table)))
    ids = ["" if value is None else str(value).strip() for value in table.columns["id"]]
    first: dict[str, int] = {}
    for i, id in enumerate(ids):
        first.setdefault(id, i)
    refuse_where(
        table,
        "ids that are blank, broken or there twice",
        ((id, not id or first[id] != i or not _is_encodable(id)) for i, id in enumerate(ids)),
        rule="an id is Unicode text, there once in its split",
        remedy="mend them, or remove the id column: rows are then counted",
    )
    return tuple(ids)


def read_strengths(table: Table) -> NDArray[np.float64]:
    """(N,) The ``strength`` column, NaN where a row has none.

    Raises:
        DataError: strengths that are no number from 0 to 1.
    """
    values = table.columns.get("strength", [None] * len(table))
    strengths = [_strength(value) for value in values]
    refuse_where(
        table,
        "strengths that are no number from 0 to 1",
        ((value, strength is None) for value, strength in zip(values, strengths, strict=True)),
        rule="strength is 0 (barely felt) to 1 (most strongly felt), or blank",
        remedy="mend them, or remove the column",
    )
    return np.array(strengths, dtype=np.float64)


def _strength(value: object) -> float | None:
    """The strength, NaN for none, None for a fault."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return math.nan
    if not isinstance(value, str | int | float):
        return None
    try:
        strength = float(value)
    except (ValueError, OverflowError):
        return None
    return strength if math.isnan(strength) or 0 <= strength <= 1 else None


def refuse_where(
    table: Table, what: str, judged: Iterable[tuple[object, bool]], *, rule: str, remedy: str
) -> None:
    """Refuses the table if any of its values is judged a fault.

    Args:
        table: the table.
        what: the fault in a few words.
        judged: for each row, what to show of it and whether it is at fault.
        rule: what would have been right.
        remedy: what to do.

    Raises:
        DataError: at least one row is at fault.
    """
    faults = [
        Fault(place, "" if value is None else str(value))
        for place, (value, is_fault) in zip(table.places, judged, strict=True)
        if is_fault
    ]
    if faults:
        raise refusal(what, faults, where=table.where, rule=rule, remedy=remedy, unit=table.unit)
