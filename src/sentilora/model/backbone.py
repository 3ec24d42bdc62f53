"""Backbones: pretrained encoders, loaded frozen, with their linear layers reachable by role.

The only module that imports transformers' models. A backbone comes from an asset, a local folder or the
hub, and is the same thing afterwards: a folder of ``config.json``, tokenizer files and safetensors. No
pickle is read and no code from the folder is run. A weight that the checkpoint lacks is an error here,
where transformers would draw it at random and go on; weights that the encoder has no place for (the head
of pre-training) are dropped without a word.

Seven families are supported rather than whatever ``AutoModel`` takes: an encoder whose module names, padding
and positions nobody looked at gives a number, and it may be a wrong one.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, AutoTokenizer, PretrainedConfig, PreTrainedTokenizerFast
from transformers.masking_utils import ALL_MASK_ATTENTION_FUNCTIONS
from transformers.utils import logging as transformers_logging

from sentilora.data.hub import fetch_model
from sentilora.errors import BackboneError
from sentilora.model.arms import Role
from sentilora.model.roles import FAMILIES, module_names
from sentilora.model.weight_files import fingerprint, weight_files

ASSET_BACKBONES = ("minilm", "mpnet")
"""Backbones that need no hub."""

_WITHOUT_POOLER = {"bert", "roberta", "mpnet"}
"""Families whose encoder class has a pooler, and can be built without it."""

_POSITIONS_AFTER_PADDING = {"roberta", "mpnet"}
"""Families that number positions from ``pad_token_id + 1`` on, so that many of their positions are lost."""

_OWN_ATTENTION = {"mpnet", "deberta-v2"}
"""Families whose attention adds position scores of its own, and takes no other implementation."""

_TOKENIZER_FILES = ("tokenizer.json", "vocab.txt", "vocab.json", "spm.model", "sentencepiece.bpe.model")


@dataclass(frozen=True)
class Backbone:
    """A pretrained encoder as every arm receives it: frozen, fp32, in eval mode, on the CPU.

    Attributes:
        encoder: transformers' encoder without pooler or head; no parameter requires a gradient.
        tokenizer: its fast tokenizer.
        name: the name it was asked for by.
        family: transformers' ``model_type``, a key of ``roles.FAMILIES``.
        revision: the hub commit, or None for an asset or a folder.
        fingerprint: SHA-256 over ``config.json`` and the weight files.
        hidden_size: width H of the hidden states.
        num_layers: number of transformer blocks.
        num_parameters: parameters of the encoder as used here.
        pad_token_id: the token that pads a batch.
        max_length: most wordpieces of one text that the encoder has positions for.
        attn_implementation: the attention that runs, which is not always the one asked for.
    """

    encoder: nn.Module = field(repr=False)
    tokenizer: PreTrainedTokenizerFast = field(repr=False)
    name: str
    family: str
    revision: str | None
    fingerprint: str
    hidden_size: int
    num_layers: int
    num_parameters: int
    pad_token_id: int
    max_length: int
    attn_implementation: str

    def linears(self, *roles: Role) -> dict[str, nn.Linear]:
        """The linear layers that play any of these roles: module name to layer, in layer order.

        The names are those of ``encoder.named_modules()``, which PEFT takes as ``target_modules``. To be
        asked before adapters take the layers' places.

        Raises:
            BackboneError: the family has one of the roles only fused with others that are not named.
        """
        layers = {}
        for name in module_names(self.family, roles, self.num_layers):
            layer = self.encoder.get_submodule(name)
            assert isinstance(layer, nn.Linear), f"{self.family}: {name} is a {type(layer).__name__}"
            layers[name] = layer
        return layers


def encode_hidden(backbone: Backbone, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
    """The last hidden states of a batch, whatever the family.

    Args:
        backbone: the encoder to run, in the mode and with the gradients that it is set to.
        input_ids: (B, T) int64, padded with ``backbone.pad_token_id``.
        attention_mask: (B, T), 1 for a token and 0 for padding.

    Returns:
        (B, T, H) hidden states; those of padding mean nothing.
    """
    output = backbone.encoder(input_ids=input_ids, attention_mask=attention_mask)
    hidden: Tensor = output.last_hidden_state
    return hidden


def load_backbone(name: str, *, revision: str | None = None, attn_implementation: str = "eager") -> Backbone:
    """The backbone of this name, ready to be adapted.

    Args:
        name: an asset (``minilm``, ``mpnet``), a local folder, or a hub id; taken in this order.
        revision: a branch, tag or commit of a hub id; the default branch if None.
        attn_implementation: ``eager``, ``sdpa``, or a name registered with transformers'
            ``AttentionInterface`` and ``AttentionMaskInterface``. MPNet and DeBERTa have an attention of
            their own and run ``eager`` whatever is asked.

    Raises:
        BackboneError: no such backbone, an unknown family, or a folder that lacks something or is damaged.
        HubError: the hub could not be reached or does not have it.
        AssetError: the asset could not be fetched.
    """
    folder, commit = _find(name, revision, with_weights=True)
    config = _read_config(folder)
    weights = weight_files(folder)
    tokenizer = _read_tokenizer(folder, config)
    attention = _attention_for(config.model_type, attn_implementation)
    encoder = _read_encoder(folder, config, attention)
    padding_positions = tokenizer.pad_token_id + 1 if config.model_type in _POSITIONS_AFTER_PADDING else 0
    return Backbone(
        encoder=encoder,
        tokenizer=tokenizer,
        name=name,
        family=config.model_type,
        revision=commit,
        fingerprint=fingerprint([folder / "config.json", *weights]),
        hidden_size=config.hidden_size,
        num_layers=config.num_hidden_layers,
        num_parameters=sum(parameter.numel() for parameter in encoder.parameters()),
        pad_token_id=tokenizer.pad_token_id,
        max_length=config.max_position_embeddings - padding_positions,
        attn_implementation=attention,
    )


def load_tokenizer(name: str, *, revision: str | None = None) -> PreTrainedTokenizerFast:
    """The tokenizer of a backbone, without fetching a hub model's weights.

    Args:
        name: as for ``load_backbone``.
        revision: as for ``load_backbone``.

    Raises:
        BackboneError, HubError, AssetError: as ``load_backbone``.
    """
    folder, _ = _find(name, revision, with_weights=False)
    return _read_tokenizer(folder, _read_config(folder))


def _find(name: str, revision: str | None, *, with_weights: bool) -> tuple[Path, str | None]:
    """The folder a name stands for, and the hub commit if it came from there."""
    is_asset, folder = name in ASSET_BACKBONES, Path(name).expanduser()
    if revision is not None and (is_asset or folder.is_dir()):
        raise BackboneError(
            f"revision {revision!r} says nothing about {name!r}, which is not on the hub",
            rule="a revision belongs to a hub id",
            remedy="leave the revision out",
        )
    if is_asset:
        from sentilora.data.assets import fetch_asset

        return fetch_asset(name), None
    if folder.is_dir():
        return folder, None
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?", name):
        raise BackboneError(
            f"no folder {name!r}, and it is no hub id either",
            rule=f"an asset ({', '.join(ASSET_BACKBONES)}), a local folder, or a hub id such as "
            "distilbert/distilbert-base-uncased",
            remedy="check the spelling of the folder",
        )
    return fetch_model(name, revision=revision, with_weights=with_weights)


def _read_config(folder: Path) -> PretrainedConfig:
    path = folder / "config.json"
    try:
        family = str(json.loads(path.read_text("utf-8"))["model_type"])
        config: PretrainedConfig = AutoConfig.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
    except Exception as error:  # transformers checks each field with an exception class of its own
        raise BackboneError(
            f"no usable config.json: {type(error).__name__}: {error}",
            where=str(path),
            rule="a model folder has a config.json that names its model_type, one that transformers knows",
            remedy="save the model with save_pretrained(), or fetch it again",
        ) from error
    if family not in FAMILIES:
        raise BackboneError(
            f"backbones of the family {family!r} are not supported",
            where=str(path),
            rule=f"one of {', '.join(FAMILIES)}",
            remedy=f"choose another backbone (this one's linear layers: {_linear_layers(config)})",
        )
    return config


def _linear_layers(config: PretrainedConfig) -> str:
    """The names of a model's linear layers, layer numbers as N, from its shape alone: no weight is made."""
    try:
        with torch.device("meta"):
            model = AutoModel.from_config(config, trust_remote_code=False)
    except (ImportError, ValueError) as error:
        return f"unknown, for it is no text encoder that can be built here: {error}"
    names = (name for name, module in model.named_modules() if isinstance(module, nn.Linear))
    return ", ".join(dict.fromkeys(re.sub(r"\b\d+\b", "N", name) for name in names)) or "none"


