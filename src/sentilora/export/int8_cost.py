"""What int8 weights cost an exported classifier: both files on the study's dev examples, compared exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from transformers import PreTrainedTokenizerFast

from sentilora.errors import RecordError
from sentilora.evidence.statistics.mcnemar import mcnemar_p_value
from sentilora.evidence.statistics.scored_arms import read_examples
from sentilora.export.onnx_model import INT8_FILE, MODEL_FILE, onnx_logits
from sentilora.use.adapter_folder import Adapter


@dataclass(frozen=True)
class Int8Cost:
    """What int8 changes on the study's dev examples."""

    num_examples: int
    """How many."""
    accuracy: float
    """In fp32, 0 to 1."""
    accuracy_int8: float
    """In int8, 0 to 1."""
    only_fp32: int
    """Examples that only fp32 gets right."""
    only_int8: int
    """Examples that only int8 gets right."""
    p_value: float
    """Of the two-sided exact McNemar test."""

    def sentence(self) -> str:
        """The cost in one sentence."""
        change = 100 * (self.accuracy_int8 - self.accuracy)
        return (
            f"int8 against fp32 on {self.num_examples:,} dev examples: {self.accuracy_int8:.1%} against "
            f"{self.accuracy:.1%} ({change:+.1f} points; {self.only_fp32} right in fp32 alone, "
            f"{self.only_int8} in int8 alone; exact McNemar p = {self.p_value:.2g})."
        )


def measure_int8_cost(folder: Path, adapter: Adapter, tokenizer: PreTrainedTokenizerFast) -> Int8Cost | None:
    """Compare both ONNX files of an export on its study's dev examples; None without their texts.

    Args:
        folder: the export.
        adapter: what was exported.
        tokenizer: of the export.
    """
    if adapter.record is None:
        return None
    try:
        dev = read_examples(adapter.record.parent)["dev"]
    except (RecordError, KeyError):
        return None
    texts = [text for text in dev.texts if text is not None]
    if not texts or len(texts) < len(dev.texts):
        return None
    right, right_int8 = (
        _right(folder / name, tokenizer, texts, dev.labels) for name in (MODEL_FILE, INT8_FILE)
    )
    only_fp32, only_int8 = int((right & ~right_int8).sum()), int((~right & right_int8).sum())
    return Int8Cost(
        num_examples=len(texts),
        accuracy=float(right.mean()),
        accuracy_int8=float(right_int8.mean()),
        only_fp32=only_fp32,
        only_int8=only_int8,
        p_value=mcnemar_p_value(only_fp32, only_int8),
    )


def _right(
    path: Path, tokenizer: PreTrainedTokenizerFast, texts: Sequence[str], labels: NDArray[np.int64]
) -> NDArray[np.bool_]:
    right: NDArray[np.bool_] = onnx_logits(path, tokenizer, texts).argmax(axis=1) == labels
    return right
