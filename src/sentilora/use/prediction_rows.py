"""Predictions as lines: a table's row, a CSV row, or a JSON object, for as long as they come."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from sentilora.errors import DataError
from sentilora.evidence.writing.safe_text import csv_cell, excerpt
from sentilora.use.predict import Prediction

Format = Literal["plain", "tsv", "csv", "jsonl"]

FORMATS: dict[str, Format] = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
"""By file ending."""

LONGEST_SHOWN = 100


def format_of(path: Path) -> Format:
    """The format that a file's ending asks for.

    Raises:
        DataError: it asks for none of them.
    """
    found = FORMATS.get(path.suffix.lower())
    if found is None:
        raise DataError(
            f"{path.suffix or 'no file ending'}: not a kind of file that predictions are written as",
            where=str(path),
            rule=f"one of {', '.join(FORMATS)}",
        )
    return found


def prediction_lines(
    predictions: Iterable[tuple[str, Prediction]], labels: Sequence[str], form: Format
) -> Iterator[str]:
    """Lines, each with its end, in the order of the predictions.

    Args:
        predictions: texts with what the classifier says of them.
        labels: of the classifier, in its order.
        form: ``plain`` for a person (label, probability, margin, an excerpt of the text); ``tsv`` and ``csv``
            with a header, a probability for each label, and the text as one line, or quoted; ``jsonl`` with
            everything as it is.
    """
    if form in ("csv", "tsv"):
        columns = ["label", "probability", "margin", *(f"probability:{label}" for label in labels), "text"]
        yield _row(columns, form)
    for text, prediction in predictions:
        if form == "plain":
            yield (
                f"{excerpt(prediction.label, 30)}\t{prediction.probability:.3f}\t{prediction.margin:.3f}\t"
                f"{excerpt(text, LONGEST_SHOWN)}\n"
            )
        elif form == "jsonl":
            yield json.dumps(_fields(text, prediction, labels), ensure_ascii=False) + "\n"
        else:
            numbers = [prediction.probability, prediction.margin, *prediction.probabilities]
            yield _row([prediction.label, *(f"{number:.6g}" for number in numbers), text], form)


def _fields(text: str, prediction: Prediction, labels: Sequence[str]) -> dict[str, object]:
    return {
        "label": prediction.label,
        "probability": prediction.probability,
        "margin": prediction.margin,
        "probabilities": dict(zip(labels, prediction.probabilities, strict=True)),
        "text": text,
    }


def _row(cells: Sequence[str], form: Format) -> str:
    if form == "tsv":
        # No quoting in TSV: what would end a cell becomes a space.
        return "\t".join(" ".join(csv_cell(cell).splitlines()).replace("\t", " ") for cell in cells) + "\n"
    line = io.StringIO()
    # A lone carriage return ends a row too, and before 3.13 Python does not quote a cell for it.
    has_return = any("\r" in cell for cell in cells)
    writer = csv.writer(line, lineterminator="\n", quoting=csv.QUOTE_ALL if has_return else csv.QUOTE_MINIMAL)
    writer.writerow([csv_cell(cell) for cell in cells])
    return line.getvalue()
