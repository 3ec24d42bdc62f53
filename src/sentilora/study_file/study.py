"""The study file: what to compare, on which data, with which seeds, and which claims to judge.

A study is TOML, validated here into frozen models; unknown keys are errors. What runs is the
*resolved* study: every default filled in, and this is what records store and hash.
"""

from __future__ import annotations

import tomllib
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sentilora.errors import StudyError
from sentilora.study_file.arms import Arm, Pooling
from sentilora.study_file.claims import Claim
from sentilora.study_file.recipe import Recipe


class StrictModel(BaseModel):
    """A table of the study file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StudySection(StrictModel):
    """``[study]``."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=80)
    """Names the folder of records."""
    description: str = ""
    """One sentence for readers; nothing depends on it."""
    seeds: tuple[Annotated[int, Field(ge=0, lt=2**31)], ...] = Field(default=(0, 1, 2, 3, 4), min_length=1)
    """Every arm is run with each: initialisation, order of examples and dropout follow from it."""
    equivalence_margin: float = Field(default=0.01, gt=0, lt=0.5)
    """Two arms whose accuracies differ by less than this are called equivalent (TOST)."""

    @model_validator(mode="after")
    def _seeds_once(self) -> StudySection:
        if len(set(self.seeds)) != len(self.seeds):
            raise ValueError(f"seeds {list(self.seeds)} repeat one; a repeated seed is not a new run")
        return self


class DataSection(StrictModel):
    """``[data]``."""

    source: str = Field(min_length=1)
    """sst2 | movie-snippets | amazon | tweets | nyt | a folder or file | hub:<dataset id>"""
    max_length: int = Field(default=128, ge=4, le=8192)
    """Most wordpieces of a text, special tokens included; longer texts are cut, and counted."""
    train_fraction: float = Field(default=1.0, gt=0, le=1)
    """Share of the training examples used, drawn once for the whole study by a hash of their ids."""
    transfer: tuple[str, ...] = ()
    """Further sources on whose test split the chosen models are scored, for example ``amazon``."""
    text: str | None = None
    """The column that holds the texts; left out, it is found by the usual names."""
    label: str | None = None
    """The column that holds the labels; left out, it is found by the usual names."""
    id: str | None = None
    """A column that names each row; left out, ``id`` where it is one, and rows are counted elsewhere."""
    group: str | None = None
    """A column (product, author) whose rows stay in one split where splits are made here."""
    strength: str | None = None
    """A column of numbers from 0 to 1, how strongly the sentiment is felt; left out, ``strength``."""
    labels: dict[str, str] = Field(default_factory=dict)
    """Labels to class names: to rename, to merge, and to drop (an empty name). Classes keep this order."""
    encoding: str | None = None
    """Of text files, for example ``windows-1252``; UTF-8 if left out."""
    header: bool = True
    """False for tables whose first row is data; columns are then called 1, 2, …"""
    drop_bad_rows: bool = False
    """Leave out rows without a text or a label, counted, rather than refuse them."""
    dev_share: float = Field(default=0.1, gt=0, lt=0.5)
    """Share of the texts for dev, where the data have no such split."""
    test_share: float = Field(default=0.1, gt=0, lt=0.5)
    """Share of the texts for test, where the data have no such split."""
    split_seed: int = Field(default=0, ge=0)
    """Another number divides otherwise."""


class BackboneSection(StrictModel):
    """``[backbone]``."""

    name: str = Field(default="minilm", min_length=1)
    """minilm | mpnet | a local folder | a hub id"""
    revision: str | None = None
    """The hub revision to pin; resolved to a commit in the record."""
    pooling: Pooling | Literal["auto"] = "auto"
    """What heads read: cls | mean | both | auto. ``auto`` is what the backbone was trained with where that is
    known; elsewhere the exact probe tries all three on dev. The resolved study holds the answer."""
    """What the head reads: the first token's state, or the mean over all tokens' states."""


class SearchSection(StrictModel):
    """``[search]``."""

    learning_rate: tuple[Annotated[float, Field(gt=0, le=10)], ...] = Field(default=(1e-3,), min_length=1)
    """Tried for every arm that trains, with every seed; chosen by mean dev accuracy, test untouched."""


