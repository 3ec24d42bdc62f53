"""The page of simulations is written whole from few studies."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.simulations.__main__ import SECTIONS, simulate
from click.testing import CliRunner

from sentilora.evidence.statistics import slice_search


@pytest.mark.slow
def test_every_section_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slice_search, "NUM_PERMUTATIONS", 50)
    page = tmp_path / "docs" / "statistics.md"
    result = CliRunner().invoke(simulate, ["--studies", "10", "--output", str(page)])
    assert result.exit_code == 0, result.output
    text = page.read_text(encoding="utf-8")
    assert text.count("\n## ") == len(SECTIONS)
    assert "nan" not in text
