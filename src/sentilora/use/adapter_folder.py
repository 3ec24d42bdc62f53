"""An adapter folder, checked before anything of it is loaded: what it is of, and whether it can be trusted.

A folder may come from anywhere. Nothing in it is executed, and nothing in it chooses what is fetched but the
backbone's name in ``classifier.json``: ``adapter_config.json`` names one too, for PEFT, and must agree.
safetensors has no checksum, so a flipped byte would load without a word; where the folder lies in a
record, the record's manifest tells. A folder copied out of its record has no manifest: its numbers
are then checked for shape and for being finite, and cannot be checked for being the ones that were trained.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sentilora.errors import AdapterError
from sentilora.files import MANIFEST, sha256_of_file
from sentilora.model.peft_io import CLASSIFIER_FILE, CONFIG_FILE, HEAD_FILE, WEIGHTS_FILE
from sentilora.model.unpacked import FULL_WEIGHTS_FILE
from sentilora.records.record import ADAPTER_FOLDER, RECORD_FILE, SCHEMA
from sentilora.study_file.arms import Arm, FullArm, Pooling, ProbeArm

MAX_JSON_BYTES = 1_000_000
"""A foreign folder's JSON files are not read beyond this; ours are a few kilobytes."""


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BackboneReference(_File):
    """The backbone that an adapter was trained on."""

    name: str = Field(min_length=1)
    """An asset, a local folder, or a hub id."""
    family: str
    """Transformers' ``model_type``."""
    revision: str | None
    """The hub commit, or None for an asset or a folder."""
    fingerprint: str = Field(pattern="^[0-9a-f]{64}$")
    """SHA-256 over its configuration and weight files."""


class ClassifierFile(_File):
    """``classifier.json``: what a classifier needs beside its weights."""

    version: Literal[1] = Field(alias="schema")
    """Of the records' format."""
    run_id: str
    """The run that left it."""
    arm: Arm
    """The method and its settings."""
    labels: tuple[str, ...] = Field(min_length=2)
    """One name per class, in the order of the logits."""
    pooling: Pooling
    """What the head reads."""
    max_length: int = Field(ge=4, le=8192)
    """Most wordpieces of a text, special tokens included; longer texts are cut."""
    backbone: BackboneReference
    """What it was trained on."""


@dataclass(frozen=True)
class Adapter:
    """An adapter folder whose description is sound and whose files are those of its record."""

    folder: Path
    """Where the files lie."""
    description: ClassifierFile
    """``classifier.json``."""
    record: Path | None
    """The record's folder around it, or None where the folder was copied out of its record."""
    seed: int
    """Of the run, 0 where there is no record to tell."""


def read_adapter(folder: Path) -> Adapter:
    """Check an adapter folder, or the folder of the run around it.

    Args:
        folder: ``runs/<study>/<run id>``, its ``adapter/``, or a copy of that.

    Raises:
        AdapterError: no adapter lies there, a file is missing or is not the record's, its description
            cannot be understood, or ``adapter_config.json`` contradicts it.
    """
    found = _find(folder)
    record = found.parent if found.name == ADAPTER_FOLDER and (found.parent / RECORD_FILE).is_file() else None
    if record is not None:
        _check_manifest(found, record)
    description = _description(found)
    wanted = weight_names(description.arm)
    for name in wanted:
        if not (found / name).is_file():
            raise _missing(name, found)
    if CONFIG_FILE in wanted:
        _check_config(found, description)
    seed = int(read_json(record / RECORD_FILE).get("seed", 0)) if record is not None else 0
    return Adapter(found, description, record, seed)


