"""Writes a model of DistilBERT's shape with random weights: its speed is the real one's, its accuracy is not.

For machines that cannot reach a hub. The tokenizer is MiniLM's, whose vocabulary is BERT's uncased WordPiece
and so DistilBERT's own: texts have their true lengths.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from transformers import AutoTokenizer, DistilBertConfig, DistilBertModel


def main() -> None:
    known = argparse.ArgumentParser(description=__doc__)
    known.add_argument("folder", type=Path)
    known.add_argument("--tokenizer", required=True, help="folder of MiniLM")
    known.add_argument("--layers", type=int, default=6)
    options = known.parse_args()
    tokenizer = AutoTokenizer.from_pretrained(options.tokenizer)
    torch.manual_seed(0)
    config = DistilBertConfig(vocab_size=len(tokenizer), n_layers=options.layers)
    DistilBertModel(config).save_pretrained(options.folder)
    tokenizer.save_pretrained(options.folder)


if __name__ == "__main__":
    main()
