"""Explanations: what words add adds up, in every family, for any text."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from sentilora.records.choice import chosen_records
from sentilora.records.record import read_study_records
from sentilora.use.explain import Explanation, explain, join_words
from sentilora.use.predict import Classifier, load_classifier
from support.tiny_models import FAMILIES, make_tiny_tokenizer
from support.tiny_study import tiny_study

TEXT = "a warm and funny film , but the plot is not clever"


def adapter_folder(study: Path, arm: str) -> Path:
    return next(record.folder for record in read_study_records(study).records if record.arm == arm)


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    return load_classifier(adapter_folder(tiny_study(tmp_path_factory), "lora"), device="cpu")


SetNumSteps = Callable[[int], None]


@pytest.fixture
def set_num_steps(monkeypatch: pytest.MonkeyPatch) -> SetNumSteps:
    return lambda number: monkeypatch.setattr("sentilora.use.explain.NUM_STEPS", number)


def total(explanation: Explanation) -> float:
    return sum(word.attribution or 0.0 for word in explanation.words)


@pytest.mark.parametrize("target", [0, 1])
def test_attributions_add_up_to_the_difference_of_the_logits(
    classifier: Classifier, target: int, set_num_steps: SetNumSteps
) -> None:
    set_num_steps(64)
    logits = classifier.logits([TEXT])[0]
    explanation = explain(classifier, TEXT, target)
    assert explanation.logit == pytest.approx(logits[target] - logits[1 - target], abs=1e-4)
    difference = explanation.logit - explanation.baseline_logit
    assert abs(difference) > 0.5
    assert abs(explanation.convergence_delta) < 0.01 * abs(difference)
    assert total(explanation) == pytest.approx(difference + explanation.convergence_delta, abs=1e-4)


def test_both_classes_are_explained_by_the_same_words_with_opposite_signs(classifier: Classifier) -> None:
    against, toward = (explain(classifier, TEXT, target) for target in (0, 1))
    for one, other in zip(against.words, toward.words, strict=True):
        assert one.attribution == pytest.approx(-(other.attribution or 0), abs=1e-4)


def test_more_steps_integrate_better(classifier: Classifier, set_num_steps: SetNumSteps) -> None:
    deltas = []
    for number in (2, 8, 32):
        set_num_steps(number)
        deltas.append(abs(explain(classifier, TEXT, 1).convergence_delta))
    assert deltas[0] > 5 * deltas[1]
    assert deltas[1] > 5 * deltas[2]


def test_the_order_of_computing_the_steps_does_not_matter(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = explain(classifier, TEXT, 1)
    monkeypatch.setattr("sentilora.use.explain.TOKENS_AT_ONCE", 1)
    one_by_one = explain(classifier, TEXT, 1)
    for one, other in zip(together.words, one_by_one.words, strict=True):
        assert one.attribution == pytest.approx(other.attribution, abs=1e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_converges(
    family: str, tiny_model: Callable[[str], Path], set_num_steps: SetNumSteps
) -> None:
    """An untrained model of each family: the baseline has the text's positions, or the ends do not meet."""
    from sentilora.model.backbone.loading import load_backbone

    backbone = load_backbone(str(tiny_model(family)))
    generator = torch.Generator().manual_seed(0)
    # A random model's [PAD] is the zero vector, at which a layer norm without positions (DeBERTa) jumps.
    encoder: Any = backbone.encoder
    pad = encoder.get_input_embeddings().weight[backbone.pad_token_id]
    pad.copy_(torch.randn(pad.shape, generator=generator))
    weight = torch.randn(3, backbone.hidden_size, generator=generator)
    fake: Any = SimpleNamespace(
        backbone=backbone, weight=weight, bias=torch.zeros(3), pooling="mean", max_length=32,
        labels=("a", "b", "c"), device=torch.device("cpu"),
    )  # fmt: skip
    set_num_steps(100)
    explanation = explain(fake, TEXT, 2)
    assert len(explanation.words) == 12
    assert abs(explanation.convergence_delta) < 0.02 * sum(abs(w.attribution or 0) for w in explanation.words)


class Passing(nn.Module):
    """An encoder that passes its embeddings on: with mean pooling, the logits are linear in them."""

    def __init__(self, num_tokens: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_tokens, 8)

    def get_input_embeddings(self) -> nn.Embedding:
        return self.embedding

    def forward(self, inputs_embeds: torch.Tensor, attention_mask: torch.Tensor) -> SimpleNamespace:
        return SimpleNamespace(last_hidden_state=inputs_embeds)


