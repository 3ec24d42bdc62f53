"""Where the encoder of a sentence-transformers folder lies, and what it was trained with."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sentilora.errors import BackboneError
from sentilora.model.backbone.loading import load_backbone
from sentilora.model.backbone.sentence_transformers import encoder_folder, stated_pooling


def write_modules(folder: Path, encoder: str, **modes: object) -> None:
    """``modules.json`` with an encoder in a folder of this name, and a pooling of these modes."""
    library = "sentence_transformers.models"
    modules = [
        {"idx": 0, "name": "0", "path": encoder, "type": f"{library}.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{library}.Pooling"},
    ]
    (folder / encoder).mkdir(parents=True, exist_ok=True)
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"word_embedding_dimension": 32, **modes}))


@pytest.mark.parametrize("encoder", ["", "0_Transformer"])
def test_both_layouts_are_a_backbone_with_its_pooling(
    tiny_model: Callable[[str], Path], tmp_path: Path, encoder: str
) -> None:
    write_modules(tmp_path, encoder, pooling_mode_cls_token=False, pooling_mode_mean_tokens=True)
    for file in tiny_model("bert").iterdir():
        (tmp_path / encoder / file.name).write_bytes(file.read_bytes())
    backbone = load_backbone(str(tmp_path))
    assert backbone.pooling == "mean"
    assert backbone.fingerprint == load_backbone(str(tiny_model("bert"))).fingerprint


def test_a_plain_folder_states_nothing(tmp_path: Path) -> None:
    assert encoder_folder(tmp_path) == tmp_path
    assert stated_pooling(tmp_path) is None


@pytest.mark.parametrize(
    ("modes", "pooling"),
    [
        ({"pooling_mode_cls_token": True}, "cls"),
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True}, "both"),
        ({"pooling_mode_mean_tokens": True, "pooling_mode_max_tokens": True}, None),
        ({"pooling_mode_lasttoken": True}, None),
        ({}, None),
    ],
)
def test_a_pooling_that_we_do_not_have_is_unknown(
    tmp_path: Path, modes: dict[str, bool], pooling: str | None
) -> None:
    write_modules(tmp_path, "", **modes)
    assert stated_pooling(tmp_path) == pooling


@pytest.mark.parametrize(
    "modules",
    ["{", "3", "[3]", '[{"type": "x.Transformer", "path": "../elsewhere"}]', "[" * 100_000],
)
def test_a_damaged_list_of_modules_is_refused(tmp_path: Path, modules: str) -> None:
    (tmp_path.parent / "elsewhere").mkdir(exist_ok=True)
    (tmp_path / "modules.json").write_text(modules)
    with pytest.raises(BackboneError, match=r"modules\.json"):
        encoder_folder(tmp_path)
