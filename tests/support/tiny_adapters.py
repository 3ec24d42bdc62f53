"""Records with adapters of every method on tiny random models, their numbers drawn instead of trained."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import TypeAdapter

from sentilora.data.batches.corpus import TokenBatch
from sentilora.files import replacing_sealed_folder, write_json
from sentilora.model.backbone.loading import Backbone, load_backbone
from sentilora.model.peft_io import save_classifier, save_head
from sentilora.model.unpacked import UnpackedClassifier
from sentilora.study_file.arms import Arm, Pooling, ProbeArm
from support.tiny_models import TEXT

LABELS = ("negative", "mixed", "positive")
MAX_LENGTH = 20

ARMS: dict[str, dict[str, Any]] = {
    "probe": {"name": "frozen", "method": "probe"},
    "lora": {"name": "lora", "method": "lora", "rank": 3, "alpha": 4, "targets": ["query", "value", "down"]},
    "rslora": {"name": "rs", "method": "lora", "rank": 4, "rank_stabilized": True},
    "dora": {"name": "dora", "method": "peft", "options": {"r": 2, "use_dora": True}},
    "pissa": {"name": "pissa", "method": "peft", "options": {"r": 2, "init_lora_weights": "pissa"}},
    "full": {"name": "full", "method": "full"},
}


@dataclass(frozen=True)
class TinyRun:
    """A record's folder, and the classifier that it was written from."""

    folder: Path
    backbone: Backbone
    weight: torch.Tensor
    bias: torch.Tensor
    trainee: UnpackedClassifier | None

    def logits(self, texts: list[str]) -> NDArray[np.float32]:
        """Logits as in training: adapters beside the weights, transformers' and PEFT's own modules."""
        batch = self.backbone.tokenizer(
            texts, padding=True, truncation=True, max_length=MAX_LENGTH, return_tensors="pt"
        )
        ids, mask = batch["input_ids"], batch["attention_mask"].bool()
        with torch.no_grad():
            if self.trainee is not None:
                return self.trainee.logits(TokenBatch(ids[None], mask[None]), None)[0].numpy()
            hidden = self.backbone.encoder(input_ids=ids, attention_mask=mask.long()).last_hidden_state
            logits: torch.Tensor = hidden[:, 0] @ self.weight.T + self.bias
            return logits.numpy()


def make_run(
    folder: Path, model: Path, method: str, *, pooling: Pooling = "cls", seed: int = 3, scale: float = 0.1
) -> TinyRun:
    """Write a finished run's record with an adapter of ``method``, a key of ``ARMS``."""
    backbone = load_backbone(str(model))
    arm = TypeAdapter(Arm).validate_python(ARMS[method])
    generator = torch.Generator().manual_seed(seed)
    weight = torch.randn(len(LABELS), backbone.hidden_size, generator=generator)
    bias = torch.randn(len(LABELS), generator=generator)
    trainee = None
    if not isinstance(arm, ProbeArm):
        trainee = UnpackedClassifier(
            backbone,
            arm,
            seed,
            pooling=pooling,
            num_classes=len(LABELS),
            device=torch.device("cpu"),
            dtype=torch.float32,
        )
        with torch.no_grad():
            for parameter in trainee.parameters[:-2]:
                parameter += scale * torch.randn(parameter.shape, generator=generator)
            trainee.weight.copy_(weight)
            trainee.bias.copy_(bias)
    with replacing_sealed_folder(folder) as working:
        write_json(
            working / "record.json", {"schema": 1, "run_id": folder.name, "seed": seed, "status": "finished"}
        )
        if trainee is None:
            save_head(working / "adapter", weight, bias)
        else:
            trainee.save_run(0, working / "adapter")
        save_classifier(working / "adapter", description(folder.name, arm, backbone, pooling))
    return TinyRun(folder, backbone, weight, bias, trainee)


def description(run_id: str, arm: Any, backbone: Backbone, pooling: Pooling) -> dict[str, Any]:
    """``classifier.json``."""
    return {
        "schema": 1,
        "run_id": run_id,
        "arm": arm.model_dump(mode="json"),
        "labels": list(LABELS),
        "pooling": pooling,
        "max_length": MAX_LENGTH,
        "backbone": {
            "name": backbone.name,
            "family": backbone.model_type,
            "revision": backbone.revision,
            "fingerprint": backbone.fingerprint,
        },
    }


def invented_texts(number: int, seed: int = 0) -> list[str]:
    """Sentences of 1 to 30 invented words; the longest are cut."""
    drawn, words = random.Random(seed), TEXT.split()
    return [" ".join(drawn.choices(words, k=drawn.randint(1, 30))) for _ in range(number)]


def edit_json(path: Path, **changes: Any) -> None:
    """Change keys of a JSON file."""
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")
