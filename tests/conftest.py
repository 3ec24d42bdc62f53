"""Fixtures that several test modules share."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """``tiny_model(family)``: the folder of a tiny random model of that family, made once a session.

    Read it, or copy it: other tests use the same folder.
    """

    @cache
    def make(family: str) -> Path:
        from support.tiny_models import (
            make_tiny_model,  # two seconds of transformers, only where a model is wanted
        )

        return make_tiny_model(family, tmp_path_factory.mktemp(family))

    return make
