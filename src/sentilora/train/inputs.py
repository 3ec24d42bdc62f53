"""What all runs of a study share: the backbone, the splits on the device, the precision, the recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from sentilora.data.batches.corpus import FeatureCorpus, TokenCorpus
from sentilora.data.batches.tokens import Tokens
from sentilora.model.backbone.loading import Backbone
from sentilora.model.heads import ParameterCount, Pooling
from sentilora.model.packed import Encoder, PackedClassifier, frozen_encoder
from sentilora.model.probe import ProbeClassifier
from sentilora.model.unpacked import UnpackedClassifier
from sentilora.model.updates.adapter_stack import AdapterRun
from sentilora.study_file.arms import FullArm, LoraArm, PeftArm
from sentilora.study_file.recipe import Recipe
from sentilora.train.device import DTYPES, Precision
from sentilora.train.engine import Trainee
from sentilora.train.pooled_features import Features, cached_features
from sentilora.train.split_pass import Corpus

InputT_contra = TypeVar("InputT_contra", contravariant=True)


class TrainableClassifier(Trainee[InputT_contra], Protocol[InputT_contra]):
    """K runs that can be trained, counted, saved and loaded."""

    @property
    def reads(self) -> Literal["tokens", "features"]:
        """Which form of a split its inputs are."""

    def count(self, k: int) -> ParameterCount:
        """What run k trains."""

    def save_run(self, k: int, folder: Path) -> None:
        """Write run k's trained numbers."""

    def load_run(self, k: int, folder: Path) -> None:
        """Read what ``save_run`` wrote for the same arm."""


@dataclass(frozen=True)
class TokenizedSplit:
    """A split's tokens and labels, on the host."""

    tokens: Tokens
    labels: NDArray[np.int64]


@dataclass(frozen=True)
class TrainingInputs:
    """What all runs of a study share."""

    backbone: Backbone
    """Never changed."""
    pooling: Pooling
    """What heads read."""
    num_classes: int
    """C."""
    splits: Mapping[str, TokenizedSplit]
    """Train, dev, test, and transfer sets as ``transfer:<name>``."""
    device: torch.device
    """Where to compute."""
    precision: Precision
    """Of frozen weights and activations."""
    recipe: Recipe
    """Of training."""
    cache: Path
    """Where features are remembered."""

    @cached_property
    def encoder(self) -> Encoder:
        """The frozen encoder, shared by all packs."""
        return frozen_encoder(self.backbone, self.pooling, self.device, DTYPES[self.precision])

    def corpus(self, split: str, form: Literal["tokens", "features"]) -> Corpus[Any]:
        """A split on the device in the form that a classifier reads."""
        return self.tokens(split) if form == "tokens" else self.features(split)

    def tokens(self, split: str) -> TokenCorpus:
        """A split's tokens on the device."""
        data = self.splits[split]
        return TokenCorpus(data.tokens, data.labels, self.backbone.pad_token_id, self.device)

    def features(self, split: str) -> FeatureCorpus:
        """A split's pooled features on the device."""
        data = self.splits[split]
        return FeatureCorpus(self.encoded(split).values, data.labels, data.tokens.lengths, self.device)

    def encoded(self, split: str) -> Features:
        """A split's pooled features on the host, from the cache where they are there."""
        return cached_features(
            self.encoder,
            self.tokens(split),
            self.pooling,
            tokens=self.splits[split].tokens,
            backbone_fingerprint=self.backbone.fingerprint,
            cache=self.cache,
        )

    def probes(self, seeds: Sequence[int]) -> ProbeClassifier:
        """K linear heads on features."""
        return ProbeClassifier(
            seeds,
            hidden_size=self.backbone.hidden_size,
            num_classes=self.num_classes,
            device=self.device,
        )

    def packed(self, runs: Sequence[AdapterRun]) -> PackedClassifier:
        """K LoRA classifiers."""
        return PackedClassifier(
            self.backbone,
            self.encoder,
            runs,
            pooling=self.pooling,
            num_classes=self.num_classes,
            device=self.device,
        )

    def unpacked(self, arm: FullArm | PeftArm | LoraArm, seed: int) -> UnpackedClassifier:
        """One classifier through transformers' and PEFT's own modules."""
        return UnpackedClassifier(
            self.backbone,
            arm,
            seed,
            pooling=self.pooling,
            num_classes=self.num_classes,
            device=self.device,
            dtype=DTYPES[self.precision],
        )
