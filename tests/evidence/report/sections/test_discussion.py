"""The discussion and the abstract claim no more than the tests behind them show."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sentilora.evidence.analysis import Analysis, analyse
from sentilora.evidence.report.sections import learning
from sentilora.evidence.report.sections.abstract import abstract
from sentilora.evidence.report.sections.discussion import conclusion
from sentilora.evidence.report.sections.pairs import gains
from sentilora.records.record import read_study_records
from support.decided_pairs import all_decided
from support.synthetic_records import write_synthetic_study


def test_no_gain_is_claimed_where_none_is_shown(analysis: Analysis) -> None:
    undecided = all_decided(analysis, 0.004, significant=False, equivalent=False)
    words = " ".join([abstract(undecided), conclusion(undecided), *gains(undecided)])
    assert "do not decide" in words
    assert "undecided" in words
    assert "no difference is shown" in words
    assert "a gain of" not in words
    assert "changes accuracy" not in words


@pytest.mark.parametrize(
    ("equivalent", "said"),
    [(True, "are equivalent: the smallest is enough"), (False, "not shown either")],
)
def test_equal_ranks_are_called_equal_only_by_the_equivalence_test(
    analysis: Analysis, equivalent: bool, said: str
) -> None:
    assert said in conclusion(all_decided(analysis, 0.0, significant=False, equivalent=equivalent))


def test_lora_arms_of_one_rank_are_not_called_ranks(analysis: Analysis) -> None:
    arms = tuple(replace(arm, rank=None if arm.rank is None else 8) for arm in analysis.arms)
    same = all_decided(replace(analysis, arms=arms), 0.0, significant=False, equivalent=True)
    assert "The LoRA arms are equivalent." in conclusion(same)
    for changed, named in ((same, False), (analysis, True)):
        found = learning.section(changed)
        assert found is not None
        assert ("rank" in " ".join(found.body[0].lines)) == named


def test_an_arm_without_scores_is_named_in_the_abstract(tmp_path: Path) -> None:
    study = write_synthetic_study(tmp_path, failed={("lora-16", seed) for seed in range(3)})
    assert "No run of lora-16 could be scored" in abstract(
        analyse(read_study_records(study), num_resamples=50)
    )


def test_the_arm_that_the_claims_are_about_is_in_the_abstract(analysis: Analysis) -> None:
    assert analysis.challenger is not None
    (claim,) = analysis.claims
    (other,) = set(analysis.outcomes) - {analysis.baseline, analysis.challenger}
    said = f"The arm {other}, which most claims are about"
    assert said in abstract(replace(analysis, claims=(replace(claim, arm=other),)))
    assert said not in abstract(replace(analysis, claims=(replace(claim, arm=analysis.challenger),)))


def test_the_abstract_says_how_much_data_was_used_and_what_the_head_reads(analysis: Analysis) -> None:
    part = {**analysis.data, "train_total": 4 * analysis.data["sizes"]["train"]}
    assert "(25.0\xa0% of the training set)" in abstract(replace(analysis, data=part))
    assert "of the training set" not in abstract(analysis)
    assert "reads the first token's state" in abstract(analysis)
