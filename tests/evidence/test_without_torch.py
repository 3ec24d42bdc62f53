"""Reports rebuild on a machine that has no torch: what ``pip install sentilora`` brings is enough."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest

from support.synthetic_records import write_synthetic_study

REPOSITORY = Path(__file__).parents[2]
REFUSE_AND_RUN = """
import sys
class Refusing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in refused:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
refused = set(sys.argv[1].split(","))
sys.meta_path.insert(0, Refusing())
from sentilora.cli import main
main(sys.argv[2:])
"""
MODULES = {"huggingface-hub": "huggingface_hub", "pypi-simple": "pypi_simple", "pyyaml": "yaml"}
"""What packages are imported as, where that is not their name."""


def training_modules() -> list[str]:
    """The modules of the packages in the extra ``train``."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    names = [re.split("[>=]", each)[0] for each in project["optional-dependencies"]["train"]]
    return [MODULES.get(name, name) for name in names]


def without_training_modules(*arguments: object) -> subprocess.CompletedProcess[str]:
    """``sentilora ARGUMENTS`` in a Python that has none of the modules that train."""
    command = [sys.executable, "-c", REFUSE_AND_RUN, ",".join(training_modules()), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_report_and_share_need_nothing_that_trains(tmp_path: Path) -> None:
    assert {"torch", "transformers", "peft", "datasets", "yaml"} <= set(training_modules())
    study = write_synthetic_study(tmp_path, num_test=100, num_dev=50)
    for arguments in (("report", study), ("share", study, tmp_path / "shared")):
        done = without_training_modules(*arguments)
        assert done.returncode == 0, done.stderr
    assert (study / "report" / "report.pdf").stat().st_size > 10_000
    assert (tmp_path / "shared" / "study.json").is_file()


@pytest.mark.parametrize(
    "arguments", [("run",), ("predict", "--adapter", "x", "a warm film"), ("audit", "x.csv")]
)
def test_other_commands_say_what_to_install(arguments: tuple[str, ...]) -> None:
    done = without_training_modules(*arguments)
    assert done.returncode == 2
    assert "fix: pip install 'sentilora[train]'" in done.stderr


@pytest.mark.slow
def test_an_environment_without_torch_rebuilds_a_report(tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    pins = REPOSITORY / "constraints.txt"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--constraint", pins, REPOSITORY],
        check=True,
        env=environment,
    )
    installed = subprocess.run(
        [python, "-m", "pip", "list"], check=True, capture_output=True, text=True, env=environment
    ).stdout.split()
    assert "sentilora" in installed
    assert not {"torch", "transformers", "peft", "datasets"} & set(installed)
    study = shutil.copytree(REPOSITORY / "results" / "plan-b", tmp_path / "plan-b")
    shutil.rmtree(study / "report", ignore_errors=True)
    sentilora = tmp_path / "venv" / "bin" / "sentilora"
    subprocess.run([sentilora, "report", study], check=True, env=environment, cwd=tmp_path)
    assert (study / "report" / "report.pdf").stat().st_size > 100_000
    done = subprocess.run(
        [sentilora, "run"], check=False, capture_output=True, text=True, env=environment, cwd=tmp_path
    )
    assert done.returncode == 2
    assert "fix: pip install 'sentilora[train]'" in done.stderr
