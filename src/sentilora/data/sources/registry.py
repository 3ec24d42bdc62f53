"""A data set by the name that a study gives it: a named source, a hub data set, or a file or folder."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from sentilora.data.dataset import SPLITS, Dataset, SplitName
from sentilora.data.sources.hub_data import HUB_FORM, load_hub_source
from sentilora.data.sources.snippets import AMAZON, MOVIE_SNIPPETS, NYT, TWEETS
from sentilora.data.sources.source import NamedSource
from sentilora.data.sources.sst2 import SST2, is_glue_folder, load_sst2
from sentilora.data.sources.user_files import load_file
from sentilora.data.sources.user_folders import load_folder
from sentilora.data.tables.reading import AS_FOUND, Reading
from sentilora.errors import DataError, StudyError

SOURCES: Mapping[str, NamedSource] = {
    source.name: source for source in (SST2, MOVIE_SNIPPETS, AMAZON, TWEETS, NYT)
}
"""The sources that have a name."""


def load_dataset(
    source: str, reading: Reading = AS_FOUND, *, needed: Sequence[SplitName] = SPLITS
) -> Dataset:
    """The data set that a study's ``data.source`` or ``data.transfer`` names.

    Args:
        source: one of ``SOURCES``; ``hub:<id>[@<revision>][/<configuration>]``; or the path of a file or
            folder (see ``load_file`` and ``load_folder``), GLUE's SST-2 included.
        reading: what the user said of the tables; a named source needs nothing to be said.
        needed: the splits that must be there; dev and test are divided from train where they are missing.

    Raises:
        DataError: no such source, or its data cannot be used.
        HubError: the hub's data cannot be had.
        AssetError: a named source cannot be fetched.
    """
    if source in SOURCES:
        return SOURCES[source].load()
    if source.startswith("hub:"):
        return load_hub_source(source, reading, needed=needed)
    path = Path(source).expanduser()
    if path.is_dir():
        return load_sst2(path) if is_glue_folder(path) else load_folder(path, reading, needed=needed)
    if path.is_file():
        return load_file(path, reading, needed=needed)
    raise DataError(
        f"no data source {source!r}, and no such file or folder",
        where="data.source",
        rule=f"{', '.join(SOURCES)}, {HUB_FORM}, or a path",
        remedy=_nearest(source),
    )


def require_disjoint(source: str, transfer: Sequence[str]) -> None:
    """Refuse to test on a named source that shares texts with the one trained on.

    Raises:
        StudyError: a transfer source does.
    """
    shared = SOURCES[source].shares_texts_with if source in SOURCES else ()
    for name in transfer:
        if name == source or name in shared:
            raise StudyError(
                f"{source} and {name} share sentences",
                where="data.transfer",
                rule="never train on one and test on the other",
                remedy=f"leave {name} out of data.transfer",
            )


def _nearest(source: str) -> str:
    near = difflib.get_close_matches(source, SOURCES, n=2, cutoff=0.5)
    if near:
        return f"did you mean {' or '.join(near)}?"
    if re.fullmatch(r"[\w.-]+/[\w.-]+", source):
        return f"give a path that exists; a data set of the hub is hub:{source}"
    return "check the spelling, or give a path that exists"
