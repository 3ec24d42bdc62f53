"""Exports an adapter for PEFT, so that it loads on transformers' own classifier and gives logits.

A record's adapter sits on the bare encoder, with the head beside it in a file that PEFT does not know. Here,
where the stock head can express the linear one (``stock_model``), the adapter sits on the whole
classifier and the head is one of its ``modules_to_save``: three stock lines give the same logits, at the cost
of the stock head's size (0.6 MB for MiniLM, 2.4 MB for DistilBERT). Elsewhere the adapter stays as it
is, with ``head.safetensors`` beside it, and the model card has the lines that apply both.
"""

from __future__ import annotations

import copy
import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from peft import PeftModel, get_peft_model, get_peft_model_state_dict, set_peft_model_state_dict
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast

from sentilora.errors import AdapterError
from sentilora.export.stock_model import batched_logits, stock_classifier, stock_head, stock_logits
from sentilora.fetch.pins import ASSETS
from sentilora.files import write_json
from sentilora.model.backbone.families import StockHead
from sentilora.model.backbone.loading import Backbone
from sentilora.model.heads import pool
from sentilora.model.peft_io import (
    CONFIG_FILE,
    WEIGHTS_FILE,
    load_head,
    load_tensors,
    peft_config,
    save_head,
    save_lora,
    save_peft,
)
from sentilora.study_file.arms import LoraArm, PeftArm
from sentilora.use.adapter_folder import Adapter, ClassifierFile
from sentilora.use.merge import base_backbone, checked_factors, load_checked_head, load_wrapped

LABELS_FILE = "labels.json"
_PREFIX = "base_model.model."


def write_peft(folder: Path, adapter: Adapter) -> StockHead | None:
    """Write PEFT's files and the labels.

    Returns:
        The stock head that the adapter sits on, or None where it sits on the bare encoder.

    Raises:
        AdapterError: the method left no adapter.
    """
    description, arm = adapter.description, adapter.description.arm
    if not isinstance(arm, LoraArm | PeftArm):
        raise AdapterError(
            f"method {arm.method!r} leaves no adapter that PEFT could load",
            where=str(adapter.folder),
            remedy="export it --to transformers or --to onnx",
        )
    backbone = base_backbone(adapter)
    weight, bias = load_checked_head(adapter, backbone)
    if isinstance(arm, LoraArm):
        checked_factors(adapter, arm, backbone)
    labels = dict(enumerate(description.labels))
    write_json(folder / LABELS_FILE, labels)
    head: StockHead | None = None
    try:
        head = stock_head(backbone, description.pooling, len(description.labels))
    except AdapterError:
        _write_on_encoder(folder, adapter, arm, backbone)
        save_head(folder, weight, bias)
    if head is not None:
        state = load_tensors(adapter.folder / WEIGHTS_FILE)
        model = _wrapped_classifier(backbone, arm, head, (weight, bias), description.labels, adapter.seed)
        _load_adapter(model, state)
        # "auto" would ask the hub for the base model's vocabulary.
        model.save_pretrained(str(folder), save_embedding_layers=False)
    _finish_config(folder, backbone, head)
    return head


def _wrapped_classifier(
    backbone: Backbone,
    arm: LoraArm | PeftArm,
    head: StockHead,
    weight_and_bias: tuple[Tensor, Tensor],
    labels: tuple[str, ...],
    seed: int,
) -> PeftModel:
    """PEFT's model of transformers' own classifier, the head set and the adapter as drawn from ``seed``."""
    config: Any = peft_config(arm, backbone)
    config.task_type = "SEQ_CLS"
    config.modules_to_save = list(head.modules)
    config.inference_mode = True
    stock = stock_classifier(backbone, head, *weight_and_bias, labels)
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        # PEFT 0.21 still asks transformers by a name that transformers 5.23 gave up.
        warnings.filterwarnings("ignore", message=".*is_gradient_checkpointing", category=FutureWarning)
        # An asset's model bears its folder's name; what is written down names the asset or its publisher.
        warnings.filterwarnings("ignore", message=".*base_model_name_or_path", category=UserWarning)
        torch.manual_seed(seed)
        model: PeftModel = get_peft_model(stock, config).eval()
    return model


def hub_reference(name: str, revision: str | None) -> tuple[str, str | None]:
    """A backbone's name and revision outside sentilora: the publisher's for an asset, else as they are."""
    if name in ASSETS:
        publisher, _, commit = ASSETS[name].origin.partition("@")
        return publisher, commit
    return name, revision


@torch.no_grad()
def peft_logits(
    folder: Path,
    backbone: Backbone,
    head: StockHead | None,
    description: ClassifierFile,
    tokenizer: PreTrainedTokenizerFast,
    texts: Sequence[str],
) -> NDArray[np.float32]:
    """Logits (N, C) of N texts as PEFT reads the folder that ``write_peft`` wrote.

    Args:
        folder: the export.
        backbone: the base model, unmerged.
        head: what ``write_peft`` gave.
        description: of the adapter that was exported.
        tokenizer: of the export.
        texts: at least one.
    """
    if head is not None:
        num_classes = len(description.labels)
        nothing = torch.zeros(num_classes, backbone.hidden_size), torch.zeros(num_classes)
        stock = stock_classifier(backbone, head, *nothing, description.labels)
        return stock_logits(_from_folder(stock, folder), tokenizer, texts)
    weight, bias = load_head(folder)
    model = _from_folder(copy.deepcopy(backbone.encoder), folder)

    def compute(input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        hidden = model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return pool(hidden, attention_mask.bool(), description.pooling) @ weight.T + bias

    return batched_logits(compute, tokenizer, texts)


def _from_folder(model: nn.Module, folder: Path) -> PeftModel:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*is_gradient_checkpointing", category=FutureWarning)
        loaded: PeftModel = PeftModel.from_pretrained(model, str(folder))
    return loaded.eval()


def _write_on_encoder(folder: Path, adapter: Adapter, arm: LoraArm | PeftArm, backbone: Backbone) -> None:
    if isinstance(arm, LoraArm):
        save_lora(folder, arm, backbone, checked_factors(adapter, arm, backbone))
    else:
        save_peft(folder, load_wrapped(adapter, arm, backbone))


def _load_adapter(model: PeftModel, state: Mapping[str, Tensor]) -> None:
    """Put a bare encoder's adapter into the same encoder inside a classifier."""
    inner = f"{_PREFIX}{model.get_base_model().base_model_prefix}."
    moved = {
        inner + key.removeprefix(_PREFIX) if key.startswith(_PREFIX) else key: tensor
        for key, tensor in state.items()
    }
    expected = get_peft_model_state_dict(model, save_embedding_layers=False)
    for key, tensor in moved.items():
        if key not in expected or expected[key].shape != tensor.shape:
            raise AdapterError(f"PEFT has no place for {key} in the classifier", where=WEIGHTS_FILE)
    set_peft_model_state_dict(model, {**expected, **moved})


def _finish_config(folder: Path, backbone: Backbone, head: StockHead | None) -> None:
    """Names the base model as the hub knows it, for readers who have no assets, and each module once."""
    path = folder / CONFIG_FILE
    config = json.loads(path.read_text("utf-8"))
    name, revision = hub_reference(backbone.name, backbone.revision)
    config |= {"base_model_name_or_path": name, "revision": revision}
    config["target_modules"] = sorted(config["target_modules"])  # a set in PEFT: another order each time
    if head is not None:
        config["modules_to_save"] = list(head.modules)  # PEFT adds its own guesses to them
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", "utf-8")
