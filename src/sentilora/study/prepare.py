"""From a study file to what its runs train on: data loaded, texts tokenised, the backbone at hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch

from sentilora.data.batches.tokens import Tokens, cached_tokens
from sentilora.data.dataset import SPLITS, Dataset, Examples
from sentilora.data.sources.registry import load_dataset, require_disjoint
from sentilora.data.splits import take_fraction
from sentilora.data.tables.reading import Reading
from sentilora.data.text_features import features_of, vocabulary
from sentilora.errors import StudyError
from sentilora.fetch.assets import cache_folder
from sentilora.model.backbone.loading import Backbone, load_backbone
from sentilora.study.pooling_choice import choose_pooling
from sentilora.study_file.arms import AdapterArm
from sentilora.study_file.study import Study
from sentilora.train.device import resolve_precision
from sentilora.train.inputs import TokenizedSplit, TrainingInputs


@dataclass(frozen=True)
class Prepared:
    """A study ready to run."""

    study: Study
    """The study, its pooling resolved."""
    dataset: Dataset
    """As loaded, before ``train_fraction``."""
    examples: Mapping[str, Examples]
    """What is trained, chosen and tested on, by split; transfer sets as ``transfer:<name>``."""
    transfer: Mapping[str, Dataset]
    """The transfer sets by name."""
    inputs: TrainingInputs
    """What all runs share."""
    pooling_trials: Mapping[str, float]
    """Dev accuracy of the exact probe with each pooling; empty where nothing had to be chosen."""

    def data_fields(self) -> dict[str, Any]:
        """The ``data`` of ``study.json``."""
        splits = self.inputs.splits
        return {
            "source": self.study.data.source,
            **self.dataset.about.to_json(),
            "fingerprint": self.dataset.fingerprint,
            "label_names": list(self.dataset.label_names),
            "sizes": {split: len(self.examples[split]) for split in SPLITS},
            "train_total": len(self.dataset.splits["train"]),
            "truncated": {split: int(splits[split].tokens.truncated.sum()) for split in splits},
            "tokens": {split: len(splits[split].tokens.ids) for split in splits},
            "label_counts": {
                split: np.bincount(
                    self.examples[split].labels, minlength=len(self.dataset.label_names)
                ).tolist()
                for split in SPLITS
            },
            "notes": list(self.dataset.notes),
            "transfer": {
                name: {
                    **data.about.to_json(),
                    "fingerprint": data.fingerprint,
                    "size": len(data.splits["test"]),
                }
                for name, data in self.transfer.items()
            },
        }

    def backbone_fields(self) -> dict[str, Any]:
        """The ``backbone`` of ``study.json``."""
        backbone = self.inputs.backbone
        return {
            "name": backbone.name,
            **backbone.about.to_json(),
            "family": backbone.model_type,
            "revision": backbone.revision,
            "fingerprint": backbone.fingerprint,
            "num_layers": backbone.num_layers,
            "hidden_size": backbone.hidden_size,
            "parameters": backbone.num_parameters,
            "pooling": self.inputs.pooling,
            "pooling_trials": dict(self.pooling_trials),
        }

    def write_examples(self, path: Path) -> None:
        """Write ``examples.parquet``: every example that is scored, with what error analysis slices by."""
        known = vocabulary(self.examples["train"].texts)
        parts = [
            _table(split, self.examples[split], self.inputs.splits[split].tokens, known)
            for split in self.examples
            if split != "train"
        ]
        pq.write_table(pa.concat_tables(parts), path, compression="zstd")


def prepare(study: Study, device: torch.device) -> Prepared:
    """Load everything that a study needs.

    Raises:
        DataError, AssetError, HubError, BackboneError: something cannot be had or used.
        StudyError: the parts do not go together.
    """
    require_disjoint(study.data.source, study.data.transfer)
    reading = Reading.of(study.data)
    dataset = load_dataset(study.data.source, reading)
    backbone = load_backbone(study.backbone.name, revision=study.backbone.revision)
    if study.data.max_length > backbone.max_length:
        raise StudyError(
            f"data.max_length is {study.data.max_length}, and {backbone.name} has positions for "
            f"{backbone.max_length} wordpieces",
            where="data.max_length",
            remedy=f"set it to {backbone.max_length} or less",
        )
    for arm in study.arm:
        if isinstance(arm, AdapterArm):
            backbone.adapted_linears(arm)
    transfer = {name: _load_transfer(name, dataset, reading) for name in study.data.transfer}
    examples: dict[str, Examples] = {split: dataset.splits[split] for split in SPLITS}
    examples["train"] = take_fraction(examples["train"], study.data.train_fraction)
    examples |= {f"transfer:{name}": data.splits["test"] for name, data in transfer.items()}
    inputs = _training_inputs(study, device, backbone, examples, len(dataset.label_names))
    pooling, trials = choose_pooling(study.backbone.pooling, inputs)
    resolved = study.backbone.model_copy(update={"pooling": pooling})
    return Prepared(
        study=study.model_copy(update={"backbone": resolved}),
        dataset=dataset,
        examples=examples,
        transfer=transfer,
        inputs=replace(inputs, pooling=pooling),
        pooling_trials=trials,
    )


def _training_inputs(
    study: Study,
    device: torch.device,
    backbone: Backbone,
    examples: Mapping[str, Examples],
    num_classes: int,
) -> TrainingInputs:
    cache = cache_folder()
    splits = {
        split: TokenizedSplit(
            cached_tokens(rows.texts, backbone.tokenizer, study.data.max_length, cache=cache), rows.labels
        )
        for split, rows in examples.items()
    }
    precision = resolve_precision(study.training.precision, device)
    return TrainingInputs(
        backbone=backbone,
        pooling="mean" if study.backbone.pooling == "auto" else study.backbone.pooling,
        num_classes=num_classes,
        splits=splits,
        device=device,
        precision=precision,
        recipe=study.training,
        cache=cache,
    )


def _load_transfer(name: str, home: Dataset, reading: Reading) -> Dataset:
    data = load_dataset(name, reading, needed=("test",))
    if not set(data.label_names) <= set(home.label_names):
        raise StudyError(
            f"transfer set {name!r} has labels {list(data.label_names)}, the study's data "
            f"{list(home.label_names)}",
            where="data.transfer",
            rule="a transfer set has labels of the data trained on, and no others",
        )
    return data.with_labels(home.label_names)


def _table(split: str, examples: Examples, tokens: Tokens, known: frozenset[str]) -> pa.Table:
    features = [features_of(text, known) for text in examples.texts]
    strengths = [None if np.isnan(strength) else float(strength) for strength in examples.strengths]
    return pa.table(
        {
            "split": pa.array([split] * len(examples), pa.string()),
            "id": pa.array(examples.ids, pa.string()),
            "text": pa.array(examples.texts, pa.string()),
            "label": pa.array(examples.labels, pa.int64()),
            "strength": pa.array(strengths, pa.float64()),
            "num_words": pa.array([f.num_words for f in features], pa.int64()),
            "num_tokens": pa.array(tokens.lengths, pa.int64()),
            "truncated": pa.array(tokens.truncated, pa.bool_()),
            "negation": pa.array([f.negation for f in features], pa.bool_()),
            "contrast": pa.array([f.contrast for f in features], pa.bool_()),
            "comparative": pa.array([f.comparative for f in features], pa.bool_()),
            "num_unseen_words": pa.array([f.num_unseen_words for f in features], pa.int64()),
        }
    )
