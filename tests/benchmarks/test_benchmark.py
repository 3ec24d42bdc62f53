"""The whole benchmark as it is called, on next to no work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from benchmarks.__main__ import benchmark
from benchmarks.harness import rounds
from click.testing import CliRunner

from sentilora.errors import StudyError
from support.invented_workload import WORKLOAD


@pytest.mark.slow
def test_a_tiny_benchmark_runs_every_peer(tiny_model: Callable[[str], Path], tmp_path: Path) -> None:
    data = WORKLOAD.write(tmp_path / "data")
    (data / "test.tsv").write_text("index\tsentence\n0\ta movie\n")
    arguments = ["--tiny", "--rounds", "1", "--backbone", str(tiny_model("bert")), "--data", str(data)]
    arguments += ["--device", "cpu", "--output", str(tmp_path / "results")]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments, "whole", "probe", "predict"],
        capture_output=True, text=True, check=False, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (path,) = (tmp_path / "results").iterdir()
    parts = json.loads(path.read_text())["parts"]
    assert all(row["failure"] is None for part in parts for row in part["rows"])
    assert all(ratio["median"] > 0 for part in parts for ratio in part["ratios"])
    predicted = next(part for part in parts if part["name"] == "predict")
    assert [row["measurements"][0]["labels_differing"] for row in predicted["rows"]] == [0] * 5


def test_the_command_prints_a_table_and_keeps_the_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = {"evaluations": 2, "largest_difference": 0.0}
    monkeypatch.setattr(rounds, "run_once", lambda contender: measured)
    data = WORKLOAD.write(tmp_path / "data")
    (data / "test.tsv").write_text("index\tsentence\n0\ta movie\n")
    options = ["--tiny", "--rounds", "1", "--device", "cpu", "--backbone", "a/model", "--data", str(data)]
    done = CliRunner().invoke(benchmark, ["graphs", *options, "--output", str(tmp_path / "results")])
    assert done.exit_code == 0, done.output
    assert "over 2 evaluations: 0.0e+00." in done.output
    (path,) = (tmp_path / "results").iterdir()
    (part,) = json.loads(path.read_text())["parts"]
    (row,) = part["rows"]
    assert row["measurements"] == [measured]
    assert not any(str(tmp_path) in argument for argument in row["arguments"])


def test_an_unknown_part_is_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(benchmark, ["speed", "--device", "cpu", "--data", str(tmp_path)])
    assert isinstance(done.exception, StudyError)
    assert "no part 'speed'" in str(done.exception)
