"""A trained classifier as one plain encoder and one linear head, whatever method trained it.

Adapters are merged: ``W + scaling * B A`` takes the place of a frozen weight, so that prediction costs what
the backbone costs, and every way of using or exporting a classifier deals with one thing. Merged in
fp32, where the logits move by about 1e-6. Every shape and every name is checked before a number is used.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from peft import PeftModel, get_peft_model_state_dict, set_peft_model_state_dict
from torch import Tensor, nn

from sentilora.errors import AdapterError, SentiloraError
from sentilora.model.backbone.loading import Backbone, load_backbone
from sentilora.model.heads import pooled_size
from sentilora.model.peft_io import (
    CONFIG_FILE,
    HEAD_FILE,
    WEIGHTS_FILE,
    Factors,
    load_lora,
    load_tensors,
    peft_config,
    wrap_with_peft,
)
from sentilora.model.unpacked import FULL_WEIGHTS_FILE
from sentilora.study_file.arms import FullArm, LoraArm, PeftArm, ProbeArm
from sentilora.use.adapter_folder import Adapter, read_json


@dataclass(frozen=True)
class Merged:
    """A trained classifier without adapters in it."""

    backbone: Backbone
    """The encoder with what was trained merged into its weights, fp32, on the CPU; its fingerprint stays that
    of the backbone it was trained on.
    """
    weight: Tensor
    """(C, H) fp32 of the head."""
    bias: Tensor
    """(C,) fp32 of the head."""


def base_backbone(adapter: Adapter) -> Backbone:
    """The backbone that an adapter was trained on, untouched.

    Raises:
        AdapterError: what is found under its name is not what the adapter was trained on.
        BackboneError, HubError, AssetError: it cannot be had.
    """
    named = adapter.description.backbone
    backbone = load_backbone(named.name, revision=named.revision)
    if backbone.fingerprint != named.fingerprint or backbone.model_type != named.family:
        raise AdapterError(
            f"the backbone {named.name!r} is not the one that this adapter was trained on",
            where=str(adapter.folder),
            rule=f"a {named.family} whose files have the fingerprint {named.fingerprint[:12]}…, "
            f"found a {backbone.model_type} with {backbone.fingerprint[:12]}…",
            remedy="use the model files that the study used; under other weights the adapter means nothing",
        )
    if adapter.description.max_length > backbone.max_length:
        raise AdapterError(
            f"max_length {adapter.description.max_length} is beyond the backbone: {backbone.max_length}",
            where=str(adapter.folder),
        )
    return backbone


@torch.no_grad()
def load_merged(adapter: Adapter) -> Merged:
    """Load an adapter and merge it into its backbone.

    Raises:
        AdapterError: its weights are missing, damaged, or do not fit the backbone or the labels.
        BackboneError, HubError, AssetError: the backbone cannot be had.
    """
    backbone = base_backbone(adapter)
    weight, bias = load_checked_head(adapter, backbone)
    arm = adapter.description.arm
    match arm:
        case ProbeArm():
            pass
        case LoraArm():
            for name, (a, b) in checked_factors(adapter, arm, backbone).items():
                layer = backbone.encoder.get_submodule(name)
                assert isinstance(layer, nn.Linear)
                layer.weight += arm.scaling * (b.float() @ a.float())
        case PeftArm():
            merged = load_wrapped(adapter, arm, backbone).merge_and_unload()
            backbone = dataclasses.replace(backbone, encoder=merged.eval().requires_grad_(False))
        case FullArm():
            state = load_tensors(adapter.folder / FULL_WEIGHTS_FILE)
            _check_tensors(adapter, FULL_WEIGHTS_FILE, state, backbone.encoder.state_dict())
            backbone.encoder.load_state_dict(state)
    return Merged(backbone, weight, bias)


def load_checked_head(adapter: Adapter, backbone: Backbone) -> tuple[Tensor, Tensor]:
    """The head: weight (C, H), bias (C,).

    Raises:
        AdapterError: it has not one row for each label, or is not of the backbone's width.
    """
    num_labels = len(adapter.description.labels)
    tensors = load_tensors(adapter.folder / HEAD_FILE)
    rows = len(tensors["bias"]) if tensors.get("bias", torch.zeros(())).ndim == 1 else num_labels
    if rows != num_labels:
        raise AdapterError(
            f"the head has {rows} classes, and there are {num_labels} labels",
            where=str(adapter.folder),
            rule=f"one label for each class; they are {', '.join(adapter.description.labels)}",
        )
    width = pooled_size(backbone.hidden_size, adapter.description.pooling)
    expected = {"weight": torch.empty(num_labels, width), "bias": torch.empty(num_labels)}
    _check_tensors(adapter, HEAD_FILE, tensors, expected)
    return tensors["weight"].float(), tensors["bias"].float()


def checked_factors(adapter: Adapter, arm: LoraArm, backbone: Backbone) -> Factors:
    """LoRA's factors by module name, ``A`` (rank, in) and ``B`` (out, rank).

    Raises:
        AdapterError: they are not those of this arm on this backbone, or PEFT's file says otherwise.
    """
    factors = load_lora(adapter.folder)
    expected = {}
    for name, layer in backbone.adapted_linears(arm).items():
        expected[f"A of {name}"] = torch.empty(arm.rank, layer.in_features)
        expected[f"B of {name}"] = torch.empty(layer.out_features, arm.rank)
    found = {f"A of {name}": a for name, (a, _) in factors.items()}
    found |= {f"B of {name}": b for name, (_, b) in factors.items()}
    _check_tensors(adapter, WEIGHTS_FILE, found, expected)
    _check_settings(adapter, arm, backbone)
    return factors


def load_wrapped(adapter: Adapter, arm: PeftArm, backbone: Backbone) -> PeftModel:
    """PEFT's model of a copy of the backbone, with the adapter's numbers in it.

    The configuration is rebuilt from the arm, so that nothing of PEFT's own file is obeyed.

    Raises:
        AdapterError: the file's tensors are not those of this arm on this backbone.
    """
    try:
        model = wrap_with_peft(backbone, arm, adapter.seed)
    except (SentiloraError, ValueError, RuntimeError) as error:
        raise AdapterError(f"PEFT cannot rebuild this adapter: {error}", where=str(adapter.folder)) from error
    state = load_tensors(adapter.folder / WEIGHTS_FILE)
    _check_tensors(adapter, WEIGHTS_FILE, state, get_peft_model_state_dict(model))
    set_peft_model_state_dict(model, state)
    return model


def _check_settings(adapter: Adapter, arm: LoraArm, backbone: Backbone) -> None:
    """PEFT's file describes the same adapter, or whoever loads it with PEFT would get other logits."""
    stated, rebuilt = read_json(adapter.folder / CONFIG_FILE), peft_config(arm, backbone).to_dict()
    for name in ("peft_type", "r", "lora_alpha", "use_rslora", "use_dora", "rank_pattern", "alpha_pattern"):
        expected = getattr(rebuilt[name], "value", rebuilt[name])
        if stated.get(name) != expected:
            raise AdapterError(
                f"{CONFIG_FILE} says {name} = {stated.get(name)!r}",
                where=str(adapter.folder),
                rule=f"{expected!r}, as the arm in classifier.json says",
                remedy="use the folder as the run left it",
            )


def _check_tensors(
    adapter: Adapter, file: str, found: Mapping[str, Tensor], expected: Mapping[str, Tensor]
) -> None:
    """The file holds exactly these tensors, in these shapes, and no number that is not finite."""
    where = str(adapter.folder / file)
    lacking, foreign = sorted(set(expected) - set(found)), sorted(set(found) - set(expected))
    if lacking or foreign:
        what = (
            f"lacks {lacking[0]}" if lacking else f"holds {foreign[0]}, which the backbone has no place for"
        )
        raise AdapterError(f"{file} {what}", where=where, rule=f"{len(expected)} tensors, found {len(found)}")
    for name, tensor in found.items():
        if tensor.shape != expected[name].shape:
            raise AdapterError(
                f"{name} has the shape {tuple(tensor.shape)}",
                where=where,
                rule=f"{tuple(expected[name].shape)}",
            )
        if not torch.isfinite(tensor).all():
            raise AdapterError(f"{name} holds numbers that are not finite", where=where)
