"""What a machine has of what sentilora needs: one finding a subject, with a remedy where something is amiss.

A hub or an index out of reach is a note, not a fault: local folders and fetched assets work without.
"""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

import psutil
import requests
import torch

from sentilora.fetch.assets import asset_names, cache_folder
from sentilora.fetch.package_index import index_urls
from sentilora.train.device import choose_device, device_name, resolve_precision

SECONDS_TO_WAIT = 5
OLDEST = {"torch": (2, 11), "transformers": (5, 10), "peft": (0, 18)}
"""Below these something known is broken or unsafe (pyproject.toml has the same ranges)."""


@dataclass(frozen=True)
class Finding:
    """What was found of one subject."""

    subject: str
    state: Literal["ok", "note", "fault"]
    text: str
    remedy: str = ""


def examine() -> Iterator[Finding]:
    """All findings, in a fixed order."""
    yield _python()
    yield from (_version(name, oldest) for name, oldest in OLDEST.items())
    yield _device()
    yield _memory()
    yield _disk()
    yield _cache()
    yield from (_reach("package index", url, "assets") for url in index_urls()[:1])
    yield _hub()


def _python() -> Finding:
    return Finding("Python", "ok", platform.python_version())


def _version(name: str, oldest: tuple[int, ...]) -> Finding:
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Finding(name, "fault", "not installed", f"pip install {name}")
    wanted = ".".join(map(str, oldest))
    if tuple(int(part) for part in version.split("+")[0].split(".")[:2]) < oldest:
        return Finding(name, "fault", version, f"pip install '{name}>={wanted}'")
    return Finding(name, "ok", version)


def _device() -> Finding:
    device = choose_device()
    precision = resolve_precision("auto", device)
    text = f"{device}: {device_name(device)}, {precision}, {torch.get_num_threads()} threads"
    if device.type == "cpu" and precision == "fp32":
        return Finding("device", "note", text, "training is two to three times slower without bf16 hardware")
    return Finding("device", "ok", text)


def _memory() -> Finding:
    available = psutil.virtual_memory().available / 1e9
    text = f"{available:.1f} GB available"
    return (
        Finding("memory", "ok", text)
        if available >= 3
        else Finding(
            "memory", "note", text, "the quickstart wants 3 GB: close something, or take a smaller batch_size"
        )
    )


def _disk() -> Finding:
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    text = f"{free:.1f} GB free here"
    return Finding("disk", "ok", text) if free >= 1 else Finding("disk", "fault", text, "make room: 1 GB")


def _cache() -> Finding:
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Finding(
            "cache", "fault", f"{folder}: {error.strerror}", "set SENTILORA_CACHE to a folder of yours"
        )
    there = [name for name in asset_names() if any(folder.rglob(f"{name}*"))]
    return Finding("cache", "ok", f"{folder}: {', '.join(there) if there else 'empty'}")


def _hub() -> Finding:
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        return Finding("hub", "note", "HF_HUB_OFFLINE is set", "unset it to fetch from the hub")
    from huggingface_hub.constants import ENDPOINT

    return _reach("hub", ENDPOINT, "hub ids")


def _reach(subject: str, url: str, wanted_for: str) -> Finding:
    try:
        requests.head(url, timeout=SECONDS_TO_WAIT, allow_redirects=False)
    except requests.RequestException as error:
        return Finding(
            subject,
            "note",
            f"not reached: {type(error).__name__}",
            f"needed for {wanted_for} alone: check proxy and network, or use a local folder",
        )
    return Finding(subject, "ok", "reached")
