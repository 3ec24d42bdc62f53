"""Where a run was made: machine, versions and the state of this code, as records keep it."""

from __future__ import annotations

import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

from sentilora.train.device import device_name

PACKAGES = ("sentilora", "torch", "transformers", "peft", "tokenizers", "datasets", "numpy", "scikit-learn")


def describe_environment(device: torch.device) -> dict[str, Any]:
    """The ``environment`` of ``record.json``."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": device_name(torch.device("cpu")),
        "device": str(device),
        "device_name": device_name(device),
        "threads": torch.get_num_threads(),
        "versions": {name: _version(name) for name in PACKAGES},
        "git": git_state(),
    }


def _version(name: str) -> str | None:
    """None for a package that is not installed: this code may run from its source folder."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def git_state() -> dict[str, Any] | None:
    """The commit this code runs from and whether it was changed since; None outside a checkout."""
    root = Path(__file__).resolve().parents[3]
    if not (root / ".git").exists():
        return None
    try:
        commit = _git(root, "rev-parse", "HEAD")
        changed = _git(root, "status", "--porcelain", "--untracked-files=no") != ""
    except (OSError, subprocess.SubprocessError):
        return None
    return {"commit": commit, "changed": changed}


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()
