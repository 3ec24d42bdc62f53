"""What may stand in a table: texts, ids and strengths, each read and checked by one function."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from sentilora.data.dataset import SplitName
from sentilora.data.tables.faults import Faults, Rule
from sentilora.data.tables.table import NO_TEXT, SourceTable, no_column
from sentilora.data.tables.text_lines import is_encodable


def read_texts(table: SourceTable) -> list[str]:
    """The texts, without surrounding white space.

    Raises:
        DataError: no column of texts, or rows without a text or with broken characters.
    """
    values = column_of(table, "text")
    refuse_where(table, NO_TEXT, ((value, not is_text(value)) for value in values))
    texts = [str(value) for value in values]
    refuse_where(table, _BROKEN_TEXT, ((text, "\0" in text or not is_encodable(text)) for text in texts))
    return [text.strip() for text in texts]


def is_text(value: object) -> bool:
    """Whether a cell holds a text that is not blank."""
    return isinstance(value, str) and bool(value.strip())


_BROKEN_TEXT = Rule(
    "broken characters",
    rule="text is Unicode without NUL and lone surrogates",
    remedy="export the rows again as UTF-8",
)


def column_of(table: SourceTable, name: str) -> Sequence[object]:
    """A column that must be there.

    Raises:
        DataError: it is not.
    """
    if name not in table.columns:
        where = f"{table.where}, line 1" if table.unit == "line" else table.where
        raise no_column(name, table.names, where=where)
    return table.columns[name]


def read_ids(table: SourceTable, split: SplitName) -> tuple[str, ...]:
    """The ids; where ``has_ids`` says no, the split and the position: ``train-17``."""
    return _ids(table) if has_ids(table) else tuple(f"{split}-{i}" for i in range(len(table)))


def has_ids(table: SourceTable) -> bool:
    """Whether every row has an id of its own."""
    ids = _ids(table)
    return len(set(ids)) == len(table) and all(id and is_encodable(id) for id in ids)


def _ids(table: SourceTable) -> tuple[str, ...]:
    return tuple("" if value is None else str(value).strip() for value in table.columns.get("id", ()))


def read_strengths(table: SourceTable) -> NDArray[np.float64]:
    """(N,) The ``strength`` column, NaN where a row has none.

    Raises:
        DataError: strengths that are no number from 0 to 1.
    """
    values = table.columns.get("strength", [None] * len(table))
    strengths = [_strength(value) for value in values]
    refuse_where(
        table, _NO_STRENGTH, ((value, its is None) for value, its in zip(values, strengths, strict=True))
    )
    return np.array(strengths, dtype=np.float64)


_NO_STRENGTH = Rule(
    "strengths that are no number from 0 to 1",
    rule="strength is 0 (barely felt) to 1 (most strongly felt), or blank",
    remedy="mend them, or rename the column",
)


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


def refuse_where(table: SourceTable, rule: Rule, judged: Iterable[tuple[object, bool]]) -> None:
    """Refuses the table if any of its rows breaks a rule.

    Args:
        table: the table.
        rule: the rule.
        judged: for each row, what to show of it and whether it breaks the rule.

    Raises:
        DataError: at least one row does.
    """
    faults = Faults(table.where, table.unit)
    for place, (value, is_fault) in zip(table.places, judged, strict=True):
        if is_fault:
            faults.add(rule, place, "" if value is None else str(value))
    faults.refuse()
