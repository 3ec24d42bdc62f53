"""GLUE's SST-2 (Wang et al. 2018), with the test labels that GLUE hides.

The texts come from a local GLUE folder or the hub, test labels and strengths from the treebank (see
``treebank``). Everything is checked against what is published: 67,349 training phrases, 872 dev sentences,
1,821 test sentences, each of the latter two with a tree, each dev label confirmed by it. So whatever the
sources, the same examples come out, or an error that says what differs.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sentilora.data.dataset import Dataset, Examples, SplitName
from sentilora.data.sources.hub_data import HubTables, read_hub_tables
from sentilora.data.sources.source import NamedSource
from sentilora.data.sources.treebank import NEUTRAL, Treebank, read_treebank, strength_of
from sentilora.data.tables.faults import Rule
from sentilora.data.tables.labels import read_labels
from sentilora.data.tables.table import SourceTable, read_table
from sentilora.data.tables.values import read_texts, refuse_where
from sentilora.errors import DataError, HubError
from sentilora.records.about import About

ABOUT = About(
    title="SST-2",
    description="SST-2, the binary Stanford Sentiment Treebank (Socher et al. 2013) as GLUE splits it (Wang "
    "et al. 2018)",
    citations={
        "Socher et al. 2013": "Socher, R., Perelygin, A., Wu, J., Chuang, J., Manning, C. D., Ng, A. and "
        "Potts, C. (2013). Recursive deep models for semantic compositionality over a sentiment treebank. "
        "EMNLP, 1631–1642.",
        "Wang et al. 2018": "Wang, A., Singh, A., Michael, J., Hill, F., Levy, O. and Bowman, S. (2018). "
        "GLUE: a multi-task benchmark and analysis platform for natural language understanding. BlackboxNLP, "
        "353–355.",
    },
    licence="not stated",
)
"""Without the place, which is known when it has been read."""

SIZES: Mapping[SplitName, int] = {"train": 67_349, "dev": 872, "test": 1_821}

FOLDER_VARIABLE = "SENTILORA_SST2_DIR"
"""Names the folder with GLUE's ``train.tsv``, ``dev.tsv`` and ``test.tsv``."""

TREEBANK_VARIABLE = "SENTILORA_TREEBANK_DIR"
"""Names the folder with the treebank's ``train.txt``, ``dev.txt`` and ``test.txt``."""

HUB_TEXTS = ("nyu-mll/glue", "sst2")
"""The hub's data set with the texts, and its configuration."""
_HUB_SENTENCE_LABELS = "SetFit/sst5"
"""The treebank's sentences with their five-way labels, without the phrases within."""

_REMEDY = (
    f"set {FOLDER_VARIABLE} to a folder with GLUE's train.tsv, dev.tsv and test.tsv, and {TREEBANK_VARIABLE} "
    "to one with train.txt, dev.txt and test.txt, the Stanford Sentiment Treebank's splits in tree format"
)


def load_sst2(folder: Path | None = None) -> Dataset:
    """SST-2 with labels and strengths for all three splits.

    Args:
        folder: GLUE's files; ``SENTILORA_SST2_DIR`` if None, and the hub if that is not set either.
            The treebank is read from ``SENTILORA_TREEBANK_DIR``, or the hub, which has strengths for whole
            sentences only.

    Raises:
        DataError: files are missing or not SST-2's, test sentences without a tree, dev labels that the
            trees contradict (it names the sentences).
        HubError: a folder is not given, and the hub does not have the data either.
    """
    tables, origin = _read_tables(folder or _folder(FOLDER_VARIABLE))
    texts = {split: read_texts(table) for split, table in tables.items()}
    labels = {split: _binary_labels(tables[split]) for split in ("train", "dev")}
    treebank, treebank_origin = _read_treebank(_folder(TREEBANK_VARIABLE))
    dev_scores = treebank.scores_of("dev", texts["dev"])
    test_scores = treebank.scores_of("test", texts["test"])
    _require_agreement(tables["dev"], labels["dev"], dev_scores)
    strengths = {
        "train": treebank.phrase_strengths(texts["train"]),
        "dev": strength_of(dev_scores),
        "test": strength_of(test_scores),
    }
    labels["test"] = (test_scores > NEUTRAL).astype(np.int64)
    notes = (
        f"texts are from {origin}, test labels and strengths from {treebank_origin}",
        "the trees have all 1,821 test sentences and agree with all 872 dev labels",
        f"strength is known for {int((~np.isnan(strengths['train'])).sum()):,} of 67,349 training phrases",
    )
    splits: dict[SplitName, Examples] = {
        split: Examples(
            ids=tuple(f"{split}-{i}" for i in range(len(texts[split]))),
            texts=tuple(texts[split]),
            labels=labels[split],
            strengths=strengths[split],
        )
        for split in SIZES
    }
    about = replace(ABOUT, place=f"{origin} and {treebank_origin}")
    return Dataset("sst2", ("negative", "positive"), splits, about, notes)


