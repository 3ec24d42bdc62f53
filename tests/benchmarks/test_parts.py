"""Parts name programs that they have, on the same texts."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.harness.parts import PARTS
from benchmarks.harness.scale import TINY
from benchmarks.harness.setup import BenchmarkSetup

from support.invented_workload import WORKLOAD


@pytest.mark.parametrize("name", PARTS)
def test_ratios_name_programs_of_their_part_and_names_are_unique(name: str, tmp_path: Path) -> None:
    part = PARTS[name](BenchmarkSetup("model", WORKLOAD, tmp_path, "cpu", TINY, adapters_path=tmp_path))
    names = [contender.name for contender in part.contenders]
    assert len(set(names)) == len(names)
    for comparison in part.comparisons:
        assert {comparison.ours, *comparison.peers} <= set(names)


def test_peers_and_ours_read_the_same_texts(tmp_path: Path) -> None:
    part = PARTS["training"](BenchmarkSetup("model", WORKLOAD, tmp_path, "cpu", TINY))
    folders = {
        arguments[arguments.index("--data") + 1]
        for arguments in (contender.arguments for contender in part.contenders)
        if "--data" in arguments
    }
    assert len(folders) == 1


def test_every_script_of_a_peer_is_there(tmp_path: Path) -> None:
    setup = BenchmarkSetup("model", WORKLOAD, tmp_path, "cpu", TINY, adapters_path=tmp_path)
    programs = {contender.arguments[0] for part in PARTS.values() for contender in part(setup).contenders}
    assert {Path(program).is_file() for program in programs - {"-m"}} == {True}
