"""Claims judged against records whose truth is known, at every side of a bound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentilora.evidence.analysis import Analysis, analyse
from sentilora.evidence.statistics.estimates import Interval
from sentilora.evidence.statistics.judged_claims import ClaimEvidence, JudgedClaim, judge
from sentilora.records.record import read_study_records
from sentilora.study_file.claims import Claim
from support.synthetic_records import SyntheticArm, write_synthetic_study

Judge = Callable[..., JudgedClaim]

ARMS = (
    SyntheticArm(name="frozen", method="probe", accuracy=0.75),
    SyntheticArm(name="lora-8", method="lora", accuracy=0.90),
    SyntheticArm(name="lora-9", method="lora", accuracy=0.90, rank=9),
    SyntheticArm(name="broken", method="full", accuracy=0.9),
)


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    folder = write_synthetic_study(
        tmp_path_factory.mktemp("runs"),
        arms=ARMS,
        num_test=800,
        failed=[("broken", seed) for seed in range(3)],
        equivalence_margin=0.05,
    )
    return analyse(read_study_records(folder), num_resamples=400)


@pytest.fixture(scope="module")
def judged(analysis: Analysis) -> Judge:
    def judge_claim(**stated: Any) -> JudgedClaim:
        return judge("a claim", Claim(**stated), evidence_of(analysis))

    return judge_claim


def evidence_of(analysis: Analysis) -> ClaimEvidence:
    totals = replace(analysis.totals, bytes_by_arm={arm.name: 1_000_000_000 for arm in analysis.arms})
    return ClaimEvidence({arm.name: arm for arm in analysis.arms}, analysis.pairs, totals)


@given(st.floats(0, 1), st.floats(0, 1))
def test_verdicts_follow_the_whole_interval(judged: Judge, low: float, high: float) -> None:
    low, high = sorted((low, high))
    claim = judged(arm="lora-8", accuracy=(low, high))
    (finding,) = claim.findings
    assert finding.interval is not None
    inside = low <= finding.interval.low and finding.interval.high <= high
    outside = finding.interval.high < low or finding.interval.low > high
    assert claim.verdict == ("held" if inside else "refuted" if outside else "undecided")


def test_a_plain_number_is_a_floor_for_accuracy_and_a_ceiling_for_costs(judged: Judge) -> None:
    assert judged(arm="lora-8", accuracy=0.5).verdict == "held"
    assert judged(arm="lora-8", f1=0.5).verdict == "held"
    assert judged(arm="lora-8", accuracy=0.99).verdict == "refuted"
    assert judged(arm="lora-8", trainable_share=0.5).verdict == "held"
    assert judged(arm="lora-8", trainable_share=1e-6).verdict == "refuted"
    assert judged(arm="lora-8", adapter_parameters=73_728).verdict == "held", "9,216 a rank, exactly"
    assert judged(arm="lora-8", adapter_parameters=73_727).verdict == "refuted"
    assert judged(storage_gb=5).verdict == "held"
    assert judged(arm="lora-8", storage_gb=0.9).verdict == "refuted"
    assert judged(study_minutes=1).verdict == "refuted"


def test_times_and_memory_are_judged_by_the_range_over_runs(judged: Judge) -> None:
    # Seed s of lora-8 takes (248 + s / 2) / 4 seconds, so 62 to 62.25.
    assert judged(arm="lora-8", training_minutes=62.3 / 60).verdict == "held"
    assert judged(arm="lora-8", training_minutes=62.1 / 60).verdict == "undecided"
    assert judged(arm="lora-8", training_minutes=61.9 / 60).verdict == "refuted"
    assert judged(arm="lora-8", peak_memory_gb=(0.8, 0.9)).verdict == "held"


def test_all_quantities_must_hold_and_one_refutes(judged: Judge) -> None:
    assert judged(arm="lora-8", accuracy=0.5, trainable_share=0.5).verdict == "held"
    both = judged(arm="lora-8", accuracy=0.5, trainable_share=1e-6)
    assert both.verdict == "refuted"
    assert [finding.verdict for finding in both.findings] == ["held", "refuted"]


def test_gains_are_turned_to_the_claims_side(judged: Judge) -> None:
    (forth,) = judged(arm="lora-8", over="frozen", gain=0.02).findings
    (back,) = judged(arm="frozen", over="lora-8", gain=0.02).findings
    assert forth.value is not None
    assert back.value == -forth.value
    assert forth.verdict == "held"
    assert back.verdict == "refuted"
    assert forth.interval is not None
    assert back.interval == Interval(low=-forth.interval.high, high=-forth.interval.low)


def test_better_needs_a_difference_beyond_chance(judged: Judge) -> None:
    assert judged(arm="lora-8", over="frozen", better=True).verdict == "held"
    assert judged(arm="frozen", over="lora-8", better=True).verdict == "refuted"
    assert judged(arm="lora-9", over="lora-8", better=True).verdict == "undecided"
    assert judged(arm="frozen", over="lora-8", better=False).verdict == "held"


def test_equivalent_is_tost(judged: Judge) -> None:
    assert judged(arm="lora-9", over="lora-8", equivalent=True).verdict == "held"
    assert judged(arm="lora-8", over="frozen", equivalent=True).verdict == "refuted"
    assert judged(arm="lora-8", over="frozen", equivalent=False).verdict == "held"
    (finding,) = judged(arm="lora-8", over="lora-9", equivalent=True).findings
    assert finding.interval is not None
    assert finding.interval.level == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("accuracy", "verdict"), [(0.5, "present"), (0.99, "absent"), ((0.5, 0.9), "unclear")]
)
def test_a_risk_is_present_absent_or_unclear(judged: Judge, accuracy: Any, verdict: str) -> None:
    assert judged(kind="risk", arm="lora-8", accuracy=accuracy).verdict == verdict


def test_an_arm_without_scores_leaves_a_claim_undecided_with_the_reason(judged: Judge) -> None:
    for stated in ({"accuracy": 0.9}, {"over": "frozen", "better": True}, {"training_minutes": 3}):
        claim = judged(arm="broken", **stated)
        assert claim.verdict == "undecided"
        (finding,) = claim.findings
        assert finding.value is None
        assert "every recorded run failed" in str(finding.reason)
    assert judged(arm="lora-8", over="lora-8", gain=0.1).verdict == "undecided"


def test_sums_over_runs_cannot_be_known_while_runs_are_missing(analysis: Analysis) -> None:
    evidence = replace(evidence_of(analysis), totals=replace(analysis.totals, num_missing=2))
    claim = judge("small", Claim(storage_gb=1000), evidence)
    assert claim.verdict == "undecided"
    assert claim.findings[0].reason == "2 of its planned runs left no sound record"


def test_about_is_within_a_factor_of_a_quarter_either_way(judged: Judge) -> None:
    # Seed s of lora-8 takes 62 to 62.25 seconds; it trains 73,728 adapter parameters.
    for minutes, verdict in ((1, "held"), (0.8, "refuted"), (1.3, "refuted"), (0.82767, "undecided")):
        assert judged(arm="lora-8", about=True, training_minutes=minutes).verdict == verdict, minutes
    assert judged(arm="lora-8", about=True, adapter_parameters=73_728 * 1.25).verdict == "held"
    assert judged(arm="lora-8", about=True, adapter_parameters=73_728 * 1.26).verdict == "refuted"
    (finding,) = judged(arm="lora-8", about=True, accuracy=0.8).findings
    assert (finding.bound_low, finding.bound_high) == pytest.approx((0.64, 1.0))


def test_claims_of_the_study_file_are_judged_in_its_order(tmp_path: Path) -> None:
    claims = {
        "zeta": {"arm": "lora-8", "accuracy": 0.5},
        "alpha": {"kind": "risk", "arm": "frozen", "accuracy": 0.99},
    }
    folder = write_synthetic_study(tmp_path, arms=ARMS[:2], num_test=100, num_dev=50, claims=claims)
    found = analyse(read_study_records(folder), num_resamples=100).claims
    assert [(claim.wording, claim.verdict) for claim in found] == [("zeta", "held"), ("alpha", "absent")]
