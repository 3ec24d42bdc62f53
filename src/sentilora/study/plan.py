"""The runs of a study, their identities, and how they share packs. No torch: a plan costs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sentilora.files import canonical_json, sha256_of
from sentilora.records.record import SCHEMA
from sentilora.study_file.arms import Arm, FullArm, LoraArm, PeftArm, ProbeArm
from sentilora.study_file.study import Study


@dataclass(frozen=True)
class RunSpec:
    """One run: an arm, a seed, a learning rate."""

    run_id: str
    """Readable, with the first 8 digits of the identity; names the folder of its record."""
    arm: Arm
    """The arm."""
    seed: int
    """Of initialisation, data order and dropout."""
    learning_rate: float | None
    """The schedule's peak; None for an arm that is solved exactly."""
    identity: str
    """SHA-256 of all that determines the run's result."""

    def to_json(self) -> dict[str, Any]:
        """Plain data for ``study.json``."""
        return {
            "run_id": self.run_id,
            "arm": self.arm.name,
            "seed": self.seed,
            "learning_rate": self.learning_rate,
            "identity": self.identity,
        }


@dataclass(frozen=True)
class Pack:
    """Runs trained together in one pass, all of one method."""

    runs: tuple[RunSpec, ...]

    @property
    def label(self) -> str:
        """For progress lines: the arms and how many runs."""
        arms = ", ".join(dict.fromkeys(run.arm.name for run in self.runs))
        return f"{arms} ({len(self.runs)} {'run' if len(self.runs) == 1 else 'runs'})"


def plan_runs(
    study: Study, *, data_fingerprint: str, backbone_fingerprint: str, precision: str
) -> list[RunSpec]:
    """Every arm with every seed at every learning rate that it tries.

    Args:
        study: the study, its pooling resolved.
        data_fingerprint: of the data set as loaded, before ``train_fraction``.
        backbone_fingerprint: of its configuration and weights.
        precision: as resolved for the device.
    """
    shared = {
        "schema": SCHEMA,
        "data": [data_fingerprint, study.data.train_fraction, study.data.max_length],
        "training": study.training.model_dump(mode="json") | {"precision": precision},
    }
    runs = []
    for arm in study.arm:
        for seed in study.study.seeds:
            for learning_rate in study.learning_rates(arm):
                determinants = {
                    **shared,
                    "backbone": [backbone_fingerprint, arm.pooling or study.backbone.pooling],
                    "arm": arm.determining_settings(),
                    "seed": seed,
                    "learning_rate": learning_rate,
                }
                identity = sha256_of(canonical_json(determinants))
                rate = "" if learning_rate is None else f"-lr{learning_rate:g}"
                run_id = f"{arm.name}-s{seed}{rate}-{identity[:8]}"
                runs.append(RunSpec(run_id, arm, seed, learning_rate, identity))
    return runs


def plan_packs(runs: Iterable[RunSpec], *, lora_runs_per_pack: int) -> list[Pack]:
    """Share runs out to packs: as many LoRA runs in each as fit, evenly; all probes of an arm; others alone.

    Args:
        runs: in any order.
        lora_runs_per_pack: the most that the device holds at once.
    """
    packs = []
    for key, group in groupby(sorted(runs, key=_pack_key), key=_pack_key):
        together = list(group)
        capacity = lora_runs_per_pack if key[0] == 1 else len(together)
        packs += [Pack(tuple(part)) for part in _evenly(together, capacity)]
    return packs


def _pack_key(run: RunSpec) -> tuple[int, str]:
    """Method and what must be the same within a pack; runs of one pack read one pooling."""
    match run.arm:
        case ProbeArm(name=name):
            return (0, name)
        case LoraArm():
            return (1, run.arm.pooling or "")
        case PeftArm() | FullArm():
            return (2, run.run_id)


def _evenly(runs: Sequence[RunSpec], capacity: int) -> Iterable[tuple[RunSpec, ...]]:
    """Nine runs for packs of eight become five and four, not eight and one."""
    num_packs = -(-len(runs) // capacity)
    size = -(-len(runs) // num_packs)
    return [tuple(runs[start : start + size]) for start in range(0, len(runs), size)]