class Study(StrictModel):
    """A whole study file."""

    study: StudySection
    """Its name, seeds and margin."""
    data: DataSection
    """What is classified."""
    backbone: BackboneSection = BackboneSection()
    """The pretrained model that all arms share."""
    training: Recipe = Recipe()
    """How every arm is trained that is trained by gradient descent."""
    search: SearchSection = SearchSection()
    """What is tried to choose each arm's learning rate."""
    arm: tuple[Arm, ...] = Field(min_length=1)
    """What is compared."""
    claims: dict[str, Claim] = Field(default_factory=dict)
    """The author's words to the claim they stand for."""

    @model_validator(mode="after")
    def _consistent(self) -> Study:
        names = [arm.name for arm in self.arm]
        if len(set(names)) != len(names):
            raise ValueError(f"arms {names} share a name; give each its own")
        budget = len(self.search.learning_rate)
        for arm in self.arm:
            if arm.learning_rate is not None and arm.is_solved:
                raise ValueError(f"arm {arm.name!r} is solved exactly and has no learning rate to set")
            if arm.learning_rate is not None and len(arm.learning_rate) != budget:
                raise ValueError(
                    f"arm {arm.name!r} tries {len(arm.learning_rate)} learning rates where the others try "
                    f"{budget}: every arm needs the same search budget"
                )
        for words, claim in self.claims.items():
            for name in (claim.arm, claim.over):
                if name is not None and name not in names:
                    raise ValueError(f"claim {words!r} is about arm {name!r}; the arms are {names}")
        return self

    def stated(self) -> dict[str, Any]:
        """What is stated of the results: every record keeps it, so that later changes show."""
        return {
            "equivalence_margin": self.study.equivalence_margin,
            "claims": [claim.digest(wording) for wording, claim in self.claims.items()],
        }

    def learning_rates(self, arm: Arm) -> tuple[float | None, ...]:
        """The learning rates this arm tries; ``(None,)`` for an arm that has none."""
        if arm.is_solved:
            return (None,)
        return arm.learning_rate or self.search.learning_rate


def preset_names() -> list[str]:
    """Studies that ship with the package."""
    return sorted(Path(entry.name).stem for entry in _presets().iterdir() if entry.name.endswith(".toml"))


def _presets() -> Traversable:
    return resources.files("sentilora.study_file") / "presets"


def read_study(name_or_path: str, overrides: dict[str, Any] | None = None) -> Study:
    """The study of a preset's name or a TOML file, with ``overrides`` laid over it.

    Args:
        name_or_path: a preset (see ``preset_names``) or a path to a TOML file.
        overrides: dotted keys to values, for example ``{"data.train_fraction": 0.1}``.

    Raises:
        StudyError: no such study, not TOML, an unknown key or a value outside its range.
    """
    path = Path(name_or_path)
    if name_or_path in preset_names():
        text = (_presets() / f"{name_or_path}.toml").read_text("utf-8")
    elif path.is_file():
        try:
            text = path.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise StudyError(
                f"the study cannot be read: {error}", where=str(path), remedy="save it as UTF-8"
            ) from error
    else:
        raise StudyError(
            f"no study named {name_or_path!r}",
            rule=f"a preset ({', '.join(preset_names())}) or a path to a TOML file",
            remedy="sentilora plan --help",
        )
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StudyError(f"not valid TOML: {error}", where=name_or_path) from error
    for dotted, value in (overrides or {}).items():
        _lay_over(raw, dotted, value)
    return parse_study(raw, where=name_or_path)


def parse_study(raw: dict[str, Any], *, where: str) -> Study:
    """A validated study from plain data; ``where`` names its origin in errors."""
    try:
        return Study.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "the study"
        others = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        value = first.get("input")
        shown = f"; found {value!r}" if isinstance(value, str | int | float | bool) else ""
        raise StudyError(
            f"{key}: {first['msg'].removeprefix('Value error, ')}{shown}{others}", where=where
        ) from error


def _lay_over(raw: dict[str, Any], dotted: str, value: Any) -> None:
    table = raw
    *path, last = dotted.split(".")
    for part in path:
        table = table.setdefault(part, {})
        if not isinstance(table, dict):
            raise StudyError(f"cannot set {dotted}: {part} is not a table")
    table[last] = value
