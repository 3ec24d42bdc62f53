"""Adapters of every method merge to the logits of training; weights that do not fit are refused."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from sentilora.errors import AdapterError
from sentilora.use import merge
from sentilora.use.predict import load_classifier
from support.tiny_adapters import ARMS, TinyRun, edit_json, invented_texts, make_run
from support.tiny_models import FAMILIES

TinyModel = Callable[[str], Path]


@pytest.fixture(scope="module")
def run(tiny_model: TinyModel, tmp_path_factory: pytest.TempPathFactory) -> TinyRun:
    return make_run(tmp_path_factory.mktemp("runs") / "lora-s3", tiny_model("bert"), "lora")


@pytest.fixture
def copied(run: TinyRun, tmp_path: Path) -> Path:
    """The adapter folder alone, away from its record: no manifest guards it."""
    return shutil.copytree(run.folder / "adapter", tmp_path / "copied")


@pytest.mark.parametrize("method", ARMS)
@pytest.mark.parametrize("family", ["bert", "distilbert"])
def test_merged_logits_are_those_of_training(
    method: str, family: str, tiny_model: TinyModel, tmp_path: Path
) -> None:
    made = make_run(tmp_path / "run", tiny_model(family), method)
    texts = invented_texts(20)
    expected = made.logits(texts)
    found = load_classifier(made.folder, device="cpu", precision="fp32").logits(texts)
    assert np.abs(found - expected).max() < 2e-5 * max(1.0, np.abs(expected).max())


@pytest.mark.parametrize("family", [family for family, known in FAMILIES.items() if not known.fused])
@pytest.mark.parametrize("pooling", ["cls", "mean"])
def test_every_family_and_pooling(family: str, pooling: str, tiny_model: TinyModel, tmp_path: Path) -> None:
    made = make_run(tmp_path / "run", tiny_model(family), "lora", pooling=pooling)  # type: ignore[arg-type]
    texts = invented_texts(20)
    expected = made.logits(texts)
    found = load_classifier(made.folder, device="cpu", precision="fp32").logits(texts)
    assert np.abs(found - expected).max() < 2e-5 * max(1.0, np.abs(expected).max())


def test_foreign_base_is_refused_and_nothing_is_loaded(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*arguments: object, **options: object) -> None:
        raise AssertionError("something was loaded")

    monkeypatch.setattr(merge, "load_backbone", never)
    edit_json(copied / "adapter_config.json", base_model_name_or_path="someone/else")
    with pytest.raises(AdapterError, match="points at another base model: 'someone/else'"):
        load_classifier(copied, device="cpu")


def test_base_that_changed_is_refused(tiny_model: TinyModel, tmp_path: Path) -> None:
    model = shutil.copytree(tiny_model("bert"), tmp_path / "model")
    made = make_run(tmp_path / "run", model, "lora")
    tensors = load_file(model / "model.safetensors")
    tensors["embeddings.word_embeddings.weight"][3, 3] += 1e-3
    save_file(tensors, model / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(AdapterError, match="not the one that this adapter was trained on"):
        load_classifier(made.folder, device="cpu")


def test_more_classes_than_labels(copied: Path) -> None:
    edit_json(copied / "classifier.json", labels=["negative", "positive"])
    with pytest.raises(AdapterError, match="the head has 3 classes, and there are 2 labels"):
        load_classifier(copied, device="cpu")


def _scale(tensors: dict[str, torch.Tensor], name: str) -> None:
    tensors[name][0, 0] = float("nan")


def _cut(tensors: dict[str, torch.Tensor], name: str) -> None:
    tensors[name] = tensors[name][:, 1:].contiguous()


def _drop(tensors: dict[str, torch.Tensor], name: str) -> None:
    del tensors[name]


@pytest.mark.parametrize(
    ("damage", "message"),
    [(_scale, "not finite"), (_cut, "has the shape"), (_drop, "lora_A and lora_B for each module")],
)
def test_factors_that_do_not_fit(
    damage: Callable[[dict[str, torch.Tensor], str], None], message: str, copied: Path
) -> None:
    path = copied / "adapter_model.safetensors"
    tensors = load_file(path)
    damage(tensors, next(name for name in tensors if "lora_A" in name))
    save_file(tensors, path)
    with pytest.raises(AdapterError, match=message):
        load_classifier(copied, device="cpu")


def test_factors_for_a_module_that_is_not_there(copied: Path) -> None:
    path = copied / "adapter_model.safetensors"
    tensors = {name.replace("layer.1.", "layer.7."): tensor for name, tensor in load_file(path).items()}
    save_file(tensors, path)
    with pytest.raises(AdapterError, match=r"lacks . of encoder\.layer\.1"):
        load_classifier(copied, device="cpu")


@pytest.mark.parametrize("setting", [{"r": 5}, {"lora_alpha": 99}, {"use_rslora": True}, {"use_dora": True}])
def test_peft_settings_that_contradict_the_arm(setting: dict[str, object], copied: Path) -> None:
    edit_json(copied / "adapter_config.json", **setting)
    with pytest.raises(AdapterError, match=f"says {next(iter(setting))} = "):
        load_classifier(copied, device="cpu")
