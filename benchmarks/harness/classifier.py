"""The classifier whose predictions are measured: trained here, and exported for the peers."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import torch

from benchmarks.harness.setup import BenchmarkSetup
from sentilora.errors import StudyError


def classifier_folder(setup: BenchmarkSetup) -> Path:
    """Where ``make_classifier`` puts the adapter."""
    return setup.folder / "classifier"


def merged_folder(setup: BenchmarkSetup) -> Path:
    """Where ``make_classifier`` puts the same classifier for transformers alone."""
    return setup.folder / "merged"


def make_classifier(setup: BenchmarkSetup) -> None:
    """Train LoRA r=8 for one epoch as a study does, and merge it.

    In a process of its own: what is started later would inherit this one's peak memory as its own.

    Raises:
        StudyError: the run failed.
    """
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as processes:
        processes.submit(_make_classifier, setup).result()


def _make_classifier(setup: BenchmarkSetup) -> None:
    # Here, so that a machine without a study's dependencies can still measure training (benchmarks/gpu.sh).
    from sentilora.export.exporting import export_classifier
    from sentilora.model.backbone.loading import load_backbone
    from sentilora.study.runner import run_study
    from sentilora.study_file.study import parse_study

    table = setup.folder / "classifier.tsv"
    table.write_text(_table(setup), encoding="utf-8")
    study = parse_study(
        {
            "study": {"name": "bench", "seeds": [0]},
            "data": {"source": str(table), "max_length": min(128, load_backbone(setup.model).max_length)},
            "backbone": {"name": setup.model, "pooling": "cls"},
            "training": {"epochs": 1},
            "search": {"learning_rate": [1.5e-3]},
            "arm": [{"name": "lora-8", "method": "lora", "rank": 8}],
        },
        where="bench",
    )
    runs = setup.folder / "runs"
    for _ in run_study(study, runs_folder=runs, device=torch.device(setup.device)):
        pass
    folders = list(runs.glob("bench/*/adapter"))
    if not folders:
        raise StudyError("the classifier to predict with could not be trained", where=str(runs))
    folders[0].rename(classifier_folder(setup))
    export_classifier(classifier_folder(setup), merged_folder(setup), "transformers")


def _table(setup: BenchmarkSetup) -> str:
    """Part of the training texts, and the dev texts by turns for dev and test."""
    train = [("train", row) for row in setup.workload.train[: setup.scale.classifier_examples]]
    held_out = [(("dev", "test")[i % 2], row) for i, row in enumerate(setup.workload.dev)]
    rows = [f"{' '.join(text.split())}\t{label}\t{split}" for split, (text, label) in train + held_out]
    return "\n".join(["sentence\tlabel\tsplit", *rows, ""])
