"""A frozen post-layer-norm encoder as K runs see it: the families that have ``norms`` in ``families``.

Reads the weights of transformers' model once, in the dtype it computes in, and leaves out all that cannot
matter to a frozen backbone under stacked adapters: no gradient below the first adapter, no
dropout modules, the attention scale folded into the query weights, one product for queries, keys and values,
and, where the first token is pooled, no other token after the last block's attention. A training step takes
less than half the time of ``swapped`` (docs/design/002-packed-training.md).

Shape suffixes: K runs, S texts of one run, T tokens, H hidden size, D head size; N = S * T rows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sentilora.model.backbone.loading import Backbone
from sentilora.model.frozen.attention import attend
from sentilora.model.frozen.layers import FrozenLinear, FrozenNorm
from sentilora.model.updates.adapter_stack import Site, SiteGroup, Updates
from sentilora.study_file.arms import ROLES, Role


@dataclass(frozen=True)
class EncoderBlock:
    """One transformer block's frozen weights."""

    name: str
    sites: dict[Role, Site]
    query_key_value: FrozenLinear
    output: FrozenLinear
    up: FrozenLinear
    down: FrozenLinear
    attention_norm: FrozenNorm
    output_norm: FrozenNorm

    def group(self, *roles: Role) -> SiteGroup:
        """The sites of these roles, which read the same input."""
        return SiteGroup(f"{self.name}.{roles[0]}", tuple(self.sites[role] for role in roles))

    def groups(self) -> list[SiteGroup]:
        """All sites of the block by the input that they read."""
        return [
            self.group("query", "key", "value"),
            self.group("output"),
            self.group("up"),
            self.group("down"),
        ]


def is_post_norm(backbone: Backbone) -> bool:
    """Whether ``PostNormEncoder`` computes exactly what this backbone does."""
    config = backbone.encoder.config
    activation = getattr(config, "hidden_act", None) or getattr(config, "activation", None)
    relative = getattr(config, "position_embedding_type", "absolute") != "absolute"
    return backbone.family.norms is not None and activation == "gelu" and not relative


