"""The weight files of a model folder: safetensors alone, found before anything is loaded, and hashed.

safetensors carries no checksum, and a flipped bit loads without a word; the fingerprint is what tells two
backbones apart in a record.
"""

from __future__ import annotations

import json
from pathlib import Path

from sentilora.errors import BackboneError
from sentilora.files import sha256_of, sha256_of_file


def weight_files(folder: Path) -> list[Path]:
    """The files that transformers will read the weights of a model folder from.

    Returns:
        ``model.safetensors``; or the index of shards, then the shards in the order of their names.

    Raises:
        BackboneError: no safetensors, a damaged index, or a shard that is not there.
    """
    whole, index = folder / "model.safetensors", folder / "model.safetensors.index.json"
    if whole.is_file():
        return [whole]
    if index.is_file():
        return [index, *_shards(index)]
    others = sorted(path.name for path in folder.glob("*.bin"))
    raise BackboneError(
        f"no safetensors weights; found only {', '.join(others)}" if others else "no weights",
        where=str(folder),
        rule="weights are read from model.safetensors alone: a .bin file is a pickle, which can run code",
        remedy="convert the weights with save_pretrained(), or, on the hub, name a revision that has "
        'safetensors, often a pull request (revision = "refs/pr/1")',
    )


def _shards(index: Path) -> list[Path]:
    try:
        names = sorted(set(json.loads(index.read_text("utf-8"))["weight_map"].values()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackboneError(
            f"the index of weight files is damaged: {error}", where=str(index), remedy="fetch it again"
        ) from error
    absent = [name for name in names if not (index.parent / name).is_file()]
    if absent:
        raise BackboneError(
            f"weight files are missing: {', '.join(absent)}",
            where=str(index.parent),
            rule=f"every file that {index.name} names is beside it",
            remedy="fetch or save the model again",
        )
    return [index.parent / name for name in names]


def fingerprint(files: list[Path]) -> str:
    """SHA-256 over the names and digests of files, in this order."""
    return sha256_of(*(f"{path.name} {sha256_of_file(path)}\n" for path in files))
