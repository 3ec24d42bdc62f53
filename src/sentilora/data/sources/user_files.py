"""A user's own file as a data set: one table, by its ``split`` column or divided."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sentilora.data.dataset import SPLITS, Dataset, SplitName
from sentilora.data.sources.assembly import about_path, assemble
from sentilora.data.tables.reading import AS_FOUND, Reading
from sentilora.data.tables.table import read_table


def load_file(path: Path, reading: Reading = AS_FOUND, *, needed: Sequence[SplitName] = SPLITS) -> Dataset:
    """The data set in one table.

    Args:
        path: see ``open_table``; a column of texts and one of labels, and optionally ``split`` (train, dev or
            validation, test), ``id`` and ``strength`` (0 to 1).
        reading: what the user said of it.
        needed: the splits that must be there; those that are missing are divided from the rows.

    Raises:
        DataError: the file cannot be read, a column is missing or wrong, or there are too few texts.
    """
    return assemble(
        {"train": read_table(path, reading)},
        name=str(path),
        about=about_path(path.name, "file"),
        reading=reading,
        needed=needed,
    )
