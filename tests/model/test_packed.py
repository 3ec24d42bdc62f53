"""Packed LoRA against its oracle, PEFT, and against itself in other packs."""

from __future__ import annotations

import copy
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict
from safetensors.torch import load_file

from sentilora.data.batches.corpus import TokenBatch, TokenCorpus
from sentilora.data.batches.tokens import Tokens
from sentilora.errors import BackboneError
from sentilora.model.backbone.loading import Backbone, load_backbone
from sentilora.model.encoders.post_norm import is_post_norm
from sentilora.model.heads import pool
from sentilora.model.packed import PackedClassifier, frozen_encoder
from sentilora.model.peft_io import WEIGHTS_FILE, load_lora
from sentilora.model.unpacked import UnpackedClassifier
from sentilora.model.updates.adapter_stack import AdapterRun
from sentilora.study_file.arms import LoraArm, Pooling
from sentilora.study_file.recipe import Recipe
from sentilora.train.engine import Fitted, StepMade, fit
from sentilora.train.kept_result import KeptResult
from support.oracles import last_hidden, read_factors, write_factors
from support.tiny_models import FAMILIES, make_tiny_model

CPU = torch.device("cpu")
QKV = ("query", "key", "value")


@pytest.fixture(scope="module")
def backbones(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Backbone]:
    loaded = {}

    def get(family: str) -> Backbone:
        if family not in loaded:
            folder = tmp_path_factory.mktemp(family)
            make_tiny_model(family, folder)
            loaded[family] = load_backbone(str(folder))
        return loaded[family]

    return get


def lora(
    rank: int = 4, targets: tuple[str, ...] = ("query", "value"), dropout: float = 0.0, **settings: Any
) -> LoraArm:
    return LoraArm(name="x", method="lora", rank=rank, targets=targets, dropout=dropout, **settings)


def finish(training: Generator[Any, None, Fitted]) -> Fitted:
    return KeptResult(training).finish()


def packed(
    backbone: Backbone, runs: list[AdapterRun], pooling: Pooling = "cls", num_classes: int = 2
) -> PackedClassifier:
    encoder = frozen_encoder(backbone, pooling, CPU, torch.float32)
    return PackedClassifier(backbone, encoder, runs, pooling=pooling, num_classes=num_classes, device=CPU)


def corpus(backbone: Backbone, num_texts: int = 48, seed: int = 0, num_classes: int = 2) -> TokenCorpus:
    """Random texts whose label is in their first word, so that there is something to learn."""
    generator = np.random.default_rng(seed)
    lengths = generator.integers(3, 10, size=num_texts)
    vocabulary = backbone.tokenizer.vocab_size
    ids = generator.integers(5, vocabulary, size=lengths.sum()).astype(np.int32)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    labels = (ids[offsets[:-1] + 1] % num_classes).astype(np.int64)
    tokens = Tokens(ids, offsets, np.zeros(num_texts, dtype=np.bool_))
    return TokenCorpus(tokens, labels, backbone.pad_token_id, CPU)


