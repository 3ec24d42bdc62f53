"""From records to the ``Analysis``: reads, compares and judges, and computes nothing itself.

Everything is resampled with one fixed seed, so the same records give the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sentilora.errors import RecordError, StudyError
from sentilora.evidence.statistics.arm_results import (
    ArmResult,
    FailedRun,
    Outcome,
    arm_outcome,
    arm_result,
    failed_run,
)
from sentilora.evidence.statistics.bootstrap import ResampledScores, Resampling
from sentilora.evidence.statistics.disagreements import Disagreements, find_disagreements
from sentilora.evidence.statistics.family import compared_pairs
from sentilora.evidence.statistics.judged_claims import ClaimEvidence, JudgedClaim, judge
from sentilora.evidence.statistics.learning import Curve, Overfitting, learning_curve, overfitting
from sentilora.evidence.statistics.metrics import score_runs
from sentilora.evidence.statistics.pairs import Pair, compare_pairs
from sentilora.evidence.statistics.pareto import pareto_fronts
from sentilora.evidence.statistics.scored_arms import ExampleColumns, ScoredArm, read_examples, scored_arms
from sentilora.evidence.statistics.settings import StatisticsSettings, statistics_settings
from sentilora.evidence.statistics.slices import Slice, SliceExtreme, cut_slices, extremes, slice_errors
from sentilora.evidence.statistics.stated_beforehand import (
    claim_stated_beforehand,
    margin_stated_beforehand,
)
from sentilora.evidence.statistics.totals import Environment, Totals, environments, study_totals
from sentilora.evidence.statistics.transfer import TransferSet, transfer_sets
from sentilora.records.contradictions import contradiction
from sentilora.records.record import STUDY_FILE, Record, StudyRecords
from sentilora.study_file.study import Study, parse_study


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """Everything the records of one study show."""

    name: str
    """The study's name."""
    study: Mapping[str, Any]
    """The resolved study as recorded (``study.json``'s ``study``)."""
    data: Mapping[str, Any]
    """``study.json``'s ``data``."""
    backbone: Mapping[str, Any]
    """``study.json``'s ``backbone``."""
    settings: StatisticsSettings
    """How the statistics were made."""
    totals: Totals
    """Counts of the whole study."""
    problems: tuple[str, ...]
    """One sentence for everything left out."""
    failures: tuple[FailedRun, ...]
    """The runs that failed."""
    environments: tuple[Environment, ...]
    """What the runs were made with, the commonest first."""
    arms: tuple[ArmResult, ...]
    """One entry an arm of the study, with or without an outcome; at least one has an outcome."""
    baseline: str
    """The first probe arm that has an outcome, else the first arm that has."""
    challenger: str | None
    """The LoRA or PEFT arm (else any other arm) with the best mean dev accuracy, which is shown beside the
    baseline; None if the baseline alone has an outcome.
    """
    pairs: tuple[Pair, ...]
    """The stated family (``statistics.family``) of arms that have an outcome."""
    claims: tuple[JudgedClaim, ...]
    """In the order of the study file."""
    slices: tuple[Slice, ...]
    """Of the test set, by family."""
    extremes: tuple[SliceExtreme, ...]
    """Where each arm that is not the baseline gains most and least beside the rest."""
    disagreements: Disagreements | None
    """None if there is no challenger."""
    pareto_fronts: Mapping[str, tuple[str, ...]]
    """For each cost that accuracy is weighed against (``records.costs``), its name to the arms that no other
    arm beats in both.
    """
    curves: tuple[Curve, ...]
    """One entry an arm that has an outcome and a curve."""
    overfitting: tuple[Overfitting, ...]
    """Likewise."""
    transfer: tuple[TransferSet, ...]
    """One entry a transfer set."""

    def arm(self, name: str) -> ArmResult:
        """The arm of this name.

        Raises:
            KeyError: the study has no such arm.
        """
        for arm in self.arms:
            if arm.name == name:
                return arm
        raise KeyError(name)

    @property
    def outcomes(self) -> dict[str, Outcome]:
        """Arm name to outcome, for the arms that have one, in the order of the study."""
        return {arm.name: arm.outcome for arm in self.arms if arm.outcome is not None}

    def over_baseline(self, arm: str) -> Pair:
        """The comparison of an arm that has an outcome with the baseline.

        Raises:
            KeyError: the arm has no outcome, or is the baseline.
        """
        for pair in self.pairs:
            if (pair.arm, pair.over) == (arm, self.baseline):
                return pair
        raise KeyError(arm)

    def pair(self, arm: str, over: str) -> Pair | None:
        """The comparison of ``arm`` with ``over`` as it is kept (see ``Pair``), None if it is not."""
        return next((pair for pair in self.pairs if (pair.arm, pair.over) == (arm, over)), None)

    def to_json(self) -> dict[str, Any]:
        """Plain data: dicts, lists (as tuples), strings, finite numbers, booleans and None."""
        return asdict(self)


