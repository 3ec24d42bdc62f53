"""What is written of a claim's quantities, number for number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sentilora.evidence.analysis import Analysis, analyse
from sentilora.evidence.statistics.estimates import Interval
from sentilora.evidence.statistics.judged_claims import ClaimEvidence, judge
from sentilora.evidence.writing.claim_sentences import finding_sentence
from sentilora.records.record import read_study_records
from sentilora.study_file.claims import Claim
from support.synthetic_records import SyntheticArm, write_synthetic_study

ARMS = (
    SyntheticArm(name="frozen", method="probe", accuracy=0.75),
    SyntheticArm(name="lora-8", method="lora", accuracy=0.90),
    SyntheticArm(name="broken", method="full", accuracy=0.9),
)


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    folder = write_synthetic_study(
        tmp_path_factory.mktemp("runs"), arms=ARMS, failed=[("broken", seed) for seed in range(3)]
    )
    return analyse(read_study_records(folder), num_resamples=200)


def sentence(analysis: Analysis, **stated: Any) -> str:
    """The sentence on a claim's only quantity, with plain spaces."""
    evidence = ClaimEvidence({arm.name: arm for arm in analysis.arms}, analysis.pairs, analysis.totals)
    claim = judge("a claim", Claim(**stated), evidence)
    (finding,) = claim.findings
    return finding_sentence(analysis, claim, finding).replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture(scope="module")
def said(analysis: Analysis) -> Callable[..., str]:
    return lambda **stated: sentence(analysis, **stated)


def test_times_stand_in_minutes_or_in_seconds_where_minutes_say_nothing(said: Callable[..., str]) -> None:
    # Seed s of lora-8 takes (248 + s / 2) / 4 seconds; frozen takes 12 + s / 2.
    assert said(arm="lora-8", training_minutes=2) == (
        "The training time of one run of lora-8 is 1.0 min (range over three runs 1.0 to 1.0 min); "
        "stated: at most 2.0 min."
    )
    assert said(arm="frozen", training_minutes=20) == (
        "The training time of one run of frozen is 12 s (range over three runs 12 s to 13 s); "
        "stated: at most 20.0 min."
    )
    assert "frozen is 0.2 min" in said(arm="frozen", training_minutes=0.5), "the bound is below a minute too"


def test_about_names_the_number_and_the_span_it_stands_for(said: Callable[..., str]) -> None:
    assert said(arm="frozen", about=True, training_minutes=10).endswith(
        "stated: about 10.0, 8.0 to 12.5 min."
    )
    assert said(arm="lora-8", about=True, adapter_parameters=60_000) == (
        "The number of adapter parameters of lora-8 is 73,728; stated: about 60,000, 48,000 to 75,000."
    )


def test_comparisons_name_both_arms_and_their_test(said: Callable[..., str]) -> None:
    better = said(arm="lora-8", over="frozen", better=True)
    assert better.startswith("lora-8 against frozen: difference +")
    assert "(95 % interval +" in better
    assert better.endswith("Holm-adjusted p < 0.001; stated: more accurate.")
    turned = said(arm="frozen", over="lora-8", equivalent=False)
    assert "difference \N{MINUS SIGN}" in turned
    assert "(90 % interval \N{MINUS SIGN}" in turned
    assert turned.endswith("margin 1.0 points; stated: not equivalent.")


def test_what_cannot_be_known_is_said_with_the_reason(said: Callable[..., str]) -> None:
    reason = (
        "cannot be known: broken has no scores, every recorded run failed (6 of 6 planned): non-finite loss."
    )
    assert said(arm="broken", accuracy=0.9) == f"The test accuracy {reason}"
    assert said(arm="broken", over="frozen", better=True) == f"The higher test accuracy {reason}"


def test_a_number_is_never_printed_on_the_other_side_of_its_bound(analysis: Analysis) -> None:
    outcome = analysis.outcomes["lora-8"]
    accuracy = replace(outcome.scores.accuracy, mean=0.8996, interval=Interval(low=0.89, high=0.8998))
    changed = replace(outcome, scores=replace(outcome.scores, accuracy=accuracy))
    arms = tuple(replace(arm, outcome=changed) if arm.name == "lora-8" else arm for arm in analysis.arms)
    words = sentence(replace(analysis, arms=arms), arm="lora-8", accuracy=0.9)
    assert "is 89.96 %" in words
    assert "at least 90.00 %" in words
