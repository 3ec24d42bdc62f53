"""What is found of how a delimited file is written."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentilora.data.tables.separators import SEPARATORS, find_separator
from sentilora.data.tables.table import read_table

Quoting = Literal[0, 1, 2]
QUOTING: tuple[Quoting, ...] = (csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC)
CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@settings(deadline=None, max_examples=100)
@given(
    texts=st.lists(CELLS, min_size=1, max_size=6),
    quoting=st.sampled_from(QUOTING),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_tsv_is_read_back_as_pandas_writes_it(
    texts: list[str], quoting: Quoting, end: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = [(f"a{text}z", str(i)) for i, text in enumerate(texts)]
    file = io.StringIO()
    writer = csv.writer(file, delimiter="\t", quoting=quoting, lineterminator=end)
    writer.writerows([("text", "label"), *rows])
    path = tmp_path_factory.mktemp("tsv") / "rows.tsv"
    path.write_bytes(file.getvalue().encode())
    table = read_table(path)
    assert list(zip(table.columns["text"], table.columns["label"], strict=True)) == rows


@pytest.mark.parametrize(
    ("lines", "usual", "separator"),
    [
        (["text,label", "so; so,1", "a | b,0", ""], ",", ","),
        (["text;label", "so, so;1", "fine, fine, fine;0", ""], ",", ";"),
        (["text\tlabel", "so, so\t1", "fine\t0", ""], ",", "\t"),
        (["id|text|label", "1|a, b|1", "2|c|0", ""], "\t", "|"),
        (["text", "so, so", "fine"], ",", ","),
        (["text,label", "unquoted, so ragged,1", "fine,0", ""], ",", ","),
        (["label,text", '1,"two', 'lines, one field"', "0,b", ""], ",", ","),
        (["text, or not"], "\t", ","),
        (["text"], "\t", "\t"),
    ],
)
def test_the_separator_that_divides_all_rows_alike(lines: list[str], usual: str, separator: str) -> None:
    assert find_separator([f"{line}\n" for line in lines], usual) == separator


@pytest.mark.parametrize("separator", SEPARATORS)
def test_a_stray_quote_swallows_no_rows_whatever_the_separator(separator: str, tmp_path: Path) -> None:
    lines = ["text,label", "fine,1", '"good film,1', "dull,0", 'the end",0', "bye,1"]
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(lines).replace(",", separator))
    if separator == "\t":
        table = read_table(path)  # tabs usually come without quoting, and this is none
        assert table.columns["text"] == ("fine", '"good film', "dull", 'the end"', "bye")
    else:
        with pytest.raises(Exception, match="broken quoting: 1 line"):
            read_table(path)
