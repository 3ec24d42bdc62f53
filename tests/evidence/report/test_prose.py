"""Sentences follow the results: undecided stays undecided, and numbers are written one way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentilora.evidence.analysis import Analysis, analyse
from sentilora.evidence.report import discussion, error_results, prose, results
from sentilora.evidence.report.document import report_document
from sentilora.evidence.statistics.bootstrap import Difference
from sentilora.evidence.statistics.estimates import Interval
from sentilora.evidence.statistics.pairs import Pair
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.citations import REFERENCES, cited_references
from sentilora.evidence.writing.names import Numbering, verdict_on
from sentilora.records.record import read_study_records
from support.synthetic_records import SyntheticArm, write_synthetic_study

PROBE = SyntheticArm(name="frozen", method="probe", accuracy=0.78)
LORA = SyntheticArm(name="lora-8", method="lora", accuracy=0.89)
NOWHERE = Numbering()


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    study = write_synthetic_study(
        tmp_path_factory.mktemp("prose"), claims={"LoRA reaches 90 %": {"arm": "lora-8", "accuracy": 0.9}}
    )
    return analyse(read_study_records(study), num_resamples=200)


def decided(pair: Pair, mean: float, *, significant: bool, equivalent: bool) -> Pair:
    """The pair as it would be with this difference and these verdicts."""
    gap = Difference(mean=mean, interval=Interval(low=mean - 0.01, high=mean + 0.01))
    equivalence = replace(pair.equivalence, equivalent=equivalent)
    return replace(pair, accuracy=gap, significant=significant, equivalence=equivalence)


@given(mean=st.floats(-0.3, 0.3), equivalent=st.booleans())
def test_a_difference_that_is_not_shown_is_never_called_one(
    analysis: Analysis, mean: float, equivalent: bool
) -> None:
    pair = decided(analysis.pairs[0], mean, significant=False, equivalent=equivalent)
    words = prose.comparison(pair)
    assert "accurate than" not in words
    assert ("equivalent" in words) == equivalent
    assert ("undecided" in words) == (not equivalent)


@given(mean=st.floats(-0.3, 0.3).filter(lambda gap: abs(gap) > 1e-6), equivalent=st.booleans())
def test_a_difference_that_is_shown_has_its_direction(
    analysis: Analysis, mean: float, equivalent: bool
) -> None:
    words = prose.comparison(decided(analysis.pairs[0], mean, significant=True, equivalent=equivalent))
    assert ("more accurate" in words, "less accurate" in words) == (mean > 0, mean < 0)
    assert ("by less than" in words) == equivalent


def test_the_conclusion_claims_no_gain_where_none_is_shown(analysis: Analysis) -> None:
    pairs = tuple(decided(pair, 0.004, significant=False, equivalent=False) for pair in analysis.pairs)
    undecided = replace(analysis, pairs=pairs)
    words = " ".join([prose.abstract(undecided), discussion.conclusion(undecided)])
    words += " ".join(results.accuracy_against_baseline(undecided, NOWHERE))
    assert "do not decide" in words
    assert "undecided" in words
    assert "no difference is shown" in words
    assert "a gain of" not in words
    assert "changes accuracy" not in words


def test_equal_ranks_are_called_equal_only_by_the_equivalence_test(analysis: Analysis) -> None:
    for equivalent, expected in (
        (True, "are equivalent: the smallest is enough"),
        (False, "not shown either"),
    ):
        pairs = tuple(decided(pair, 0.0, significant=False, equivalent=equivalent) for pair in analysis.pairs)
        assert expected in discussion.conclusion(replace(analysis, pairs=pairs))


def test_lora_arms_of_one_rank_are_not_called_ranks(analysis: Analysis) -> None:
    arms = tuple(replace(arm, rank=None if arm.rank is None else 8) for arm in analysis.arms)
    same = replace(analysis, arms=arms)
    pairs = tuple(decided(pair, 0.0, significant=False, equivalent=True) for pair in analysis.pairs)
    assert "The LoRA arms are equivalent." in discussion.conclusion(replace(same, pairs=pairs))
    assert "rank" not in " ".join(results.learning_results(same, NOWHERE))
    assert "rank" in " ".join(results.learning_results(analysis, NOWHERE))


def test_an_arm_without_scores_and_a_failed_run_are_never_passed_over(tmp_path: Path) -> None:
    study = write_synthetic_study(tmp_path, failed={("lora-16", seed) for seed in range(3)})
    found = analyse(read_study_records(study), num_resamples=50)
    assert "No run of lora-16 could be scored" in prose.abstract(found)
    assert any("6 of 15 planned runs" in limit for limit in discussion.limits(found))


def test_one_seed_is_a_limit_and_many_are_not(tmp_path: Path, analysis: Analysis) -> None:
    study = write_synthetic_study(tmp_path, arms=[PROBE, LORA], seeds=[4])
    single = analyse(read_study_records(study), num_resamples=50)
    assert any("one seed only" in limit for limit in discussion.limits(single))
    assert not any("one seed" in limit for limit in discussion.limits(analysis))


def test_a_rate_at_the_end_of_its_grid_is_a_limit(analysis: Analysis) -> None:
    assert any("chosen at an end of the range" in limit for limit in discussion.limits(analysis))


def test_sentences_point_only_at_what_is_there(analysis: Analysis) -> None:
    numbering = Numbering(figures=("comparisons",), tables=("data", "arms"))
    assert numbering.see("comparisons", "arms", "pairs") == " (Figure\xa01, Table\xa02)"
    assert numbering.see("pairs") == ""
    words = " ".join(error_results.slice_results(analysis, NOWHERE) + results.cost_results(analysis, NOWHERE))
    assert "Figure" not in words
    assert "Table" not in words


def test_references_are_those_cited_and_every_citation_has_one(analysis: Analysis) -> None:
    document = report_document(analysis, drawn=(), with_texts=True, base_size=10, examples_of_each_kind=1)
    listed = next(block["items"] for block in document["blocks"] if block["kind"] == "references")
    text = " ".join([document["abstract"], *(str(block) for block in document["blocks"])])
    assert listed == [entry for citation, entry in REFERENCES.items() if citation in text]
    assert "Hu, E. J." in " ".join(listed)
    assert list(REFERENCES) == sorted(REFERENCES)
    assert cited_references(["nothing"]) == []


def test_verdicts_are_four(analysis: Analysis) -> None:
    pair = analysis.pairs[0]
    verdicts = {
        verdict_on(decided(pair, 0.1, significant=significant, equivalent=equivalent))
        for significant in (True, False)
        for equivalent in (True, False)
    }
    assert verdicts == {"different", "different, within margin", "equivalent", "undecided"}


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (notation.percent(0.8953), "89.5 %"),
        (notation.bare_points(-0.0004), "0.0"),
        (notation.bare_points(0.0004), "0.0"),
        (notation.bare_points(0.083), "+8.3"),
        (notation.bare_points(-0.083), "−8.3"),
        (notation.percent_interval(Interval(low=0.881, high=0.908)), "[88.1, 90.8]"),
        (notation.count(67349), "67,349"),
        (notation.counted(1, "seed"), "one seed"),
        (notation.counted(12, "class", "classes"), "12 classes"),
        (notation.duration(0.417), "0.42 s"),
        (notation.duration(83.2), "83 s"),
        (notation.duration(852), "14.2 min"),
        (notation.duration(11160), "3.1 h"),
        (notation.size(250_000_000), "250 MB"),
        (notation.size(592_130), "592 kB"),
        (notation.size(12), "12 B"),
        (notation.p_value(0.00004), "p < 0.001"),
        (notation.p_value(0.0316), "p = 0.032"),
        (notation.bare_small_share(1538 / 66_364_418), "0.0023"),
        (notation.bare_small_share(0.0022), "0.22"),
        (notation.bare_small_share(1.0), "100.0"),
        (notation.rate(0.0005), "0.0005"),
        (notation.rate(2e-5), "2 × 10⁻⁵"),
        (notation.listed(["a", "b", "c"]), "a, b and c"),
    ],
)
def test_numbers_are_written_one_way(shown: str, expected: str) -> None:
    assert shown.replace("\xa0", " ") == expected


@given(st.floats(-1, 1))
def test_a_difference_is_signed_as_it_is_and_zero_has_no_sign(difference: float) -> None:
    shown = notation.bare_points(difference)
    value = float(shown.replace(notation.MINUS, "-"))
    assert value == pytest.approx(100 * difference, abs=0.0501)
    assert shown.startswith("+") == (value > 0)
    assert shown.startswith(notation.MINUS) == (value < 0)
