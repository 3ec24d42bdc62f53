"""Transformers' own classification models with a plain linear head put into theirs, the logits unchanged.

Every stock head but ModernBERT's is ``output(activation(dense(first token)))``. A linear head ``W h + b``
fits into it, the bias always in ``output``:

- ReLU (DistilBERT) and GELU (ELECTRA, DeBERTa): ``dense = [W; -W]``, ``output = [I, -I]``. Exact, for
  ``relu(x) - relu(-x) = x``, and ``gelu(x) - gelu(-x) = x (Phi(x) + Phi(-x)) = x``.
- tanh (BERT's pooler, RoBERTa, MPNet): ``dense = s W``, ``output = I / s`` with ``s = 2**-15``. As
  ``|tanh(u) - u| <= |u|**3 / 3``, a logit ``x`` is off by at most ``s**2 |x|**3 / 3``: 4e-7 at 10 and 4e-5 at
  50. Nothing cancels and a power of two scales without rounding, so fp32 loses nothing by it; and
  ``1 / s`` is still a number in fp16.

The rest of ``dense`` and ``output`` is zero. Outside ``model.backbone`` this is the one module that makes
transformers' models: those of a head on top, which training never uses.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import AutoModelForSequenceClassification, PreTrainedModel, PreTrainedTokenizerFast

from sentilora.errors import AdapterError
from sentilora.model.backbone.families import StockHead
from sentilora.model.backbone.loading import Backbone
from sentilora.study_file.arms import Pooling

TANH_SCALE = 2.0**-15
ROWS = 32
"""Texts in a batch where an export is checked or measured."""


def stock_head(backbone: Backbone, pooling: Pooling, num_classes: int) -> StockHead:
    """The family's own head, where it can express a linear head.

    Raises:
        AdapterError: it cannot, with the reason.
    """
    refused = _refusal(backbone, pooling, num_classes)
    if refused is not None:
        raise AdapterError(
            f"transformers' own {backbone.model_type} classifier cannot express this head: {refused}",
            where=backbone.name,
            rule="a stock head reads the first token, through a hidden layer and an activation that can be "
            "undone",
            remedy="export it --to onnx, pooling and head inside, or --to peft, whose card loads the head; "
            "or train with backbone.pooling = 'cls'",
        )
    assert backbone.family.head is not None
    return backbone.family.head


def _refusal(backbone: Backbone, pooling: Pooling, num_classes: int) -> str | None:
    if pooling != "cls":
        return f"the head reads the {pooling} over all tokens, the stock one the first token"
    head = backbone.family.head
    if head is None:
        return "a layer norm stands between its hidden layer and its output, and takes the logits' size away"
    hidden_act = getattr(backbone.encoder.config, "pooler_hidden_act", head.activation)
    if hidden_act != head.activation:
        return f"its activation is {hidden_act}"
    needed = num_classes if head.activation == "tanh" else 2 * num_classes
    if needed > backbone.hidden_size:
        return f"{num_classes} classes need {needed} hidden units, it has {backbone.hidden_size}"
    return None


def labelled_config(backbone: Backbone, labels: tuple[str, ...]) -> Any:
    """A copy of the encoder's configuration (``PreTrainedConfig``) that names the classes."""
    config: Any = copy.deepcopy(backbone.encoder.config)
    config.id2label = dict(enumerate(labels))
    config.label2id = {label: index for index, label in enumerate(labels)}
    return config


@torch.no_grad()
def stock_classifier(
    backbone: Backbone, head: StockHead, weight: Tensor, bias: Tensor, labels: tuple[str, ...]
) -> PreTrainedModel:
    """Transformers' own classifier with these weights in it, in eval mode.

    Args:
        backbone: the encoder, merged or not.
        head: from ``stock_head``.
        weight: (C, H) of the linear head.
        bias: (C,) of the linear head.
        labels: C names.
    """
    config = labelled_config(backbone, labels)
    config.problem_type = "single_label_classification"
    with torch.random.fork_rng(devices=[]):  # what is drawn here is overwritten
        model: PreTrainedModel = AutoModelForSequenceClassification.from_config(config)
    loaded = model.base_model.load_state_dict(backbone.encoder.state_dict(), strict=False)
    assert not loaded.unexpected_keys
    assert all("pooler" in key for key in loaded.missing_keys)
    _write_head(model.get_submodule(head.dense), model.get_submodule(head.output), head, weight, bias)
    model.eval().requires_grad_(False)
    return model


def _write_head(dense: nn.Module, output: nn.Module, head: StockHead, weight: Tensor, bias: Tensor) -> None:
    assert isinstance(dense, nn.Linear)
    assert isinstance(output, nn.Linear)
    identity = torch.eye(len(bias))
    if head.activation == "tanh":
        hidden, back = TANH_SCALE * weight, identity / TANH_SCALE
    else:
        hidden, back = torch.cat([weight, -weight]), torch.cat([identity, -identity], dim=1)
    for tensor in (dense.weight, dense.bias, output.weight):
        tensor.zero_()
    dense.weight[: len(hidden)] = hidden
    output.weight[:, : len(hidden)] = back
    output.bias.copy_(bias)


def stock_tokenizer(backbone: Backbone, max_length: int) -> PreTrainedTokenizerFast:
    """A copy of the tokenizer that cuts texts where training cut them, if asked to truncate."""
    tokenizer = copy.deepcopy(backbone.tokenizer)
    tokenizer.model_max_length = max_length
    # One segment only: DistilBERT takes no segment ids, and for the others theirs would be all zero.
    tokenizer.model_input_names = ["input_ids", "attention_mask"]
    return tokenizer


def stock_logits(
    model: nn.Module, tokenizer: PreTrainedTokenizerFast, texts: Sequence[str]
) -> NDArray[np.float32]:
    """Logits (N, C) of N texts from a model whose output has ``logits``."""

    def compute(input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        logits: Tensor = model(input_ids=input_ids, attention_mask=attention_mask).logits
        return logits

    return batched_logits(compute, tokenizer, texts)


@torch.no_grad()
def batched_logits(
    compute: Callable[[Tensor, Tensor], Tensor], tokenizer: PreTrainedTokenizerFast, texts: Sequence[str]
) -> NDArray[np.float32]:
    """Logits (N, C) of N texts, tokenised and padded as transformers does it, in their order."""
    rows = []
    for start in range(0, len(texts), ROWS):
        batch = tokenizer(
            list(texts[start : start + ROWS]), padding=True, truncation=True, return_tensors="pt"
        )
        rows.append(compute(batch["input_ids"], batch["attention_mask"]).numpy())
    return np.concatenate(rows)
