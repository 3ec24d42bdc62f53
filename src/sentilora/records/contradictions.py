"""Whether the scores that a record states are those of its predictions."""

from __future__ import annotations

from sentilora.records.record import Record
from sentilora.records.scores import score

TOLERANCE = 1e-6
"""Scores of the same logits may differ by rounding from machine to machine."""


def contradiction(record: Record, split: str) -> str | None:
    """What a finished record states of a split and its own predictions deny, None where they agree.

    Args:
        record: with predictions on the split.
        split: ``dev``, ``test`` or ``transfer:<name>``.
    """
    rows, stated = record.predictions[split], record.fields["metrics"][split]
    for name, found in score(rows.logits, rows.labels).to_json().items():
        if not abs(found - stated[name]) <= TOLERANCE:
            return (
                f"its record states {name} {stated[name]:.4f} on {split}, its predictions come to {found:.4f}"
            )
    return None
