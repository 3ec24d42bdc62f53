"""Folders as the sentence-transformers library saves them: where their encoder lies, and how it is pooled.

``modules.json`` lists the parts of a model in order. The encoder lies beside it (the layout of today) or in a
folder of its own (``0_Transformer``, the layout of old); ``1_Pooling/config.json`` says what is read of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sentilora.errors import BackboneError
from sentilora.study_file.arms import Pooling

MODULES_FILE = "modules.json"


def encoder_folder(folder: Path) -> Path:
    """The folder that holds the encoder: ``folder`` itself, unless ``modules.json`` names one inside it.

    Raises:
        BackboneError: ``modules.json`` is damaged, or names a folder that is not inside this one.
    """
    return _part(folder, "Transformer") or folder


def stated_pooling(folder: Path) -> Pooling | None:
    """What the folder says its encoder was trained with; None where it says nothing that we can read.

    Raises:
        BackboneError: as ``encoder_folder``, or the pooling's file is damaged.
    """
    part = _part(folder, "Pooling")
    if part is None or not (part / "config.json").is_file():
        return None
    stated = _read(part / "config.json")
    if not isinstance(stated, Mapping):
        raise _damaged(part / "config.json", "no object")
    modes: dict[tuple[bool, bool], Pooling] = {
        (True, False): "cls",
        (False, True): "mean",
        (True, True): "both",
    }
    cls, mean = (stated.get(f"pooling_mode_{mode}") is True for mode in ("cls_token", "mean_tokens"))
    others = {key for key, value in stated.items() if key.startswith("pooling_mode_") and value is True} - {
        "pooling_mode_cls_token",
        "pooling_mode_mean_tokens",
    }
    return None if others else modes.get((cls, mean))


def _part(folder: Path, kind: str) -> Path | None:
    """The folder of the first module of this kind, None where there is no ``modules.json`` or no such one."""
    path = folder / MODULES_FILE
    if not path.is_file():
        return None
    modules = _read(path)
    if not isinstance(modules, list) or not all(isinstance(module, Mapping) for module in modules):
        raise _damaged(path, "no list of modules")
    for module in modules:
        if str(module.get("type", "")).rsplit(".", 1)[-1] == kind:
            part = folder / str(module.get("path", ""))
            if not part.resolve().is_relative_to(folder.resolve()) or not part.is_dir():
                raise _damaged(path, f"its {kind} lies in {str(module.get('path'))!r}, no folder in here")
            return part
    return None


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(path, str(error)) from error


def _damaged(path: Path, why: str) -> BackboneError:
    return BackboneError(
        f"{path.name} cannot be used: {why}",
        where=str(path),
        rule="a folder as sentence-transformers saves it",
        remedy="save the model again, or give the folder of its encoder",
    )
