"""The benchmark: its arithmetic on invented measurements, its processes on invented programs, a real pass."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from benchmarks.__main__ import bench
from benchmarks.harness import measure
from benchmarks.harness.benchmark import run_benchmark
from benchmarks.harness.ceiling import measure_ceiling
from benchmarks.harness.parts import PARTS
from benchmarks.harness.plan import TINY, Bench, Comparison, Part
from benchmarks.harness.results import markdown, part_result, write_results
from benchmarks.harness.rounds import Contender, Row, run_rounds
from benchmarks.harness.workload import Workload, load_workload, read_rows
from click.testing import CliRunner

from sentilora.errors import StudyError
from sentilora.model.backbone.loading import load_tokenizer

PEERS = Path(__file__).parents[2] / "benchmarks" / "peers"

WORKLOAD = Workload(
    "invented",
    [(f"a {word} movie number {i}", i % 2) for i, word in enumerate(["dull", "fine"] * 40)],
    [(f"a {word} movie number {i}", i % 2) for i, word in enumerate(["dull", "fine"] * 2)],
)


def rate(value: float, **more: Any) -> dict[str, Any]:
    return {"examples": value, "seconds": 1.0, "examples_per_second": value, "total_seconds": 2.0, **more}


def invented(comparison: Comparison, **rows: list[float | None]) -> dict[str, Any]:
    """The result of a part whose programs measured these rates."""
    contenders = [Contender(name, ()) for name in rows]
    part = Part("training", "Invented", contenders, [comparison])
    found = [
        Row(contender, [None if value is None else rate(value) for value in values])
        for contender, values in zip(contenders, rows.values(), strict=True)
    ]
    return part_result(part, found)


def program(folder: Path, text: str) -> Contender:
    path = folder / f"program{len(list(folder.iterdir()))}.py"
    path.write_text(text)
    return Contender(path.name, (str(path),))


class TestRatios:
    def test_is_taken_in_each_round_against_the_fastest_peer(self) -> None:
        result = invented(
            Comparison("ours", ("slow", "fast")), ours=[100, 40, 90], slow=[10, 1, 9], fast=[50, 10, 30]
        )
        (ratio,) = result["ratios"]
        assert ratio["against"] == "fast"
        # The median of the ratios (2, 4, 3), not the ratio of the medians (90 / 30).
        assert ratio["values"] == [2, 4, 3]
        assert ratio["median"] == 3

    def test_a_peer_that_makes_several_passes_is_slower_by_as_many(self) -> None:
        (ratio,) = invented(Comparison("ours", ("peer",), factor=3), ours=[100], peer=[50])["ratios"]
        assert ratio["values"] == [6]

    def test_startup_counts_for_ours_alone(self) -> None:
        (ratio,) = invented(Comparison("ours", ("peer",), with_startup=True), ours=[100], peer=[10])["ratios"]
        assert ratio["values"] == [5]  # 100 examples in 2 s, against 10 a second

    def test_a_failed_round_is_left_out_and_a_failed_peer_gives_no_ratio(self) -> None:
        (ratio,) = invented(Comparison("ours", ("peer",)), ours=[100, None, 100], peer=[50, 50, None])[
            "ratios"
        ]
        assert ratio["values"] == [2]
        (ratio,) = invented(Comparison("ours", ("peer",)), ours=[100], peer=[None])["ratios"]
        assert ratio["values"] == []
        assert ratio["median"] is None


class TestRounds:
    def test_programs_alternate_and_each_has_a_process_of_its_own(self, tmp_path: Path) -> None:
        text = "import json, os\nprint('chatter')\nprint(json.dumps({'process': os.getpid()}))\n"
        rows = [Row(program(tmp_path, text)) for _ in range(2)]
        order = [row.contender.name for row in run_rounds(rows, 3)]
        assert order == [rows[0].contender.name, rows[1].contender.name] * 3
        processes = [value for row in rows for value in row.values("process")]
        assert len(set(processes)) == 6

    def test_a_failure_is_told_and_not_tried_again(self, tmp_path: Path) -> None:
        row = Row(program(tmp_path, "raise SystemExit('no such attention')\n"))
        assert len(list(run_rounds([row], 3))) == 1
        assert row.failure == "no such attention"
        assert row.measurements == [None, None, None]

    def test_output_that_is_no_measurement_is_a_failure(self, tmp_path: Path) -> None:
        row = Row(program(tmp_path, "print('done')\n"))
        list(run_rounds([row], 1))
        assert row.failure == "printed no measurement: done"

    def test_long_programs_run_fewer_rounds(self, tmp_path: Path) -> None:
        quick = program(tmp_path, "print('{}')\n")
        long = Contender("long", quick.arguments, most_rounds=1)
        assert [row.contender.name for row in run_rounds([Row(quick), Row(long)], 2)] == [
            quick.name, "long", quick.name,
        ]  # fmt: skip

    def test_a_peer_can_have_packages_of_its_own(self, tmp_path: Path) -> None:
        text = "import json, sys\nprint(json.dumps({'first': sys.path[1:]}))\n"
        contender = Contender("peer", program(tmp_path, text).arguments, python_path="/of/its/own")
        (row,) = run_rounds([Row(contender)], 1)
        measurement = row.measurements[0]
        assert measurement is not None
        assert "/of/its/own" in measurement["first"]


class TestTables:
    def test_a_row_has_median_and_range_and_a_share_of_its_precisions_ceiling(self) -> None:
        part = Part("training", "Invented", [Contender("ceiling", ()), Contender("ours", ())])
        ceiling: list[Mapping[str, Any] | None] = [{"fp32": 100.0, "bf16": 400.0}]
        ours: list[Mapping[str, Any] | None] = [
            rate(value, flop_per_second=200.0, precision="bf16") for value in (30, 10, 20)
        ]
        text = table(part_result(part, [Row(part.contenders[0], ceiling), Row(part.contenders[1], ours)]))
        assert "| ours | 20 (10 to 30) |" in text
        assert "50.0%" in text
        assert "| ceiling |" not in text

    def test_a_failed_program_stands_in_the_table_with_its_reason(self) -> None:
        part = Part("training", "Invented", [Contender("peer", ())])
        text = table(
            part_result(part, [Row(part.contenders[0], [None], failure="ModuleNotFoundError: peft")])
        )
        assert "failed: ModuleNotFoundError: peft" in text

    def test_every_line_of_a_table_has_as_many_cells(self) -> None:
        part = Part("quality", "Invented", [Contender("a", ()), Contender("b", ())])
        rows = [
            Row(part.contenders[0], [rate(1, dev_accuracies=[0.9, 0.8])]),
            Row(part.contenders[1], [rate(2)]),
        ]
        lines = [line for line in table(part_result(part, rows)).splitlines() if line.startswith("|")]
        assert len(lines) == 4
        assert len({line.count("|") for line in lines}) == 1

    def test_folders_of_this_machine_stay_out_of_the_file(self) -> None:
        contender = Contender(
            "ours", ("--data", "/tmp/abc/2048", "--model", "/home/me/minilm", "--rank", "8")
        )
        places = {"/tmp/abc": "TEXTS", "/home/me/minilm": "minilm"}
        result = part_result(Part("ranks", "Invented", [contender]), [Row(contender, [None])], places)
        expected = ["--data", "TEXTS/2048", "--model", "minilm", "--rank", "8"]
        assert result["rows"][0]["arguments"] == expected

    def test_results_are_named_after_the_device(self, tmp_path: Path) -> None:
        path = write_results({"machine": {"device": "NVIDIA H100 80GB"}, "parts": []}, tmp_path / "new")
        assert path.name.startswith("nvidia-h100-80gb-20")
        assert json.loads(path.read_text())["parts"] == []


def table(part: dict[str, Any]) -> str:
    machine = {"device": "invented", "threads": 1, "versions": {"torch": "2"}}
    return markdown({"machine": machine, "backbone": "tiny", "data": "none", "rounds": 1, "parts": [part]})


class TestWorkload:
    def test_what_is_written_is_read_back_by_us_and_by_the_peers(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        odd = [('a "quoted movie', 1), ("NA", 0), ("caf\u00e9 \u2028 noir", 1), ("tab\there", 0)]
        folder = Workload("odd", odd, odd).write(tmp_path / "data")
        expected = [('a "quoted movie', 1), ("NA", 0), ("caf\u00e9 noir", 1), ("tab here", 0)]
        assert read_rows(folder / "train.tsv") == expected
        monkeypatch.syspath_prepend(str(PEERS))
        peer = importlib.import_module("texts_and_report")
        assert list(zip(*peer.read_split(folder / "dev.tsv"), strict=True)) == expected

    def test_a_glue_folder_needs_no_treebank_and_a_part_is_a_part_of_the_whole(self, tmp_path: Path) -> None:
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


class TestPlan:
    @pytest.mark.parametrize("name", PARTS)
    def test_ratios_name_programs_of_their_part_and_names_are_unique(self, name: str, tmp_path: Path) -> None:
        for peers in (None, PEERS):
            bench = Bench("model", WORKLOAD, tmp_path, "cpu", TINY, peers, adapters_path=tmp_path)
            part = PARTS[name](bench)
            names = [contender.name for contender in part.contenders]
            assert len(set(names)) == len(names)
            for comparison in part.comparisons:
                assert {comparison.ours, *comparison.peers} <= set(names)
            assert peers is not None or not part.comparisons

    def test_peers_and_ours_read_the_same_texts(self, tmp_path: Path) -> None:
        part = PARTS["training"](Bench("model", WORKLOAD, tmp_path, "cpu", TINY, PEERS))
        folders = {
            arguments[arguments.index("--data") + 1]
            for arguments in (contender.arguments for contender in part.contenders)
            if "--data" in arguments
        }
        assert len(folders) == 1

    def test_unknown_parts_and_folders_without_peers_are_refused(self, tmp_path: Path) -> None:
        def first(**changes: Any) -> None:
            options: dict[str, Any] = {
                "backbone": "minilm", "data": None, "device": torch.device("cpu"), "parts": ["training"],
                "num_rounds": 1, "tiny": True, "peers": None, "adapters_path": None,
            }  # fmt: skip
            next(run_benchmark(**{**options, **changes}))

        with pytest.raises(StudyError, match="no part 'speed'"):
            first(parts=["speed"])
        with pytest.raises(StudyError, match="no peers in this folder"):
            first(peers=tmp_path)


def measured(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    measure.main([str(argument) for argument in arguments])
    line: dict[str, Any] = json.loads(capsys.readouterr().out)
    return line


class TestMeasure:
    @pytest.fixture
    def where(self, tiny_model: Callable[[str], Path], tmp_path: Path) -> list[object]:
        return ["--model", tiny_model("bert"), "--data", WORKLOAD.write(tmp_path / "data", 64)]

    def test_a_window_counts_each_runs_examples(
        self, where: list[object], capsys: pytest.CaptureFixture[str]
    ) -> None:
        window = ["--steps", 3, "--warmup-steps", 2]
        line = measured(capsys, "lora", *where, *window, "--seeds", 0, 1, 2)
        assert line["examples"] == 3 * 32 * 3
        assert 0 < line["seconds"] < line["total_seconds"]
        assert line["examples_per_second"] == pytest.approx(line["examples"] / line["seconds"])

    def test_whole_epochs_give_every_runs_accuracy(
        self, where: list[object], capsys: pytest.CaptureFixture[str]
    ) -> None:
        line = measured(capsys, "lora", *where, "--epochs", 2, "--seeds", 0, 1)
        assert line["examples"] == 2 * 64 * 2
        assert len(line["dev_accuracies"]) == 2
        assert line["train_seconds"] < line["seconds"]

    def test_packed_and_peft_learn_the_same_task(
        self, where: list[object], capsys: pytest.CaptureFixture[str]
    ) -> None:
        options = ["--epochs", 16, "--learning-rate", 0.01, "--precision", "fp32"]
        for kind in ("lora", "peft"):
            assert measured(capsys, kind, *where, *options)["dev_accuracies"] == [1.0]

    def test_without_a_gpu_graphs_change_nothing(
        self, where: list[object], capsys: pytest.CaptureFixture[str]
    ) -> None:
        line = measured(capsys, "graphs", *where, "--epochs", 1, "--seeds", 0, 1)
        assert line == {"evaluations": 2, "largest_difference": 0.0}

    def test_the_exact_probe_encodes_anew_each_time(
        self, where: list[object], capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert measured(capsys, "probe", *where, "--epochs", 1)["examples"] == 64

    def test_necessary_work_is_four_operations_a_weight_and_token(
        self, where: list[Any], capsys: pytest.CaptureFixture[str]
    ) -> None:
        line = measured(capsys, "lora", *where, "--epochs", 1)
        tokenizer = load_tokenizer(str(where[1]))
        tokens = np.mean([len(tokenizer(text)["input_ids"]) for text, _ in WORKLOAD.train[:64]])
        weights = 2 * (4 * 32 * 32 + 2 * 32 * 64)  # two layers of the tiny model
        assert line["flop_per_second"] / line["examples_per_second"] == pytest.approx(4 * weights * tokens)

    def test_bf16_and_fp32_products_have_a_ceiling(self) -> None:
        assert set(measure_ceiling(torch.device("cpu"))) == {"fp32", "bf16"}


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
    tiny_model: Callable[[str], Path], tmp_path: Path
) -> None:
    data = WORKLOAD.write(tmp_path / "data")
    (data / "test.tsv").write_text("index\tsentence\n0\ta movie\n")
    options = ["--tiny", "--rounds", "1", "--device", "cpu", "--backbone", str(tiny_model("bert"))]
    options += ["--data", str(data), "--output", str(tmp_path / "results")]
    done = CliRunner().invoke(bench, ["graphs", *options])
    assert done.exit_code == 0, done.output
    assert "0.0e+00" in done.output
    assert len(list((tmp_path / "results").iterdir())) == 1