@pytest.mark.parametrize("num_steps", [1, 20])
def test_a_linear_model_is_explained_exactly(num_steps: int, set_num_steps: SetNumSteps) -> None:
    set_num_steps(num_steps)
    tokenizer = make_tiny_tokenizer()
    encoder = Passing(len(tokenizer)).requires_grad_(False)
    pad: Any = tokenizer.pad_token_id
    weight = torch.randn(2, 8, generator=torch.Generator().manual_seed(1))
    linear: Any = SimpleNamespace(
        backbone=SimpleNamespace(encoder=encoder, tokenizer=tokenizer, pad_token_id=pad),
        weight=weight, bias=torch.tensor([0.5, -0.25]), pooling="mean", max_length=64,
        labels=("negative", "positive"), device=torch.device("cpu"),
    )  # fmt: skip
    explanation = explain(linear, "good film good", 1)
    table = encoder.embedding.weight
    value = (table - table[pad]) @ (weight[1] - weight[0]) / 5  # the mean is over [CLS] and [SEP] too
    expected = [float(value[tokenizer.convert_tokens_to_ids(word)]) for word in ("good", "film", "good")]
    assert [word.attribution for word in explanation.words] == pytest.approx(expected, abs=1e-5)
    assert explanation.convergence_delta == pytest.approx(0, abs=1e-5)


def test_what_was_cut_off_has_no_attribution(classifier: Classifier) -> None:
    explanation = explain(classifier, "good film " * 40, 1)
    read = [word.attribution is not None for word in explanation.words]
    assert read == [True] * (classifier.max_length - 2) + [False] * (80 - classifier.max_length + 2)


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_a_text_without_words_is_explained_by_none(classifier: Classifier, text: str) -> None:
    explanation = explain(classifier, text, 1)
    assert explanation.words == ()
    assert explanation.convergence_delta == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize(
    "text",
    [
        "<b>good</b> [SEP] [PAD] film",
        "don't — well-made… \U0001f468‍\U0001f469‍\U0001f467 \U0001f600\U0001f600",
        "नमस्ते दुनिया \x00\x07 ‮abc",
        "电影很好",
        "x" * 5000,
    ],
    ids=["markup", "emoji", "devanagari and controls", "chinese", "long"],
)
def test_any_text_is_explained(classifier: Classifier, text: str) -> None:
    explanation = explain(classifier, text, 1)
    difference = explanation.logit - explanation.baseline_logit
    assert total(explanation) == pytest.approx(difference + explanation.convergence_delta, abs=1e-4)
    outside = "".join(text[a.end : b.start] for a, b in pairwise(explanation.words))
    assert not outside.strip()


@given(st.text(alphabet="ab ,.!'\n-", max_size=40), st.data())
def test_joining_keeps_every_attribution_and_every_character(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=12)) | {0, len(text)})
    pieces = [(0, 0), *pairwise(cuts), (0, 0)]
    values = [
        0.0,
        *data.draw(st.lists(st.integers(-9, 9), min_size=len(cuts) - 1, max_size=len(cuts) - 1)),
        0,
    ]
    words = join_words(text, pieces, values)
    held = [v for (start, end), v in zip(pieces, values, strict=True) if text[start:end].strip()]
    assert sum(word.attribution or 0 for word in words) == sum(held)
    assert "".join(text[w.start : w.end] for w in words) == "".join(text.split())
    assert all(a.end <= b.start for a, b in pairwise(words))


def drop_after_deleting(
    classifier: Classifier, texts: list[str], *, num_deleted: int, generator: np.random.Generator
) -> tuple[float, float]:
    """Mean drop in the probability of the predicted class: top words deleted, and random ones."""
    rows = []
    for text, said in zip(texts, classifier.predict(texts), strict=True):
        target = classifier.labels.index(said.label)
        words = explain(classifier, text, target).words
        if len(words) < 2 * num_deleted:
            continue
        by_rising = np.argsort([word.attribution or 0.0 for word in words])
        chosen = [by_rising[-num_deleted:], generator.permutation(len(words))[:num_deleted]]
        kept = [
            " ".join(text[w.start : w.end] for i, w in enumerate(words) if i not in deleted)
            for deleted in chosen
        ]
        rows.append([said.probability - p.probabilities[target] for p in classifier.predict(kept)])
    top, random = np.mean(rows, axis=0)
    return float(top), float(random)


def test_deleting_the_top_words_lowers_the_probability_more_than_deleting_random_ones(
    classifier: Classifier, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from sentilora.evidence.statistics.scored_arms import read_examples

    texts = [text for text in read_examples(tiny_study(tmp_path_factory))["test"].texts if text][:60]
    top, random = drop_after_deleting(classifier, texts, num_deleted=2, generator=np.random.default_rng(0))
    assert top > random + 0.1


@pytest.mark.slow
def test_deleting_top_words_on_a_real_adapter() -> None:
    """On a study that was run before: SENTILORA_QUICKSTART_DIR names its folder of records."""
    folder = Path(os.environ.get("SENTILORA_QUICKSTART_DIR") or "runs/quickstart")
    if not (folder / "study.json").is_file():
        pytest.skip("needs the records of the quickstart: sentilora run, or SENTILORA_QUICKSTART_DIR")
    from sentilora.evidence.statistics.scored_arms import read_examples

    records = chosen_records(read_study_records(folder).records)
    classifier = load_classifier(
        next(r.folder for r in records if r.fields["arm"]["method"] == "lora"), device="cpu"
    )
    texts = [text for text in read_examples(folder)["test"].texts if text][:40]
    top, random = drop_after_deleting(classifier, texts, num_deleted=3, generator=np.random.default_rng(0))
    assert top > random + 0.1
