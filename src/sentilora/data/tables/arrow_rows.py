"""Tables with typed columns (Parquet, Arrow) as rows, class labels by their names."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sentilora.data.tables.data_file import DataFile
from sentilora.errors import DataError

_ROWS = 8192
"""Rows in memory at a time."""

ClassNames = Mapping[str, Sequence[str]]
"""For each column of class labels, the names of classes 0, 1, …"""


Batches = Callable[[Sequence[str]], Iterator[pa.RecordBatch]]
"""The rows of these columns, a few at a time, once."""


def open_parquet(file: DataFile) -> tuple[list[str], ClassNames, Batches]:
    """The columns of a Parquet file, its class names where ``datasets`` noted them, and its rows in batches.

    Raises:
        DataError: it is no whole Parquet file.
    """
    try:
        if file.packing:
            with file.opened() as packed:
                parquet = pq.ParquetFile(io.BytesIO(packed.read()))
        else:
            parquet = pq.ParquetFile(file.path)
        schema = parquet.schema_arrow
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise _not_parquet(file.path, error) from error

    def batches(columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        try:
            with parquet:
                yield from parquet.iter_batches(batch_size=_ROWS, columns=list(dict.fromkeys(columns)))
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise _not_parquet(file.path, error) from error

    return schema.names, noted_class_names(schema), batches


def noted_class_names(schema: pa.Schema) -> ClassNames:
    """The names of classes that ``datasets`` keeps in a schema's metadata."""
    try:
        noted = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
        return {
            column: tuple(feature["names"])
            for column, feature in noted.items()
            if isinstance(feature, dict) and feature.get("_type") == "ClassLabel"
        }
    except (KeyError, TypeError, ValueError):
        return {}


def named_values(values: Sequence[object], names: Sequence[str] | None) -> Sequence[object]:
    """Class indices by name; None for those outside, which is how the hub writes hidden labels."""
    if names is None:
        return values
    return [names[value] if isinstance(value, int) and 0 <= value < len(names) else None for value in values]


def _not_parquet(path: Path, error: Exception) -> DataError:
    return DataError(
        f"not a Parquet file that can be read: {str(error).splitlines()[0]}",
        where=str(path),
        rule="a complete Parquet file with UTF-8 text",
        remedy="write it again; a copy that was cut short ends like this",
    )
