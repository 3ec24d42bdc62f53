"""Backbones from folders and by name: what is loaded, what is counted, what is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import AutoConfig, AutoModel

from sentilora.errors import BackboneError
from sentilora.model.backbone.loading import Backbone, load_backbone, load_tokenizer
from sentilora.records.about import About
from support.oracles import encode
from support.tiny_models import (
    FAMILIES,
    HIDDEN_SIZE,
    NUM_LAYERS,
    make_tiny_model,
    make_tiny_tokenizer,
)

TinyModel = Callable[[str], Path]


@pytest.fixture
def folder(tiny_model: TinyModel, tmp_path: Path) -> Path:
    """A BERT of this test's own, to damage."""
    return shutil.copytree(tiny_model("bert"), tmp_path / "bert")


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_loads_frozen_and_encodes(tiny_model: TinyModel, family: str) -> None:
    backbone = load_backbone(str(tiny_model(family)))
    assert (backbone.model_type, backbone.revision) == (family, None)
    assert (backbone.hidden_size, backbone.num_layers) == (HIDDEN_SIZE, NUM_LAYERS)
    assert not backbone.encoder.training
    for parameter in backbone.encoder.parameters():
        assert parameter.dtype == torch.float32
        assert not parameter.requires_grad
    hidden, mask = encode(backbone, ["a very good film", "awful"])
    assert hidden.shape == (*mask.shape, HIDDEN_SIZE)
    assert hidden.isfinite().all()


def on_meta(family: str, **settings: Any) -> Backbone:
    """A full-size backbone that has shapes and no weights."""
    config = AutoConfig.for_model(family, **settings)
    options = {} if family == "distilbert" else {"add_pooling_layer": False}
    with torch.device("meta"):
        encoder = AutoModel.from_config(config, **options)
    return Backbone(
        encoder=encoder,
        tokenizer=make_tiny_tokenizer(),
        name=family,
        about=About(title=family),
        model_type=family,
        revision=None,
        fingerprint="",
        hidden_size=config.hidden_size,
        num_layers=config.num_hidden_layers,
        num_parameters=sum(parameter.numel() for parameter in encoder.parameters()),
        pad_token_id=0,
        max_length=512,
        pooling=None,
    )


MINILM = {
    "hidden_size": 384,
    "num_hidden_layers": 6,
    "num_attention_heads": 12,
    "intermediate_size": 1536,
}


@pytest.mark.parametrize(
    ("family", "settings", "encoder", "adapter", "head", "share"),
    [
        ("distilbert", {}, 66_362_880, 147_456, 1_538, 0.00224),
        ("bert", MINILM, 22_565_376, 73_728, 770, 0.00329),
    ],
)
def test_counts_of_full_size_models_equal_hand_arithmetic(
    family: str, settings: dict[str, int], encoder: int, adapter: int, head: int, share: float
) -> None:
    """DistilBERT: 30522·768 + 512·768 + 2·768 + 6·(4·(768² + 768) + 2·768·3072 + 3072 + 768 + 4·768).

    MiniLM: 30522·384 + 512·384 + 2·384 + 2·384 + 6·(4·(384² + 384) + 2·384·1536 + 1536 + 384 + 4·384).
    """
    width, inner, token_types = (768, 3072, 0) if family == "distilbert" else (384, 1536, 2)
    embeddings = (30522 + 512 + token_types + 2) * width
    block = 4 * (width**2 + width) + 2 * width * inner + inner + width + 4 * width
    assert embeddings + 6 * block == encoder
    backbone = on_meta(family, **settings)
    assert backbone.num_parameters == encoder
    layers = backbone.linears("query", "value").values()
    rank = 8
    assert sum(rank * (layer.in_features + layer.out_features) for layer in layers) == adapter
    assert nn.Linear(backbone.hidden_size, 2).weight.numel() + 2 == head
    assert (adapter + head) / (encoder + adapter + head) == pytest.approx(share, abs=1e-5)


def test_the_encoder_of_a_pretraining_checkpoint_is_loaded_whole(tmp_path: Path) -> None:
    folder = make_tiny_model("distilbert", tmp_path, pretraining_head=True)
    saved = load_file(folder / "model.safetensors")
    loaded = load_backbone(str(folder)).encoder.state_dict()
    assert {f"distilbert.{name}" for name in loaded} < set(saved)
    for name, tensor in loaded.items():
        torch.testing.assert_close(tensor, saved[f"distilbert.{name}"], rtol=0, atol=0)


