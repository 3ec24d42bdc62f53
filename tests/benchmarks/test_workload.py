"""All programs read the same texts."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from benchmarks.harness.setup import PEERS
from benchmarks.harness.workload import Workload, load_workload, read_rows


def test_what_is_written_is_read_back_by_us_and_by_the_peers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = [('a "quoted movie', 1), ("NA", 0), ("caf\u00e9 \u2028 noir", 1), ("tab\there", 0)]
    folder = Workload("odd", odd, odd).write(tmp_path / "data")
    expected = [('a "quoted movie', 1), ("NA", 0), ("caf\u00e9 noir", 1), ("tab here", 0)]
    assert read_rows(folder / "train.tsv") == expected
    monkeypatch.syspath_prepend(str(PEERS))
    peer = importlib.import_module("texts_and_report")
    assert list(zip(*peer.read_split(folder / "dev.tsv"), strict=True)) == expected


def test_a_glue_folder_needs_no_treebank_and_a_part_is_a_part_of_the_whole(tmp_path: Path) -> None:
    rows = "".join(f"a movie number {i}\t{i % 2}\n" for i in range(50))
    for split in ("train", "dev"):
        (tmp_path / f"{split}.tsv").write_text(f"sentence\tlabel\n{rows}")
    (tmp_path / "test.tsv").write_text("index\tsentence\n0\ta movie\n")
    workload = load_workload(tmp_path)
    assert workload.name == "SST-2"
    assert sorted(workload.train) == sorted(workload.dev)
    assert workload.train != workload.dev  # in random order, as a part of it must be a fair part
    few = read_rows(workload.write(tmp_path / "few", 10) / "train.tsv")
    assert few == workload.train[:10]
