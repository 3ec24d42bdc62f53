"""A folder as ``save_pretrained`` writes it, read piece by piece: config, tokenizer, encoder.

The only module that imports transformers' models. No pickle is read and no code from the folder is run. A
weight that the checkpoint lacks is an error here, where transformers would draw it at random and go on;
weights that the encoder has no place for (the head of pre-training) are dropped without a word.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from torch import nn
from transformers import AutoConfig, AutoModel, AutoTokenizer, PretrainedConfig, PreTrainedTokenizerFast
from transformers.utils import logging as transformers_logging

from sentilora.errors import BackboneError
from sentilora.model.backbone.families import FAMILIES

_TOKENIZER_FILES = ("tokenizer.json", "vocab.txt", "vocab.json", "spm.model", "sentencepiece.bpe.model")


def read_config(folder: Path) -> PretrainedConfig:
    """The config of a supported family.

    Raises:
        BackboneError: it is missing or damaged, or the family is not supported.
    """
    path = folder / "config.json"
    try:
        model_type = str(json.loads(path.read_text("utf-8"))["model_type"])
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
    if model_type not in FAMILIES:
        raise BackboneError(
            f"backbones of the family {model_type!r} are not supported",
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


def read_tokenizer(folder: Path, config: PretrainedConfig) -> PreTrainedTokenizerFast:
    """The fast tokenizer that belongs to the config.

    Raises:
        BackboneError: it is missing or damaged, or it is another model's.
    """
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


def read_encoder(folder: Path, config: PretrainedConfig) -> nn.Module:
    """The encoder without pooler or head, frozen, in fp32 and eval mode.

    Raises:
        BackboneError: weights are missing, damaged or of other shapes.
    """
    options: dict[str, Any] = {"add_pooling_layer": False} if FAMILIES[config.model_type].has_pooler else {}
    try:
        with _no_load_report():
            encoder, loading = AutoModel.from_pretrained(
                folder,
                config=config,
                dtype=torch.float32,
                attn_implementation="eager",
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
