"""What all runs of a study share: the backbone, the splits on the device, the precision, the recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from sentilora.data.batches.corpus import FeatureCorpus, TokenCorpus
from sentilora.data.batches.tokens import Tokens
from sentilora.model.backbone.loading import Backbone
from sentilora.model.heads import ParameterCount, pooled_size
from sentilora.model.packed import Encoder, PackedClassifier, frozen_encoder
from sentilora.model.probe import ProbeClassifier
from sentilora.model.unpacked import UnpackedClassifier
from sentilora.model.updates.adapter_stack import AdapterRun
from sentilora.study_file.arms import ArmSettings, FullArm, LoraArm, PeftArm, Pooling
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
    """What heads read, where an arm does not say otherwise."""
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
    _encoders: dict[bool, Encoder] = field(default_factory=dict, repr=False, compare=False)
    """By whether the first token alone is read."""

    def read_by(self, arm: ArmSettings) -> TrainingInputs:
        """The same inputs with the pooling of this arm; encoders are shared."""
        return replace(self, pooling=arm.pooling or self.pooling)

    @property
    def encoder(self) -> Encoder:
        """The frozen encoder for this pooling, shared by all packs."""
        return self._encoder_for(self.pooling)

    def _encoder_for(self, pooling: Pooling) -> Encoder:
        first_token_only = pooling == "cls"
        if first_token_only not in self._encoders:
            self._encoders[first_token_only] = frozen_encoder(
                self.backbone, pooling, self.device, DTYPES[self.precision]
            )
        return self._encoders[first_token_only]

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
        """A split's pooled features on the host, from the cache where they are there.

        One pass gives every pooling, so that arms and the choice of a pooling share it.
        """
        every = cached_features(
            self._encoder_for("both"),
            self.tokens(split),
            tokens=self.splits[split].tokens,
            backbone_fingerprint=self.backbone.fingerprint,
            cache=self.cache,
        )
        width = self.backbone.hidden_size
        columns = {"cls": slice(width), "mean": slice(width, None), "both": slice(None)}[self.pooling]
        return replace(every, values=np.ascontiguousarray(every.values[:, columns]))

    def probes(self, seeds: Sequence[int]) -> ProbeClassifier:
        """K linear heads on features."""
        return ProbeClassifier(
            seeds,
            hidden_size=pooled_size(self.backbone.hidden_size, self.pooling),
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
