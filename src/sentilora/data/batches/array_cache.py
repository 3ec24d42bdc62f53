"""Arrays that are computed once and remembered in a file whose name tells what determines them."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentilora.files import replacing_file

Arrays = Mapping[str, NDArray[Any]]


def cached_arrays(path: Path, compute: Callable[[], Arrays]) -> Arrays:
    """The arrays in an ``.npz`` file, computed and written where it is missing or damaged.

    A file appears whole or not at all, so that concurrent processes may share a cache.
    """
    try:
        # Opened here: numpy leaves a file that is no archive open.
        with path.open("rb") as stored, np.load(stored, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        arrays = compute()
    with replacing_file(path) as working, working.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    return arrays
