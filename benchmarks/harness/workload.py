"""The texts that a benchmark trains on: the same two files for every program that is measured.

A random part of the training split, so that its lengths are those of the whole; each program reads and
tokenises the files itself, as its users would have it do.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sentilora.data.dataset import Examples
from sentilora.data.sources.registry import load_dataset
from sentilora.data.sources.sst2 import is_glue_folder
from sentilora.data.tables.labels import read_labels
from sentilora.data.tables.table import read_table
from sentilora.data.tables.values import read_texts

Rows = list[tuple[str, int]]
"""Texts and labels."""


@dataclass(frozen=True)
class Workload:
    """What is trained on: texts and labels, and the name of where they come from."""

    name: str
    train: Rows
    dev: Rows

    def write(self, folder: Path, num_train: int | None = None) -> Path:
        """Write ``train.tsv``, its first ``num_train`` rows or all, and ``dev.tsv`` to a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for split, rows in (("train", self.train[:num_train]), ("dev", self.dev)):
            lines = [f"{' '.join(text.split())}\t{label}\n" for text, label in rows]
            (folder / f"{split}.tsv").write_text("".join(["sentence\tlabel\n", *lines]), encoding="utf-8")
        return folder


def load_workload(data: Path | None) -> Workload:
    """SST-2 from a folder of GLUE's files, in a fixed random order; movie snippets where there is no folder.

    Raises:
        DataError: the folder cannot be read.
        AssetError: the snippets cannot be had.
    """
    if data is None:
        splits = load_dataset("movie-snippets").splits
        return _shuffled("movie-snippets", _rows(splits["train"]), _rows(splits["dev"]))
    if is_glue_folder(data):
        # Only train and dev are needed, and so no treebank, which knows the test labels.
        return _shuffled("SST-2", read_rows(data / "train.tsv"), read_rows(data / "dev.tsv"))
    splits = load_dataset(str(data)).splits
    return _shuffled(data.name, _rows(splits["train"]), _rows(splits["dev"]))


def read_rows(path: Path) -> Rows:
    """Texts and integer labels of a table."""
    table = read_table(path)
    return list(zip(read_texts(table), map(int, read_labels(table)), strict=True))


def _rows(examples: Examples) -> Rows:
    return list(zip(examples.texts, examples.labels.tolist(), strict=True))


def _shuffled(name: str, train: Rows, dev: Rows) -> Workload:
    order = np.random.default_rng(0).permutation(len(train))
    return Workload(name, [train[i] for i in order], dev)
