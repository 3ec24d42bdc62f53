"""Which column of a table holds what: the text, the label and the rest, as told or by the usual names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sentilora.data.tables.reading import Reading
from sentilora.errors import DataError

COLUMNS = ("text", "label", "id", "split", "strength", "group")
"""What a column may hold; all other columns are ignored, and ``predict`` passes them on."""

OWN_NAMES: Mapping[str, Sequence[str]] = {
    "text": ("text", "sentence"),
    "label": ("label",),
    "id": ("id",),
    "split": ("split",),
    "strength": ("strength",),
}
"""Names that come before all others."""

USUAL_NAMES: Mapping[str, Sequence[str]] = {
    "text": (
        "review",
        "reviews",
        "content",
        "tweet",
        "tweettext",
        "comment",
        "comments",
        "commenttext",
        "reviewtext",
        "reviewbody",
        "reviewcontent",
        "body",
        "message",
        "phrase",
        "post",
        "feedback",
        "utterance",
        "document",
        "headline",
        "sms",
    ),
    "label": (
        "labels",
        "sentiment",
        "sentiments",
        "airlinesentiment",
        "stars",
        "starrating",
        "rating",
        "ratings",
        "overall",
        "score",
        "target",
        "polarity",
        "class",
        "category",
        "emotion",
        "intent",
        "y",
    ),
}
"""Names under which people publish texts and labels; without case, blanks and punctuation."""

_LONGEST_SHOWN = 40


def find_column(
    column: str,
    names: Sequence[str],
    reading: Reading,
    *,
    where: str,
    first_rows: Sequence[Sequence[object]] = (),
) -> int | None:
    """The position of the column that holds a thing, or None where there is none.

    Args:
        column: one of ``COLUMNS``.
        names: as the table spells them; case, blanks and punctuation do not count.
        reading: what the user said.
        where: the table, as errors name it.
        first_rows: a few rows, to show where two columns fit.

    Raises:
        DataError: the column that the user named is not there, or two columns fit.
    """
    told = reading.columns.get(column)
    if told is not None:
        fitting = [i for i, name in enumerate(names) if name == told]
        fitting = fitting or [i for i, name in enumerate(names) if _plain(name) == _plain(told)]
        if not fitting:
            raise DataError(
                f"no column {told!r}",
                where=where,
                rule=f"the columns are {', '.join(map(repr, names[:20]))}",
                remedy=f"name the column that holds the {column} with --{column}",
            )
    else:
        fitting = _fitting(column, names)
    if len(fitting) < 2:
        return fitting[0] if fitting else None
    examples = [", ".join(_shown(row[i]) for row in first_rows if i < len(row)) for i in fitting]
    examples = [", ".join(_shown(row[i]) for row in first_rows if i < len(row)) for i in fitting]
    shown = "".join(f"\n    {names[i]!r}: {its}" for i, its in zip(fitting, examples, strict=True))
    raise DataError(
        f"{len(fitting)} columns may hold the {column}: {', '.join(repr(names[i]) for i in fitting)}{shown}",
        where=where,
        rule=f"one column holds the {column}",
        remedy=f"say which with --{column}, for example --{column} {names[fitting[0]]!r}, or rename one",
    )


def usual_columns(names: Sequence[str]) -> set[str]:
    """Which of ``text``, ``label``, ``id``, … these names would be taken for."""
    return {column for column in COLUMNS if _fitting(column, names)}


def is_usual(column: str, name: str) -> bool:
    """Whether a column has its own name, so that nobody needs to be told that it was taken."""
    return _plain(name) in OWN_NAMES.get(column, ())


def _fitting(column: str, names: Sequence[str]) -> list[int]:
    for known in (OWN_NAMES.get(column, ()), USUAL_NAMES.get(column, ())):
        fitting = [i for i, name in enumerate(names) if _plain(name) in known]
        if fitting:
            return fitting
    return []


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _shown(value: object) -> str:
    text = " ".join(str(value).split())
    return repr(text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…")
