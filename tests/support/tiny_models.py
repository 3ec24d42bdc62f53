"""Tiny random models of each family, written the way transformers saves real ones."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import AutoConfig, AutoModel, AutoModelForMaskedLM, PreTrainedTokenizerFast

FAMILIES = ("distilbert", "bert", "roberta", "mpnet", "electra", "deberta-v2", "modernbert")

HIDDEN_SIZE, INTERMEDIATE_SIZE, NUM_LAYERS, NUM_HEADS, MAX_POSITIONS = 32, 64, 2, 4, 64

SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
ROBERTA_SPECIAL_TOKENS = ("[CLS]", "[PAD]", "[SEP]", "[UNK]", "[MASK]")
"""RoBERTa and MPNet pad with token 1 and count positions from it; MPNet has that number built in."""
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
_OWN: dict[str, dict[str, object]] = {
    "distilbert": {
        "dim": HIDDEN_SIZE,
        "hidden_dim": INTERMEDIATE_SIZE,
        "n_layers": NUM_LAYERS,
        "n_heads": NUM_HEADS,
    },
    "electra": {"embedding_size": 16},
    "deberta-v2": {
        "relative_attention": True,
        "position_buckets": 8,
        "pos_att_type": ["p2c", "c2p"],
        "share_att_key": True,
        "norm_rel_ebd": "layer_norm",
        "position_biased_input": False,
        "type_vocab_size": 0,
    },
    "modernbert": {
        "global_attn_every_n_layers": 2,
        "local_attention": 8,
        "cls_token_id": 2,
        "sep_token_id": 3,
        "bos_token_id": 2,
        "eos_token_id": 3,
    },
}


def make_tiny_tokenizer(family: str = "bert") -> PreTrainedTokenizerFast:
    """A lower-casing WordPiece tokenizer; letters are in its vocabulary, so few words are unknown."""
    special_tokens = ROBERTA_SPECIAL_TOKENS if family in ("roberta", "mpnet") else SPECIAL_TOKENS
    vocabulary = {token: index for index, token in enumerate((*special_tokens, *VOCABULARY))}
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
        **_OWN.get(family, {}),
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model_class = AutoModelForMaskedLM if pretraining_head else AutoModel
        model_class.from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