SST2 = NamedSource("sst2", load_sst2, shares_texts_with=("movie-snippets",))


def is_glue_folder(folder: Path) -> bool:
    """Whether a folder holds SST-2 as GLUE publishes it, its test split without labels."""
    try:
        headers = [_header(folder / f"{split}.tsv") for split in ("train", "test")]
    except OSError:
        return False
    return headers == ["sentence\tlabel", "index\tsentence"]


def _header(path: Path) -> str:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        return file.readline(100).strip()


def _folder(variable: str) -> Path | None:
    value = os.environ.get(variable)
    if not value:
        return None
    if not Path(value).is_dir():
        raise DataError(f"{variable} does not name a folder", where=value, remedy=_REMEDY)
    return Path(value)


def _read_tables(folder: Path | None) -> tuple[Mapping[SplitName, SourceTable], str]:
    """The tables of the three splits, in SST-2's sizes, and in words where they come from."""
    tables: Mapping[SplitName, SourceTable]
    if folder is not None:
        tables, where = {split: read_table(folder / f"{split}.tsv") for split in SIZES}, str(folder)
        origin = "a local GLUE folder"
    else:
        dataset_id, config = HUB_TEXTS
        hub = _read_hub(dataset_id, config=config)
        tables, where = hub.tables, f"hub:{dataset_id}"
        origin = f"{dataset_id}, {config}, commit {hub.commit}"
    sizes = {split: len(tables[split]) if split in tables else 0 for split in SIZES}
    if sizes != SIZES:
        raise DataError(
            f"not SST-2: {_counts(sizes)} rows",
            where=where,
            rule=f"{_counts(SIZES)} for train, dev and test",
            remedy="use GLUE's files as published; for data of your own, give test.tsv a label column",
        )
    return tables, origin


def _read_hub(dataset_id: str, *, config: str | None = None) -> HubTables:
    """The hub's tables; its errors say what helps for SST-2 in particular."""
    try:
        return read_hub_tables(dataset_id, config=config)
    except HubError as error:
        remedy = f"{_REMEDY}; {error.remedy}"
        raise HubError(error.what, where=error.where, rule=error.rule, remedy=remedy) from error


def _counts(sizes: Mapping[SplitName, int]) -> str:
    return " / ".join(f"{sizes[split]:,}" for split in SIZES)


def _binary_labels(table: SourceTable) -> NDArray[np.int64]:
    """(N,) 0 for negative, 1 for positive."""
    classes = {"0": 0, "negative": 0, "1": 1, "positive": 1}
    labels = read_labels(table)
    refuse_where(table, _NO_SST2_LABEL, ((label, label not in classes) for label in labels))
    return np.array([classes[label] for label in labels], dtype=np.int64)


def _read_treebank(folder: Path | None) -> tuple[Treebank, str]:
    """The treebank, and in words where it comes from."""
    if folder is not None:
        return read_treebank(folder), "a local treebank folder"
    hub = _read_hub(_HUB_SENTENCE_LABELS)
    missing = [split for split in SIZES if split not in hub.tables]
    if missing:
        where = f"hub:{_HUB_SENTENCE_LABELS}"
        raise DataError(f"no {' and no '.join(missing)} split", where=where, remedy=_REMEDY)
    sentences = {split: _scored_sentences(table) for split, table in hub.tables.items()}
    treebank = Treebank.of(sentences, sentences["train"], where=f"hub:{_HUB_SENTENCE_LABELS}")
    return treebank, f"{_HUB_SENTENCE_LABELS}, commit {hub.commit}"


def _scored_sentences(table: SourceTable) -> list[tuple[str, int]]:
    labels = read_labels(table)
    refuse_where(table, _NO_TREEBANK_LABEL, ((label, label not in "01234") for label in labels))
    return list(zip(read_texts(table), map(int, labels), strict=True))


_NO_SST2_LABEL = Rule(
    "labels that SST-2 does not have",
    rule="0 is negative, 1 is positive",
    remedy="use GLUE's files as published",
)
_NO_TREEBANK_LABEL = Rule(
    "labels that the treebank does not have",
    rule="0 (very negative) to 4 (very positive)",
    remedy=_REMEDY,
)
_CONTRADICTED = Rule(
    "dev labels that the treebank contradicts",
    rule="root label 0 or 1 is negative, 3 or 4 positive",
    remedy="use GLUE's and the treebank's files as published",
)


def _require_agreement(table: SourceTable, labels: NDArray[np.int64], scores: NDArray[np.float64]) -> None:
    contradicted = (scores > NEUTRAL) != labels.astype(bool)
    refuse_where(table, _CONTRADICTED, zip(read_texts(table), contradicted.tolist(), strict=True))
