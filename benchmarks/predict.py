"""``sentilora predict`` against transformers' text-classification pipeline: the same texts, labels compared.

Run: python benchmarks/predict.py RUN_FOLDER --data SST2_FOLDER [--texts 20000] [--rounds 3]

The pipeline loads the export of the same adapter (``export --to transformers``), in fp32 on the same device
and threads. It is given every batch size of ``PEER_BATCH_SIZES`` and judged by its fastest; 1 is its default.
Rounds are interleaved, so that a busy machine slows all alike. Loading is left out, tokenising is not.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import pipeline

from sentilora.data.tables import read_table
from sentilora.use.export import export
from sentilora.use.predict import load

PEER_BATCH_SIZES = (1, 8, 32)


def measure(run_folder: Path, texts: Sequence[str], *, rounds: int = 3) -> dict[str, Any]:
    """Seconds of every program in every round, and whether the labels are equal.

    Args:
        run_folder: a record with an adapter that ``export --to transformers`` takes.
        texts: what to label.
        rounds: of all programs, one after the other.

    Returns:
        By program ``seconds`` (one a round), ``texts_per_second`` (of the median) and ``labels_differing``
        (from the pipeline's at its default batch size); ``speedup`` over the fastest pipeline, and over the
        default one.
    """
    with tempfile.TemporaryDirectory() as temporary:
        exported = Path(temporary) / "merged"
        export(run_folder, exported, "transformers")
        peer = pipeline("text-classification", model=str(exported), device="cpu", dtype=torch.float32)
    programs: dict[str, Callable[[], list[str]]] = {
        f"pipeline, batch {size}": lambda size=size: [
            found["label"] for found in peer(list(texts), batch_size=size, truncation=True)
        ]
        for size in PEER_BATCH_SIZES
    }
    ours = {
        "sentilora": load(run_folder, device="cpu"),
        "sentilora, fp32": load(run_folder, device="cpu", precision="fp32"),
    }
    for name, classifier in ours.items():
        programs[name] = lambda classifier=classifier: [found.label for found in classifier.predict(texts)]
    seconds: dict[str, list[float]] = {name: [] for name in programs}
    labels: dict[str, list[str]] = {}
    for _ in range(rounds):
        for name, program in programs.items():
            start = time.perf_counter()
            labels[name] = program()
            seconds[name].append(time.perf_counter() - start)
    reference = labels[f"pipeline, batch {PEER_BATCH_SIZES[0]}"]
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    peers = [medians[f"pipeline, batch {size}"] for size in PEER_BATCH_SIZES]
    return {
        "num_texts": len(texts),
        "threads": torch.get_num_threads(),
        "programs": {
            name: {
                "seconds": seconds[name],
                "texts_per_second": len(texts) / medians[name],
                "labels_differing": sum(a != b for a, b in zip(labels[name], reference, strict=True)),
            }
            for name in programs
        },
        "speedup": min(peers) / medians["sentilora"],
        "speedup_over_default": peers[0] / medians["sentilora"],
    }


def sample_texts(folder: Path, num_texts: int) -> list[str]:
    """Distinct rows of SST-2's ``train.tsv``, drawn with a fixed seed."""
    texts = [str(text).strip() for text in read_table(folder / "train.tsv").columns["sentence"]]
    chosen = np.random.default_rng(0).choice(len(texts), min(num_texts, len(texts)), replace=False)
    return [texts[i] for i in chosen]


def main() -> None:
    """Measure, and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run_folder", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="folder of SST-2")
    parser.add_argument("--texts", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    texts = sample_texts(options.data, options.texts)
    print(json.dumps(measure(options.run_folder, texts, rounds=options.rounds), indent=1))


if __name__ == "__main__":
    main()
