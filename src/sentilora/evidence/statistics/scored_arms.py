"""The examples of a study and what the scored runs predict on them, checked and put in one order.

A run whose predictions cannot be used is left out with a sentence; it never stops the others. Everything
else in the room works on these arrays: an arm's probabilities are (seeds, examples, classes), and example i
is the same example for every arm.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy.special import softmax

from sentilora.errors import RecordError
from sentilora.evidence.statistics.random_effects import Floats
from sentilora.records.choice import choose_learning_rates
from sentilora.records.contradictions import contradiction
from sentilora.records.record import EXAMPLES_FILE, Predictions, Record

TRANSFER_PREFIX = "transfer:"
"""What the split of a transfer set begins with."""


@dataclass(frozen=True)
class ExampleColumns:
    """The examples of one split, as columns of one length N."""

    ids: tuple[str, ...]
    """N ids."""
    texts: tuple[str | None, ...]
    """N texts, None where the study keeps none."""
    labels: NDArray[np.int64]
    """(N,) class indices."""
    strengths: Floats
    """(N,) 0 to 1, NaN where unknown."""
    num_words: NDArray[np.int64]
    """(N,)."""
    num_unseen_words: NDArray[np.int64]
    """(N,) words that the training texts lack."""
    negation: NDArray[np.bool_]
    """(N,) whether the text negates."""
    contrast: NDArray[np.bool_]
    """(N,) whether it turns ("but")."""
    comparative: NDArray[np.bool_]
    """(N,) whether it compares."""

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class ScoredArm:
    """An arm's runs at its chosen learning rate, and what they predict on one split."""

    name: str
    """The arm's name."""
    records: tuple[Record, ...]
    """S records by rising seed."""
    probabilities: Floats
    """(S, N, classes) float64."""
    right: NDArray[np.bool_]
    """(S, N) whether each run gets each example right."""

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of the runs, ascending."""
        return tuple(int(record.fields["seed"]) for record in self.records)


def read_examples(folder: Path) -> dict[str, ExampleColumns]:
    """The study's examples by split.

    Raises:
        RecordError: the file is not what docs/design/001-records.md describes.
    """
    path = folder / EXAMPLES_FILE
    try:
        table = pq.read_table(path)
        splits = np.array(table["split"].to_pylist(), dtype=object)
        columns = {
            "labels": table["label"].to_numpy(),
            "strengths": table["strength"].to_numpy().astype(np.float64),
            **{name: table[name].to_numpy() for name in ("num_words", "num_unseen_words")},
            **{name: table[name].to_numpy() for name in ("negation", "contrast", "comparative")},
        }
        ids, texts = table["id"].to_pylist(), table["text"].to_pylist()
    except (OSError, KeyError, ValueError, pa.ArrowException) as error:
        raise RecordError(f"{EXAMPLES_FILE} cannot be read: {error}", where=str(path)) from error
    by_split = {}
    for split in dict.fromkeys(splits.tolist()):
        at = np.flatnonzero(splits == split)
        by_split[split] = ExampleColumns(
            ids=tuple(ids[i] for i in at),
            texts=tuple(texts[i] for i in at),
            **{name: values[at] for name, values in columns.items()},
        )
    return by_split


def scored_arms(
    records: Sequence[Record], split: str, examples: ExampleColumns, num_classes: int
) -> tuple[dict[str, ScoredArm], list[str]]:
    """The arms that have usable predictions on a split.

    Args:
        records: sound records in the planned order.
        split: ``test`` or ``transfer:<name>``.
        examples: the split's examples.
        num_classes: classes of the study.

    Returns:
        Arm name to arm, in the order of the records; and a sentence for each run that was left out.
    """
    problems: list[str] = []
    usable: dict[str, list[tuple[Record, Floats]]] = defaultdict(list)
    for record in _scored_records(records, split, problems):
        try:
            logits = _aligned(record.predictions.get(split), examples, num_classes)
            if (denied := contradiction(record, split)) is not None:
                raise RecordError(denied)
        except (RecordError, OSError, KeyError, ValueError, pa.ArrowException) as error:
            problems.append(f"run {record.run_id}: its predictions on {split} are left out: {error}")
            continue
        usable[record.arm].append((record, softmax(logits, axis=1)))
    arms = {}
    for name, runs in usable.items():
        runs.sort(key=lambda run: int(run[0].fields["seed"]))
        probabilities = np.stack([run for _, run in runs])
        arms[name] = ScoredArm(
            name=name,
            records=tuple(record for record, _ in runs),
            probabilities=probabilities,
            right=probabilities.argmax(axis=2) == examples.labels,
        )
    return arms, problems


def _scored_records(records: Sequence[Record], split: str, problems: list[str]) -> list[Record]:
    """The finished runs with scores on a split, one learning rate an arm.

    That is the rate chosen on dev. Where records are lost, the rest may choose another rate, which was never
    scored; then the arm stands at the rate that was, and a sentence says so.
    """
    chosen = choose_learning_rates(records)
    by_arm: dict[str, dict[float | None, list[Record]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        if record.finished and split in record.fields["metrics"]:
            by_arm[record.arm][record.fields["learning_rate"]].append(record)
    kept = []
    for arm, rates in by_arm.items():
        rate = chosen[arm]
        if rate not in rates:
            rate = max(rates, key=lambda candidate: len(rates[candidate]))
            problems.append(
                f"arm {arm}: the records that are left would choose learning rate {chosen[arm]}, "
                f"but it was scored at {rate}, which is shown"
            )
        kept += rates[rate]
        unscored = [
            record.run_id
            for record in records
            if record.finished
            and record.arm == arm
            and record.fields["learning_rate"] == rate
            and record not in rates[rate]
        ]
        problems += [f"run {run_id}: finished, but never scored on {split}" for run_id in unscored]
    return kept


def _aligned(predictions: Predictions | None, examples: ExampleColumns, num_classes: int) -> Floats:
    """Logits (N, classes) in the order of the examples."""
    if predictions is None:
        raise RecordError("there are none")
    position = {id: i for i, id in enumerate(predictions.ids)}
    if len(position) != len(predictions.ids) or position.keys() != set(examples.ids):
        raise RecordError("they are of other examples")
    order = np.array([position[id] for id in examples.ids])
    if not np.array_equal(predictions.labels[order], examples.labels):
        raise RecordError("they are of other labels")
    logits: Floats = predictions.logits[order].astype(np.float64)
    if logits.shape != (len(examples), num_classes):
        raise RecordError(f"they have {logits.shape[1]} classes, the study has {num_classes}")
    if not np.isfinite(logits).all():
        raise RecordError("they are not finite numbers")
    return logits
