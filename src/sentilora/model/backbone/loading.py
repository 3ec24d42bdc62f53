"""Backbones: pretrained encoders, loaded frozen, with their linear layers reachable by role.

A backbone comes from an asset, a local folder or the hub, and is the same thing afterwards: a folder of
``config.json``, tokenizer files and safetensors, which ``model_folder`` reads.

Supported are the families in ``families``, not whatever ``AutoModel`` takes: an encoder whose module names,
padding and positions nobody has looked at gives a number, and it may be a wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from torch import nn
from transformers import PreTrainedTokenizerFast

from sentilora.errors import BackboneError
from sentilora.fetch.hub import fetch_model
from sentilora.fetch.pins import ASSETS, BACKBONE_ASSETS
from sentilora.model.backbone.about_backbones import describe_backbone
from sentilora.model.backbone.families import FAMILIES, Family
from sentilora.model.backbone.model_folder import read_config, read_encoder, read_tokenizer
from sentilora.model.backbone.sentence_transformers import encoder_folder, stated_pooling
from sentilora.model.backbone.weight_files import fingerprint, weight_files
from sentilora.records.about import About
from sentilora.study_file.arms import AdapterArm, Pooling, Role


@dataclass(frozen=True)
class Backbone:
    """A pretrained encoder as every arm receives it: frozen, fp32, in eval mode, on the CPU."""

    encoder: nn.Module = field(repr=False)
    """Transformers' encoder without pooler or head; no parameter requires a gradient."""
    tokenizer: PreTrainedTokenizerFast = field(repr=False)
    """Its fast tokenizer."""
    name: str
    """The name it was asked for by."""
    about: About
    """Its title, citations, licence and place."""
    model_type: str
    """Transformers' ``model_type``, a key of ``families.FAMILIES``."""
    revision: str | None
    """The hub commit, or None for an asset or a folder."""
    fingerprint: str
    """SHA-256 over ``config.json`` and the weight files."""
    hidden_size: int
    """Width H of the hidden states."""
    num_layers: int
    """Number of transformer blocks."""
    num_parameters: int
    """Parameters of the encoder as used here."""
    pad_token_id: int
    """The token that pads a batch."""
    max_length: int
    """Most wordpieces of one text that the encoder has positions for."""
    pooling: Pooling | None
    """What it was trained to be read by; None where that is not known."""

    @property
    def family(self) -> Family:
        """What its architecture is like."""
        return FAMILIES[self.model_type]

    def adapted_linears(self, arm: AdapterArm) -> dict[str, nn.Linear]:
        """The linear layers that an arm adapts, as ``linears``.

        Raises:
            BackboneError: as ``linears``.
            StudyError: the arm names layers that are not there.
        """
        return self.linears(*arm.targets, layers=arm.layer_numbers(self.num_layers))

    def linears(self, *roles: Role, layers: Iterable[int] | None = None) -> dict[str, nn.Linear]:
        """The linear layers that play any of these roles: module name to layer, in layer order.

        The names are those of ``encoder.named_modules()``, which PEFT takes as ``target_modules``. To be
        asked before adapters take the layers' places. ``layers`` are numbers of blocks; None for all.

        Raises:
            BackboneError: the family has one of the roles only fused with others that are not named.
        """
        found = {}
        for name in self.family.module_names(roles, range(self.num_layers) if layers is None else layers):
            layer = self.encoder.get_submodule(name)
            assert isinstance(layer, nn.Linear), f"{self.model_type}: {name} is a {type(layer).__name__}"
            found[name] = layer
        return found


def load_backbone(name: str, *, revision: str | None = None) -> Backbone:
    """The backbone of this name, ready to be adapted.

    Args:
        name: an asset (``minilm``, ``mpnet``), a local folder, or a hub id; taken in this order.
        revision: a branch, tag or commit of a hub id; the default branch if None.

    Raises:
        BackboneError: no such backbone, an unknown family, or a folder that lacks something or is damaged.
        HubError: the hub could not be reached or does not have it.
        AssetError: the asset could not be fetched.
    """
    root, commit = _find(name, revision, with_weights=True)
    folder = encoder_folder(root)
    config = read_config(folder)
    weights = weight_files(folder)
    tokenizer = read_tokenizer(folder, config)
    family = FAMILIES[config.model_type]
    encoder = read_encoder(folder, config)
    padding_positions = tokenizer.pad_token_id + 1 if family.positions_after_padding else 0
    return Backbone(
        encoder=encoder,
        tokenizer=tokenizer,
        name=name,
        about=describe_backbone(name, family, commit),
        model_type=config.model_type,
        revision=commit,
        fingerprint=fingerprint([folder / "config.json", *weights]),
        hidden_size=config.hidden_size,
        num_layers=config.num_hidden_layers,
        num_parameters=sum(parameter.numel() for parameter in encoder.parameters()),
        pad_token_id=tokenizer.pad_token_id,
        max_length=config.max_position_embeddings - padding_positions,
        pooling=ASSETS[name].pooling if name in BACKBONE_ASSETS else stated_pooling(root),
    )


def load_tokenizer(name: str, *, revision: str | None = None) -> PreTrainedTokenizerFast:
    """The tokenizer of a backbone, without fetching a hub model's weights.

    Args:
        name: as for ``load_backbone``.
        revision: as for ``load_backbone``.

    Raises:
        BackboneError, HubError, AssetError: as ``load_backbone``.
    """
    root, _ = _find(name, revision, with_weights=False)
    folder = encoder_folder(root)
    return read_tokenizer(folder, read_config(folder))


def _find(name: str, revision: str | None, *, with_weights: bool) -> tuple[Path, str | None]:
    """The folder a name stands for, and the hub commit if it came from there."""
    is_asset, folder = name in BACKBONE_ASSETS, Path(name).expanduser()
    if revision is not None and (is_asset or folder.is_dir()):
        raise BackboneError(
            f"revision {revision!r} says nothing about {name!r}, which is not on the hub",
            rule="a revision belongs to a hub id",
            remedy="leave the revision out",
        )
    if is_asset:
        from sentilora.fetch.assets import fetch_asset

        return fetch_asset(name), None
    if folder.is_dir():
        return folder, None
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?", name):
        raise BackboneError(
            f"no folder {name!r}, and it is no hub id either",
            rule=f"an asset ({', '.join(BACKBONE_ASSETS)}), a local folder, or a hub id such as "
            "distilbert/distilbert-base-uncased",
            remedy="check the spelling of the folder",
        )
    return fetch_model(name, revision=revision, with_weights=with_weights)
