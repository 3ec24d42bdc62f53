"""A user's own folder as a data set: files by split, text files by class, trees, or ``datasets``' own.

The layouts in which people publish labelled texts, told apart by what lies in the folder.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from sentilora.data.dataset import SPLITS, Dataset, SplitName
from sentilora.data.sources.assembly import about_path, assemble
from sentilora.data.sources.hub_data import table_of
from sentilora.data.sources.treebank import parse_trees
from sentilora.data.splits import SPLIT_ALIASES
from sentilora.data.tables.data_file import find_data_file
from sentilora.data.tables.faults import Faults, Rule
from sentilora.data.tables.reading import AS_FOUND, Reading
from sentilora.data.tables.table import SourceTable, read_table
from sentilora.data.tables.table_file import TABLE_SUFFIXES
from sentilora.data.tables.text_lines import read_lines
from sentilora.errors import DataError

Tables = dict[SplitName, SourceTable]

_PACKED = (".gz", ".bz2", ".zip")
_SHARD = re.compile(r"(?P<split>[^.]+?)-\d{5}-of-\d{5}(-[0-9a-f]+)?")
_TREE = re.compile(rb"\s*\([0-9] ")
_NO_CLASS = ("unsup",)
"""Folders of texts without a label, as the IMDB reviews have one."""
_FIVE_CLASSES = ("very negative", "negative", "neutral", "positive", "very positive")


def load_folder(path: Path, reading: Reading = AS_FOUND, *, needed: Sequence[SplitName] = SPLITS) -> Dataset:
    """The data set in a folder.

    Args:
        path: a folder of ``train.*``, ``dev.*`` and ``test.*`` (see ``SPLIT_ALIASES``), of which dev and test
            may be missing, each one file or shards like ``train-00000-of-00002.parquet``; of text files in a
            folder a class (``pos/``, ``neg/``), in ``train/`` and ``test/`` or not; of a treebank's trees;
            or as ``datasets`` saves to disk.
        reading: what the user said of it.
        needed: the splits that must be there; dev and test are divided from train where they are missing.

    Raises:
        DataError: it is none of these, a split is there twice, or as for ``load_file``.
    """
    tables = (
        _saved_to_disk(path, reading)
        or _split_files(path, reading)
        or _split_files(path / "data", reading)
        or _class_folders(path, reading)
        or _only_table(path, reading)
    )
    if not tables:
        names = sorted(file.name for file in path.iterdir())
        raise DataError(
            f"no data set in this folder; found: {', '.join(names[:12]) or 'nothing'}",
            where=str(path),
            rule=f"train.*, dev.* and test.*, of which train must be there ({', '.join(TABLE_SUFFIXES)}); "
            "or a folder of .txt files for each class",
            remedy="name the files so, or give one file",
        )
    about = about_path(path.resolve().name, "folder")
    return assemble(tables, name=str(path), about=about, reading=reading, needed=needed)


def _saved_to_disk(folder: Path, reading: Reading) -> Tables:
    """What ``datasets`` saved by ``save_to_disk``."""
    if not any((folder / name).is_file() for name in ("dataset_dict.json", "state.json")):
        return {}
    import datasets  # a second, which other folders need not pay

    try:
        saved = datasets.load_from_disk(str(folder))
    except (OSError, ValueError, KeyError) as error:
        raise DataError(
            f"a folder of save_to_disk that cannot be read: {error}",
            where=str(folder),
            remedy="save it again, or write each split with to_parquet",
        ) from error
    tables: Tables = {}
    for name, split in saved.items() if isinstance(saved, dict) else [("train", saved)]:
        known = SPLIT_ALIASES.get(str(name).lower())
        if known is not None:
            tables[known] = table_of(split.with_format("arrow")[:], reading, where=f"{folder}, split {name}")
    return tables


def _split_files(folder: Path, reading: Reading) -> Tables:
    """The tables of ``train.*``, ``dev.*`` and ``test.*``."""
    if not folder.is_dir():
        return {}
    files: dict[SplitName, list[Path]] = {}
    for file in sorted(folder.iterdir()):
        shard = _SHARD.fullmatch(file.name.split(".")[0])
        split = SPLIT_ALIASES.get((shard["split"] if shard else file.name.split(".")[0]).lower())
        if split is None or not file.is_file() or not _may_be_a_table(file):
            continue
        its = files.setdefault(split, [])
        if its and not (shard and _SHARD.match(its[0].name)):
            raise DataError(
                f"two files for the {split} split: {its[0].name} and {file.name}",
                where=str(folder),
                rule="one file a split",
                remedy="remove or rename one",
            )
        its.append(file)
    return {split: _one_table([_read(file, reading) for file in its]) for split, its in files.items()}


def _may_be_a_table(file: Path) -> bool:
    suffixes = [suffix.lower() for suffix in file.suffixes if suffix.lower() not in _PACKED]
    return bool(suffixes) and suffixes[-1] in (*TABLE_SUFFIXES, ".txt")


def _read(file: Path, reading: Reading) -> SourceTable:
    """A table, or the sentences of trees."""
    data_file = find_data_file(file)
    if not _TREE.match(data_file.beginning):
        return read_table(file, reading)
    trees = parse_trees(read_lines(data_file, Faults(str(file)), reading.encoding), where=str(file))
    are_five = any(tree.label > 1 for tree in trees)
    return SourceTable(
        where=str(file),
        names=("text", "label"),
        columns={
            "text": [tree.sentence for tree in trees],
            "label": [_FIVE_CLASSES[tree.label] if are_five else tree.label for tree in trees],
        },
        places=range(1, len(trees) + 1),
        unit="row",
        notes=("sentences of trees with the labels of their roots",),
        classes=_FIVE_CLASSES if are_five else (),
    )


def _one_table(tables: Sequence[SourceTable]) -> SourceTable:
    """Shards as one table, whose rows are counted through."""
    if len(tables) == 1:
        return tables[0]
    return SourceTable(
        where=f"{tables[0].where} and {len(tables) - 1} more",
        names=tables[0].names,
        columns={
            column: [value for table in tables for value in table.columns[column]]
            for column in tables[0].columns
            if all(column in table.columns for table in tables)
        },
        places=range(1, sum(map(len, tables)) + 1),
        unit="row",
        notes=tables[0].notes,
        classes=tables[0].classes,
    )


def _class_folders(folder: Path, reading: Reading) -> Tables:
    """Text files in a folder a class, in folders of splits or not."""
    splits = {
        split: sub
        for sub in _folders(folder)
        if (split := SPLIT_ALIASES.get(sub.name.lower())) is not None and _class_names(sub)
    }
    parts: Mapping[SplitName, Path] = splits or ({"train": folder} if _class_names(folder) else {})
    return {split: _texts_by_class(part, reading) for split, part in parts.items()}


def _folders(folder: Path) -> list[Path]:
    return [entry for entry in sorted(folder.iterdir()) if entry.is_dir() and not entry.name.startswith(".")]


def _class_names(folder: Path) -> list[str]:
    """The folders that hold text files."""
    return [sub.name for sub in _folders(folder) if next(sub.glob("*.txt"), None) is not None]


def _texts_by_class(folder: Path, reading: Reading) -> SourceTable:
    columns: dict[str, list[object]] = {"text": [], "label": [], "id": []}
    faults = Faults(str(folder), "row")
    names = [name for name in _class_names(folder) if name not in _NO_CLASS]
    for name in names:
        for file in sorted((folder / name).glob("*.txt")):
            try:
                text = file.read_bytes().decode(reading.encoding or "utf-8-sig")
            except (UnicodeDecodeError, LookupError):
                faults.add(_NOT_DECODABLE, len(columns["text"]) + 1, str(file.relative_to(folder)))
                text = ""
            for column, value in (("text", text), ("label", name), ("id", f"{name}/{file.stem}")):
                columns[column].append(value)
    faults.refuse()
    left_out = [name for name in _class_names(folder) if name in _NO_CLASS]
    notes = [f"classes are folders of text files: {', '.join(names)}"]
    notes += [f"folder {name} is left out: it is no class" for name in left_out]
    places = range(1, len(columns["text"]) + 1)
    return SourceTable(str(folder), tuple(columns), columns, places, "row", tuple(notes))


_NOT_DECODABLE = Rule(
    "files that are not text in the declared encoding, or in UTF-8",
    rule="text files are UTF-8, or their encoding is declared",
    remedy="give --encoding windows-1252 if they come from Windows",
)


def _only_table(folder: Path, reading: Reading) -> Tables:
    """The one table that lies in a folder."""
    files = [file for file in sorted(folder.iterdir()) if file.is_file() and _may_be_a_table(file)]
    return {"train": _read(files[0], reading)} if len(files) == 1 else {}