def _read_tokenizer(folder: Path, config: PretrainedConfig) -> PreTrainedTokenizerFast:
    if not any((folder / name).is_file() for name in _TOKENIZER_FILES):
        raise BackboneError(
            "no tokenizer beside the weights",
            where=str(folder),
            rule=f"one of {', '.join(_TOKENIZER_FILES)}",
            remedy="save the tokenizer there with save_pretrained()",
        )
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # the tokenizers library raises bare Exception for a file it cannot parse
        raise BackboneError(
            f"the tokenizer cannot be read: {error}", where=str(folder), remedy="fetch or save it again"
        ) from error
    if not isinstance(tokenizer, PreTrainedTokenizerFast):
        raise BackboneError(f"{type(tokenizer).__name__} is not a fast tokenizer", where=str(folder))
    if tokenizer.pad_token_id is None or tokenizer.pad_token_id != config.pad_token_id:
        raise BackboneError(
            f"the tokenizer pads with {tokenizer.pad_token_id}, the model with {config.pad_token_id}",
            where=str(folder),
            rule="both name the same pad_token_id: some families number positions by it",
            remedy="put the model's own tokenizer beside it",
        )
    if len(tokenizer) > config.vocab_size:
        raise BackboneError(
            f"the tokenizer has {len(tokenizer)} tokens, the model embeds {config.vocab_size}",
            where=str(folder),
            remedy="put the model's own tokenizer beside it",
        )
    return tokenizer


