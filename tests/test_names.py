"""One name, one meaning: no two modules, public classes or public functions of sentilora share a name."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import sentilora

ROOT = Path(sentilora.__file__).parent
SECTIONS = "evidence/report/sections/"
"""Each module here has the name of the topic that it shows, and one function ``section``."""

SHARED = {
    "section": "what a module of evidence/report/sections gives the document",
}
"""Names that several modules may define, and why."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Each module's path below the package, without its suffix, and its code."""
    for path in sorted(ROOT.rglob("*.py")):
        if not path.stem.startswith("__"):
            yield path.relative_to(ROOT).with_suffix("").as_posix(), ast.parse(path.read_text("utf-8"))


def shared(names: list[tuple[str, str]]) -> dict[str, list[str]]:
    """Names that occur in more than one place."""
    places: dict[str, list[str]] = defaultdict(list)
    for name, place in names:
        places[name].append(place)
    return {name: found for name, found in places.items() if len(found) > 1}


def test_no_two_modules_share_a_name() -> None:
    names = [(path.rpartition("/")[2], path) for path, _ in modules() if not path.startswith(SECTIONS)]
    assert shared(names) == {}


def test_no_two_public_classes_or_functions_share_a_name() -> None:
    names = [
        (node.name, path)
        for path, module in modules()
        for node in module.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]
    assert len(names) > 200
    found = shared(names)
    assert {name: places for name, places in found.items() if name not in SHARED} == {}
    assert {name for name in SHARED if name not in found} == set(), "no longer shared: take it off the list"
    assert all(place.startswith(SECTIONS) for place in found["section"])


def test_public_names_say_what_they_are() -> None:
    vague = {
        "utils",
        "helpers",
        "common",
        "misc",
        "base",
        "manager",
        "cells",
        "quantities",
        "wording",
        "prose",
    }
    assert vague.isdisjoint(path.rpartition("/")[2] for path, _ in modules())
