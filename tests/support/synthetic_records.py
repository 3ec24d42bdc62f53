"""Studies that never ran: complete folders of records with known true accuracies, for tests of the evidence.

Every run draws a margin for every example: a threshold that gives the arm its true accuracy, plus noise that
is partly the example's (shared by all runs), partly the arm's and partly the run's own. A margin above zero
is a right answer. So accuracies, and how strongly runs agree, are under a test's control.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy.stats import norm

from sentilora.files import canonical_json, sha256_of, sha256_of_file, write_json, write_manifest
from sentilora.records.record import (
    EXAMPLES_FILE,
    PREDICTIONS_FILE,
    RECORD_FILE,
    SCHEMA,
    STUDY_FILE,
    Predictions,
    read_predictions,
    write_predictions,
)
from sentilora.records.scores import score
from sentilora.study_file.study import Study, parse_study

EVALUATIONS = 12
STEPS_BETWEEN = 50
TEXTS = (
    "The plot was dull and the ending worse",
    "A warm clever film that never stops moving",
    "I did not like the songs but the cast is lovely",
    "Costs $5 #worth @every cent_of *it* [really]",
    '=1+1 is not a review, said the "critic"',
    "فيلم جميل جدا",
    "What a ride 🎢🎬",
    "Slower than its older brother and twice as long",
)


@dataclass(frozen=True, kw_only=True)
class SyntheticArm:
    """An arm with a true accuracy."""

    name: str
    """The arm's name."""
    method: str
    """``probe``, ``lora``, ``peft`` or ``full``."""
    accuracy: float
    """True accuracy of its average seed, 0 to 1, where nothing is negated."""
    rank: int = 8
    """LoRA rank, for ``lora``."""
    seed_sd: float = 0.002
    """Standard deviation between seeds of the true accuracy."""
    negation_penalty: float = 0.0
    """How much lower the margin is on negated texts, in standard deviations."""
    transfer_accuracy: float = 0.7
    """True accuracy on every transfer set."""

    def settings(self) -> dict[str, Any]:
        """The arm as a study file states it."""
        return {"name": self.name, "method": self.method} | (
            {"rank": self.rank} if self.method == "lora" else {}
        )


ARMS = (
    SyntheticArm(name="frozen", method="probe", accuracy=0.78, negation_penalty=0.5),
    SyntheticArm(name="lora-8", method="lora", accuracy=0.89, rank=8),
    SyntheticArm(name="lora-16", method="lora", accuracy=0.892, rank=16),
)


@dataclass(frozen=True)
class _Split:
    """Examples of one split and the difficulty that all runs share."""

    name: str
    columns: dict[str, Any]
    difficulty: NDArray[np.float64]
    distractor: NDArray[np.int64]
    arm_noise: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    @property
    def labels(self) -> NDArray[np.int64]:
        return np.asarray(self.columns["label"], dtype=np.int64)


