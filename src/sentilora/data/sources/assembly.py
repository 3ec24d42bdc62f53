"""A data set assembled from tables: labels made classes, a missing dev or test divided from train."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sentilora.data.dataset import SPLITS, Dataset, Examples, SplitName
from sentilora.data.division import Division, divide
from sentilora.data.splits import SPLIT_ALIASES
from sentilora.data.tables.faults import Rule
from sentilora.data.tables.labels import (
    classes_of,
    has_labels,
    label_of,
    read_labels,
    renamed,
    require_classes,
    require_known_names,
    written_alike,
)
from sentilora.data.tables.reading import AS_FOUND, Reading
from sentilora.data.tables.table import SourceTable
from sentilora.data.tables.values import (
    column_of,
    has_ids,
    is_text,
    read_ids,
    read_strengths,
    read_texts,
    refuse_where,
)
from sentilora.errors import DataError
from sentilora.records.about import About

_FEWEST_TEXTS = 2
"""Different texts that a split that is made here holds at least."""
_FEWEST_TEXTS_OF_MANY_ROWS = 5
"""The same where there are ``_MANY_ROWS``: fewer mean that the rows are copies of each other."""
_MANY_ROWS = 100


def assemble(
    tables: Mapping[SplitName, SourceTable],
    *,
    name: str,
    about: About,
    reading: Reading = AS_FOUND,
    needed: Sequence[SplitName] = SPLITS,
    notes: tuple[str, ...] = (),
) -> Dataset:
    """The data set of one table a split; a single table with a ``split`` column holds several.

    Args:
        tables: the splits; the classes are those of the first of train, dev and test that is there.
        name: how the study names the source.
        about: its title and place.
        reading: what the user said of columns, labels and splits.
        needed: the splits that must be there; dev and test are divided from train where they are missing. If
            only test is needed, a table without splits is test as a whole.
        notes: what a reader must know.

    Raises:
        DataError: train is missing, a column is missing or wrong, or there are too few texts to divide.
    """
    tables, dropped = _without_bad_rows(tables, reading)
    for table in tables.values():
        read_texts(table)  # faults are told for the whole table, before it is divided
        read_strengths(table)
    tables = _by_split_column(tables)
    if "train" not in needed and tuple(tables) == ("train",):
        tables = {"test": tables["train"]}  # without splits, and nothing is to be trained on
    tables, unlabelled = _without_unlabelled(tables)
    if "train" in needed and "train" not in tables:
        raise DataError(
            f"no train split; found: {', '.join(tables) or 'nothing'}",
            where=name,
            rule="a study trains on train, chooses on dev and reports on test",
            remedy="name a file train, or give one file without splits: dev and test are divided from it",
        )
    labels, label_notes = _read_labels(tables, reading, needed)
    tables, labels = _without_dropped_labels(tables, labels)
    first = next(split for split in SPLITS if split in tables)
    stated = tuple(reading.labels.values()) or tables[first].classes
    classes = classes_of(labels[first], stated, where=tables[first].where)
    missing = [split for split in needed if split not in tables]
    division_notes: tuple[str, ...] = ()
    if missing:
        tables, labels, division_notes = _divided(tables, labels, missing, reading)
    splits = {
        split: _examples(tables[split], labels[split], classes, split) for split in SPLITS if split in tables
    }
    found = dict.fromkeys(note for table in tables.values() for note in table.notes)
    if any("id" in table.columns and not has_ids(table) for table in tables.values()):
        found["ids are blank or there twice: rows are counted instead"] = None
    all_notes = (*found, *label_notes, *dropped, *unlabelled, *division_notes, *notes)
    return Dataset(name=name, label_names=classes, splits=splits, about=about, notes=all_notes)


def _examples(
    table: SourceTable, labels: Sequence[str], classes: Sequence[str], split: SplitName
) -> Examples:
    require_classes(table, labels, classes)
    index = {label: i for i, label in enumerate(classes)}
    return Examples(
        ids=read_ids(table, split),
        texts=tuple(read_texts(table)),
        labels=np.array([index[label] for label in labels], dtype=np.int64),
        strengths=read_strengths(table),
    )


def _by_split_column(tables: Mapping[SplitName, SourceTable]) -> dict[SplitName, SourceTable]:
    """The rows of a single table by its ``split`` column, if it has one."""
    table = tables.get("train")
    if len(tables) != 1 or table is None or "split" not in table.columns:
        return dict(tables)
    values = table.columns["split"]
    splits = [SPLIT_ALIASES.get(str(value).strip().lower()) for value in values]
    refuse_where(
        table,
        _UNKNOWN_SPLIT,
        ((value, split is None) for value, split in zip(values, splits, strict=True)),
    )
    positions: dict[SplitName, list[int]] = {}
    for i, split in enumerate(splits):
        if split is not None:
            positions.setdefault(split, []).append(i)
    return {split: table.take(its) for split, its in positions.items()}


_UNKNOWN_SPLIT = Rule(
    "unknown splits",
    rule=f"split is one of {', '.join(SPLIT_ALIASES)}",
    remedy="mend the split column, or rename it: dev and test are then divided from all rows",
)


def _without_bad_rows(
    tables: Mapping[SplitName, SourceTable], reading: Reading
) -> tuple[dict[SplitName, SourceTable], tuple[str, ...]]:
    """The tables without rows that lack a text or a label, if that was asked for, and how many those are."""
    if not reading.drop_bad_rows:
        return dict(tables), ()
    kept: dict[SplitName, SourceTable] = {}
    for split, table in tables.items():
        labels = table.columns["label"] if has_labels(table) else [1] * len(table)
        cells = zip(column_of(table, "text"), labels, strict=True)
        good = [i for i, (text, label) in enumerate(cells) if is_text(text) and _has_label(label)]
        kept[split] = table.take(good)
    num_rows = sum(map(len, tables.values()))
    num_dropped = num_rows - sum(map(len, kept.values()))
    note = f"{num_dropped:,} of {num_rows:,} rows are left out: they have no text or no label"
    return {split: table for split, table in kept.items() if len(table)}, (note,) if num_dropped else ()


def _has_label(value: object) -> bool:
    return isinstance(value, list | tuple) or label_of(value) is not None


def _without_unlabelled(
    tables: dict[SplitName, SourceTable],
) -> tuple[dict[SplitName, SourceTable], tuple[str, ...]]:
    """The tables without a test table in which no row has a label, and how to predict that one."""
    test = tables.get("test")
    if test is None or "train" not in tables or has_labels(test):
        return tables, ()
    others: dict[SplitName, SourceTable] = {
        split: table for split, table in tables.items() if split != "test"
    }
    return others, (
        f"{test.where} has no labels and is left out; when a run is trained, predict it with: "
        f"sentilora predict --adapter RUN --file {test.where} --output predictions.csv",
    )


def _read_labels(
    tables: Mapping[SplitName, SourceTable], reading: Reading, needed: Sequence[SplitName]
) -> tuple[dict[SplitName, list[str]], tuple[str, ...]]:
    """The labels of each split by the names that the user gave them, and which were renamed."""
    written = written_alike({split: read_labels(table) for split, table in tables.items()})
    names = reading.labels
    if not names:
        return {split: written[split] for split in tables}, ()
    if "train" in needed:
        require_known_names((label for its in written.values() for label in its), names)
    shown = ", ".join(f"{label} {f'is {name}' if name else 'is left out'}" for label, name in names.items())
    return {split: renamed(written[split], names) for split in tables}, (f"labels: {shown}",)


def _without_dropped_labels(
    tables: Mapping[SplitName, SourceTable], labels: Mapping[SplitName, list[str]]
) -> tuple[dict[SplitName, SourceTable], dict[SplitName, list[str]]]:
    """The rows whose label was not renamed to nothing."""
    kept = {split: [i for i, label in enumerate(labels[split]) if label] for split in tables}
    return (
        {split: tables[split].take(its) if len(its) < len(tables[split]) else tables[split]
         for split, its in kept.items() if its},
        {split: [labels[split][i] for i in its] for split, its in kept.items() if its},
    )  # fmt: skip


def _divided(
    tables: Mapping[SplitName, SourceTable],
    labels: Mapping[SplitName, list[str]],
    missing: Sequence[SplitName],
    reading: Reading,
) -> tuple[dict[SplitName, SourceTable], dict[SplitName, list[str]], tuple[str, ...]]:
    """The splits with those that are missing divided from train, and how that was done."""
    table = tables["train"]
    texts = read_texts(table)
    shares = {split: reading.dev_share if split == "dev" else reading.test_share for split in missing}
    groups = table.columns.get("group")
    division = divide(texts, labels["train"], shares=shares, groups=groups, seed=reading.split_seed)
    fewest = _FEWEST_TEXTS if len(table) < _MANY_ROWS else _FEWEST_TEXTS_OF_MANY_ROWS
    if min(division.num_texts.get(split, 0) for split in missing) < fewest:
        raise DataError(
            f"too few texts to divide: {len(table):,} rows hold {sum(division.num_texts.values()):,} "
            "different texts, near-duplicates kept together",
            where=table.where,
            rule=f"a share of the texts of each class for {' and '.join(missing)}, and at least "
            f"{fewest} different texts each",
            remedy="add rows, or say yourself which row is for what in a split column",
        )
    parts: tuple[SplitName, ...] = ("train", *missing)
    positions = {part: [i for i, split in enumerate(division.splits) if split == part] for part in parts}
    return (
        {**tables, **{part: table.take(its) for part, its in positions.items()}},
        {**labels, **{part: [labels["train"][i] for i in its] for part, its in positions.items()}},
        _division_notes(division, shares, labels["train"], grouped=groups is not None),
    )


def _division_notes(
    division: Division, shares: Mapping[SplitName, float], labels: Sequence[str], *, grouped: bool
) -> tuple[str, ...]:
    """What a reader must know of a division."""
    total = sum(division.num_texts.values())
    sizes = " and ".join(f"{split} ({share:.0%})" for split, share in shares.items())
    together = "near-duplicates and groups" if grouped else "near-duplicates"
    notes = [f"{sizes} divided from train by a hash of the texts, class by class, {together} kept together"]
    num_left_out = sum(split is None for split in division.splits)
    if num_left_out:
        notes.append(f"further copies of texts of {' and '.join(shares)} are left out: {num_left_out:,} rows")
    for split, share in shares.items():
        num = division.num_texts[split]
        if abs(num - share * total) > max(2 + len(set(labels)), 0.3 * share * total):
            notes.append(
                f"{split} holds {num / total:.1%} of the texts rather than {share:.0%}: the largest set of "
                f"texts that had to stay together is {division.largest_unit / total:.1%} of all"
            )
    scarce = sorted(
        set(labels) - {label for label, split in zip(labels, division.splits, strict=True) if split in shares}
    )
    if scarce:
        notes.append(f"only in train, for want of texts: {', '.join(scarce[:12])}")
    return tuple(notes)


def about_path(name: str, kind: str) -> About:
    """What is known of a user's own data: their name, and that they are a local file or folder."""
    return About(title=f"“{name}”", place=f"a local {kind}")
