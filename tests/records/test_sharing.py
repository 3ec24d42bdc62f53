"""Shared records: no weights, no texts if asked, and the same evidence."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sentilora.errors import RecordError
from sentilora.evidence.analysis import analyse
from sentilora.records.record import read_study_records
from sentilora.records.sharing import share_records
from support.synthetic_records import write_synthetic_study


@pytest.mark.parametrize("with_texts", [True, False])
def test_what_is_shared_gives_the_same_numbers(tmp_path: Path, with_texts: bool) -> None:
    folder = write_synthetic_study(tmp_path / "study", num_test=60, num_dev=30)
    share_records(folder, tmp_path / "shared", with_texts=with_texts)
    shared = read_study_records(tmp_path / "shared")
    assert shared.problems == ()
    assert not list((tmp_path / "shared").rglob("*.safetensors"))
    texts = pq.read_table(tmp_path / "shared" / "examples.parquet")["text"].null_count
    assert (texts == 0) == with_texts
    before = analyse(read_study_records(folder), num_resamples=50)
    after = analyse(shared, num_resamples=50)
    assert after.arms == before.arms
    assert after.pairs == before.pairs


def test_nothing_is_written_over(tmp_path: Path) -> None:
    folder = write_synthetic_study(tmp_path / "study", num_test=60, num_dev=30)
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "mine").touch()
    with pytest.raises(RecordError, match="not empty"):
        share_records(folder, tmp_path / "shared", with_texts=True)
    assert [path.name for path in (tmp_path / "shared").iterdir()] == ["mine"]