def scramble(classifier: PackedClassifier, seed: int = 1) -> None:
    """Factors away from their start, where B = 0 hides half of them."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for k, run in enumerate(classifier.stack.runs):
            factors, weight, bias = classifier.read_run(k)
            factors = {
                name: (a, torch.empty_like(b).normal_(0, 0.1, generator=generator))
                for name, (a, b) in factors.items()
            }
            classifier.write_run(k, factors, weight, bias)
            assert run.arm.rank == next(iter(factors.values()))[0].shape[0]


def batch(
    backbone: Backbone, num_runs: int, num_texts: int = 5, length: int = 7, seed: int = 0
) -> TokenBatch:
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(5, backbone.tokenizer.vocab_size, (num_runs, num_texts, length), generator=generator)
    mask = torch.ones_like(ids, dtype=torch.bool)
    mask[:, 1, 4:] = False
    mask[:, 3, 2:] = False
    return TokenBatch(torch.where(mask, ids, backbone.pad_token_id), mask)


@pytest.mark.parametrize("pooling", ["cls", "mean"])
@pytest.mark.parametrize("family", FAMILIES)
def test_at_its_start_a_pack_is_the_backbone(
    backbones: Callable[[str], Backbone], family: str, pooling: Pooling
) -> None:
    backbone = backbones(family)
    targets = ("query", "key", "value", "output", "up", "down")
    runs = [AdapterRun(lora(targets=targets), 0), AdapterRun(lora(targets=("down",)), 1)]
    runs = runs if FAMILIES[family].packable else runs[:1]
    classifier = packed(backbone, runs, pooling)
    assert is_post_norm(backbone) == FAMILIES[family].own_encoder
    inputs = batch(backbone, len(runs))
    assert inputs.mask is not None
    ids, mask = inputs.input_ids.flatten(0, 1), inputs.mask.flatten(0, 1)
    hidden = last_hidden(backbone, ids, mask.long())
    pooled = pool(hidden, mask, pooling).view(len(runs), 5, -1)
    heads = [classifier.read_run(k)[1:] for k in range(len(runs))]
    expected = torch.stack([pooled[k] @ weight.T + bias for k, (weight, bias) in enumerate(heads)])
    torch.testing.assert_close(classifier.logits(inputs, None), expected, atol=2e-6, rtol=1e-5)


@pytest.mark.parametrize("pooling", ["cls", "mean"])
@pytest.mark.parametrize("family", FAMILIES)
def test_each_run_computes_what_peft_computes(
    backbones: Callable[[str], Backbone], family: str, pooling: Pooling
) -> None:
    backbone = backbones(family)
    arms = [
        lora(2, (*QKV, "output", "up", "down"), rank_stabilized=True),
        lora(4, QKV),
        lora(8, ("up", "down")),
        lora(3, (*QKV, "down"), layers=(1,)),
    ]
    if not FAMILIES[family].packable:
        with pytest.raises(BackboneError, match="one run a pack"):
            packed(backbone, [AdapterRun(arm, 0) for arm in arms])
        arms = arms[:1]
    classifier = packed(backbone, [AdapterRun(arm, seed) for seed, arm in enumerate(arms)], pooling)
    scramble(classifier)
    inputs = batch(backbone, len(arms))
    assert inputs.mask is not None
    together = classifier.logits(inputs, None)
    for k, arm in enumerate(arms):
        factors, weight, bias = classifier.read_run(k)
        oracle = UnpackedClassifier(
            backbone, arm, k, pooling=pooling, num_classes=2, device=CPU, dtype=torch.float32
        )
        write_factors(oracle.peft_model, factors)
        with torch.no_grad():
            oracle.weight.copy_(weight)
            oracle.bias.copy_(bias)
            alone = oracle.logits(TokenBatch(inputs.input_ids[k : k + 1], inputs.mask[k : k + 1]), None)
        torch.testing.assert_close(together[k], alone[0], atol=5e-6, rtol=1e-5)


@pytest.mark.parametrize("family", ["distilbert", "bert", "mpnet"])
def test_fifty_steps_are_those_of_peft(backbones: Callable[[str], Backbone], family: str) -> None:
    backbone = backbones(family)
    train, dev = corpus(backbone), corpus(backbone, 16, seed=9)
    recipe = Recipe(epochs=9, batch_size=8, precision="fp32", evaluations_per_epoch=6)
    arms, rates, seeds = [lora(4), lora(2, (*QKV, "up"))], [1e-2, 3e-3], [5, 6]
    classifier = packed(backbone, [AdapterRun(arm, seed) for arm, seed in zip(arms, seeds, strict=True)])
    starts = [classifier.read_run(k) for k in range(2)]
    together = finish(fit(classifier, train, dev, recipe, seeds=seeds, learning_rates=rates))
    for k, arm in enumerate(arms):
        oracle = UnpackedClassifier(
            backbone, arm, seeds[k], pooling="cls", num_classes=2, device=CPU, dtype=torch.float32
        )
        factors, weight, bias = starts[k]
        write_factors(oracle.peft_model, factors)
        with torch.no_grad():
            oracle.weight.copy_(weight)
            oracle.bias.copy_(bias)
        alone = finish(fit(oracle, train, dev, recipe, seeds=[seeds[k]], learning_rates=[rates[k]]))
        losses = [line["train_loss"] for line in together.curves[k]]
        assert len(losses) == 54
        assert losses == pytest.approx([line["train_loss"] for line in alone.curves[0]], abs=1e-5)
        assert losses[-1] < losses[0]
        trained, trained_weight, _ = classifier.read_run(k)
        for name, (a, b) in read_factors(oracle.peft_model).items():
            torch.testing.assert_close(trained[name][0], a.detach(), atol=1e-4, rtol=1e-4)
            torch.testing.assert_close(trained[name][1], b.detach(), atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(trained_weight, oracle.weight.detach(), atol=1e-4, rtol=1e-4)


def test_a_run_has_the_same_curve_alone_in_two_and_in_sixteen(backbones: Callable[[str], Backbone]) -> None:
    backbone = backbones("bert")
    train, dev = corpus(backbone), corpus(backbone, 16, seed=9)
    recipe = Recipe(epochs=3, batch_size=8, precision="fp32")
    runs = [
        (
            AdapterRun(lora(1 + k % 5, (QKV[k % 3], "down"), dropout=0.05 * (k % 4), alpha=8 + k), 100 + k),
            1e-3 * (1 + k),
        )
        for k in range(16)
    ]
    curves = []
    for size in (1, 2, 16):
        chosen = runs[-size:]
        classifier = packed(backbone, [run for run, _ in chosen])
        fitted = finish(
            fit(
                classifier,
                train,
                dev,
                recipe,
                seeds=[run.seed for run, _ in chosen],
                learning_rates=[rate for _, rate in chosen],
            )
        )
        curves.append(fitted.curves[-1])
    for curve in curves[1:]:
        for line, alone in zip(curve, curves[0], strict=True):
            assert line == pytest.approx(alone, abs=1e-5, rel=1e-5)


def test_one_run_s_loss_has_no_gradient_in_another(backbones: Callable[[str], Backbone]) -> None:
    backbone = backbones("distilbert")
    classifier = packed(backbone, [AdapterRun(lora(3), 0), AdapterRun(lora(5), 1), AdapterRun(lora(2), 2)])
    scramble(classifier)
    loss = classifier.logits(batch(backbone, 3), torch.tensor(0, dtype=torch.int32))[1].square().sum()
    (gradient,) = torch.autograd.grad(loss, classifier.parameters)
    assert gradient[0].abs().max() == 0
    assert gradient[2].abs().max() == 0
    assert gradient[1].abs().max() > 0


def test_what_lies_beyond_a_run_s_rank_stays_zero(backbones: Callable[[str], Backbone]) -> None:
    backbone = backbones("bert")
    classifier = packed(backbone, [AdapterRun(lora(2, dropout=0.1), 0), AdapterRun(lora(8, (*QKV, "up")), 1)])
    before = (classifier.flat.detach()[0] != 0).sum()
    recipe = Recipe(epochs=2, batch_size=8, precision="fp32")
    finish(
        fit(
            classifier, corpus(backbone), corpus(backbone, 8), recipe, seeds=[0, 1], learning_rates=[0.01] * 2
        )
    )
    after = int((classifier.flat.detach()[0] != 0).sum())
    assert before < after <= classifier.count(0).trainable


def test_a_nan_ends_its_run_alone(backbones: Callable[[str], Backbone]) -> None:
    backbone = backbones("distilbert")
    train, dev = corpus(backbone), corpus(backbone, 16, seed=9)
    recipe = Recipe(epochs=2, batch_size=8, precision="fp32", evaluations_per_epoch=2)
    curves = {}
    for broken in (False, True):
        classifier = packed(
            backbone, [AdapterRun(lora(4, dropout=0.1), 0), AdapterRun(lora(4, dropout=0.1), 1)]
        )
        training = KeptResult(fit(classifier, train, dev, recipe, seeds=[0, 1], learning_rates=[1e-3, 1e-3]))
        for event in training:
            if broken and isinstance(event, StepMade) and event.step == 4:
                with torch.no_grad():
                    classifier.flat[0, 0] = torch.nan
        fitted = training.value
        curves[broken] = fitted.curves[1]
        if broken:
            failure = fitted.failures[0]
            assert failure is not None
            assert failure.step == 4
            assert len(failure.positions) == 8
            assert fitted.kept[0] is None
            assert fitted.failures[1] is None
            assert len(fitted.curves[0]) < len(fitted.curves[1])
    assert curves[True] == curves[False]


@pytest.mark.parametrize("num_classes", [2, 5])
def test_reading_and_writing_a_run_are_inverse(
    backbones: Callable[[str], Backbone], num_classes: int
) -> None:
    backbone = backbones("mpnet")
    classifier = packed(
        backbone, [AdapterRun(lora(2), 0), AdapterRun(lora(8, QKV), 1)], num_classes=num_classes
    )
    scramble(classifier)
    other = packed(backbone, [AdapterRun(lora(8, QKV), 7), AdapterRun(lora(2), 8)], num_classes=num_classes)
    for k in range(2):
        other.write_run(1 - k, *classifier.read_run(k))
    inputs = batch(backbone, 1)
    torch.testing.assert_close(other.logits(inputs, None).flip(0), classifier.logits(inputs, None))


@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing.:FutureWarning")  # PEFT's own call
@pytest.mark.parametrize("family", ["bert", "distilbert"])
def test_adapters_on_some_layers_are_what_peft_makes_of_layers_to_transform(
    backbones: Callable[[str], Backbone], family: str, tmp_path: Path
) -> None:
    backbone = backbones(family)
    arm = lora(2, layers="last-1")
    classifier = packed(backbone, [AdapterRun(lora(4), 0), AdapterRun(arm, 1)])
    classifier.save_run(1, tmp_path)
    names = {name.rpartition(".")[2] for name in backbone.linears("query", "value")}
    config = LoraConfig(r=2, target_modules=sorted(names), layers_to_transform=[1], layers_pattern="layer")
    theirs = get_peft_model(copy.deepcopy(backbone.encoder), config)
    assert set(load_file(tmp_path / WEIGHTS_FILE)) == set(get_peft_model_state_dict(theirs))
    own = read_factors(theirs)
    assert classifier.count(1).adapter == sum(a.numel() + b.numel() for a, b in own.values())
    assert load_lora(tmp_path).keys() == own.keys()
