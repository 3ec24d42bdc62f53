"""The document: numbered as it is printed, and every citation has its reference."""

from __future__ import annotations

import re

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.contents import chapters
from sentilora.evidence.report.document import report_document
from sentilora.evidence.writing.citations import REFERENCES


def test_tables_and_figures_are_numbered_as_they_come(analysis: Analysis) -> None:
    blocks = report_document(analysis, chapters(analysis), base_size=10)["blocks"]
    for kind in ("table", "figure"):
        numbers = [block["number"] for block in blocks if block["kind"] == kind]
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) >= 5


def test_text_points_at_every_table_and_figure_and_at_nothing_else(analysis: Analysis) -> None:
    blocks = report_document(analysis, chapters(analysis), base_size=10)["blocks"]
    text = " ".join(block.get("text", "") for block in blocks)
    for kind in ("table", "figure"):
        mentioned = {int(number) for number in re.findall(rf"{kind.capitalize()}\xa0(\d+)", text)}
        assert mentioned == {block["number"] for block in blocks if block["kind"] == kind}


def test_references_are_those_cited_and_every_citation_has_one(analysis: Analysis) -> None:
    document = report_document(analysis, chapters(analysis), base_size=10)
    (listed,) = [block["items"] for block in document["back"] if block["kind"] == "references"]
    text = " ".join([document["abstract"], *map(str, document["blocks"])])
    cited = re.findall(r"[(;] ?([A-Z]\w+(?: and [A-Z]\w+| et al\.)? (?:19|20)\d\d)\b", text)
    assert len(set(cited)) >= 10
    assert sorted(REFERENCES[citation] for citation in set(cited)) == sorted(listed)