NUM_RESAMPLES = 2000
GENERATOR_SEED = 20_260_101


@dataclass(frozen=True)
class Inputs:
    """What a study's folder holds, checked."""

    study: Study
    """The resolved study."""
    planned: Sequence[Mapping[str, Any]]
    """The runs planned."""
    records: Sequence[Record]
    """The sound records, finished or failed."""
    problems: tuple[str, ...]
    """A sentence for everything left out so far."""
    examples: Mapping[str, ExampleColumns]
    """Split to examples."""
    label_names: tuple[str, ...]
    """One name per class."""
    scored: Mapping[str, ScoredArm]
    """Arm name to its runs' predictions on test; at least one arm, in the order of the study."""


def analyse(study_records: StudyRecords, *, num_resamples: int = NUM_RESAMPLES) -> Analysis:
    """Everything the records of one study show.

    Args:
        study_records: from ``read_study_records``; its problems are carried along.
        num_resamples: bootstrap resamples, at least 1; fewer than 1,000 make the ends of intervals rough.

    Raises:
        RecordError: no run was scored on test, or the study's own files cannot be used.
    """
    inputs = _read(study_records)
    test, scored = inputs.examples["test"], list(inputs.scored.values())
    margin = inputs.study.study.equivalence_margin
    resampling = Resampling(num_resamples, GENERATOR_SEED)
    scores = {arm.name: score_runs(arm.probabilities, test.labels, resampling) for arm in scored}
    arms = _arm_results(inputs, scores)
    outcomes = {arm.name: arm.outcome for arm in arms if arm.outcome is not None}
    baseline = _baseline(arms)
    challenger = _challenger(arms, baseline)
    pairs = compare_pairs(
        compared_pairs(
            list(outcomes),
            baseline=baseline,
            best=max(outcomes, key=lambda name: outcomes[name].dev_accuracy.mean),
            claimed=[
                (claim.arm, claim.over) for claim in inputs.study.claims.values() if claim.arm and claim.over
            ],
        ),
        inputs.scored,
        scores,
        test.labels,
        solved=[arm.name for arm in arms if arm.is_solved],
        equivalence_margin=margin,
    )
    totals = study_totals(inputs.records, num_planned=len(inputs.planned), num_test=len(test))
    evidence = ClaimEvidence({arm.name: arm for arm in arms}, pairs, totals)
    slices = slice_errors(cut_slices(test, inputs.label_names), scored, baseline)
    home = {name: outcome.scores.accuracy.mean for name, outcome in outcomes.items()}
    transfer, left_out = transfer_sets(
        inputs.records, inputs.examples, home, len(inputs.label_names), resampling
    )
    ranks = {arm.name: arm.rank for arm in arms}
    return Analysis(
        name=inputs.study.study.name,
        study=dict(study_records.study["study"]),
        data=dict(study_records.study["data"]),
        backbone=dict(study_records.study["backbone"]),
        settings=statistics_settings(
            scored,
            num_resamples=num_resamples,
            equivalence_margin=margin,
            margin_stated_beforehand=margin_stated_beforehand(margin, inputs.records),
        ),
        totals=totals,
        problems=tuple(dict.fromkeys([*inputs.problems, *left_out])),
        failures=tuple(failed_run(record) for record in inputs.records if not record.finished),
        environments=environments(inputs.records),
        arms=arms,
        baseline=baseline,
        challenger=challenger,
        pairs=pairs,
        claims=tuple(
            judge(
                wording,
                claim,
                evidence,
                stated_beforehand=claim_stated_beforehand(wording, claim, inputs.records),
            )
            for wording, claim in inputs.study.claims.items()
        ),
        slices=slices,
        extremes=extremes(slices),
        disagreements=None
        if challenger is None
        else find_disagreements(scored, test, baseline=baseline, challenger=challenger),
        pareto_fronts=pareto_fronts(outcomes),
        curves=tuple(curve for arm in scored if (curve := learning_curve(arm))),
        overfitting=tuple(gap for arm in scored if (gap := overfitting(arm, ranks[arm.name]))),
        transfer=transfer,
    )