def write_synthetic_study(
    folder: Path,
    *,
    name: str = "synthetic",
    arms: Sequence[SyntheticArm] = ARMS,
    seeds: Sequence[int] = (0, 1, 2),
    learning_rates: Sequence[float] = (5e-4, 1e-3),
    num_test: int = 400,
    num_dev: int = 200,
    seed: int = 0,
    failed: Collection[tuple[str, int]] = (),
    transfer: Mapping[str, int] | None = None,
    texts: bool = True,
    claims: Mapping[str, Mapping[str, Any]] | None = None,
    label_names: Sequence[str] = ("negative", "positive"),
    example_share: float = 0.8,
    arm_share: float = 0.1,
    equivalence_margin: float = 0.01,
) -> Path:
    """Write ``folder/name`` as ``sentilora run`` would have left it.

    Args:
        folder: where studies lie; made if absent.
        name: the study's name.
        arms: what to compare.
        seeds: one run each, for every arm and learning rate.
        learning_rates: tried by every arm that trains; the last one is the best on dev.
        num_test: test examples.
        num_dev: dev examples.
        seed: of everything drawn here.
        failed: (arm, seed) of runs that failed, at every learning rate.
        transfer: transfer sets and their sizes.
        texts: whether the study keeps its texts.
        claims: the study's ``[claims]``.
        label_names: one name per class.
        example_share: share of the margin's variance that all runs have in common, 0 to 1.
        arm_share: share that an arm's runs have in common; the rest is each run's own.
        equivalence_margin: the study's.

    Returns:
        The study's folder.
    """
    study = _study(name, arms, seeds, learning_rates, transfer or {}, claims or {}, equivalence_margin)
    root = folder / name
    root.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    names = [arm.name for arm in arms]
    sizes = {"dev": num_dev, "test": num_test} | {f"transfer:{k}": n for k, n in (transfer or {}).items()}
    splits = [_split(split, size, len(label_names), texts, rng) for split, size in sizes.items()]
    for split in splits:
        split.arm_noise.update({arm.name: rng.normal(size=len(split.difficulty)) for arm in arms})
    _write_examples(root / EXAMPLES_FILE, splits)
    planned = []
    for arm, settings in zip(arms, study.arm, strict=True):
        rates = study.learning_rates(settings)
        for rate in rates:
            for run_seed in seeds:
                run_id = f"{arm.name}-s{run_seed}" + ("" if rate is None else f"-lr{rate:g}")
                identity = sha256_of(canonical_json([name, arm.settings(), run_seed, rate, seed]))
                planned.append(
                    {
                        "run_id": run_id,
                        "arm": arm.name,
                        "seed": run_seed,
                        "learning_rate": rate,
                        "identity": identity,
                    }
                )
                record = _record(planned[-1], name, settings.model_dump(mode="json"), study)
                working = root / run_id
                working.mkdir()
                if (arm.name, run_seed) in failed:
                    _write_failure(working, record)
                else:
                    shares = (example_share, arm_share, 1 - example_share - arm_share)
                    # Every rate sees the same noise, so the last one is the best on dev by construction.
                    own = np.random.default_rng([seed, names.index(arm.name), run_seed])
                    _write_run(working, record, arm, splits, rate == rates[-1], shares, own, len(label_names))
                write_manifest(working)
    write_json(root / STUDY_FILE, _study_file(root, study, splits, planned, label_names))
    return root


def change_predictions(
    run: Path, split: str, change: Callable[[Predictions], Predictions], *, restate: bool = True
) -> None:
    """Rewrite one split of a run's predictions and seal the record again.

    Args:
        run: the record's folder.
        split: one that it has predictions on.
        change: from the predictions that are there to the new ones.
        restate: whether the record states the scores that the new predictions come to.
    """
    predictions = read_predictions(run / PREDICTIONS_FILE)
    rows = predictions[split] = change(predictions[split])
    write_predictions(run / PREDICTIONS_FILE, predictions)
    if restate:
        fields = json.loads((run / RECORD_FILE).read_text("utf-8"))
        fields["metrics"][split] = score(rows.logits, rows.labels).to_json()
        write_json(run / RECORD_FILE, fields)
    write_manifest(run)


def _study(
    name: str,
    arms: Sequence[SyntheticArm],
    seeds: Sequence[int],
    learning_rates: Sequence[float],
    transfer: Mapping[str, int],
    claims: Mapping[str, Mapping[str, Any]],
    equivalence_margin: float,
) -> Study:
    raw = {
        "study": {"name": name, "seeds": list(seeds), "equivalence_margin": equivalence_margin},
        "data": {"source": "invented", "transfer": list(transfer)},
        "search": {"learning_rate": list(learning_rates)},
        "arm": [arm.settings() for arm in arms],
        "claims": {wording: dict(claim) for wording, claim in claims.items()},
    }
    return parse_study(raw, where="a synthetic study")


def _split(name: str, size: int, num_labels: int, texts: bool, rng: np.random.Generator) -> _Split:
    labels = rng.integers(0, num_labels, size)
    words = rng.integers(3, 40, size)
    unseen = rng.poisson(0.6, size)
    columns = {
        "split": [name] * size,
        "id": [f"{name}-{i}" for i in range(size)],
        "text": [f"{TEXTS[i % len(TEXTS)]} ({i})" if texts else None for i in range(size)],
        "label": labels.tolist(),
        "strength": [None if i % 50 == 49 else round(float(s), 3) for i, s in enumerate(rng.random(size))],
        "num_words": words.tolist(),
        "num_tokens": (words + 2).tolist(),
        "truncated": [False] * size,
        "negation": (rng.random(size) < 0.2).tolist(),
        "contrast": (rng.random(size) < 0.15).tolist(),
        "comparative": (rng.random(size) < 0.05).tolist(),
        "num_unseen_words": unseen.tolist(),
    }
    distractor = (labels + rng.integers(1, num_labels, size)) % num_labels
    return _Split(name, columns, rng.normal(size=size), distractor)


