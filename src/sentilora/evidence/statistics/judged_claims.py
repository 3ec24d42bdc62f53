"""The study's claims, judged by the records: held, refuted or undecided.

A claim is held only if the data could hardly have come from a world where it is false: the *whole* interval
lies inside its bound. It is refuted if the whole interval lies outside, and undecided where the interval
straddles. A count of parameters has no interval and is judged by its value, a time or a memory peak by the
range over runs; the time of a run that trained in a pack is its share of the pack's. ``better`` needs a
corrected p-value that counts the seeds (see ``pairs``); ``equivalent`` is TOST. What cannot be known (no such
runs) is undecided, with the reason.

Several quantities in one claim must all hold; one refuted refutes it. No correction is made over claims:
they were stated before the runs, each is reported, and none is picked out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sentilora.evidence.statistics.arm_results import ArmResult, Outcome
from sentilora.evidence.statistics.estimates import Interval
from sentilora.evidence.statistics.pairs import Pair
from sentilora.evidence.statistics.totals import Totals
from sentilora.records.costs import (
    ADAPTER_PARAMETERS,
    PEAK_MEMORY,
    TRAINED_PARAMETERS,
    TRAINED_SHARE,
    TRAINING_TIME,
    Cost,
)
from sentilora.study_file.claims import Bound, Claim

Verdict = Literal["held", "refuted", "undecided", "present", "absent", "unclear"]
"""A claim is held, refuted or undecided; a risk is present, absent or unclear."""


@dataclass(frozen=True, kw_only=True)
class JudgedQuantity:
    """One quantity of a claim beside its bound."""

    quantity: str
    """The key in the study file, for example ``accuracy`` or ``training_minutes``."""
    stated: Bound | bool
    """As the study file states it."""
    bound_low: float | None
    """The least it may be by the claim, None if open or no number."""
    bound_high: float | None
    """The most it may be by the claim, None if open or no number."""
    value: float | None
    """What was found, in the unit of the study file: the difference in accuracy for ``better`` and
    ``equivalent``. None if it cannot be known (see ``reason``).
    """
    interval: Interval | None
    """95 % interval (90 % for ``equivalent``), or the range over runs for times and memory (level 1); None
    where ``value`` is exact or not known.
    """
    verdict: Verdict
    """Held, refuted or undecided."""
    reason: str | None
    """Why it cannot be known; None where it is."""


@dataclass(frozen=True, kw_only=True)
class JudgedClaim:
    """A claim of the study file and what the records say to it."""

    wording: str
    """The author's words."""
    kind: Literal["claim", "risk"]
    """A risk is a condition to detect."""
    arm: str | None
    """The arm it is about, None for the whole study."""
    over: str | None
    """The arm it compares with."""
    stated_beforehand: bool | None
    """Whether it was stated as it is now before the runs it is about; None where the records do not say."""
    verdict: Verdict
    """For a claim held only if every finding held, refuted if one is; a risk likewise is present or absent.
    """
    findings: tuple[JudgedQuantity, ...]
    """One a stated quantity."""

    @property
    def is_about_resources(self) -> bool:
        """Whether it states nothing but parameters, time, memory and storage."""
        return all(finding.quantity in RESOURCES for finding in self.findings)


@dataclass(frozen=True)
class ClaimEvidence:
    """What claims are judged by."""

    arms: Mapping[str, ArmResult]
    """Arm name to its result."""
    pairs: Sequence[Pair]
    """All comparisons."""
    totals: Totals
    """Of the whole study."""


class NotEvaluableError(Exception):
    """Why a quantity cannot be known from these records; ends as an undecided finding."""


OPPOSITE: Mapping[Verdict, Verdict] = {"held": "refuted", "refuted": "held", "undecided": "undecided"}
RISK_VERDICT: Mapping[Verdict, Verdict] = {"held": "present", "refuted": "absent", "undecided": "unclear"}
COSTS_AND_UNITS: Mapping[str, tuple[Cost, float]] = {
    "training_minutes": (TRAINING_TIME, 60),
    "peak_memory_gb": (PEAK_MEMORY, 1e9),
    "trainable_share": (TRAINED_SHARE, 1),
    "trainable_parameters": (TRAINED_PARAMETERS, 1),
    "adapter_parameters": (ADAPTER_PARAMETERS, 1),
}
"""Quantities of a claim that are a cost of one run, with the recorded units in one unit of the claim."""
RESOURCES = (*COSTS_AND_UNITS, "study_minutes", "storage_gb")
"""Quantities that say what was spent, not what was found."""


