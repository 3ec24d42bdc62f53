"""References are those that are cited."""

from __future__ import annotations

from sentilora.evidence.writing.citations import REFERENCES, cited_references


def test_what_is_cited_is_listed_once_and_in_order() -> None:
    texts = ["as in Tango 1998", "by Holm 1979 and again Holm 1979; on a corpus (Author 2001)"]
    known = {"Author 2001": "Author, A. (2001). A corpus.", "Other 1990": "Other, O. (1990)."}
    listed = cited_references(texts, known=known)
    assert [entry.split(",")[0] for entry in listed] == ["Author", "Holm", "Tango"]
    assert cited_references(["nothing"], known={}) == []


def test_entries_name_the_year_they_are_cited_by() -> None:
    for citation, entry in REFERENCES.items():
        assert citation.split()[0] == entry.split(",")[0]
        assert citation.split()[-1] in entry