def _write_examples(path: Path, splits: Sequence[_Split]) -> None:
    types = {
        "split": pa.string(),
        "id": pa.string(),
        "text": pa.string(),
        "label": pa.int64(),
        "strength": pa.float64(),
        "num_words": pa.int64(),
        "num_tokens": pa.int64(),
        "truncated": pa.bool_(),
        "negation": pa.bool_(),
        "contrast": pa.bool_(),
        "comparative": pa.bool_(),
        "num_unseen_words": pa.int64(),
    }
    columns = {column: [value for split in splits for value in split.columns[column]] for column in types}
    pq.write_table(pa.table(columns, schema=pa.schema(list(types.items()))), path)


def _record(run: dict[str, Any], study_name: str, arm: dict[str, Any], study: Study) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "run_id": run["run_id"],
        "study": study_name,
        "status": "finished",
        "failure": None,
        "identity": run["identity"],
        "arm": arm,
        "seed": run["seed"],
        "learning_rate": run["learning_rate"],
        "data_fingerprint": sha256_of("data"),
        "backbone_fingerprint": sha256_of("backbone"),
        "stated": study.stated(),
        "training": study.training.model_dump(mode="json") | {"precision": "fp32"},
        "parameters": _parameters(arm),
        "costs": _costs(arm, run["seed"]),
        "selection": {},
        "metrics": {},
        "environment": {
            "python": "3.11.9",
            "platform": "Linux",
            "processor": "a processor",
            "device": "cpu",
            "device_name": "a processor",
            "threads": 2,
            "versions": {"sentilora": "0.1.0", "torch": "2.13.0", "numpy": "2.4.6"},
            "git": {"commit": "0" * 40, "changed": False},
        },
        "started": "2026-01-05T10:00:00+00:00",
        "finished": f"2026-01-05T10:{10 + run['seed'] % 50:02}:00+00:00",
    }


def _parameters(arm: dict[str, Any]) -> dict[str, Any]:
    total, head = 22_700_000, 770
    adapter = 9216 * arm["rank"] if arm["method"] == "lora" else 9216 if arm["method"] == "peft" else 0
    backbone = total if arm["method"] == "full" else 0
    trainable = adapter + head + backbone
    whole = total + head + adapter
    return {
        "adapter": adapter,
        "head": head,
        "backbone": backbone,
        "trainable": trainable,
        "total": whole,
        "trainable_share": trainable / whole,
    }


def _costs(arm: dict[str, Any], seed: int) -> dict[str, Any]:
    pack_size = 1 if arm["method"] in ("probe", "full") else 4
    seconds = {"probe": 12.0, "lora": 240.0, "peft": 180.0, "full": 400.0}[arm["method"]]
    seconds += arm.get("rank", 0) + 0.5 * seed
    return {
        "train_seconds": seconds,
        "share_seconds": seconds / pack_size,
        "evaluation_seconds": seconds / 10,
        "pack_size": pack_size,
        "examples_trained": 3000,
        "examples_per_second": 3000 * pack_size / seconds,
        "peak_memory_bytes": 800_000_000 + 1_000_000 * arm.get("rank", 0) + 1000 * seed,
        "memory_kind": "resident",
        "energy_joules": None,
        "bytes_on_disk": 300_000 + 4 * _parameters(arm)["trainable"],
    }


def _write_failure(folder: Path, record: dict[str, Any]) -> None:
    failure = {
        "reason": "non-finite loss",
        "step": 31,
        "examples": ["train-7", "train-9"],
        "message": "the loss became NaN at step 31",
    }
    write_json(folder / "record.json", record | {"status": "failed", "failure": failure})
    (folder / "curve.jsonl").write_text("", "utf-8")