def _read(study_records: StudyRecords) -> Inputs:
    folder, stored = study_records.folder, study_records.study
    try:
        study = parse_study(stored["study"], where=str(folder / STUDY_FILE))
    except StudyError as error:
        raise RecordError(f"{STUDY_FILE} holds no study: {error.what}", where=str(folder)) from error
    planned, label_names = stored["runs"], tuple(stored["data"]["label_names"])
    examples = read_examples(folder)
    records, contradicted = _consistent_on_dev(study_records.records)
    found, left_out = scored_arms(records, "test", examples["test"], len(label_names))
    problems = (*study_records.problems, *contradicted, *left_out)
    if not found:
        raise RecordError(
            "\n".join(["no sound run of this study was scored on test", *(f"  {line}" for line in problems)]),
            where=str(folder),
            remedy="run the study again: it does only what is missing",
        )
    scored = {arm.name: found[arm.name] for arm in study.arm if arm.name in found}
    return Inputs(study, planned, records, problems, examples, label_names, scored)


def _consistent_on_dev(records: Sequence[Record]) -> tuple[list[Record], list[str]]:
    """The records whose dev scores, by which rates are chosen, are those of their predictions.

    Returns:
        These and the failed ones, and a sentence for each that was left out.
    """
    kept, problems = [], []
    for record in records:
        denied = contradiction(record, "dev") if record.finished else None
        if denied is None:
            kept.append(record)
        else:
            problems.append(f"run {record.run_id}: left out: {denied}")
    return kept, problems


def _arm_results(inputs: Inputs, scores: Mapping[str, ResampledScores]) -> tuple[ArmResult, ...]:
    labels = inputs.examples["test"].labels
    outcomes = {name: arm_outcome(arm, scores[name], labels) for name, arm in inputs.scored.items()}
    return tuple(
        arm_result(
            arm,
            [run for run in inputs.planned if run["arm"] == arm.name],
            [record for record in inputs.records if record.arm == arm.name],
            outcomes.get(arm.name),
        )
        for arm in inputs.study.arm
    )


def _baseline(arms: Sequence[ArmResult]) -> str:
    """The frozen arm that is best on dev, so that nobody compares with a straw man; else the first arm."""
    there = [(arm, arm.outcome) for arm in arms if arm.outcome is not None]
    frozen = [(outcome.dev_accuracy.mean, arm.name) for arm, outcome in there if arm.trains == "head"]
    return max(frozen, key=lambda each: each[0])[1] if frozen else there[0][0].name


def _challenger(arms: Sequence[ArmResult], baseline: str) -> str | None:
    """The arm to show beside the baseline: the best on dev, so that test chooses nothing."""
    rivals = [
        (arm.trains == "adapters", arm.outcome.dev_accuracy.mean, arm.name)
        for arm in arms
        if arm.outcome is not None and arm.name != baseline
    ]
    return max(rivals)[2] if rivals else None