class PostNormEncoder:
    """The forward pass of K runs over one frozen encoder.

    Args:
        backbone: one that ``is_post_norm`` accepts.
        device: where to compute.
        dtype: of frozen weights and activations.
        first_token_only: return the first token alone, which is all that ``cls`` pooling reads.

    Attributes:
        packable: whether more than one run can share a forward pass.
    """

    def __init__(
        self, backbone: Backbone, device: torch.device, dtype: torch.dtype, *, first_token_only: bool
    ) -> None:
        assert is_post_norm(backbone)
        self.dtype = dtype
        self.packable = True
        self.first_token_only = first_token_only
        # Any: module attributes are untyped, and families differ in which they have.
        encoder: Any = backbone.encoder.to(device)
        self._encoder = encoder
        self.num_heads: int = encoder.config.num_attention_heads
        self._has_position_bias = backbone.family.has_position_bias
        self.blocks = _read_blocks(backbone, device, dtype, self.num_heads)

    def groups(self) -> list[SiteGroup]:
        """The sites that adapters can take, by the input they read, in layer order."""
        return [group for block in self.blocks for group in block.groups()]

    def __call__(self, input_ids: Tensor, mask: Tensor | None, updates: Updates, num_runs: int) -> Tensor:
        """Last hidden states (K, S, T, H), T = 1 with ``first_token_only``.

        Args:
            input_ids: (K, S, T) int64; (1, S, T) where all runs read the same texts.
            mask: (K, S, T) or (1, S, T) bool, True for a token; None where nothing is padded.
            updates: the K runs' low-rank updates.
            num_runs: K.
        """
        shared, num_texts, length = input_ids.shape
        with torch.no_grad():
            hidden = self._embed(input_ids.view(-1, length))
            bias = self._attention_bias(hidden, None if mask is None else mask.view(-1, length))
        hidden = hidden.to(self.dtype).view(shared, num_texts * length, -1)
        if shared != num_runs:
            hidden = hidden.expand(num_runs, -1, -1).contiguous()
            if bias is not None and bias.shape[0] > 1:
                bias = bias.repeat(num_runs, 1, 1, 1)
        for block in self.blocks:
            first_only = self.first_token_only and block is self.blocks[-1]
            hidden = self._block(block, hidden, bias, updates, length, first_only=first_only)
        return hidden.view(num_runs, num_texts, -1, hidden.shape[-1])

    def _embed(self, input_ids: Tensor) -> Tensor:
        hidden: Tensor = self._encoder.embeddings(input_ids)
        if hasattr(self._encoder, "embeddings_project"):
            hidden = self._encoder.embeddings_project(hidden)
        return hidden

    def _attention_bias(self, hidden: Tensor, mask: Tensor | None) -> Tensor | None:
        """What is added to attention scores, (1 or texts, 1 or heads, T, T), or None for nothing."""
        bias = None
        if self._has_position_bias:
            bias = self._encoder.encoder.compute_position_bias(hidden[:1]).to(self.dtype)
        if mask is not None:
            padding = torch.zeros(mask.shape, dtype=self.dtype, device=mask.device)
            padding = padding.masked_fill(~mask, torch.finfo(self.dtype).min)[:, None, None, :]
            bias = padding if bias is None else (bias + padding).clamp_min(torch.finfo(self.dtype).min)
        # Written out for each query: a CPU adds rows that are broadcast at a third of the speed.
        return None if bias is None else bias.expand(-1, -1, hidden.shape[1], -1).contiguous()

    def _block(
        self,
        block: EncoderBlock,
        hidden_KNH: Tensor,
        bias: Tensor | None,
        updates: Updates,
        length: int,
        *,
        first_only: bool,
    ) -> Tensor:
        rows = updates.linear(f"{block.name}.query", block.query_key_value, hidden_KNH)
        context = attend(rows, bias, num_heads=self.num_heads, length=length, first_only=first_only)
        before = _first_tokens(hidden_KNH, length) if first_only else hidden_KNH
        hidden = block.attention_norm(updates.linear(f"{block.name}.output", block.output, context, before))
        inner = F.gelu(updates.linear(f"{block.name}.up", block.up, hidden))
        return block.output_norm(updates.linear(f"{block.name}.down", block.down, inner, hidden))


def _first_tokens(rows_KNX: Tensor, length: int) -> Tensor:
    """The first token's row of each text: (K, S, X) from (K, S * T, X)."""
    num_runs, _, width = rows_KNX.shape
    return rows_KNX.view(num_runs, -1, length, width)[:, :, 0]


def _read_blocks(
    backbone: Backbone, device: torch.device, dtype: torch.dtype, num_heads: int
) -> list[EncoderBlock]:
    query_scale = (backbone.hidden_size // num_heads) ** -0.5
    layers = {role: list(backbone.linears(role).items()) for role in ROLES}
    assert backbone.family.norms is not None
    attention_norm, output_norm = backbone.family.norms

    def norm(module: nn.Module) -> FrozenNorm:
        assert isinstance(module, nn.LayerNorm)
        return FrozenNorm(module, device, dtype)

    blocks = []
    for i in range(backbone.num_layers):
        names = {role: layers[role][i][0] for role in ROLES}
        linear = {role: layers[role][i][1] for role in ROLES}
        match = re.match(r"(.*\.\d+)\.", names["query"])
        assert match is not None
        block = backbone.encoder.get_submodule(match[1])
        blocks.append(
            EncoderBlock(
                name=match[1],
                sites={
                    role: Site(
                        names[role],
                        role,
                        i,
                        linear[role].in_features,
                        linear[role].out_features,
                        output_scale=query_scale if role == "query" else 1.0,
                    )
                    for role in ROLES
                },
                query_key_value=FrozenLinear(
                    [linear["query"], linear["key"], linear["value"]], device, dtype, [query_scale, 1.0, 1.0]
                ),
                output=FrozenLinear([linear["output"]], device, dtype),
                up=FrozenLinear([linear["up"]], device, dtype),
                down=FrozenLinear([linear["down"]], device, dtype),
                attention_norm=norm(block.get_submodule(attention_norm)),
                output_norm=norm(block.get_submodule(output_norm)),
            )
        )
    return blocks
