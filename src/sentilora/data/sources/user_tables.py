"""A user's tables made into a data set: texts, labels, ids, strengths and splits, each checked.

Labels are integers or names, one kind in the whole data set. The classes are those of the training split:
integers by size, names by the alphabet, so that the same data give the same class indices in any order of
rows. One file without a ``split`` column is divided 80/10/10 by a hash of its near-duplicate groups, so
that the division is the same on every machine and no text lies on both sides of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from sentilora.data.dataset import Dataset, Examples, SplitName
from sentilora.data.splits import assign_splits
from sentilora.data.tables.columns import (
    SPLIT_ALIASES,
    SPLITS,
    Label,
    read_ids,
    read_labels,
    read_strengths,
    read_texts,
    refuse_where,
)
from sentilora.data.tables.rows import TABLE_SUFFIXES, Table, read_table
from sentilora.errors import DataError


def load_file(path: Path) -> Dataset:
    """The data set in one table: by its ``split`` column if it has one, else divided 80/10/10.

    Args:
        path: see ``read_table``; a ``text`` (or ``sentence``) and a ``label`` column, and optionally ``id``,
            ``split`` (train, dev or validation, test) and ``strength`` (0 to 1).

    Raises:
        DataError: the file cannot be read, a column is missing or wrong, a split or class is missing.
    """
    return split_table(read_table(path), name=str(path))


def load_folder(path: Path) -> Dataset:
    """The data set in a folder of ``train.*``, ``dev.*`` and ``test.*`` (see ``SPLIT_ALIASES``).

    Raises:
        DataError: a split is missing or there twice, or as for ``load_file``.
    """
    files: dict[SplitName, Path] = {}
    for file in sorted(path.iterdir()):
        split = SPLIT_ALIASES.get(file.stem.lower())
        if split is None or file.suffix.lower() not in TABLE_SUFFIXES:
            continue
        if split in files:
            raise DataError(
                f"two files for the {split} split: {files[split].name} and {file.name}",
                where=str(path),
                rule="one file a split",
                remedy="remove or rename one",
            )
        files[split] = file
    tables = {split: read_table(file) for split, file in files.items()}
    return labelled(tables, name=str(path), found=[file.name for file in sorted(path.iterdir())])


def split_table(table: Table, *, name: str, notes: tuple[str, ...] = ()) -> Dataset:
    """The data set in one table; see ``load_file``."""
    texts = read_texts(table)
    # Read once before the division, so that faults are told for the whole file.
    read_labels(table)
    read_strengths(table)
    if "split" in table.columns:
        found = sorted({str(value) for value in table.columns["split"]})
        return labelled(_by_split_column(table), name=name, found=found, notes=notes)
    assigned = assign_splits(texts)
    tables = {split: table.take([i for i, its in enumerate(assigned) if its == split]) for split in SPLITS}
    empty = [split for split in SPLITS if not len(tables[split])]
    if empty:
        raise DataError(
            f"{len(table)} rows are too few to divide: {' and '.join(empty)} would be empty",
            where=table.where,
            rule="80 % train, 10 % dev, 10 % test, near-duplicates kept together",
            remedy="add rows, or say yourself which row is for what in a split column",
        )
    note = "divided 80/10/10 by a hash of near-duplicate groups: no near-duplicate lies in two splits"
    return labelled(tables, name=name, found=SPLITS, notes=(*notes, note))


def labelled(
    tables: Mapping[SplitName, Table], *, name: str, found: Sequence[str], notes: tuple[str, ...] = ()
) -> Dataset:
    """The data set of one table a split.

    Args:
        tables: train, dev and test, or an error says which is missing.
        name: how the study names the source.
        found: what was there, for that error: names of files or splits.
        notes: what a reader must know.

    Raises:
        DataError: as for ``load_file``.
    """
    missing = [split for split in SPLITS if split not in tables or not len(tables[split])]
    if missing:
        raise DataError(
            f"no {' and no '.join(missing)} split; found: {', '.join(found[:12]) or 'nothing'}",
            where=name,
            rule=f"train, dev and test, with rows; files end in {', '.join(TABLE_SUFFIXES)}",
            remedy="give train, dev and test as three files, or as one with a split column; or one file "
            "without splits, which is then divided 80/10/10",
        )
    labels = {split: read_labels(table) for split, table in tables.items()}
    for split, table in tables.items():
        _require_one_kind(table, labels[split], of=labels["train"][0])
    classes: list[Label] = sorted(set(labels["train"]))
    _require_classes(classes, where=tables["train"].where)
    index = {label: i for i, label in enumerate(classes)}
    splits: dict[str, Examples] = {}
    for split in SPLITS:
        table = tables[split]
        _require_known(table, labels[split], classes)
        splits[split] = Examples(
            ids=read_ids(table, split),
            texts=tuple(read_texts(table)),
            labels=np.array([index[label] for label in labels[split]], dtype=np.int64),
            strengths=read_strengths(table),
        )
    label_names = ("negative", "positive") if classes == [0, 1] else tuple(str(label) for label in classes)
    return Dataset(name=name, label_names=label_names, splits=splits, notes=notes)


def _require_one_kind(table: Table, labels: Sequence[Label], *, of: Label) -> None:
    refuse_where(
        table,
        f"labels that mix integers and names (the first is {of!r})",
        ((label, not isinstance(label, type(of))) for label in labels),
        rule="labels are all integers or all names, in all splits",
        remedy="write all labels in one way",
    )


def _require_classes(classes: Sequence[Label], *, where: str) -> None:
    if len(classes) < 2:
        raise DataError(
            f"one class only: every row is labelled {classes[0]!r}",
            where=where,
            rule="two or more classes in the training split",
            remedy="add rows of the other class",
        )
    names = [str(label).casefold() for label in classes]
    alike = [str(label) for label in classes if names.count(str(label).casefold()) > 1]
    if alike:
        raise DataError(
            f"labels that differ in upper and lower case only: {', '.join(alike)}",
            where=where,
            rule="one way of writing each label",
            remedy="write them alike",
        )


def _require_known(table: Table, labels: Sequence[Label], classes: Sequence[Label]) -> None:
    known = set(classes)
    refuse_where(
        table,
        "unknown labels",
        ((label, label not in known) for label in labels),
        rule=f"the labels of the training split: {', '.join(map(str, classes[:12]))}",
        remedy="mend these labels, or add rows with them to the training split (-1 often means: hidden)",
    )


def _by_split_column(table: Table) -> dict[SplitName, Table]:
    values = table.columns["split"]
    splits = [SPLIT_ALIASES.get(str(value).strip().lower()) for value in values]
    refuse_where(
        table,
        "unknown splits",
        ((value, split is None) for value, split in zip(values, splits, strict=True)),
        rule=f"split is one of {', '.join(SPLIT_ALIASES)}",
        remedy="mend the split column, or remove it: the rows are then divided 80/10/10",
    )
    positions: dict[SplitName, list[int]] = {}
    for i, split in enumerate(splits):
        if split is not None:
            positions.setdefault(split, []).append(i)
    return {split: table.take(its) for split, its in positions.items()}
