"""How two arms compare, and what that says of the claims."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sentilora.evidence.analysis.estimates import Interval, Verdict


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The difference of two arms in one score, ``arm`` minus ``over``.

    Attributes:
        mean: difference of the means over seeds.
        interval: Multi-Bootstrap interval; the same resampled examples for both arms.
    """

    mean: float
    interval: Interval


@dataclass(frozen=True, kw_only=True)
class McNemar:
    """Exact McNemar test of one run against another on the same examples.

    Attributes:
        seed: the seed of both runs.
        only_arm: examples that only ``arm`` gets right.
        only_over: examples that only ``over`` gets right.
        p_value: two-sided.
    """

    seed: int
    only_arm: int
    only_over: int
    p_value: float


@dataclass(frozen=True, kw_only=True)
class Equivalence:
    """Two one-sided tests at 5 % (TOST), by way of the 90 % interval.

    Attributes:
        margin: accuracy differences smaller than this count as none.
        interval: the 90 % Multi-Bootstrap interval of the difference in accuracy.
        equivalent: whether the interval lies inside plus or minus the margin.
        different: whether it lies wholly outside.
    """

    margin: float
    interval: Interval
    equivalent: bool
    different: bool


@dataclass(frozen=True, kw_only=True)
class Superiority:
    """P(A>B) (Bouthillier et al. 2021): how often one new run of ``arm`` would beat one of ``over``.

    Attributes:
        probability: over seeds and resampled test sets, a tie counting one half; 0.5 is no preference.
        interval: over seeds; None with one seed.
    """

    probability: float
    interval: Interval | None


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two arms compared on test.

    The baseline is always ``over``; among the other arms the one earlier in the study is.

    Attributes:
        arm: the one whose gain is stated.
        over: the one it is compared with.
        accuracy: difference in accuracy.
        f1: difference in F1.
        mcc: difference in Matthews correlation.
        ece: difference in calibration error (negative: ``arm`` is better calibrated).
        brier: difference in Brier score (negative: ``arm`` is better).
        seeds_paired: whether both arms have the same seeds, which are then resampled together;
            otherwise each arm's seeds are resampled on their own.
        mcnemar: one exact test a shared seed.
        p_value: the one test of the pair, two-sided: exact sign flips of each example's difference in
            mean correctness over seeds; with one seed each this is exact McNemar.
        adjusted_p_value: Holm, over all pairs of the study.
        significant: adjusted_p_value < 0.05 and the interval of ``accuracy`` leaves out 0.
        superiority: P(arm > over) in accuracy.
        equivalence: TOST on accuracy.
        disagreement: share of examples that exactly one of two runs gets right, mean over run pairs.
        detectable_difference: smallest true difference in accuracy that one exact McNemar test would find
            with power 0.8 at this test size and disagreement; None if none can be found.
    """

    arm: str
    over: str
    accuracy: Difference
    f1: Difference
    mcc: Difference
    ece: Difference
    brier: Difference
    seeds_paired: bool
    mcnemar: tuple[McNemar, ...]
    p_value: float
    adjusted_p_value: float
    significant: bool
    superiority: Superiority
    equivalence: Equivalence
    disagreement: float
    detectable_difference: float | None


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One quantity of a claim beside its bound.

    Attributes:
        quantity: the key in the study file, for example ``accuracy`` or ``training_minutes``.
        value: what was found, in the unit of the study file; None if it cannot be known, or is a yes or no.
        interval: 95 % interval (90 % for ``equivalent``), or the range over runs for times and memory
            (level 1); None where ``value`` is exact.
        bound_low: the bound it must reach, None if open.
        bound_high: the bound it must not pass, None if open.
        verdict: held, refuted or undecided.
        sentence: the finding in words, with its numbers.
    """

    quantity: str
    value: float | None
    interval: Interval | None
    bound_low: float | None
    bound_high: float | None
    verdict: Verdict
    sentence: str


@dataclass(frozen=True, kw_only=True)
class JudgedClaim:
    """A claim of the study file and what the records say to it.

    Attributes:
        wording: the author's words.
        kind: ``claim`` or ``risk``.
        arm: the arm it is about, None for the whole study.
        over: the arm it compares with.
        verdict: for a claim held only if every finding held, refuted if one is; a risk likewise is
            present or absent.
        findings: one a stated quantity.
        sentence: the verdict in words.
    """

    wording: str
    kind: Literal["claim", "risk"]
    arm: str | None
    over: str | None
    verdict: Verdict
    findings: tuple[Finding, ...]
    sentence: str
