"""A whole study on a tiny random model and invented reviews, run in a few seconds, adapters and all."""

from __future__ import annotations

import random
from itertools import product
from pathlib import Path

import pytest
import torch

from sentilora.study.runner import run_study
from sentilora.study_file.study import parse_study
from support.tiny_models import make_tiny_model

THINGS = ("film", "movie", "story", "plot", "acting", "cast", "scene")
GOOD = ("good", "great", "fine", "warm", "funny", "clever", "moving", "lovely", "bright", "honest")
BAD = ("bad", "dull", "weak", "flat", "cold", "boring", "clumsy", "tired", "empty", "awful")
STRANGE = '<b>good</b> | **film** =1+1 "a" \U0001f600'
"""One review of the test split: markup, a formula, an emoji."""


_made: list[Path] = []


def tiny_study(factory: pytest.TempPathFactory) -> Path:
    """The study's folder, made once a session: two seeds of a frozen and a LoRA arm.

    Read it, or copy it: other tests use the same folder.
    """
    if not _made:
        _made.append(_run(factory.mktemp("tiny-study")))
    return _made[0]


def _run(folder: Path) -> Path:
    write_reviews(folder / "data")
    study = parse_study(
        {
            "study": {"name": "tiny", "seeds": [0, 1]},
            "data": {"source": str(folder / "data"), "max_length": 32},
            "backbone": {"name": str(make_tiny_model("bert", folder / "model"))},
            "training": {"epochs": 8, "batch_size": 16, "precision": "fp32"},
            "search": {"learning_rate": [0.01]},
            "arm": [
                {"name": "frozen", "method": "probe"},
                {"name": "lora", "method": "lora", "rank": 4, "dropout": 0.0},
            ],
        },
        where="tests",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SENTILORA_CACHE", str(folder / "cache"))
        for _ in run_study(study, runs_folder=folder / "runs", device=torch.device("cpu")):
            pass
    return folder / "runs" / "tiny"


def write_reviews(folder: Path) -> None:
    """A data set of invented reviews: train, dev and test of 320, 60 and 90."""
    folder.mkdir()
    for split, seed, num_rows in (("train", 0, 320), ("dev", 1, 60), ("test", 2, 90)):
        (folder / f"{split}.tsv").write_text(_reviews(seed, num_rows, split == "test"), "utf-8")


def _reviews(seed: int, num_rows: int, is_test: bool) -> str:
    """Rows of text and label: a feeling and its thing, some negated, some turning round with "but"."""
    generator = random.Random(seed)
    rows = []
    for feeling, thing in generator.sample([*product(GOOD + BAD, THINGS)] * 4, num_rows):
        positive = feeling in GOOD
        style = generator.random()
        if style < 0.2:
            text, positive = f"the {thing} is not {feeling} .", not positive
        elif style < 0.4:
            other = generator.choice(BAD if positive else GOOD)
            text = f"this {thing} was {other} , but the story is very {feeling} !"
        else:
            text = f"a {feeling} {thing} and {generator.choice(('the most', 'no more', 'very'))} {feeling}"
        rows.append(f"{text}\t{'positive' if positive else 'negative'}")
    if is_test:
        rows[0] = f"{STRANGE}\tpositive"
    return "\n".join(["text\tlabel", *rows]) + "\n"
