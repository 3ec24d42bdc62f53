"""A whole study's analysis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sentilora.evidence.analysis.arms import ArmResult, FailedRun
from sentilora.evidence.analysis.errors import Disagreements, Slice, SliceExtreme
from sentilora.evidence.analysis.estimates import StatisticsSettings
from sentilora.evidence.analysis.learning import Curve, Overfitting, TradeoffPoint, TransferSet
from sentilora.evidence.analysis.pairs import JudgedClaim, Pair


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A machine and software that runs were made with.

    Attributes:
        fields: ``record.json``'s ``environment``.
        num_runs: runs made with exactly this.
        first_started: ISO 8601, UTC.
        last_finished: ISO 8601, UTC.
    """

    fields: Mapping[str, Any]
    num_runs: int
    first_started: str
    last_finished: str


@dataclass(frozen=True, kw_only=True)
class Totals:
    """The whole study.

    Attributes:
        num_planned: runs planned.
        num_finished: sound records of finished runs.
        num_failed: sound records of failed runs.
        num_missing: planned runs without a sound record.
        train_seconds: training time of all recorded runs together (the sum of their shares).
        bytes_on_disk: what all records occupied when written, weights included.
        num_test: test examples.
        num_dev: dev examples.
    """

    num_planned: int
    num_finished: int
    num_failed: int
    num_missing: int
    train_seconds: float
    bytes_on_disk: int
    num_test: int
    num_dev: int


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """Everything the records of one study show.

    Attributes:
        name: the study's name.
        study: the resolved study as recorded (``study.json``'s ``study``).
        data: ``study.json``'s ``data``.
        backbone: ``study.json``'s ``backbone``.
        settings: how the statistics were made.
        totals: counts of the whole study.
        problems: one sentence for everything left out.
        failures: the runs that failed.
        environments: what the runs were made with, the commonest first.
        arms: one entry an arm of the study, with or without scores.
        baseline: the first probe arm that has scores, else the first arm that has; None if no arm has.
        challenger: the LoRA or PEFT arm (else any other arm) with the best mean dev accuracy that
            disagreements show beside the baseline; None if there is none.
        pairs: all pairs of arms that have scores.
        claims: in the order of the study file.
        slices: of the test set, by family.
        extremes: where each arm that is not the baseline helps most and least.
        disagreements: None if there is no challenger.
        tradeoff: one entry an arm that has scores.
        curves: one entry an arm that has scores and a curve.
        overfitting: likewise.
        transfer: one entry a transfer set.
    """

    name: str
    study: Mapping[str, Any]
    data: Mapping[str, Any]
    backbone: Mapping[str, Any]
    settings: StatisticsSettings
    totals: Totals
    problems: tuple[str, ...]
    failures: tuple[FailedRun, ...]
    environments: tuple[Environment, ...]
    arms: tuple[ArmResult, ...]
    baseline: str | None
    challenger: str | None
    pairs: tuple[Pair, ...]
    claims: tuple[JudgedClaim, ...]
    slices: tuple[Slice, ...]
    extremes: tuple[SliceExtreme, ...]
    disagreements: Disagreements | None
    tradeoff: tuple[TradeoffPoint, ...]
    curves: tuple[Curve, ...]
    overfitting: tuple[Overfitting, ...]
    transfer: tuple[TransferSet, ...]

    def arm(self, name: str) -> ArmResult:
        """The arm of this name.

        Raises:
            KeyError: the study has no such arm.
        """
        for arm in self.arms:
            if arm.name == name:
                return arm
        raise KeyError(name)

    def pair(self, arm: str, over: str) -> Pair | None:
        """The comparison of ``arm`` with ``over`` as it is kept (see ``Pair``), None if it is not."""
        return next((pair for pair in self.pairs if (pair.arm, pair.over) == (arm, over)), None)

    def to_json(self) -> dict[str, Any]:
        """Plain data: dicts, lists (as tuples), strings, finite numbers, booleans and None."""
        return asdict(self)
