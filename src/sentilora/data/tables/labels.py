"""Labels as people write them: integers, stars and halves of them, names, truth values; made into classes.

A label is read the same from every format: ``1``, ``1.0`` and ``"1"`` are one, as are ``true``, ``True`` and
``"TRUE"``. Numbers stay numbers (0 and 1 are not called negative and positive: a spam filter's are not), and
nothing is rounded.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

from sentilora.data.tables.faults import Rule
from sentilora.data.tables.table import SourceTable
from sentilora.data.tables.text_lines import is_encodable
from sentilora.data.tables.values import column_of, refuse_where
from sentilora.errors import DataError

_NUMBER = re.compile(r"[+-]?([0-9]{1,9}(\.[0-9]*)?|\.[0-9]+)")
_TRUTH = ("false", "true")


def read_labels(table: SourceTable) -> list[str]:
    """The label of each row: a name, or a number written in one way.

    Raises:
        DataError: no column of labels, rows without a label, or with several.
    """
    values = column_of(table, "label")
    refuse_where(
        table, _SEVERAL_LABELS, ((value, isinstance(value, list | tuple | dict | set)) for value in values)
    )
    labels = [label_of(value) for value in values]
    refuse_where(table, _NO_LABEL, ((value, its is None) for value, its in zip(values, labels, strict=True)))
    return [label for label in labels if label is not None]


def label_of(value: object) -> str | None:
    """A label as one way of writing it, None for a cell without one."""
    if isinstance(value, bool):
        return _TRUTH[value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if not isinstance(value, str | int | float):
        return None
    return _written_in_one_way(str(value).strip())


@lru_cache(maxsize=4096)
def _written_in_one_way(text: str) -> str | None:
    if not text or not is_encodable(text):
        return None
    if _NUMBER.fullmatch(text):
        number = Decimal(text)
        return str(int(number)) if number == int(number) else f"{number.normalize():f}"
    return text


def has_labels(table: SourceTable) -> bool:
    """Whether any row has a label other than -1, by which hidden labels are often written."""
    values = table.columns.get("label", ())
    return any(label_of(value) not in (None, "-1") for value in values)


def classes_of(labels: Sequence[str], stated: Sequence[str], *, where: str) -> tuple[str, ...]:
    """The classes in their order: as it is stated, else numbers by size, false before true, or A to Z.

    Args:
        labels: of the training split, after renaming.
        stated: classes in an order that the user or the source states; some may have no rows.
        where: the table, for errors.

    Raises:
        DataError: fewer than two classes, numbers beside names, or names that differ in case alone.
    """
    classes = set(labels)
    if len(classes) < 2:
        raise DataError(
            f"one class only: every row is labelled {labels[0]!r}",
            where=where,
            rule="two or more classes in the training split",
            remedy="add rows of the other class",
        )
    first = [name for name in dict.fromkeys(stated) if name in classes]
    others = classes - set(first)
    numbers = [label for label in others if _NUMBER.fullmatch(label)]
    if numbers and len(numbers) < len(classes):
        name = min(classes - set(numbers))
        raise DataError(
            f"labels that mix numbers and names, for example {numbers[0]!r} and {name!r}",
            where=where,
            rule="labels are all numbers or all names",
            remedy="write all labels in one way, or rename them in [data.labels] of the study",
        )
    folded = [label.casefold() for label in classes]
    alike = sorted(label for label in classes if folded.count(label.casefold()) > 1)
    if alike:
        raise DataError(
            f"labels that differ in upper and lower case only: {', '.join(alike)}",
            where=where,
            rule="one way of writing each label",
            remedy="write them alike, or merge them in [data.labels] of the study",
        )
    return (*first, *(sorted(others, key=float) if numbers else sorted(others)))


def written_alike(labels: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The labels of each split; where all say true or false, in lower case."""
    are_truth = all(label.casefold() in _TRUTH for its in labels.values() for label in its)
    return {
        split: [label.casefold() for label in its] if are_truth else list(its)
        for split, its in labels.items()
    }


def renamed(labels: Iterable[str], names: Mapping[str, str]) -> list[str]:
    """The labels by the names that the user gave them; empty for those to be dropped."""
    return [names.get(label, label) for label in labels]


def require_known_names(labels: Iterable[str], names: Mapping[str, str]) -> None:
    """Refuse to rename a label that no row has.

    Raises:
        DataError: there is such a name.
    """
    found = set(labels)
    unknown = [name for name in names if name not in found]
    if unknown:
        raise DataError(
            f"no row is labelled {unknown[0]!r}",
            where="data.labels",
            rule=f"the labels are {', '.join(sorted(found)[:20])}",
            remedy="write them as they stand there",
        )


def require_classes(table: SourceTable, labels: Sequence[str], classes: Sequence[str]) -> None:
    """Refuse rows whose label the training split does not have.

    Raises:
        DataError: there are such rows.
    """
    known = set(classes)
    rule = Rule(
        "unknown labels",
        rule=f"the labels of the training split: {', '.join(classes[:12])}",
        remedy="mend these labels, or add rows with them to the training split (-1 often means: hidden)",
    )
    refuse_where(table, rule, ((label, label not in known) for label in labels))


_SEVERAL_LABELS = Rule(
    "several labels in one row",
    rule="a row has one label: texts are sorted into classes, each into one",
    remedy="keep one label a row, or make one file a label with a column of true and false",
)
_NO_LABEL = Rule(
    "no label that can be read",
    rule="every row has a label: a number (0, 1, 4.5, …), a name, or true and false",
    remedy="label these rows, or leave them out with --drop-bad-rows",
)
