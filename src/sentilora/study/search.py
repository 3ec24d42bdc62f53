"""Searching an arm's settings beyond a grid: Optuna proposes, one pack evaluates K proposals in one pass.

Test is never touched: a trial is judged by its best dev accuracy. Trials are kept as lines of
``search-<arm>.jsonl`` beside the study's records, and the same command again goes on after them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from sentilora.errors import StudyError
from sentilora.files import canonical_json, replace_file
from sentilora.study.capacity import lora_runs_per_pack
from sentilora.study.pack_training import train_pack
from sentilora.study.plan import Pack, RunSpec
from sentilora.study.prepare import Prepared, prepare
from sentilora.study_file.arms import LoraArm
from sentilora.study_file.study import Study
from sentilora.train.kept_result import KeptResult

if TYPE_CHECKING:
    import optuna


@dataclass(frozen=True)
class SearchSpace:
    """What Optuna may propose; a range of one value keeps that setting as the arm has it."""

    learning_rate: tuple[float, float] = (1e-4, 5e-3)
    """Lowest and highest, searched on a logarithmic scale."""
    ranks: tuple[int, ...] = ()
    """Values to choose from."""
    dropouts: tuple[float, ...] = ()
    """Values to choose from."""


@dataclass(frozen=True)
class Trial:
    """One proposal and what came of it."""

    settings: dict[str, Any]
    """``learning_rate`` and whatever else was searched."""
    dev_accuracy: float | None
    """Of the kept state; None where the run failed."""
    dev_loss: float | None
    """Likewise."""


def search_arm(
    study: Study,
    arm_name: str,
    space: SearchSpace,
    *,
    num_trials: int,
    runs_folder: Path,
    device: torch.device,
    seed: int = 0,
) -> Iterator[Trial]:
    """Evaluate proposals until ``num_trials`` are done, pack by pack; yields all, earlier ones first.

    Args:
        study: its data, backbone and recipe are used; its seeds are not.
        arm_name: a ``lora`` arm of it.
        space: what to search.
        num_trials: in all, those of earlier calls included.
        runs_folder: trials are kept in ``<runs_folder>/<study name>``.
        device: where to train.
        seed: of every trial's training, and of the sampler.

    Raises:
        StudyError: no such arm, or one that is not trained in packs; or Optuna is not installed.
    """
    arm = _lora_arm(study, arm_name)
    path = runs_folder / study.study.name / f"search-{arm_name}.jsonl"
    settings = study.model_dump(mode="json", exclude={"study", "claims", "arm", "search"})
    key = canonical_json([settings, arm.model_dump(mode="json"), vars(space), seed])
    trials = _read_trials(path, key)
    optimizer = _optimizer(seed, space, trials)
    yield from trials
    if len(trials) >= num_trials:
        return
    prepared = prepare(study, device)
    capacity = lora_runs_per_pack(prepared.inputs)
    while len(trials) < num_trials:
        num_asked = min(capacity, num_trials - len(trials))
        asked = [optimizer.ask(_distributions(space)) for _ in range(num_asked)]
        evaluated = _evaluate_proposals(arm, [dict(trial.params) for trial in asked], prepared, seed)
        for proposal, trial in zip(asked, evaluated, strict=True):
            optimizer.tell(proposal, _merit(trial))
        trials += evaluated
        lines = [json.dumps({"key": key, **vars(trial)}) + "\n" for trial in trials]
        replace_file(path, "".join(lines).encode())
        yield from evaluated


def best_trial(trials: list[Trial]) -> Trial:
    """The trial with the highest dev accuracy, then the lowest dev loss."""
    return max(trials, key=lambda trial: (_merit(trial), -(trial.dev_loss or float("inf"))))


def _lora_arm(study: Study, name: str) -> LoraArm:
    packed = {arm.name: arm for arm in study.arm if isinstance(arm, LoraArm)}
    if name not in packed:
        raise StudyError(
            f"no arm {name!r} to search",
            where=study.study.name,
            rule=f"a lora arm of the study: {', '.join(packed) or 'it has none'}",
        )
    return packed[name]


def _optimizer(seed: int, space: SearchSpace, trials: list[Trial]) -> optuna.Study:
    """Optuna's TPE, told of earlier trials; a pack's pending proposals count as bad ones (constant liar)."""
    try:
        import optuna
    except ImportError as error:
        raise StudyError(
            "Optuna is not installed", where="search", remedy="pip install 'sentilora[search]'"
        ) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    # A resumed search must not propose again what it proposed before.
    sampler = optuna.samplers.TPESampler(seed=seed + len(trials), n_startup_trials=8, constant_liar=True)
    optimizer = optuna.create_study(direction="maximize", sampler=sampler)
    for trial in trials:
        optimizer.add_trial(
            optuna.create_trial(
                params=trial.settings, distributions=_distributions(space), value=_merit(trial)
            )
        )
    return optimizer


def _distributions(space: SearchSpace) -> dict[str, Any]:
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    distributions: dict[str, Any] = {"learning_rate": FloatDistribution(*space.learning_rate, log=True)}
    if space.ranks:
        distributions["rank"] = CategoricalDistribution(space.ranks)
    if space.dropouts:
        distributions["dropout"] = CategoricalDistribution(space.dropouts)
    return distributions


def _evaluate_proposals(
    arm: LoraArm, proposals: list[dict[str, Any]], prepared: Prepared, seed: int
) -> list[Trial]:
    runs = []
    for i, proposal in enumerate(proposals):
        changed = {name: value for name, value in proposal.items() if name != "learning_rate"}
        runs.append(
            RunSpec(f"trial-{i}", arm.model_copy(update=changed), seed, proposal["learning_rate"], "")
        )
    trained = KeptResult(train_pack(Pack(tuple(runs)), prepared.inputs)).finish()
    return [
        Trial(proposal, None, None)
        if line is None
        else Trial(proposal, line["dev_accuracy"], line["dev_loss"])
        for proposal, line in zip(proposals, trained.fitted.kept, strict=True)
    ]


def _merit(trial: Trial) -> float:
    return -1.0 if trial.dev_accuracy is None else trial.dev_accuracy


def _read_trials(path: Path, key: str) -> list[Trial]:
    """The trials of the same search; those of another study or space are not its."""
    if not path.is_file():
        return []
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [
        Trial(line["settings"], line["dev_accuracy"], line["dev_loss"])
        for line in lines
        if line["key"] == key
    ]
