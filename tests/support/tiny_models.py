"""Tiny random models of each family, written the way transformers saves real ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import AutoConfig, AutoModel, AutoModelForMaskedLM, PreTrainedTokenizerFast

HIDDEN_SIZE, INTERMEDIATE_SIZE, NUM_LAYERS, NUM_HEADS, MAX_POSITIONS = 32, 64, 2, 4, 64

TEXT = """
    a an and the this that it is was not no never but very more most film movie story plot acting cast
    scene good great fine warm funny clever moving lovely bright honest bad dull weak flat cold boring
    clumsy tired empty awful , . ! ? ' s
"""
LETTERS = tuple("abcdefghijklmnopqrstuvwxyz0123456789")
VOCABULARY = tuple(dict.fromkeys((*TEXT.split(), *(f"##{letter}" for letter in LETTERS), *LETTERS)))

_COMMON = {
    "hidden_size": HIDDEN_SIZE,
    "intermediate_size": INTERMEDIATE_SIZE,
    "num_hidden_layers": NUM_LAYERS,
    "num_attention_heads": NUM_HEADS,
    "max_position_embeddings": MAX_POSITIONS,
}


@dataclass(frozen=True, kw_only=True)
class TinyFamily:
    """What tests know of a family on their own, beside ``families.FAMILIES``."""

    settings: dict[str, object] = field(default_factory=dict)
    """Of its configuration, beyond those that all share."""
    special_tokens: tuple[str, ...] = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
    """In the order of their ids."""
    positions_lost: int = 0
    """Positions that no token can have."""
    has_absolute_positions: bool = True
    """Whether a text that is too long fails, for want of a position."""
    fused: bool = False
    """Whether query, key and value are one layer without biases, and the gate is fused with ``up``."""
    packable: bool = True
    """Whether several runs can share a forward pass."""
    own_encoder: bool = True
    """Whether our own encoder computes it, not transformers' modules."""
    stock_head: bool = True
    """Whether transformers' own classifier can express a linear head."""


_PADS_WITH_ONE = TinyFamily(
    special_tokens=("[CLS]", "[PAD]", "[SEP]", "[UNK]", "[MASK]"),  # MPNet has this number built in
    positions_lost=2,
)
FAMILIES = {
    "distilbert": TinyFamily(
        settings={
            "dim": HIDDEN_SIZE,
            "hidden_dim": INTERMEDIATE_SIZE,
            "n_layers": NUM_LAYERS,
            "n_heads": NUM_HEADS,
        }
    ),
    "bert": TinyFamily(),
    "roberta": _PADS_WITH_ONE,
    "xlm-roberta": _PADS_WITH_ONE,
    "camembert": _PADS_WITH_ONE,
    "mpnet": _PADS_WITH_ONE,
    "electra": TinyFamily(settings={"embedding_size": 16}),
    "deberta-v2": TinyFamily(
        settings={
            "relative_attention": True,
            "position_buckets": 8,
            "pos_att_type": ["p2c", "c2p"],
            "share_att_key": True,
            "norm_rel_ebd": "layer_norm",
            "position_biased_input": False,
            "type_vocab_size": 0,
        },
        has_absolute_positions=False,
        packable=False,
        own_encoder=False,
    ),
    "modernbert": TinyFamily(
        settings={
            "global_attn_every_n_layers": 2,
            "local_attention": 8,
            "cls_token_id": 2,
            "sep_token_id": 3,
            "bos_token_id": 2,
            "eos_token_id": 3,
        },
        has_absolute_positions=False,
        fused=True,
        own_encoder=False,
        stock_head=False,
    ),
}
"""The table to which a new family is added: transformers' ``model_type`` and what is true of it."""


def make_tiny_tokenizer(family: str = "bert") -> PreTrainedTokenizerFast:
    """A lower-casing WordPiece tokenizer; letters are in its vocabulary, so few words are unknown."""
    tokens = (*FAMILIES[family].special_tokens, *VOCABULARY)
    vocabulary = {token: index for index, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        special_tokens=[(token, vocabulary[token]) for token in ("[CLS]", "[SEP]")],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=MAX_POSITIONS,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    )


def make_tiny_model(family: str, folder: Path, seed: int = 0, *, pretraining_head: bool = False) -> Path:
    """Writes a random two-layer model of ``family`` and its tokenizer to ``folder``.

    Weights are drawn with a standard deviation of 0.3, larger than pre-training's initialisation, so that
    differences between inputs are visible after two layers. With ``pretraining_head`` the file is a masked
    language model's, as most on the hub are: the encoder's names have a prefix, and a head is beside them.
    """
    tokenizer = make_tiny_tokenizer(family)
    config = AutoConfig.for_model(
        family,
        initializer_range=0.3,
        vocab_size=len(tokenizer),
        pad_token_id=tokenizer.pad_token_id,
        **_COMMON,
        **FAMILIES[family].settings,
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model_class: Any = AutoModelForMaskedLM if pretraining_head else AutoModel
        model_class.from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
