"""To and from Hugging Face PEFT: the one place that knows its files, its key names and its classes.

An adapter folder of ours is PEFT's (``adapter_config.json``, ``adapter_model.safetensors``), so that
``PeftModel.from_pretrained(AutoModel..., folder)`` loads it, with what PEFT has no place for beside it:
``head.safetensors`` (``weight`` (C, H), ``bias`` (C,)) and ``classifier.json`` (labels, pooling, length,
backbone). There is no ``config.json``: it would make transformers take the folder for a model.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from peft import PeftConfig, PeftModel, get_peft_model, set_peft_model_state_dict
from peft.mapping import PEFT_TYPE_TO_CONFIG_MAPPING
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from sentilora.errors import AdapterError, StudyError
from sentilora.files import write_json
from sentilora.model.backbone.loading import Backbone
from sentilora.study_file.arms import LoraArm, PeftArm

CONFIG_FILE = "adapter_config.json"
WEIGHTS_FILE = "adapter_model.safetensors"
HEAD_FILE = "head.safetensors"
CLASSIFIER_FILE = "classifier.json"
_PREFIX = "base_model.model."

Factors = Mapping[str, tuple[Tensor, Tensor]]
"""By module name: ``A`` (rank, in) and ``B`` (out, rank)."""


def peft_config(arm: LoraArm | PeftArm, backbone: Backbone) -> PeftConfig:
    """PEFT's configuration of an arm, with roles resolved to full module names.

    Raises:
        StudyError: PEFT has no such type, or refuses the options.
    """
    modules = list(backbone.adapted_linears(arm))
    if isinstance(arm, LoraArm):
        kind = "LORA"
        options: dict[str, Any] = {
            "r": arm.rank,
            "lora_alpha": arm.alpha,
            "lora_dropout": arm.dropout,
            "use_rslora": arm.rank_stabilized,
        }
    else:
        kind, options = arm.peft_type.upper(), dict(arm.options)
    classes: dict[str, Any] = {kind.value: config for kind, config in PEFT_TYPE_TO_CONFIG_MAPPING.items()}
    where = f"arm {arm.name!r}"
    if kind not in classes:
        raise StudyError(f"PEFT has no type {kind!r}", where=where, rule=", ".join(sorted(classes)))
    try:
        config: PeftConfig = classes[kind](
            target_modules=modules,
            task_type="FEATURE_EXTRACTION",
            base_model_name_or_path=backbone.name,
            revision=backbone.revision,
            **options,
        )
        return config
    except (TypeError, ValueError) as error:
        raise StudyError(f"PEFT refuses these options: {error}", where=where) from error


def wrap_with_peft(backbone: Backbone, arm: LoraArm | PeftArm, seed: int) -> PeftModel:
    """A copy of the encoder with PEFT's adapter in it, drawn from ``seed``, in eval mode.

    PEFT draws from torch's global generator; its state is put back.
    """
    config = peft_config(arm, backbone)
    with torch.random.fork_rng(), warnings.catch_warnings():
        # PEFT 0.21 still asks transformers by a name that transformers 5.23 gave up.
        warnings.filterwarnings("ignore", message=".*is_gradient_checkpointing", category=FutureWarning)
        # An asset's model bears its folder's name; what is written down names the asset or its publisher.
        warnings.filterwarnings("ignore", message=".*base_model_name_or_path", category=UserWarning)
        torch.manual_seed(seed)
        model = get_peft_model(copy.deepcopy(backbone.encoder), config)
    return model.eval()


def save_lora(folder: Path, arm: LoraArm, backbone: Backbone, factors: Factors) -> None:
    """Write one run's factors as PEFT would have saved them."""
    folder.mkdir(parents=True, exist_ok=True)
    config = peft_config(arm, backbone)
    config.inference_mode = True
    config.save_pretrained(str(folder))
    save_file(_peft_state(factors), folder / WEIGHTS_FILE, metadata={"format": "pt"})


def load_lora(folder: Path) -> dict[str, tuple[Tensor, Tensor]]:
    """The factors in an adapter folder, by module name.

    Raises:
        AdapterError: the file is missing or damaged, or holds something other than plain LoRA factors.
    """
    return _factors(load_tensors(folder / WEIGHTS_FILE), str(folder / WEIGHTS_FILE))


def save_peft(folder: Path, model: PeftModel) -> None:
    """Write PEFT's own adapter, without the model card that it would generate."""
    folder.mkdir(parents=True, exist_ok=True)
    # Never the embeddings: to decide, PEFT would ask the hub for the backbone's configuration.
    model.save_pretrained(str(folder), save_embedding_layers=False)
    (folder / "README.md").unlink(missing_ok=True)


def load_peft(folder: Path, model: PeftModel) -> None:
    """Read an adapter that ``save_peft`` wrote into a model wrapped the same way."""
    set_peft_model_state_dict(model, load_tensors(folder / WEIGHTS_FILE))


def save_head(folder: Path, weight: Tensor, bias: Tensor) -> None:
    """Write a head: ``weight`` (C, H) and ``bias`` (C,)."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {"weight": weight.detach().cpu().contiguous(), "bias": bias.detach().cpu().contiguous()}
    save_file(tensors, folder / HEAD_FILE, metadata={"format": "pt"})


def load_head(folder: Path) -> tuple[Tensor, Tensor]:
    """The head in an adapter folder: weight (C, H), bias (C,)."""
    tensors = load_tensors(folder / HEAD_FILE)
    return tensors["weight"], tensors["bias"]


def save_classifier(folder: Path, fields: Mapping[str, Any]) -> None:
    """Write what a classifier needs beside its weights: labels, pooling, length, backbone, method."""
    write_json(folder / CLASSIFIER_FILE, fields)


def load_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file.

    Raises:
        AdapterError: it is missing or damaged.
    """
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise AdapterError(
            f"{path.name} is missing or damaged: {error}",
            where=str(path.parent),
            remedy="run the study again: what is sound is kept",
        ) from error


def trained_parameters(model: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters that PEFT left trainable, by name."""
    return {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}


def _peft_state(factors: Factors) -> dict[str, Tensor]:
    state = {}
    for name, (a, b) in factors.items():
        state[f"{_PREFIX}{name}.lora_A.weight"] = a.detach().cpu().contiguous()
        state[f"{_PREFIX}{name}.lora_B.weight"] = b.detach().cpu().contiguous()
    return state


def _factors(state: Mapping[str, Tensor], where: str) -> dict[str, tuple[Tensor, Tensor]]:
    suffix_a, suffix_b = ".lora_A.weight", ".lora_B.weight"
    names = [key.removesuffix(suffix_a) for key in state if key.endswith(suffix_a)]
    if {f"{name}{suffix}" for name in names for suffix in (suffix_a, suffix_b)} != set(state):
        raise AdapterError("not plain LoRA factors", where=where, rule="lora_A and lora_B for each module")
    return {
        name.removeprefix(_PREFIX): (state[f"{name}{suffix_a}"], state[f"{name}{suffix_b}"]) for name in names
    }
