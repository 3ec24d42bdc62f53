"""The study's claims, judged by the records: held, refuted or undecided.

A claim is held only if the data could hardly have come from a world where it is false: the *whole* interval
lies inside its bound. It is refuted if the whole interval lies outside, and undecided where the interval
straddles. A count of parameters has no interval and is judged by its value, a time or a memory peak by the
range over runs; the time of a run that trained in a pack is its share of the pack's. ``better`` needs the
corrected test and the interval (see ``comparison``); ``equivalent`` is TOST. What cannot be known (no such
runs) is undecided, with the reason.

Several quantities in one claim must all hold; one refuted refutes it. No correction is made over claims:
they were stated before the runs, each is reported, and none is picked out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sentilora.evidence.statistics.arms import ArmResult, Outcome
from sentilora.evidence.statistics.bootstrap import Difference
from sentilora.evidence.statistics.claim_quantities import QUANTITIES, Measured, number_sentence
from sentilora.evidence.statistics.estimates import Interval, Spread, Verdict
from sentilora.evidence.statistics.pairs import Pair
from sentilora.evidence.statistics.totals import Totals
from sentilora.evidence.writing.numbers import bare_points, counted, listed, p_value, percent, points
from sentilora.study_file.claims import Bound, Claim


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One quantity of a claim beside its bound."""

    quantity: str
    """The key in the study file, for example ``accuracy`` or ``training_minutes``."""
    value: float | None
    """What was found, in the unit of the study file; None if it cannot be known, or is a yes or no."""
    interval: Interval | None
    """95 % interval (90 % for ``equivalent``), or the range over runs for times and memory (level 1); None
    where ``value`` is exact.
    """
    bound_low: float | None
    """The bound it must reach, None if open."""
    bound_high: float | None
    """The bound it must not pass, None if open."""
    verdict: Verdict
    """Held, refuted or undecided."""
    sentence: str
    """The finding in words, with its numbers."""


@dataclass(frozen=True, kw_only=True)
class JudgedClaim:
    """A claim of the study file and what the records say to it."""

    wording: str
    """The author's words."""
    kind: Literal["claim", "risk"]
    """``claim`` or ``risk``."""
    arm: str | None
    """The arm it is about, None for the whole study."""
    over: str | None
    """The arm it compares with."""
    verdict: Verdict
    """For a claim held only if every finding held, refuted if one is; a risk likewise is present or absent.
    """
    findings: tuple[Finding, ...]
    """One a stated quantity."""
    sentence: str
    """The verdict in words."""


YES_OR_NO = {"better": "higher test accuracy", "equivalent": "equivalence"}
OPPOSITE: Mapping[Verdict, Verdict] = {"held": "refuted", "refuted": "held", "undecided": "undecided"}
RISK_VERDICT: Mapping[Verdict, Verdict] = {"held": "present", "refuted": "absent", "undecided": "unclear"}


@dataclass(frozen=True)
class Evidence:
    """What claims are judged by."""

    arms: Mapping[str, ArmResult]
    """Arm name to its result."""
    pairs: Sequence[Pair]
    """All comparisons."""
    totals: Totals
    """Of the whole study."""
    bytes_by_arm: Mapping[str, int]
    """Arm name to what all its records occupied when written."""


class NotEvaluableError(Exception):
    """Why a quantity cannot be known from these records; ends as an undecided finding."""


def judge(wording: str, claim: Claim, evidence: Evidence) -> JudgedClaim:
    """One claim with its verdict and every number behind it."""
    findings = tuple(
        _judge_quantity(quantity, bound, claim, evidence) for quantity, bound in claim.quantities().items()
    )
    verdicts = [finding.verdict for finding in findings]
    verdict: Verdict = (
        "refuted" if "refuted" in verdicts else "undecided" if "undecided" in verdicts else "held"
    )
    deciding = [_name(finding.quantity) for finding in findings if finding.verdict == verdict]
    return JudgedClaim(
        wording=wording,
        kind=claim.kind,
        arm=claim.arm,
        over=claim.over,
        verdict=verdict if claim.kind == "claim" else RISK_VERDICT[verdict],
        findings=findings,
        sentence=_verdict_sentence(verdict, claim, deciding),
    )


def _verdict_sentence(verdict: Verdict, claim: Claim, deciding: list[str]) -> str:
    shown = (verdict if claim.kind == "claim" else RISK_VERDICT[verdict]).capitalize()
    if verdict == "undecided":
        return f"{shown}: these records cannot settle the {listed(deciding)}."
    verb = "is" if len(deciding) == 1 else "are"
    return f"{shown}: the {listed(deciding)} {verb} {'' if verdict == 'held' else 'not '}as stated."


def _name(quantity: str) -> str:
    return YES_OR_NO[quantity] if quantity in YES_OR_NO else QUANTITIES[quantity].name


def _judge_quantity(name: str, bound: Bound | bool, claim: Claim, evidence: Evidence) -> Finding:
    try:
        if isinstance(bound, bool):
            return _judge_comparison(name, bound, claim, evidence)
        return _judge_number(name, bound, claim, _measure(name, claim, evidence))
    except NotEvaluableError as error:
        low, high = (None, None) if isinstance(bound, bool) else _bounds(name, bound)
        return Finding(
            quantity=name,
            value=None,
            interval=None,
            bound_low=low,
            bound_high=high,
            verdict="undecided",
            sentence=f"The {_name(name)} cannot be known: {error}.",
        )


