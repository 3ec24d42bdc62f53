"""Predictions as lines: a table's row, a CSV row, or a JSON object, for as long as they come.

A row of a table keeps all its columns, unchanged; what the classifier says is appended.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from sentilora.data.tables.separators import needs_quotes, quoted
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


def predict_rows(
    predict_stream: Callable[[Iterable[str]], Iterator[Prediction]],
    rows: Iterable[tuple[str, Sequence[object]]],
) -> Iterator[tuple[str, Sequence[object], Prediction]]:
    """Each text with its row and what the classifier says of it, in memory that does not grow.

    The classifier is given texts as training was, without surrounding white space; they come out as they are.
    """
    waiting: deque[tuple[str, Sequence[object]]] = deque()

    def texts() -> Iterator[str]:
        for text, row in rows:
            waiting.append((text, row))
            yield text.strip()

    for prediction in predict_stream(texts()):
        yield (*waiting.popleft(), prediction)


def prediction_lines(
    predictions: Iterable[tuple[str, Sequence[object], Prediction]],
    labels: Sequence[str],
    form: Format,
    *,
    names: Sequence[str] = (),
    escape_formulas: bool = False,
) -> Iterator[str]:
    """Lines, each with its end, in the order of the predictions.

    Args:
        predictions: each text, the values of its row, and what the classifier says of it.
        labels: of the classifier, in its order.
        form: ``plain`` for a person (label, probability, margin, an excerpt of the text); ``tsv`` and ``csv``
            with a header and a probability for each label, quoted where needed; ``jsonl`` an object a line.
        names: the columns of the rows, which come first; none where texts have no rows: the text comes last.
        escape_formulas: put an apostrophe before text that a spreadsheet would take for a formula.
    """
    label, probability, margin, probabilities = (
        _free(name, names) for name in ("label", "probability", "margin", "probabilities")
    )
    separator = "\t" if form == "tsv" else ","
    if form in ("csv", "tsv"):
        each = [_free(f"probability:{its}", names) for its in labels]
        header = [*names, label, probability, margin, *each, *([] if names else ["text"])]
        yield _row(header, separator, escape_formulas)
    for text, row, said in predictions:
        if form == "plain":
            yield (
                f"{excerpt(said.label, 30)}\t{said.probability:.3f}\t{said.margin:.3f}\t"
                f"{excerpt(text, LONGEST_SHOWN)}\n"
            )
        elif form == "jsonl":
            fields = {
                **dict(zip(names, row, strict=True)),
                label: said.label,
                probability: said.probability,
                margin: said.margin,
                probabilities: dict(zip(labels, said.probabilities, strict=True)),
                **({} if names else {"text": text}),
            }
            yield json.dumps(fields, ensure_ascii=False, default=str) + "\n"
        else:
            numbers = [f"{number:.6g}" for number in (said.probability, said.margin, *said.probabilities)]
            yield _row([*row, said.label, *numbers, *([] if names else [text])], separator, escape_formulas)


def _free(name: str, taken: Sequence[str]) -> str:
    """A name for a column of ours that no column of the table has."""
    while name in taken:
        name = f"predicted_{name}"
    return name


def _row(cells: Sequence[object], separator: str, escape_formulas: bool) -> str:
    written = []
    for cell in cells:
        text = "" if cell is None else str(cell)
        text = csv_cell(text) if escape_formulas else text
        written.append(quoted(text) if needs_quotes(text, separator) else text)
    return separator.join(written) + "\n"
