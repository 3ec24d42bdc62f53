"""``sentilora doctor``: what this machine has of what sentilora needs, and a remedy where something is amiss.

A hub or an index out of reach is a note, not a fault: local folders and fetched assets work without.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

import click

from sentilora.cli.terminal_text import say

SECONDS_TO_WAIT = 5
SHOWN_PACKAGES = ("torch", "transformers", "peft")
"""Packages whose version is shown whatever it is; of the others only a fault is."""


@dataclass(frozen=True)
class Check:
    """One subject, and how this machine stands with it."""

    subject: str
    """What was looked at, in a word or two."""
    state: Literal["ok", "note", "fault"]
    """``note``: works, but not as well as it could. ``fault``: something will fail."""
    text: str
    """What was found."""
    remedy: str = ""
    """What to do about it."""


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def examine_machine(as_json: bool) -> int:
    """Check Python, versions, device, disk, cache, and the reach of the package index and the hub.

    \b
    Example:
      sentilora doctor
    """
    checks = []
    for check in checks_of_this_machine():
        checks.append(check)
        if not as_json:
            mark = {"ok": "ok  ", "note": "note", "fault": "FAULT"}[check.state]
            remedy = f"   -> {check.remedy}" if check.remedy else ""
            say(f"{mark:5} {check.subject:14} {check.text}{remedy}")
    if as_json:
        click.echo(json.dumps([vars(check) for check in checks], indent=1))
    return 1 if any(check.state == "fault" for check in checks) else 0


def checks_of_this_machine() -> Iterator[Check]:
    """All checks, in a fixed order; those that need a package that is missing are left out."""
    yield Check("Python", "ok", platform.python_version())
    packages = list(_packages())
    yield from packages
    if any(check.text == "not installed" for check in packages):
        return
    from sentilora.fetch.package_index import index_urls

    yield _device()
    yield _memory()
    yield _disk()
    yield _cache()
    yield from (_reach("package index", url, "assets") for url in index_urls()[:1])
    yield _hub()


def _packages() -> Iterator[Check]:
    """Every package that training and reports need, against the oldest version that the metadata allow."""
    for requirement in metadata.requires("sentilora") or ():
        # Other extras than "train" are left to the commands that need them.
        needed = re.fullmatch(r"([\w.-]+)>=([\d.]+)(?:; extra == .train.)?", requirement)
        if needed is None:
            continue
        name, oldest = needed.groups()
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            yield Check(name, "fault", "not installed", f"pip install {name}")
            continue
        if _numbers(version) < _numbers(oldest):
            yield Check(name, "fault", version, f"pip install '{name}>={oldest}'")
        elif name in SHOWN_PACKAGES:
            yield Check(name, "ok", version)


def _numbers(version: str) -> list[int]:
    """The leading numbers of a version: 2.11.0+cpu is [2, 11, 0], and 5.0rc1 is [5, 0]."""
    return [int(part) for part in re.findall(r"(?:^|\.)(\d+)", version.split("+")[0])]


def _device() -> Check:
    import torch

    from sentilora.train.device import choose_device, device_name, resolve_precision

    device = choose_device()
    precision = resolve_precision("auto", device)
    text = f"{device}: {device_name(device)}, {precision}, {torch.get_num_threads()} threads"
    if device.type == "cpu" and precision == "fp32":
        return Check("device", "note", text, "training is two to three times slower without bf16 hardware")
    return Check("device", "ok", text)


def _memory() -> Check:
    import psutil

    available = psutil.virtual_memory().available / 1e9
    text = f"{available:.1f} GB available"
    if available >= 3:
        return Check("memory", "ok", text)
    remedy = "the quickstart wants 3 GB: close something, or take a smaller batch_size"
    return Check("memory", "note", text, remedy)


def _disk() -> Check:
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    text = f"{free:.1f} GB free here"
    return Check("disk", "ok", text) if free >= 1 else Check("disk", "fault", text, "make room: 1 GB")


def _cache() -> Check:
    from sentilora.fetch.assets import cache_folder
    from sentilora.fetch.pins import ASSETS

    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        remedy = "set SENTILORA_CACHE to a folder that you may write to"
        return Check("cache", "fault", f"{folder}: {error.strerror}", remedy)
    there = [name for name in ASSETS if any(folder.rglob(f"{name}*"))]
    return Check("cache", "ok", f"{folder}: {', '.join(there) if there else 'empty'}")


def _hub() -> Check:
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        return Check("hub", "note", "HF_HUB_OFFLINE is set", "unset it to fetch from the hub")
    from huggingface_hub.constants import ENDPOINT

    return _reach("hub", ENDPOINT, "hub ids")


def _reach(subject: str, url: str, wanted_for: str) -> Check:
    import requests

    try:
        requests.head(url, timeout=SECONDS_TO_WAIT, allow_redirects=False)
    except requests.RequestException as error:
        remedy = f"needed for {wanted_for} alone: check proxy and network, or use a local folder"
        return Check(subject, "note", f"not reached: {type(error).__name__}", remedy)
    return Check(subject, "ok", "reached")
