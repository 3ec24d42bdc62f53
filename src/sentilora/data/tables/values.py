"""What may stand in a table: texts, labels, ids and strengths, each read and checked by one function."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from sentilora.data.dataset import SplitName
from sentilora.data.tables.columns import COLUMNS
from sentilora.data.tables.faults import Faults, Rule
from sentilora.data.tables.table import SourceTable
from sentilora.data.tables.text_lines import is_encodable
from sentilora.errors import DataError

Label = int | str
"""A label as given: an integer, or a name."""


def read_texts(table: SourceTable) -> list[str]:
    """The texts of the ``text`` or ``sentence`` column, without surrounding white space.

    Raises:
        DataError: no such column or both, or rows without a text or with broken characters.
    """
    values = _column(table, "text")
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
        ((text, "\0" in text or not is_encodable(text)) for text in texts),
        rule="text is Unicode without NUL and lone surrogates",
        remedy="export the rows again as UTF-8",
    )
    return [text.strip() for text in texts]


def read_labels(table: SourceTable) -> list[Label]:
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
    if not isinstance(value, str) or not value.strip() or not is_encodable(value):
        return None
    name = value.strip()
    if re.fullmatch(r"[+-]?[0-9]{1,9}(\.0+)?", name):
        return int(float(name))
    return None if re.fullmatch(r"[+-]?[0-9.]+", name) else name


def _column(table: SourceTable, name: str) -> Sequence[object]:
    if name in table.columns:
        return table.columns[name]
    wanted = " or ".join(COLUMNS[name])
    raise DataError(
        f"no {wanted} column; the columns are: {', '.join(map(repr, table.names[:12]))}",
        where=f"{table.where}, line 1" if table.unit == "line" else table.where,
        rule="a text or sentence column and a label column, named by the first line (JSONL: by the keys)",
        remedy=f"name the column that holds the {name} {name!r}; .csv has commas between, .tsv tabs",
    )


def read_ids(table: SourceTable, split: SplitName) -> tuple[str, ...]:
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
        ((id, not id or first[id] != i or not is_encodable(id)) for i, id in enumerate(ids)),
        rule="an id is Unicode text, there once in its split",
        remedy="mend them, or remove the id column: rows are then counted",
    )
    return tuple(ids)


def read_strengths(table: SourceTable) -> NDArray[np.float64]:
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
    table: SourceTable, what: str, judged: Iterable[tuple[object, bool]], *, rule: str, remedy: str
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
    faults = Faults(table.where, table.unit)
    broken = Rule(what, rule, remedy)
    for place, (value, is_fault) in zip(table.places, judged, strict=True):
        if is_fault:
            faults.add(broken, place, "" if value is None else str(value))
    faults.refuse()
