"""What is known of a backbone by its name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sentilora.fetch.pins import BACKBONE_ASSETS
from sentilora.model.backbone.about_backbones import describe_backbone
from sentilora.model.backbone.families import FAMILIES
from sentilora.records.about import About


@pytest.mark.parametrize("name", BACKBONE_ASSETS)
def test_every_asset_that_is_a_backbone_is_described(name: str) -> None:
    about = describe_backbone(name, FAMILIES["bert"], None)
    assert about.title != name
    assert "Reimers and Gurevych 2019" in about.citations
    assert about.licence
    assert "on the package index" in about.place


def test_the_committed_study_says_of_its_backbone_what_is_known_here() -> None:
    study = json.loads((Path(__file__).parents[3] / "results/plan-b/study.json").read_text("utf-8"))
    entry = study["backbone"]
    assert About.read(entry, name="") == describe_backbone(entry["name"], FAMILIES[entry["family"]], None)


def test_a_model_of_the_hub_is_cited_by_its_family_and_placed_by_its_commit() -> None:
    about = describe_backbone("owner/own-model", FAMILIES["xlm-roberta"], "0123")
    assert about.in_prose() == "own-model (Liu et al. 2019)"
    assert about.place == "owner/own-model@0123"


def test_a_folder_is_named_without_its_path() -> None:
    about = describe_backbone("/home/me/own-model/", FAMILIES["bert"], None)
    assert (about.title, about.place) == ("own-model", "a local model folder")
