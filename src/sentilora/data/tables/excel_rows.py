"""The first sheet of an Excel workbook as rows, read by openpyxl where it is installed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sentilora.data.tables.data_file import DataFile
from sentilora.errors import DataError


def read_excel(file: DataFile) -> Iterator[tuple[int, Sequence[object]]]:
    """The number and the cells of each row that is not blank; numbers and truth values stay what they are.

    Raises:
        DataError: openpyxl is missing, or the workbook cannot be read.
    """
    try:
        import openpyxl
    except ImportError as error:
        raise DataError(
            "an Excel workbook, and openpyxl is not installed to read it",
            where=str(file.path),
            remedy="pip install 'sentilora[excel]', or save it in Excel as CSV UTF-8",
        ) from error
    with file.path.open("rb") as raw:
        try:
            book = openpyxl.load_workbook(raw, read_only=True, data_only=True)
        except (ValueError, KeyError, OSError) as error:
            raise DataError(
                f"not an Excel workbook that can be read: {error}",
                where=str(file.path),
                remedy="save it again as .xlsx, or as CSV UTF-8",
            ) from error
        for number, cells in enumerate(book.worksheets[0].iter_rows(values_only=True), start=1):
            if any(cell is not None for cell in cells):
                yield number, cells
        book.close()
