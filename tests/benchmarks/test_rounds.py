"""Each measurement in a process of its own, programs in turn."""

from __future__ import annotations

from pathlib import Path

from benchmarks.harness.rounds import Contender, Row, run_rounds


def program(folder: Path, text: str) -> Contender:
    path = folder / f"program{len(list(folder.iterdir()))}.py"
    path.write_text(text)
    return Contender(path.name, (str(path),))


def test_programs_alternate_and_each_has_a_process_of_its_own(tmp_path: Path) -> None:
    text = "import json, os\nprint('chatter')\nprint(json.dumps({'process': os.getpid()}))\n"
    rows = [Row(program(tmp_path, text)) for _ in range(2)]
    order = [row.contender.name for row in run_rounds(rows, 3)]
    assert order == [rows[0].contender.name, rows[1].contender.name] * 3
    processes = [value for row in rows for value in row.values("process")]
    assert len(set(processes)) == 6


def test_a_failure_is_told_and_not_tried_again(tmp_path: Path) -> None:
    row = Row(program(tmp_path, "raise SystemExit('no such attention')\n"))
    assert len(list(run_rounds([row], 3))) == 1
    assert row.failure == "no such attention"
    assert row.measurements == [None, None, None]


def test_output_that_is_no_measurement_is_a_failure(tmp_path: Path) -> None:
    row = Row(program(tmp_path, "print('done')\n"))
    list(run_rounds([row], 1))
    assert row.failure == "printed no measurement: done"


def test_long_programs_run_fewer_rounds(tmp_path: Path) -> None:
    quick = program(tmp_path, "print('{}')\n")
    long = Contender("long", quick.arguments, most_rounds=1)
    assert [row.contender.name for row in run_rounds([Row(quick), Row(long)], 2)] == [
        quick.name, "long", quick.name,
    ]  # fmt: skip


def test_a_peer_can_have_packages_of_its_own(tmp_path: Path) -> None:
    text = "import json, sys\nprint(json.dumps({'first': sys.path[1:]}))\n"
    contender = Contender("peer", program(tmp_path, text).arguments, python_path="/of/its/own")
    (row,) = run_rounds([Row(contender)], 1)
    measurement = row.measurements[0]
    assert measurement is not None
    assert "/of/its/own" in measurement["first"]