def judge(
    wording: str, claim: Claim, evidence: ClaimEvidence, *, stated_beforehand: bool | None = None
) -> JudgedClaim:
    """One claim with its verdict and every number behind it."""
    findings = tuple(_judge_quantity(quantity, claim, evidence) for quantity in claim.quantities())
    verdicts = [finding.verdict for finding in findings]
    verdict: Verdict = (
        "refuted" if "refuted" in verdicts else "undecided" if "undecided" in verdicts else "held"
    )
    return JudgedClaim(
        wording=wording,
        kind=claim.kind,
        arm=claim.arm,
        over=claim.over,
        stated_beforehand=stated_beforehand,
        verdict=verdict if claim.kind == "claim" else RISK_VERDICT[verdict],
        findings=findings,
    )


def _judge_quantity(name: str, claim: Claim, evidence: ClaimEvidence) -> JudgedQuantity:
    stated = claim.quantities()[name]
    low, high = (None, None) if isinstance(stated, bool) else claim.bounds(name)
    value: float | None = None
    interval: Interval | None = None
    verdict: Verdict = "undecided"
    reason = None
    try:
        if isinstance(stated, bool):
            value, interval, verdict = _compared(name, claim, evidence)
            verdict = verdict if stated else OPPOSITE[verdict]
        else:
            value, interval = _measured(name, claim, evidence)
            verdict = _inside(value, interval, low, high)
    except NotEvaluableError as error:
        reason = str(error)
    return JudgedQuantity(
        quantity=name,
        stated=stated,
        bound_low=low,
        bound_high=high,
        value=value,
        interval=interval,
        verdict=verdict,
        reason=reason,
    )


def _inside(value: float, interval: Interval | None, low: float | None, high: float | None) -> Verdict:
    """Whether a number and all of its interval lie within the bounds."""
    least, most = (interval.low, interval.high) if interval else (value, value)
    if (low is None or least >= low) and (high is None or most <= high):
        return "held"
    outside = (low is not None and most < low) or (high is not None and least > high)
    return "refuted" if outside else "undecided"


def _measured(name: str, claim: Claim, evidence: ClaimEvidence) -> tuple[float, Interval | None]:
    """A number that a claim is about and where it may lie.

    Raises:
        NotEvaluableError: the records do not hold it.
    """
    if name in ("study_minutes", "storage_gb"):
        return _over_study(name, claim, evidence), None
    if name == "gain":
        pair = _pair(claim, evidence)
        return _turned(pair, claim, pair.accuracy.interval)
    outcome = _outcome(claim.arm, evidence)
    if name in ("accuracy", "f1"):
        score = outcome.scores.accuracy if name == "accuracy" else outcome.scores.f1
        return score.mean, score.interval
    cost, unit = COSTS_AND_UNITS[name]
    spread = outcome.cost(cost)
    if cost.section == "parameters":
        return spread.mean / unit, None
    return spread.mean / unit, Interval(low=spread.low / unit, high=spread.high / unit, level=1.0)


def _over_study(name: str, claim: Claim, evidence: ClaimEvidence) -> float:
    """A sum over all runs, which cannot be known while runs are missing."""
    totals, arm = evidence.totals, evidence.arms[claim.arm] if claim.arm else None
    num_missing = arm.num_missing if arm else totals.num_missing
    if num_missing:
        raise NotEvaluableError(f"{num_missing} of its planned runs left no sound record")
    if name == "study_minutes":
        return totals.train_seconds / 60
    return (totals.bytes_by_arm[arm.name] if arm else totals.bytes_on_disk) / 1e9


def _compared(name: str, claim: Claim, evidence: ClaimEvidence) -> tuple[float, Interval, Verdict]:
    """The difference in accuracy, its interval, and whether it is ``better`` or ``equivalent``."""
    pair = _pair(claim, evidence)
    if name == "better":
        difference, interval = _turned(pair, claim, pair.accuracy.interval)
        if not pair.significant:
            return difference, interval, "undecided"
        return difference, interval, "held" if difference > 0 else "refuted"
    tost = pair.equivalence
    verdict: Verdict = "held" if tost.equivalent else "refuted" if tost.different else "undecided"
    return *_turned(pair, claim, tost.interval), verdict


def _outcome(name: str | None, evidence: ClaimEvidence) -> Outcome:
    arm = evidence.arms[name or ""]
    if arm.outcome is None:
        raise NotEvaluableError(f"{arm.name} has no scores, {arm.reason}")
    return arm.outcome


def _pair(claim: Claim, evidence: ClaimEvidence) -> Pair:
    for name in (claim.arm, claim.over):
        _outcome(name, evidence)
    for pair in evidence.pairs:
        if {pair.arm, pair.over} == {claim.arm, claim.over}:
            return pair
    raise NotEvaluableError(f"{claim.arm} is compared with itself")


def _turned(pair: Pair, claim: Claim, interval: Interval) -> tuple[float, Interval]:
    """The difference in accuracy as the claim turns it."""
    if pair.arm == claim.arm:
        return pair.accuracy.mean, interval
    return -pair.accuracy.mean, interval.turned()
