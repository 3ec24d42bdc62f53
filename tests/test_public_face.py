"""``import sentilora``: what it offers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import sentilora
from support.tiny_adapters import LABELS, make_run

HEAVY = ("torch", "transformers", "peft", "datasets", "numpy", "pydantic", "matplotlib", "click")


def test_importing_it_is_light() -> None:
    script = f"import sys, sentilora; sentilora.load; print(sorted(set({HEAVY}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_all_it_names_is_there() -> None:
    assert all(hasattr(sentilora, name) for name in sentilora.__all__)


def test_load_gives_a_classifier(tiny_model: Callable[[str], Path], tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", tiny_model("bert"), "lora")
    classifier = sentilora.load(str(run.folder), device="cpu")
    [prediction] = classifier.predict(["a warm film"])
    assert prediction.label in LABELS
    with pytest.raises(sentilora.SentiloraError, match="no adapter lies here"):
        sentilora.load(tmp_path / "nowhere")
