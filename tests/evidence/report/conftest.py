"""Analyses that the tests of the report share."""

from __future__ import annotations

import pytest

from sentilora.evidence.analysis import Analysis, analyse
from sentilora.records.record import read_study_records
from support.synthetic_records import SyntheticArm, write_synthetic_study


@pytest.fixture(scope="session")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    """A frozen backbone and two LoRA arms, three seeds, one claim, one transfer set."""
    study = write_synthetic_study(
        tmp_path_factory.mktemp("usual"),
        transfer={"tweets": 80},
        claims={"LoRA reaches 90 %": {"arm": "lora-8", "accuracy": 0.9}},
    )
    return analyse(read_study_records(study), num_resamples=200)


@pytest.fixture(scope="session")
def many_arms(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    """Six arms, more than a crowded figure shows."""
    ranks = [
        SyntheticArm(name=f"lora-{rank}", method="lora", accuracy=0.88, rank=rank)
        for rank in (1, 2, 4, 8, 16)
    ]
    study = write_synthetic_study(
        tmp_path_factory.mktemp("many"),
        arms=[SyntheticArm(name="frozen", method="probe", accuracy=0.78), *ranks],
        num_test=200,
        transfer={"tweets": 80},
    )
    return analyse(read_study_records(study), num_resamples=100)
