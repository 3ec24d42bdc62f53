"""A user's own file or folder as a data set: texts, labels, ids, strengths and splits, each checked.

Labels are integers or names, one kind in the whole data set. The classes are those of the training split:
integers by size, names by the alphabet, so that the same data give the same class indices in any order of
rows. One file without a ``split`` column is divided 80/10/10 by a hash of its near-duplicate groups, so
that the division is the same on every machine and no text lies on both sides of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from sentilora.data.dataset import SPLITS, Dataset, Examples, SplitName
from sentilora.data.splits import SPLIT_ALIASES, assign_splits
from sentilora.data.tables.table import SourceTable, read_table
from sentilora.data.tables.table_file import TABLE_SUFFIXES
from sentilora.data.tables.values import (
    Label,
    read_ids,
    read_labels,
    read_strengths,
    read_texts,
    refuse_where,
)
from sentilora.errors import DataError
from sentilora.records.about import About


def load_file(path: Path, *, needed: Sequence[SplitName] = SPLITS) -> Dataset:
    """The data set in one table: by its ``split`` column if it has one, else divided 80/10/10.

    Args:
        path: see ``open_table``; a ``text`` (or ``sentence``) and a ``label`` column, and optionally ``id``,
            ``split`` (train, dev or validation, test) and ``strength`` (0 to 1).
        needed: the splits that must be there.

    Raises:
        DataError: the file cannot be read, a column is missing or wrong, a split or class is missing.
    """
    about = About(title=f"“{path.name}”", place="a local file")
    return divided_dataset(read_table(path), name=str(path), about=about, needed=needed)


def load_folder(path: Path, *, needed: Sequence[SplitName] = SPLITS) -> Dataset:
    """The data set in a folder of ``train.*``, ``dev.*`` and ``test.*`` (see ``SPLIT_ALIASES``).

    Args:
        path: the folder.
        needed: the splits that must be there.

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
    return dataset_of(
        {split: read_table(file) for split, file in files.items()},
        name=str(path),
        about=About(title=f"“{path.name}”", place="a local folder"),
        found=[file.name for file in sorted(path.iterdir())],
        needed=needed,
    )


def divided_dataset(
    table: SourceTable, *, name: str, about: About, needed: Sequence[SplitName] = SPLITS
) -> Dataset:
    """The data set in one table; see ``load_file``."""
    texts = read_texts(table)
    # Read once before the division, so that faults are told for the whole file.
    read_labels(table)
    read_strengths(table)
    if "split" in table.columns:
        found = sorted({str(value) for value in table.columns["split"]})
        return dataset_of(_by_split_column(table), name=name, about=about, found=found, needed=needed)
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
    return dataset_of(tables, name=name, about=about, found=SPLITS, notes=(note,))


def dataset_of(
    tables: Mapping[SplitName, SourceTable],
    *,
    name: str,
    about: About,
    found: Sequence[str],
    needed: Sequence[SplitName] = SPLITS,
    notes: tuple[str, ...] = (),
) -> Dataset:
    """The data set of one table a split.

    Args:
        tables: the splits; the classes are those of the training split, or of test where there is none.
        name: how the study names the source.
        about: its title and place.
        found: what was there, for an error: names of files or splits.
        needed: the splits that must be there.
        notes: what a reader must know.

    Raises:
        DataError: as for ``load_file``.
    """
    missing = [split for split in needed if split not in tables or not len(tables[split])]
    if missing:
        raise DataError(
            f"no {' and no '.join(missing)} split; found: {', '.join(found[:12]) or 'nothing'}",
            where=name,
            rule=f"{' and '.join(needed)}, with rows; files end in {', '.join(TABLE_SUFFIXES)}",
            remedy="give train, dev and test as three files, or as one with a split column; or one file "
            "without splits, which is then divided 80/10/10",
        )
    there = [split for split in SPLITS if split in tables]
    labels = {split: read_labels(tables[split]) for split in there}
    for split in there:
        _require_one_kind(tables[split], labels[split], of=labels[there[0]][0])
    classes: list[Label] = sorted(set(labels[there[0]]))
    _require_classes(classes, where=tables[there[0]].where)
    index = {label: i for i, label in enumerate(classes)}
    splits: dict[SplitName, Examples] = {}
    for split in there:
        table = tables[split]
        _require_known(table, labels[split], classes)
        splits[split] = Examples(
            ids=read_ids(table, split),
            texts=tuple(read_texts(table)),
            labels=np.array([index[label] for label in labels[split]], dtype=np.int64),
            strengths=read_strengths(table),
        )
    label_names = ("negative", "positive") if classes == [0, 1] else tuple(str(label) for label in classes)
    return Dataset(name=name, label_names=label_names, splits=splits, about=about, notes=notes)


def _require_one_kind(table: SourceTable, labels: Sequence[Label], *, of: Label) -> None:
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


def _require_known(table: SourceTable, labels: Sequence[Label], classes: Sequence[Label]) -> None:
    known = set(classes)
    refuse_where(
        table,
        "unknown labels",
        ((label, label not in known) for label in labels),
        rule=f"the labels of the training split: {', '.join(map(str, classes[:12]))}",
        remedy="mend these labels, or add rows with them to the training split (-1 often means: hidden)",
    )


def _by_split_column(table: SourceTable) -> dict[SplitName, SourceTable]:
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
