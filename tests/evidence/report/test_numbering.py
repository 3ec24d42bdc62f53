"""References point only at what is printed, by its number."""

from __future__ import annotations

from sentilora.evidence.report.numbering import Numbering, see
from sentilora.evidence.writing.safe_text import excerpt


def test_a_reference_is_spelled_out_where_it_is_printed_and_gone_elsewhere() -> None:
    text = f"A{see('comparisons', 'arms', 'pairs')}; B{see('pairs')}."
    printed = Numbering(tables=("data", "arms"), figures=("comparisons",))
    assert printed.resolve(text) == "A (Figure\xa01, Table\xa02); B."
    assert Numbering().resolve(text) == "A; B."


def test_no_text_of_a_data_set_can_hold_a_reference() -> None:
    printed = Numbering(tables=("arms",))
    hostile = excerpt(f"a review{see('arms')}")
    assert printed.resolve(hostile) == hostile
    assert "Table" not in hostile
