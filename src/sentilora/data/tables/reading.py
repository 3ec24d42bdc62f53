"""How a user's tables are to be read: what the user said of columns, encoding, labels and splits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sentilora.study_file.study import DataSection


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What was said of the tables; what is left out is found by the usual names and a look at the file."""

    columns: Mapping[str, str] = field(default_factory=dict)
    """``text``, ``label``, ``id``, ``group`` and ``strength`` to the names of their columns."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Labels to class names: to rename, to merge, and to drop (an empty name)."""
    encoding: str | None = None
    """Of text files; UTF-8 if None, or what a byte-order mark says."""
    header: bool = True
    """Whether the first row names the columns; else they are called ``1``, ``2``, …"""
    drop_bad_rows: bool = False
    """Leave out rows without a text or a label rather than refuse them."""
    dev_share: float = 0.1
    """Share of the texts that a missing dev split gets."""
    test_share: float = 0.1
    """Share of the texts that a missing test split gets."""
    split_seed: int = 0
    """Another number gives another division."""

    @classmethod
    def of(cls, section: DataSection) -> Reading:
        """What ``[data]`` of a study file says."""
        named = {column: getattr(section, column) for column in ("text", "label", "id", "group", "strength")}
        return cls(
            columns={column: name for column, name in named.items() if name is not None},
            labels=section.labels,
            encoding=section.encoding,
            header=section.header,
            drop_bad_rows=section.drop_bad_rows,
            dev_share=section.dev_share,
            test_share=section.test_share,
            split_seed=section.split_seed,
        )


AS_FOUND = Reading()
"""Nothing was said."""