def weight_names(arm: Arm) -> tuple[str, ...]:
    """The files that a method leaves beside ``classifier.json``."""
    if isinstance(arm, ProbeArm):
        return (HEAD_FILE,)
    if isinstance(arm, FullArm):
        return (HEAD_FILE, FULL_WEIGHTS_FILE)
    return (HEAD_FILE, CONFIG_FILE, WEIGHTS_FILE)


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a small file.

    Raises:
        AdapterError: it is too large, unreadable, or no JSON object.
    """
    try:
        if path.stat().st_size > MAX_JSON_BYTES:
            raise ValueError(f"larger than {MAX_JSON_BYTES:,} bytes")
        value = json.loads(path.read_text("utf-8"))
        if not isinstance(value, dict):
            raise ValueError("no JSON object")
    except (OSError, ValueError, RecursionError) as error:
        raise AdapterError(f"{path.name} cannot be read: {error}", where=str(path.parent)) from error
    return value


def _find(folder: Path) -> Path:
    for candidate in (folder, folder / ADAPTER_FOLDER):
        if (candidate / CLASSIFIER_FILE).is_file():
            return candidate.resolve()
    if (folder / RECORD_FILE).is_file() and read_json(folder / RECORD_FILE).get("status") == "failed":
        raise AdapterError("this run failed and left no adapter", where=str(folder))
    if (folder / CONFIG_FILE).is_file():
        raise AdapterError(
            f"a PEFT adapter without {CLASSIFIER_FILE}: its labels, pooling and head are unknown",
            where=str(folder),
            rule="the adapter folder of a record of sentilora",
            remedy="load it with peft",
        )
    raise AdapterError(
        "no adapter lies here",
        where=str(folder),
        rule=f"a folder with {CLASSIFIER_FILE}, or a run's folder with {ADAPTER_FOLDER}/ in it",
        remedy="sentilora run STUDY leaves one for each run in runs/<study>/<run id>/adapter",
    )


def _check_manifest(folder: Path, record: Path) -> None:
    """Every file of the adapter, and the record's own description, is the one that was sealed."""
    try:
        listed = dict(read_json(record / MANIFEST)["files"])
    except (AdapterError, KeyError, TypeError, ValueError) as error:
        raise AdapterError(
            f"the record's {MANIFEST} is missing or damaged, so nothing in it can be checked",
            where=str(record),
            remedy="run the study again: what is sound is kept",
        ) from error
    for name in [RECORD_FILE, *(name for name in listed if name.startswith(f"{ADAPTER_FOLDER}/"))]:
        path = record / name
        if not path.is_file():
            raise _missing(path.name, folder)
        if sha256_of_file(path) != listed.get(name):
            raise AdapterError(
                f"{path.name} was altered: its SHA-256 is not the one in {MANIFEST}",
                where=str(path.parent),
                rule="a record's files are as the run left them",
                remedy="copy the record again, or run the study again",
            )
    unlisted = sorted(path.name for path in folder.iterdir() if f"{ADAPTER_FOLDER}/{path.name}" not in listed)
    if unlisted:
        raise AdapterError(
            f"files that the run did not leave: {', '.join(unlisted)}",
            where=str(folder),
            rule=f"a record holds what {MANIFEST} lists",
            remedy="move them elsewhere",
        )


def _description(folder: Path) -> ClassifierFile:
    fields = read_json(folder / CLASSIFIER_FILE)
    if fields.get("schema") != SCHEMA:
        raise AdapterError(
            f"{CLASSIFIER_FILE} has schema {fields.get('schema')!r}",
            where=str(folder),
            rule=f"schema {SCHEMA}",
        )
    try:
        return ClassifierFile.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise AdapterError(f"{CLASSIFIER_FILE}: {key}: {first['msg']}", where=str(folder)) from error


def _check_config(folder: Path, description: ClassifierFile) -> None:
    """PEFT's file names the same base model: who loads the folder with PEFT gets the same classifier."""
    config = read_json(folder / CONFIG_FILE)
    named = {"name": config.get("base_model_name_or_path"), "revision": config.get("revision")}
    trained_on = {"name": description.backbone.name, "revision": description.backbone.revision}
    if named != trained_on:
        raise AdapterError(
            f"{CONFIG_FILE} points at another base model: {_named(named)}",
            where=str(folder),
            rule=f"the adapter was trained on {_named(trained_on)}, as {CLASSIFIER_FILE} says",
            remedy="use the folder as the run left it; nothing was fetched or loaded",
        )


def _named(reference: dict[str, Any]) -> str:
    return f"{reference['name']!r}" + (f" at {reference['revision']}" if reference["revision"] else "")


def _missing(name: str, folder: Path) -> AdapterError:
    return AdapterError(
        f"{name} is missing",
        where=str(folder),
        rule="an adapter folder holds its weights, its head and its description",
        remedy="copy the whole folder; records are often shared without weights",
    )