def _bounds(name: str, bound: Bound) -> tuple[float | None, float | None]:
    if isinstance(bound, tuple):
        return bound
    return (bound, None) if QUANTITIES[name].is_floor else (None, bound)


def _judge_number(name: str, bound: Bound, claim: Claim, measured: Measured) -> Finding:
    low, high = _bounds(name, bound)
    ends = (measured.interval.low, measured.interval.high) if measured.interval else (measured.value,) * 2
    above = low is None or ends[0] >= low
    below = high is None or ends[1] <= high
    outside = (low is not None and ends[1] < low) or (high is not None and ends[0] > high)
    return Finding(
        quantity=name,
        value=measured.value,
        interval=measured.interval,
        bound_low=low,
        bound_high=high,
        verdict="held" if above and below else "refuted" if outside else "undecided",
        sentence=number_sentence(name, claim, measured, (low, high)),
    )


def _measure(name: str, claim: Claim, evidence: Evidence) -> Measured:
    """A numeric quantity of a claim.

    Raises:
        NotEvaluableError: the records do not hold it.
    """
    if name in ("study_minutes", "storage_gb"):
        return _over_study(name, claim, evidence)
    if name == "gain":
        gain = _difference(_pair(claim, evidence), claim)
        return Measured(gain.mean, gain.interval, _interval_name(gain.interval))
    outcome = _outcome(claim.arm, evidence)
    match name:
        case "accuracy" | "f1":
            score = outcome.scores.accuracy if name == "accuracy" else outcome.scores.f1
            return Measured(score.mean, score.interval, _interval_name(score.interval))
        case "training_minutes":
            return _over_runs(outcome.costs.share_seconds, 60)
        case "peak_memory_gb":
            return _over_runs(outcome.costs.peak_memory_bytes, 1e9)
        case "trainable_share":
            return Measured(outcome.parameters.trainable_share)
        case "trainable_parameters":
            return Measured(outcome.parameters.trainable)
        case "adapter_parameters":
            return Measured(outcome.parameters.adapter)
    raise AssertionError(f"a claim's quantity without a rule: {name}")


def _over_study(name: str, claim: Claim, evidence: Evidence) -> Measured:
    """A sum over all runs, which cannot be known while runs are missing."""
    arm = evidence.arms[claim.arm] if claim.arm else None
    num_missing = arm.num_missing if arm else evidence.totals.num_missing
    if num_missing:
        raise NotEvaluableError(f"{counted(num_missing, 'planned run')} left no sound record")
    if name == "study_minutes":
        return Measured(evidence.totals.train_seconds / 60)
    return Measured((evidence.bytes_by_arm[arm.name] if arm else evidence.totals.bytes_on_disk) / 1e9)


def _judge_comparison(name: str, expected: bool, claim: Claim, evidence: Evidence) -> Finding:
    pair = _pair(claim, evidence)
    if name == "better":
        difference = _difference(pair, claim)
        wins, loses = (pair.significant and sign * difference.mean > 0 for sign in (1, -1))
        verdict: Verdict = "held" if wins else "refuted" if loses else "undecided"
        interval = difference.interval
        numbers = f"difference {_written(difference.mean, interval)}, Holm-adjusted exact test "
        numbers += p_value(pair.adjusted_p_value)
        stated = "more accurate" if expected else "not more accurate"
    else:
        tost = pair.equivalence
        verdict = "held" if tost.equivalent else "refuted" if tost.different else "undecided"
        difference = _difference(pair, claim, tost.interval)
        interval = difference.interval
        margin = points(tost.margin).lstrip("+")
        numbers = f"difference {_written(difference.mean, interval)}, margin {margin}"
        stated = "equivalent" if expected else "not equivalent"
    return Finding(
        quantity=name,
        value=None,
        interval=interval,
        bound_low=None,
        bound_high=None,
        verdict=verdict if expected else OPPOSITE[verdict],
        sentence=f"{claim.arm} against {claim.over}: {numbers}; stated: {stated}.",
    )


def _written(mean: float, interval: Interval) -> str:
    ends = f"{bare_points(interval.low)} to {points(interval.high)}"
    return f"{points(mean)} ({_interval_name(interval)} {ends})"


def _interval_name(interval: Interval) -> str:
    return f"{percent(interval.level, 0)} interval"


def _over_runs(spread: Spread, divisor: float) -> Measured:
    interval = Interval(low=spread.low / divisor, high=spread.high / divisor, level=1.0)
    runs = counted(len(spread.per_run), "run")
    return Measured(spread.mean / divisor, interval, f"range over {runs}")


def _outcome(name: str | None, evidence: Evidence) -> Outcome:
    arm = evidence.arms[name or ""]
    if arm.outcome is None:
        raise NotEvaluableError(f"{arm.name} has no scores, {arm.reason}")
    return arm.outcome


def _pair(claim: Claim, evidence: Evidence) -> Pair:
    for name in (claim.arm, claim.over):
        _outcome(name, evidence)
    for pair in evidence.pairs:
        if {pair.arm, pair.over} == {claim.arm, claim.over}:
            return pair
    raise NotEvaluableError(f"{claim.arm} is compared with itself")


def _difference(pair: Pair, claim: Claim, interval: Interval | None = None) -> Difference:
    """The difference in accuracy as the claim turns it; ``interval`` instead of the 95 % one."""
    found = interval or pair.accuracy.interval
    if pair.arm == claim.arm:
        return Difference(mean=pair.accuracy.mean, interval=found)
    turned = Interval(low=-found.high, high=-found.low, level=found.level)
    return Difference(mean=-pair.accuracy.mean, interval=turned)
