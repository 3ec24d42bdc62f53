"""Roles: what a linear layer does in a transformer block, resolved to each family's own module names.

A study says ``targets = ["query", "value"]``; BERT calls these layers ``query`` and ``value``, DistilBERT
``q_lin`` and ``v_lin``. The table below is written out rather than guessed from names: ``output.dense``
alone means two different layers in BERT, and PEFT's suffix matching would take both.

``output`` is the projection after attention, ``up`` and ``down`` the feed-forward layers around the
activation. ModernBERT fuses layers: its ``Wqkv`` is query, key and value in one, so it can only be
targeted by naming all three roles; its ``Wi`` is ``up``, with the gate beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from sentilora.errors import BackboneError
from sentilora.study_file.arms import ROLES, Role

_BERT: dict[Role, str] = {
    "query": "encoder.layer.{}.attention.self.query",
    "key": "encoder.layer.{}.attention.self.key",
    "value": "encoder.layer.{}.attention.self.value",
    "output": "encoder.layer.{}.attention.output.dense",
    "up": "encoder.layer.{}.intermediate.dense",
    "down": "encoder.layer.{}.output.dense",
}

FAMILIES: Mapping[str, Mapping[Role, str]] = MappingProxyType(
    {
        "distilbert": {
            "query": "transformer.layer.{}.attention.q_lin",
            "key": "transformer.layer.{}.attention.k_lin",
            "value": "transformer.layer.{}.attention.v_lin",
            "output": "transformer.layer.{}.attention.out_lin",
            "up": "transformer.layer.{}.ffn.lin1",
            "down": "transformer.layer.{}.ffn.lin2",
        },
        "bert": _BERT,
        "roberta": _BERT,
        "electra": _BERT,
        "mpnet": {
            **_BERT,
            "query": "encoder.layer.{}.attention.attn.q",
            "key": "encoder.layer.{}.attention.attn.k",
            "value": "encoder.layer.{}.attention.attn.v",
            "output": "encoder.layer.{}.attention.attn.o",
        },
        "deberta-v2": {
            **_BERT,
            "query": "encoder.layer.{}.attention.self.query_proj",
            "key": "encoder.layer.{}.attention.self.key_proj",
            "value": "encoder.layer.{}.attention.self.value_proj",
        },
        "modernbert": {
            "query": "layers.{}.attn.Wqkv",
            "key": "layers.{}.attn.Wqkv",
            "value": "layers.{}.attn.Wqkv",
            "output": "layers.{}.attn.Wo",
            "up": "layers.{}.mlp.Wi",
            "down": "layers.{}.mlp.Wo",
        },
    }
)
"""Module names by family (transformers' ``model_type``) and role, ``{}`` standing for the layer's number."""


def module_names(family: str, roles: Sequence[Role], num_layers: int) -> list[str]:
    """The modules that play these roles, in layer order, each once.

    Args:
        family: a key of ``FAMILIES``.
        roles: at least one role; their order does not matter.
        num_layers: number of transformer blocks.

    Raises:
        BackboneError: the family has a role only fused with others that ``roles`` does not name.
    """
    names = FAMILIES[family]
    asked = [role for role in ROLES if role in roles]
    for role in asked:
        fused = [other for other in ROLES if names[other] == names[role]]
        if not set(fused) <= set(asked):
            raise BackboneError(
                f"{family} has no {role} layer of its own: {', '.join(fused)} are one fused layer",
                where=names[role].format("N"),
                rule=f"name {', '.join(fused)} together or not at all",
                remedy=f"targets = {_toml([*asked, *fused])}, or {_toml(_separate(names))}",
            )
    patterns = dict.fromkeys(names[role] for role in asked)
    return [pattern.format(layer) for layer in range(num_layers) for pattern in patterns]


def _separate(names: Mapping[Role, str]) -> list[Role]:
    patterns = list(names.values())
    return [role for role in ROLES if patterns.count(names[role]) == 1]


def _toml(roles: Sequence[Role]) -> str:
    return "[" + ", ".join(f'"{role}"' for role in ROLES if role in roles) + "]"
