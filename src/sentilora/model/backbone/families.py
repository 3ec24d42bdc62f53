"""Model families: everything in which the supported pretrained encoders differ, one value for each family.

A study says ``targets = ["query", "value"]``; BERT calls these layers ``query`` and ``value``, DistilBERT
``q_lin`` and ``v_lin``. The names are written out rather than guessed: ``output.dense`` alone means two
different layers in BERT, and PEFT's suffix matching would take both.

To add a family, add a ``Family`` here and a row to the table in ``tests/support/tiny_models.py``; the tests
then compare a tiny model of it with transformers and PEFT.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from sentilora.errors import BackboneError
from sentilora.study_file.arms import ROLES, Role


@dataclass(frozen=True)
class StockHead:
    """Where transformers' own classifier of a family keeps the two linear layers of its head."""

    dense: str
    """Module name of the hidden layer."""
    output: str
    """Module name of the layer that gives logits."""
    activation: Literal["relu", "gelu", "tanh"]
    """Between the two."""
    modules: tuple[str, ...]
    """The modules that hold the head, as PEFT's ``modules_to_save`` names them."""


@dataclass(frozen=True, kw_only=True)
class Family:
    """Encoders of one architecture."""

    model_types: tuple[str, ...]
    """Transformers' names for it: what ``config.json`` has as ``model_type``."""
    layers: Mapping[Role, str]
    """Module name of each role's linear layer, ``{}`` standing for the block's number. ``output`` is the
    projection after attention, ``up`` and ``down`` the feed-forward layers around the activation."""
    norms: tuple[str, str] | None
    """Names, within a block, of the layer norms after attention and after the feed-forward; None where norms
    stand elsewhere, so that ``encoders.post_norm`` cannot compute the family."""
    citations: Mapping[str, str]
    """How prose cites the paper that introduced it, to its full reference."""
    head: StockHead | None
    """The head of transformers' own classifier; None where it cannot express a plain linear head."""
    has_pooler: bool = False
    """Whether transformers' encoder class has a pooler, and can be built without it."""
    positions_after_padding: bool = False
    """Whether positions are numbered from ``pad_token_id + 1`` on, so that many of them are lost."""
    has_position_bias: bool = False
    """Whether attention scores get a bias by relative position, as MPNet's do."""
    packable: bool = True
    """Whether the texts of several runs can pass through it as one batch."""

    def module_names(self, roles: Sequence[Role], layers: Iterable[int]) -> list[str]:
        """The modules that play these roles in these layers, each once.

        Args:
            roles: at least one role; their order does not matter.
            layers: numbers of transformer blocks.

        Raises:
            BackboneError: the family has a role only fused with others that ``roles`` does not name.
        """
        asked = [role for role in ROLES if role in roles]
        for role in asked:
            fused = self._roles_of(self.layers[role])
            if not set(fused) <= set(asked):
                separate = [other for other in ROLES if len(self._roles_of(self.layers[other])) == 1]
                raise BackboneError(
                    f"{self.model_types[0]} has no {role} layer of its own: {', '.join(fused)} are one fused "
                    "layer",
                    where=self.layers[role].format("N"),
                    rule=f"name {', '.join(fused)} together or not at all",
                    remedy=f"targets = {_toml([*asked, *fused])}, or {_toml(separate)}",
                )
        patterns = dict.fromkeys(self.layers[role] for role in asked)
        return [pattern.format(layer) for layer in layers for pattern in patterns]

    def _roles_of(self, pattern: str) -> list[Role]:
        return [role for role in ROLES if self.layers[role] == pattern]


def _toml(roles: Sequence[Role]) -> str:
    return "[" + ", ".join(f'"{role}"' for role in ROLES if role in roles) + "]"


