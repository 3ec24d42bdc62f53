"""Which column of a table holds what: the text, the label and the rest, by their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sentilora.errors import DataError

COLUMNS: Mapping[str, Sequence[str]] = {
    "text": ("text", "sentence"),
    "label": ("label",),
    "id": ("id",),
    "split": ("split",),
    "strength": ("strength",),
}
"""What a column may hold, and the names by which it is found; all other columns are ignored."""


def find_columns(names: Sequence[str], *, where: str) -> dict[str, int]:
    """The position of each of ``COLUMNS`` that is there.

    Args:
        names: as the table spells them; case and surrounding white space do not count.
        where: the table, as errors name it.

    Raises:
        DataError: two columns for one thing.
    """
    plain = [name.strip().lower() for name in names]
    found = {}
    for column, its_names in COLUMNS.items():
        positions = [i for i, name in enumerate(plain) if name in its_names]
        if len(positions) > 1:
            twice = [plain[i] for i in positions]
            raise DataError(
                f"column {twice[0]!r} is there twice"
                if len(set(twice)) == 1
                else f"both a {' and a '.join(twice)} column",
                where=where,
                rule=f"one column holds the {column}, upper and lower case alike",
                remedy="rename or remove the other",
            )
        if positions:
            found[column] = positions[0]
    return found