def test_a_half_precision_checkpoint_is_loaded_in_fp32(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    halves = {name: tensor.half() for name, tensor in weights.items()}
    save_file(halves, folder / "model.safetensors", metadata={"format": "pt"})
    assert {p.dtype for p in load_backbone(str(folder)).encoder.parameters()} == {torch.float32}


def test_the_fingerprint_is_of_configuration_and_weights_not_of_the_place(
    tiny_model: TinyModel, folder: Path
) -> None:
    original = load_backbone(str(tiny_model("bert"))).fingerprint
    assert load_backbone(str(folder)).fingerprint == original
    weights = bytearray((folder / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (folder / "model.safetensors").write_bytes(weights)
    other_weights = load_backbone(str(folder)).fingerprint
    set_in_config(folder, layer_norm_eps=1e-6)
    assert len({original, other_weights, load_backbone(str(folder)).fingerprint}) == 3


def test_sharded_weights_are_loaded_and_each_shard_counts(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    names = sorted(weights)
    shards = {"model-1.safetensors": names[::2], "model-2.safetensors": names[1::2]}
    for shard, part in shards.items():
        save_file({name: weights[name] for name in part}, folder / shard, metadata={"format": "pt"})
    index = {"weight_map": {name: shard for shard, part in shards.items() for name in part}, "metadata": {}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    (folder / "model.safetensors").unlink()
    loaded = load_backbone(str(folder))
    for name, tensor in loaded.encoder.state_dict().items():
        torch.testing.assert_close(tensor, weights[name], rtol=0, atol=0)
    (folder / "model-2.safetensors").unlink()
    with pytest.raises(BackboneError, match=r"missing: model-2\.safetensors"):
        load_backbone(str(folder))
    (folder / "model.safetensors.index.json").write_text('{"weight_map": []}')
    with pytest.raises(BackboneError, match="index of weight files is damaged"):
        load_backbone(str(folder))


def test_nothing_in_the_folder_is_run(folder: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    (folder / "own.py").write_text(f"open({str(ran)!r}, 'w')\nclass Model: pass\nclass Config: pass\n")
    set_in_config(folder, auto_map={"AutoModel": "own.Model", "AutoConfig": "own.Config"})
    assert type(load_backbone(str(folder)).encoder).__name__ == "BertModel"
    assert not ran.exists()


def test_a_tokenizer_needs_no_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    assert load_tokenizer(str(folder))("good").input_ids == make_tiny_tokenizer()("good").input_ids


def set_in_config(folder: Path, **values: Any) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def drop_a_tensor(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    del weights["encoder.layer.1.output.dense.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def grow_vocabulary(folder: Path) -> None:
    tokenizer = make_tiny_tokenizer()
    tokenizer.add_tokens(["one", "more"])
    tokenizer.save_pretrained(folder)


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "no config": (lambda folder: (folder / "config.json").unlink(), "no usable config.json"),
    "config is no JSON": (lambda folder: (folder / "config.json").write_text("{"), "no usable config.json"),
    "config is a list": (lambda folder: (folder / "config.json").write_text("[]"), "no usable config.json"),
    "no model type": (lambda folder: (folder / "config.json").write_text("{}"), "model_type"),
    "unknown model type": (lambda folder: set_in_config(folder, model_type="own"), "no usable config.json"),
    "a field of the wrong type": (lambda folder: set_in_config(folder, hidden_size="wide"), "hidden_size"),
    "a shape of another model": (lambda folder: set_in_config(folder, hidden_size=64), "cannot be loaded"),
    "another family": (
        lambda folder: set_in_config(folder, model_type="albert"),
        "'albert'",
    ),
    "no weights": (lambda folder: (folder / "model.safetensors").unlink(), "no weights"),
    "pickled weights": (
        lambda folder: (folder / "model.safetensors").rename(folder / "pytorch_model.bin"),
        r"found only pytorch_model\.bin",
    ),
    "weights cut short": (lambda folder: cut_short(folder / "model.safetensors"), "cannot be loaded"),
    "weights that are none": (
        lambda folder: (folder / "model.safetensors").write_text("version https"),
        "cannot be loaded",
    ),
    "a tensor too few": (drop_a_tensor, r"lack 1 .* first encoder\.layer\.1\.output\.dense\.weight"),
    "no tokenizer": (lambda folder: (folder / "tokenizer.json").unlink(), "no tokenizer"),
    "tokenizer cut short": (lambda folder: cut_short(folder / "tokenizer.json"), "tokenizer cannot be read"),
    "a tokenizer of another model": (grow_vocabulary, "tokens, the model embeds"),
    "another padding": (
        lambda folder: set_in_config(folder, pad_token_id=3),
        "pads with 0, .* 3",
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_bad_folder_is_refused_with_its_place(folder: Path, damage: str) -> None:
    do, message = DAMAGE[damage]
    do(folder)
    with pytest.raises(BackboneError, match=message) as caught:
        load_backbone(str(folder))
    assert str(folder) in caught.value.where


def test_an_unknown_family_is_told_which_linear_layers_it_has(folder: Path) -> None:
    set_in_config(folder, model_type="albert")
    with pytest.raises(BackboneError) as caught:
        load_backbone(str(folder))
    assert "distilbert, bert, roberta, xlm-roberta, camembert" in caught.value.rule
    assert "encoder.albert_layer_groups.N.albert_layers.N.attention.query" in caught.value.remedy


def test_a_model_of_another_kind_is_refused_too(folder: Path) -> None:
    set_in_config(folder, model_type="clip")
    with pytest.raises(BackboneError, match="'clip'"):
        load_backbone(str(folder))


def test_a_name_that_is_nothing_lists_what_it_may_be() -> None:
    for name in ("./no/such/folder", "/no/such/folder", "two words"):
        with pytest.raises(BackboneError, match="no folder") as caught:
            load_backbone(name)
        assert "minilm, mpnet" in caught.value.rule


def test_a_revision_of_a_folder_is_an_error_not_ignored(folder: Path) -> None:
    with pytest.raises(BackboneError, match="says nothing"):
        load_backbone(str(folder), revision="main")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("asset", "family", "num_layers", "num_parameters", "max_length"),
    [("minilm", "bert", 6, 22_565_376, 512), ("mpnet", "mpnet", 12, 108_895_872, 512)],
)
def test_the_assets_load_whole(
    asset: str, family: str, num_layers: int, num_parameters: int, max_length: int
) -> None:
    backbone = load_backbone(asset)
    assert (backbone.name, backbone.model_type, backbone.num_layers) == (asset, family, num_layers)
    assert (backbone.num_parameters, backbone.max_length) == (num_parameters, max_length)
    hidden, mask = encode(backbone, ["a fine film", "a really good movie", "the train leaves at nine"])
    means = nn.functional.normalize((hidden * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True), dim=-1)
    assert means[0] @ means[1] > means[0] @ means[2] + 0.2
