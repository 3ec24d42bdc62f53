"""A data set by the name that a study gives it, and the fixed fraction of its training examples."""

from __future__ import annotations

import difflib
import math
import re
from pathlib import Path
from typing import get_args

import numpy as np

from sentilora.data.dataset import Dataset, Examples
from sentilora.data.sources.hub_tables import read_hub_tables
from sentilora.data.sources.snippets import SnippetSource, load_snippets
from sentilora.data.sources.sst2 import is_glue_folder, load_sst2
from sentilora.data.sources.user_tables import labelled, load_file, load_folder, split_table
from sentilora.errors import DataError
from sentilora.files import sha256_of

SNIPPET_SOURCES: tuple[SnippetSource, ...] = get_args(SnippetSource)

SOURCES = ("sst2", *SNIPPET_SOURCES)
"""The sources that have a name."""

_HUB_SOURCE = re.compile(r"hub:(?P<id>[^@:\s]+)(@(?P<revision>[^:\s]+))?(:(?P<config>\S+))?")


def load_dataset(source: str) -> Dataset:
    """The data set that a study's ``data.source`` names.

    Args:
        source: ``sst2``, ``movie-snippets``, ``amazon``, ``tweets`` or ``nyt``;
            ``hub:<id>[@<revision>][:<configuration>]``; or the path of a file (TSV, CSV, JSONL, Parquet) or
            of a folder of ``train.*``, ``dev.*`` and ``test.*``, GLUE's SST-2 included.

    Raises:
        DataError: no such source, or its data cannot be used.
        HubError: the hub's data cannot be had.
        AssetError: the snippets cannot be had.
    """
    if source == "sst2":
        return load_sst2()
    for name in SNIPPET_SOURCES:
        if source == name:
            return load_snippets(name)
    if source.startswith("hub:"):
        return _load_hub(source)
    path = Path(source).expanduser()
    if path.is_dir():
        return load_sst2(path) if is_glue_folder(path) else load_folder(path)
    if path.is_file():
        return load_file(path)
    raise DataError(
        f"no data source {source!r}, and no such file or folder",
        where="data.source",
        rule=f"{', '.join(SOURCES)}, hub:<id>[@<revision>][:<configuration>], or a path",
        remedy=_nearest(source),
    )


def _nearest(source: str) -> str:
    near = difflib.get_close_matches(source, SOURCES, n=2, cutoff=0.5)
    if near:
        return f"did you mean {' or '.join(near)}?"
    if re.fullmatch(r"[\w.-]+/[\w.-]+", source):
        return f"give a path that exists; a data set of the hub is hub:{source}"
    return "check the spelling, or give a path that exists"


def _load_hub(source: str) -> Dataset:
    match = _HUB_SOURCE.fullmatch(source)
    if match is None:
        raise DataError(
            f"{source!r} names no hub data set",
            where="data.source",
            rule="hub:<id>[@<revision>][:<configuration>]",
            remedy="for example hub:cornell-movie-review-data/rotten_tomatoes",
        )
    hub = read_hub_tables(match["id"], config=match["config"], revision=match["revision"])
    note = f"{match['id']}, commit {hub.commit}"
    if tuple(hub.tables) == ("train",) == tuple(hub.found):
        return split_table(hub.tables["train"], name=source, notes=(note,))
    return labelled(hub.tables, name=source, found=list(hub.found), notes=(note,))


def take_fraction(examples: Examples, fraction: float) -> Examples:
    """A fixed part of the examples: of each label those whose hashed ids come first.

    It depends on ids and labels alone, so every run of a study, on any machine, gets the same; a smaller
    fraction is a part of a larger one.

    Args:
        examples: N examples.
        fraction: share of each label's examples to keep, above 0 and at most 1; at least one of each is kept.

    Returns:
        The kept examples in their order; the same object for 1.
    """
    if not 0 < fraction <= 1:
        raise ValueError(f"fraction is above 0 and at most 1, not {fraction}")
    if fraction == 1:
        return examples
    rank = np.array([sha256_of(id) for id in examples.ids], dtype="S64")
    kept = []
    for label in np.unique(examples.labels):
        positions = np.flatnonzero(examples.labels == label)
        num_kept = math.ceil(round(fraction * len(positions), 6))
        kept.append(positions[np.argsort(rank[positions], kind="stable")][:num_kept])
    return examples.take(np.sort(np.concatenate(kept)))
