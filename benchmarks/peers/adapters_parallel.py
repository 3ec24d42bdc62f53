"""The ``adapters`` library: K LoRA adapters at once with ``Parallel``, its own way of training several.

``Parallel`` repeats the batch K times and gives each adapter its own slice and head; all read the same texts.
A loop of our own around it (length groups, bf16 autocast, fused AdamW): its trainer adds only overhead.
adapters 1.3.0 pins transformers 4.57, so it runs with that in front of ``PYTHONPATH`` (benchmarks/README.md).
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import adapters
import adapters.composition
import numpy as np
import torch
from adapters import AutoAdapterModel, LoRAConfig
from texts_and_report import read_split, report
from transformers import AutoTokenizer


def main() -> None:
    known = argparse.ArgumentParser(description=__doc__)
    known.add_argument("--model", required=True)
    known.add_argument("--data", type=Path, required=True)
    known.add_argument("--runs", type=int, default=8)
    known.add_argument("--rank", type=int, default=8)
    known.add_argument("--batch-size", type=int, default=32)
    known.add_argument("--warmup-steps", type=int, default=8)
    known.add_argument("--steps", type=int, default=64)
    known.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    options = known.parse_args()
    texts, labels = read_split(options.data / "train.tsv")
    tokenizer = AutoTokenizer.from_pretrained(options.model)
    encoded = tokenizer(texts, truncation=True, max_length=128)["input_ids"]
    model = parallel_model(options).to(options.device)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-3, fused=True)
    began = opened = now(options)
    batches = length_grouped(encoded, options.batch_size)
    for step in range(options.warmup_steps + options.steps):
        if step == options.warmup_steps:
            opened = now(options)
        rows = batches[step % len(batches)]
        batch = tokenizer.pad({"input_ids": [encoded[i] for i in rows]}, return_tensors="pt")
        wanted = torch.tensor([labels[i] for i in rows], device=options.device)
        with torch.autocast(options.device, torch.bfloat16):
            outputs = model(**batch.to(options.device))
        heads = outputs if isinstance(outputs, list | tuple) else outputs.head_outputs
        losses = [torch.nn.functional.cross_entropy(head.logits.float(), wanted) for head in heads]
        assert len(losses) == options.runs, "one head for each adapter"
        torch.stack(losses).sum().backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()
    examples = options.runs * options.steps * options.batch_size
    report(began, opened, now(options), examples, [], options.device)


def parallel_model(options: argparse.Namespace) -> Any:
    """A model with K LoRA adapters and heads, all active and trained."""
    model = AutoAdapterModel.from_pretrained(options.model)
    names = [f"run{k}" for k in range(options.runs)]
    for name in names:
        # adapters' LoRA is on query and value unless told otherwise.
        model.add_adapter(name, config=LoRAConfig(r=options.rank, alpha=16, dropout=0.1))
        model.add_classification_head(name, num_labels=2, layers=1)
    model.train_adapter(adapters.composition.Parallel(*names))
    model.active_head = names
    model.train()
    return model


def length_grouped(encoded: list[list[int]], batch_size: int) -> list[list[int]]:
    """Whole batches of texts of about one length, in random order."""
    order = np.argsort([len(row) for row in encoded], kind="stable")
    starts = range(0, len(order) - batch_size + 1, batch_size)
    batches = [order[start : start + batch_size].tolist() for start in starts]
    np.random.default_rng(0).shuffle(batches)
    return batches


def now(options: argparse.Namespace) -> float:
    if options.device == "cuda":
        torch.cuda.synchronize()
    return time.time()


if __name__ == "__main__":
    main()