def _write_run(
    folder: Path,
    record: dict[str, Any],
    arm: SyntheticArm,
    splits: Sequence[_Split],
    chosen: bool,
    shares: tuple[float, float, float],
    rng: np.random.Generator,
    num_labels: int,
) -> None:
    offset = rng.normal(0, arm.seed_sd) - (0.0 if chosen else 0.04)
    predictions = {}
    for split in splits:
        base = arm.transfer_accuracy if split.name.startswith("transfer:") else arm.accuracy
        logits = _logits(arm, split, float(np.clip(base + offset, 1e-6, 1 - 1e-6)), shares, rng, num_labels)
        if chosen or split.name == "dev":
            predictions[split.name] = Predictions(tuple(split.columns["id"]), split.labels, logits)
    write_predictions(folder / "predictions.parquet", predictions)
    metrics = {name: score(rows.logits, rows.labels).to_json() for name, rows in predictions.items()}
    curve = [] if record["learning_rate"] is None else _curve(metrics["dev"], record["learning_rate"])
    lines = [canonical_json(line) + "\n" for line in curve]
    (folder / "curve.jsonl").write_text("".join(lines), "utf-8")
    kept = max(curve, key=lambda line: line["dev_accuracy"]) if curve else {"step": 0, "epoch": 0.0}
    selection = {
        "step": kept["step"],
        "epoch": kept["epoch"],
        "dev_accuracy": metrics["dev"]["accuracy"],
        "dev_loss": metrics["dev"]["loss"],
    }
    write_json(folder / "record.json", record | {"selection": selection, "metrics": metrics})
    (folder / "adapter").mkdir()
    write_json(folder / "adapter" / "adapter_config.json", {"peft_type": "LORA"})


def _logits(
    arm: SyntheticArm,
    split: _Split,
    accuracy: float,
    shares: tuple[float, float, float],
    rng: np.random.Generator,
    num_labels: int,
) -> NDArray[np.float32]:
    example, own_arm, own = np.sqrt(np.maximum(shares, 0))
    size = len(split.difficulty)
    margin = norm.ppf(accuracy) + example * split.difficulty + own_arm * split.arm_noise[arm.name]
    margin += own * rng.normal(size=size) - arm.negation_penalty * np.asarray(split.columns["negation"])
    logits = np.full((size, num_labels), -3.0, dtype=np.float32)
    rows = np.arange(size)
    logits[rows, split.labels] = 2 * margin
    logits[rows, split.distractor] = 0.0
    return logits


def _curve(dev: Mapping[str, float], learning_rate: float) -> list[dict[str, float]]:
    lines = []
    for i in range(1, EVALUATIONS + 1):
        rise = min(1.0, 0.85 + 0.15 * (i / (EVALUATIONS - 2)))
        fall = 0.003 * max(0, i - (EVALUATIONS - 2))
        lines.append(
            {
                "step": i * STEPS_BETWEEN,
                "epoch": round(3 * i / EVALUATIONS, 4),
                "train_loss": 0.7 - 0.5 * i / EVALUATIONS,
                "train_accuracy": 0.6 + 0.35 * i / EVALUATIONS,
                "dev_loss": dev["loss"] + 0.1 * (1 - rise) + fall,
                "dev_accuracy": dev["accuracy"] * rise - fall,
                "learning_rate": learning_rate * (1 - i / EVALUATIONS),
                "gradient_norm": 1.0,
            }
        )
    return lines


def _study_file(
    root: Path,
    study: Study,
    splits: Sequence[_Split],
    planned: Sequence[Mapping[str, Any]],
    label_names: Sequence[str],
) -> dict[str, Any]:
    counted = {split.name: split for split in splits if not split.name.startswith("transfer:")}
    sizes = {"train": 1000} | {name: len(split.difficulty) for name, split in counted.items()}
    return {
        "schema": SCHEMA,
        "study": study.model_dump(mode="json"),
        "data": {
            "source": "invented",
            "fingerprint": sha256_of("data"),
            "label_names": list(label_names),
            "sizes": sizes,
            "train_total": 1000,
            "truncated": dict.fromkeys(sizes, 0),
            "tokens": {name: 20 * size for name, size in sizes.items()},
            "label_counts": {"train": [1000 // len(label_names)] * len(label_names)}
            | {
                name: np.bincount(split.labels, minlength=len(label_names)).tolist()
                for name, split in counted.items()
            },
            "notes": ["Invented for a test."],
            "transfer": {
                split.name.removeprefix("transfer:"): {
                    "fingerprint": sha256_of(split.name),
                    "size": len(split.difficulty),
                }
                for split in splits
                if split.name.startswith("transfer:")
            },
        },
        "backbone": {
            "name": "minilm",
            "family": "bert",
            "revision": "0" * 40,
            "fingerprint": sha256_of("backbone"),
            "num_layers": 6,
            "hidden_size": 384,
            "parameters": 22_700_000,
            "pooling": "cls",
        },
        "runs": list(planned),
        "examples_sha256": sha256_of_file(root / EXAMPLES_FILE),
    }
