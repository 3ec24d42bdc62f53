"""Transformers' and PEFT's own computation, which ours is compared with."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from peft import PeftModel
from peft.tuners.lora import Linear
from torch import Tensor

from sentilora.model.backbone.loading import Backbone


def last_hidden(backbone: Backbone, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
    """The last hidden states (B, T, H) of a batch (B, T); those of padding mean nothing."""
    hidden: Tensor = backbone.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
    return hidden


def encode(backbone: Backbone, texts: list[str]) -> tuple[Tensor, Tensor]:
    """Hidden states (B, T, H) of texts and the mask (B, T)."""
    batch = backbone.tokenizer(texts, padding=True, return_tensors="pt")
    with torch.no_grad():
        hidden = last_hidden(backbone, batch["input_ids"], batch["attention_mask"])
    return hidden, batch["attention_mask"]


def read_factors(model: PeftModel) -> dict[str, tuple[Tensor, Tensor]]:
    """PEFT's own LoRA factors, ``A`` (rank, in) and ``B`` (out, rank), by module name in the backbone."""
    factors = {}
    for name, layer in model.get_base_model().named_modules():
        if isinstance(layer, Linear):
            a, b = layer.lora_A["default"].weight, layer.lora_B["default"].weight
            assert isinstance(a, Tensor)
            assert isinstance(b, Tensor)
            factors[name] = (a, b)
    return factors


@torch.no_grad()
def write_factors(model: PeftModel, factors: Mapping[str, tuple[Tensor, Tensor]]) -> None:
    """Put factors into PEFT's model, in every place that it has for them."""
    places = read_factors(model)
    assert places.keys() == factors.keys()
    for name, (a, b) in factors.items():
        places[name][0].copy_(a)
        places[name][1].copy_(b)
