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


_made: dict[str, Path] = {}


def tiny_study(factory: pytest.TempPathFactory) -> Path:
    """The study's folder, made once a session: two seeds of a frozen and a LoRA arm.

    Read it, or copy it: other tests use the same folder.
    """
    if "tiny" not in _made:
        _made["tiny"] = _run("tiny", factory.mktemp("tiny-study"), seeds=(0, 1), num_lora_arms=1, mixed=False)
    return _made["tiny"]


def study_of_three(factory: pytest.TempPathFactory) -> Path:
    """As ``tiny_study``, with three arms (frozen, lora, lora-2) and three classes, one seed each."""
    if "three" not in _made:
        _made["three"] = _run("three", factory.mktemp("three"), seeds=(0,), num_lora_arms=2, mixed=True)
    return _made["three"]


def _run(name: str, folder: Path, *, seeds: tuple[int, ...], num_lora_arms: int, mixed: bool) -> Path:
    write_reviews(folder / "data", mixed=mixed)
    adapters = [
        {"name": arm, "method": "lora", "rank": rank, "dropout": 0.0}
        for arm, rank in (("lora", 4), ("lora-2", 2))[:num_lora_arms]
    ]
    study = parse_study(
        {
            "study": {"name": name, "seeds": list(seeds)},
            "data": {"source": str(folder / "data"), "max_length": 32},
            "backbone": {"name": str(make_tiny_model("bert", folder / "model")), "pooling": "cls"},
            "training": {"epochs": 8, "batch_size": 16, "precision": "fp32"},
            "search": {"learning_rate": [0.01]},
            "arm": [{"name": "frozen", "method": "probe"}, *adapters],
        },
        where="tests",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SENTILORA_CACHE", str(folder / "cache"))
        for _ in run_study(study, runs_folder=folder / "runs", device=torch.device("cpu")):
            pass
    return folder / "runs" / name


def write_reviews(folder: Path, *, mixed: bool = False) -> None:
    """A data set of invented reviews: train, dev and test of 320, 60 and 90.

    Args:
        folder: to make.
        mixed: whether those that turn round with "but" are a class of their own.
    """
    folder.mkdir()
    for split, seed, num_rows in (("train", 0, 320), ("dev", 1, 60), ("test", 2, 90)):
        reviews = _reviews(seed, num_rows, is_test=split == "test", mixed=mixed)
        (folder / f"{split}.tsv").write_text(reviews, "utf-8")


def _reviews(seed: int, num_rows: int, *, is_test: bool, mixed: bool) -> str:
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
        label = "mixed" if mixed and " but " in text else "positive" if positive else "negative"
        rows.append(f"{text}\t{label}")
    if is_test:
        rows[0] = f"{STRANGE}\tpositive"
    return "\n".join(["text\tlabel", *rows]) + "\n"
