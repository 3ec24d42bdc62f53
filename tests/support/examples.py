"""Examples as rows that a test can compare, and examples from invented rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sentilora.data.dataset import Examples

Row = tuple[str, str, int, float | None]
"""Id, text, class index, and strength or None."""


def as_rows(examples: Examples) -> list[Row]:
    strengths = (None if np.isnan(strength) else float(strength) for strength in examples.strengths)
    return list(zip(examples.ids, examples.texts, examples.labels.tolist(), strengths, strict=True))


def examples_of(texts: Sequence[str], labels: Sequence[int], name: str = "row") -> Examples:
    return Examples(
        ids=tuple(f"{name}-{i}" for i in range(len(texts))),
        texts=tuple(texts),
        labels=np.array(labels, dtype=np.int64),
        strengths=np.full(len(texts), np.nan),
    )