_BERT_LAYERS: Mapping[Role, str] = {
    "query": "encoder.layer.{}.attention.self.query",
    "key": "encoder.layer.{}.attention.self.key",
    "value": "encoder.layer.{}.attention.self.value",
    "output": "encoder.layer.{}.attention.output.dense",
    "up": "encoder.layer.{}.intermediate.dense",
    "down": "encoder.layer.{}.output.dense",
}
_BERT_NORMS = ("attention.output.LayerNorm", "output.LayerNorm")
_SUPPORTED = (
    Family(
        model_types=("distilbert",),
        citations={
            "Sanh et al. 2019": "Sanh, V., Debut, L., Chaumond, J. and Wolf, T. (2019). DistilBERT, "
            "a distilled version of BERT: smaller, faster, cheaper and lighter. arXiv:1910.01108."
        },
        layers={
            "query": "transformer.layer.{}.attention.q_lin",
            "key": "transformer.layer.{}.attention.k_lin",
            "value": "transformer.layer.{}.attention.v_lin",
            "output": "transformer.layer.{}.attention.out_lin",
            "up": "transformer.layer.{}.ffn.lin1",
            "down": "transformer.layer.{}.ffn.lin2",
        },
        norms=("sa_layer_norm", "output_layer_norm"),
        head=StockHead("pre_classifier", "classifier", "relu", ("pre_classifier", "classifier")),
    ),
    Family(
        model_types=("bert",),
        citations={
            "Devlin et al. 2019": "Devlin, J., Chang, M.-W., Lee, K. and Toutanova, K. (2019). "
            "BERT: pre-training of deep bidirectional transformers for language understanding. "
            "NAACL-HLT, 4171–4186."
        },
        layers=_BERT_LAYERS,
        norms=_BERT_NORMS,
        has_pooler=True,
        head=StockHead("bert.pooler.dense", "classifier", "tanh", ("pooler", "classifier")),
    ),
    Family(
        model_types=("roberta", "xlm-roberta", "camembert"),
        citations={
            "Liu et al. 2019": "Liu, Y., Ott, M., Goyal, N., et al. (2019). RoBERTa: a robustly "
            "optimized BERT pretraining approach. arXiv:1907.11692."
        },
        layers=_BERT_LAYERS,
        norms=_BERT_NORMS,
        has_pooler=True,
        positions_after_padding=True,
        head=StockHead("classifier.dense", "classifier.out_proj", "tanh", ("classifier",)),
    ),
    Family(
        model_types=("electra",),
        citations={
            "Clark et al. 2020": "Clark, K., Luong, M.-T., Le, Q. V. and Manning, C. D. (2020). "
            "ELECTRA: pre-training text encoders as discriminators rather than generators. ICLR."
        },
        layers=_BERT_LAYERS,
        norms=_BERT_NORMS,
        head=StockHead("classifier.dense", "classifier.out_proj", "gelu", ("classifier",)),
    ),
    Family(
        model_types=("mpnet",),
        citations={
            "Song et al. 2020": "Song, K., Tan, X., Qin, T., Lu, J. and Liu, T.-Y. (2020). MPNet: "
            "masked and permuted pre-training for language understanding. NeurIPS 33."
        },
        layers={
            **_BERT_LAYERS,
            "query": "encoder.layer.{}.attention.attn.q",
            "key": "encoder.layer.{}.attention.attn.k",
            "value": "encoder.layer.{}.attention.attn.v",
            "output": "encoder.layer.{}.attention.attn.o",
        },
        norms=("attention.LayerNorm", "output.LayerNorm"),
        has_pooler=True,
        positions_after_padding=True,
        has_position_bias=True,
        head=StockHead("classifier.dense", "classifier.out_proj", "tanh", ("classifier",)),
    ),
    Family(
        model_types=("deberta-v2",),
        citations={
            "He et al. 2021": "He, P., Liu, X., Gao, J. and Chen, W. (2021). DeBERTa: "
            "decoding-enhanced BERT with disentangled attention. ICLR."
        },
        layers={
            **_BERT_LAYERS,
            "query": "encoder.layer.{}.attention.self.query_proj",
            "key": "encoder.layer.{}.attention.self.key_proj",
            "value": "encoder.layer.{}.attention.self.value_proj",
        },
        norms=None,
        # Its query and key layers also read relative positions, which all texts share: there is no place for
        # a second run's update.
        packable=False,
        head=StockHead("pooler.dense", "classifier", "gelu", ("pooler", "classifier")),
    ),
    Family(
        model_types=("modernbert",),
        citations={
            "Warner et al. 2024": "Warner, B., Chaffin, A., Clavié, B., et al. (2024). Smarter, "
            "better, faster, longer: a modern bidirectional encoder for fast, memory efficient, and "
            "long context finetuning and inference. arXiv:2412.13663."
        },
        # Wqkv is query, key and value in one; Wi is up, with the gate beside it.
        layers={
            "query": "layers.{}.attn.Wqkv",
            "key": "layers.{}.attn.Wqkv",
            "value": "layers.{}.attn.Wqkv",
            "output": "layers.{}.attn.Wo",
            "up": "layers.{}.mlp.Wi",
            "down": "layers.{}.mlp.Wo",
        },
        norms=None,
        head=None,  # a layer norm between its two layers takes the logits' size away
    ),
)

FAMILIES: Mapping[str, Family] = MappingProxyType(
    {model_type: family for family in _SUPPORTED for model_type in family.model_types}
)
"""The family of each supported ``model_type``."""