def _attention_for(family: str, asked: str) -> str:
    """The attention to load a family with; one that has no mask function would attend to padding."""
    if asked not in ALL_MASK_ATTENTION_FUNCTIONS:
        raise BackboneError(
            f"no attention mask is registered for the implementation {asked!r}",
            rule=f"one of {', '.join(ALL_MASK_ATTENTION_FUNCTIONS)}, or a name registered with transformers' "
            "AttentionInterface and AttentionMaskInterface",
        )
    return "eager" if family in _OWN_ATTENTION else asked


def _read_encoder(folder: Path, config: PretrainedConfig, attn_implementation: str) -> nn.Module:
    options: dict[str, Any] = {"add_pooling_layer": False} if config.model_type in _WITHOUT_POOLER else {}
    try:
        with _no_load_report():
            encoder, loading = AutoModel.from_pretrained(
                folder,
                config=config,
                dtype=torch.float32,
                attn_implementation=attn_implementation,
                use_safetensors=True,
                local_files_only=True,
                trust_remote_code=False,
                output_loading_info=True,
                **options,
            )
    except (OSError, RuntimeError, ValueError, SafetensorError) as error:
        raise BackboneError(
            f"the weights cannot be loaded: {error}",
            where=str(folder),
            remedy="fetch or save them again; the file may be cut short or belong to another config.json",
        ) from error
    missing = sorted(loading["missing_keys"])
    if missing:
        raise BackboneError(
            f"the weights lack {len(missing)} of the encoder's tensors, first {missing[0]}",
            where=str(folder),
            rule="every tensor of the encoder is in the file; none is drawn at random",
            remedy="check that config.json and the weights belong together",
        )
    module: nn.Module = encoder.eval().requires_grad_(False)
    return module


@contextmanager
def _no_load_report() -> Iterator[None]:
    """Without transformers' progress bar and its table of weights left over.

    What that table reports of missing or misshapen weights is an error here; the rest is pre-training's
    head. Other warnings pass.
    """

    def is_no_report(record: logging.LogRecord) -> bool:
        return "LOAD REPORT" not in record.getMessage()

    logger = logging.getLogger("transformers.modeling_utils")
    had_bar = transformers_logging.is_progress_bar_enabled()
    logger.addFilter(is_no_report)
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        logger.removeFilter(is_no_report)
        if had_bar:
            transformers_logging.enable_progress_bar()
