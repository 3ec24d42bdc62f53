"""transformers' text-classification pipeline on a merged classifier, in fp32.

Loading is left out of the window, tokenising is not.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import torch
from texts_and_report import read_split, report
from transformers import pipeline


def main() -> None:
    known = argparse.ArgumentParser(description=__doc__)
    known.add_argument("--model", required=True, help="folder of a merged classifier")
    known.add_argument("--data", type=Path, required=True, help="folder of train.tsv")
    known.add_argument("--labels", type=Path, required=True, help="labels to compare with; written if new")
    known.add_argument("--batch-size", type=int, default=1)
    known.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    options = known.parse_args()
    texts, _ = read_split(options.data / "train.tsv")
    classify = pipeline(
        "text-classification", model=options.model, device=options.device, dtype=torch.float32
    )
    classify(texts[:32], batch_size=options.batch_size, truncation=True)
    opened = time.time()
    labels = [found["label"] for found in classify(texts, batch_size=options.batch_size, truncation=True)]
    closed = time.time()
    if not options.labels.is_file():
        options.labels.write_text("\n".join(labels), encoding="utf-8")
    expected = options.labels.read_text(encoding="utf-8").split("\n")
    differing = sum(ours != theirs for ours, theirs in zip(labels, expected, strict=True))
    report(opened, opened, closed, len(texts), [], options.device, labels_differing=differing)


if __name__ == "__main__":
    main()
