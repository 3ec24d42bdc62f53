"""Where the real SST-2 and treebank lie, for tests that measure on them; a test without them is skipped."""

from __future__ import annotations

import functools
import os
from pathlib import Path

import pytest

from sentilora.data.dataset import Dataset
from sentilora.data.sources.sst2 import load_sst2

_BESIDE = Path(__file__).parents[3] / "shared" / "data"

SST2_FOLDER = Path(os.environ.get("SENTILORA_SST2_DIR") or _BESIDE / "SST-2")
TREEBANK_FOLDER = Path(os.environ.get("SENTILORA_TREEBANK_DIR") or _BESIDE / "sst-trees")

needs_sst2 = pytest.mark.skipif(
    not (SST2_FOLDER.is_dir() and TREEBANK_FOLDER.is_dir()),
    reason="needs SST-2 and the treebank: set SENTILORA_SST2_DIR and SENTILORA_TREEBANK_DIR",
)


@functools.cache
def real_sst2() -> Dataset:
    """SST-2 as published, loaded once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SENTILORA_TREEBANK_DIR", str(TREEBANK_FOLDER))
        return load_sst2(SST2_FOLDER)
