"""Facts about a data set or a backbone survive ``study.json``."""

from __future__ import annotations

import json

from sentilora.records.about import About

FILMS = About(
    title="Films",
    citations={"Doe 2001": "Doe, J. (2001). Films. A Journal 1(2), 3–4."},
    licence="MIT",
    place="doe/films@0123",
)


def test_an_entry_of_a_study_file_gives_the_facts_back() -> None:
    entry = {"source": "films", "fingerprint": "ab", **FILMS.to_json()}
    assert About.read(json.loads(json.dumps(entry)), name="films") == FILMS


def test_an_entry_without_facts_is_called_by_its_name() -> None:
    assert About.read({"source": "films"}, name="films") == About(title="films")


def test_prose_cites_unless_a_description_does() -> None:
    assert FILMS.in_prose() == "Films (Doe 2001)"
    assert (
        About(title="Films", description="films of 2001 (Doe 2001)").in_prose() == "films of 2001 (Doe 2001)"
    )
    assert About(title="Films").in_prose() == "Films"
