"""Families: what the roles mean in each, how it pads and how long a text may be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from peft import LoraConfig, get_peft_model
from torch import Tensor, nn

from sentilora.errors import BackboneError
from sentilora.model.backbone import families
from sentilora.model.backbone.loading import load_backbone
from sentilora.study_file.arms import ROLES, Role
from support.oracles import encode, last_hidden
from support.tiny_models import FAMILIES, HIDDEN_SIZE, INTERMEDIATE_SIZE, MAX_POSITIONS, NUM_LAYERS

TEXTS = ["a very good film", "not a good film , but never a boring one", "awful"]
SEPARATE = [family for family, known in FAMILIES.items() if not known.fused]
TinyModel = Callable[[str], Path]


def largest_change(before: tuple[Tensor, Tensor], after: tuple[Tensor, Tensor]) -> float:
    """Over the tokens that are no padding."""
    return float(((before[0] - after[0]).abs() * before[1].unsqueeze(-1)).max())


def test_the_table_of_families_is_whole() -> None:
    assert set(FAMILIES) == set(families.FAMILIES)


@pytest.mark.parametrize("family", FAMILIES)
def test_padding_changes_nothing(tiny_model: TinyModel, family: str) -> None:
    backbone = load_backbone(str(tiny_model(family)))
    together, mask = encode(backbone, TEXTS)
    for row, text in enumerate(TEXTS):
        alone, _ = encode(backbone, [text])
        torch.testing.assert_close(together[row, : mask[row].sum()], alone[0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_longest_text_is_one_more_too_many(tiny_model: TinyModel, family: str) -> None:
    backbone = load_backbone(str(tiny_model(family)))
    assert backbone.max_length == MAX_POSITIONS - FAMILIES[family].positions_lost
    longest = torch.full((1, backbone.max_length), 7)
    last_hidden(backbone, longest, torch.ones_like(longest))
    if FAMILIES[family].has_absolute_positions:
        longer = torch.full((1, backbone.max_length + 1), 7)
        with pytest.raises((IndexError, RuntimeError)):
            last_hidden(backbone, longer, torch.ones_like(longer))


@pytest.mark.parametrize("family", FAMILIES)
def test_roles_cover_every_linear_layer_of_the_blocks_once(tiny_model: TinyModel, family: str) -> None:
    backbone = load_backbone(str(tiny_model(family)))
    linears = {name for name, module in backbone.encoder.named_modules() if isinstance(module, nn.Linear)}
    linears.discard("embeddings_project")  # ELECTRA's, before the blocks
    by_role = backbone.linears(*ROLES)
    assert set(by_role) == linears
    num_roles = 4 if FAMILIES[family].fused else 6
    assert len(by_role) == num_roles * NUM_LAYERS
    assert list(by_role) == [name for layer in range(NUM_LAYERS) for name in by_role if f".{layer}." in name]


@pytest.mark.parametrize("family", FAMILIES)
def test_roles_have_the_shapes_of_what_they_do(tiny_model: TinyModel, family: str) -> None:
    backbone = load_backbone(str(tiny_model(family)))
    square, gates = (HIDDEN_SIZE, HIDDEN_SIZE), 2 if FAMILIES[family].fused else 1
    expected: dict[Role, tuple[int, int]] = {
        "output": square,
        "up": (gates * INTERMEDIATE_SIZE, HIDDEN_SIZE),
        "down": (HIDDEN_SIZE, INTERMEDIATE_SIZE),
    }
    if not FAMILIES[family].fused:
        expected |= {"query": square, "key": square, "value": square}
    for role, shape in expected.items():
        shapes = [tuple(layer.weight.shape) for layer in backbone.linears(role).values()]
        assert shapes == [shape] * NUM_LAYERS, role


@pytest.mark.parametrize("family", [family for family in SEPARATE if FAMILIES[family].has_absolute_positions])
def test_the_key_layer_is_the_one_whose_bias_attention_cannot_see(tiny_model: TinyModel, family: str) -> None:
    """A constant added to every key moves all scores of a query alike, and softmax forgets it.

    Not so in DeBERTa, where keys also meet the positions.
    """
    for role in ("query", "key", "value"):
        backbone = load_backbone(str(tiny_model(family)))
        before = encode(backbone, TEXTS)
        for layer in backbone.linears(role).values():
            layer.bias.add_(torch.linspace(-2, 2, HIDDEN_SIZE))
        assert (largest_change(before, encode(backbone, TEXTS)) < 1e-4) == (role == "key")


@pytest.mark.parametrize("family", SEPARATE)
def test_a_constant_value_passes_attention_and_output_unchanged(tiny_model: TinyModel, family: str) -> None:
    """Attention weights sum to one: b added to every value is ``W_output b`` added after the projection."""
    backbone = load_backbone(str(tiny_model(family)))
    before = encode(backbone, TEXTS)
    constant = torch.linspace(-2, 2, HIDDEN_SIZE)
    values, outputs = backbone.linears("value").values(), backbone.linears("output").values()
    for value in values:
        value.bias.add_(constant)
    assert largest_change(before, encode(backbone, TEXTS)) > 1e-2
    for output in outputs:
        output.bias.sub_(output.weight @ constant)
    assert largest_change(before, encode(backbone, TEXTS)) < 1e-4


@pytest.mark.filterwarnings(
    "ignore:.is_gradient_checkpointing. is deprecated:FutureWarning"
)  # PEFT's own call
@pytest.mark.parametrize("family", FAMILIES)
def test_peft_targets_exactly_these_layers(tiny_model: TinyModel, family: str) -> None:
    roles: tuple[Role, ...] = ("query", "key", "value", "down")
    backbone = load_backbone(str(tiny_model(family)))
    targets = backbone.linears(*roles)
    expected = sum(4 * (layer.in_features + layer.out_features) for layer in targets.values())
    adapted = get_peft_model(backbone.encoder, LoraConfig(r=4, target_modules=list(targets)))
    wrapped = {
        name.removesuffix(".base_layer").removeprefix("base_model.model.")
        for name, _ in adapted.named_modules()
        if name.endswith(".base_layer")
    }
    assert wrapped == set(targets)
    assert adapted.get_nb_trainable_parameters()[0] == expected


@pytest.mark.parametrize("roles", [("query",), ("query", "value"), ("up", "key")])
def test_a_role_that_is_only_fused_must_be_named_with_the_others(
    tiny_model: TinyModel, roles: tuple[Role, ...]
) -> None:
    backbone = load_backbone(str(tiny_model("modernbert")))
    with pytest.raises(BackboneError, match="query, key, value are one fused layer") as caught:
        backbone.linears(*roles)
    assert '"query", "key", "value"' in caught.value.remedy
    assert '"output", "up", "down"' in caught.value.remedy
    fused = backbone.linears("value", "key", "query")
    assert [layer.out_features for layer in fused.values()] == [3 * HIDDEN_SIZE] * NUM_LAYERS
