"""Options that several commands have: the device, the folder of records, and what overrides a study file."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sentilora.errors import RecordError, StudyError

if TYPE_CHECKING:
    from sentilora.data.tables.reading import Reading
    from sentilora.study_file.study import Study

F = TypeVar("F", bound=Callable[..., Any])

device_option = click.option(
    "--device", default="auto", show_default=True, help="auto, cpu, cuda, cuda:N or mps."
)

runs_option = click.option(
    "--runs",
    "runs_folder",
    type=click.Path(path_type=Path),
    default=Path("runs"),
    show_default=True,
    help="Where studies lie, by name.",
)

_READING = (
    click.option("--text", help="The column that holds the texts.  [default: found]"),
    click.option("--label", help="The column that holds the labels.  [default: found]"),
    click.option("--encoding", help="Of text files, for example windows-1252.  [default: UTF-8]"),
    click.option("--no-header", is_flag=True, help="The first row is data; columns are called 1, 2, …"),
    click.option("--drop-bad-rows", is_flag=True, help="Leave out rows without a text or label."),
)


def reading_options(function: F) -> F:
    """The options that say how tables are read."""
    for option in reversed(_READING):
        function = option(function)
    return function


def chosen_reading(
    *,
    text: str | None = None,
    label: str | None = None,
    encoding: str | None = None,
    no_header: bool = False,
    drop_bad_rows: bool = False,
) -> Reading:
    """What the arguments of ``reading_options`` say."""
    from sentilora.data.tables.reading import Reading

    named = {"text": text, "label": label}
    return Reading(
        columns={column: name for column, name in named.items() if name is not None},
        encoding=encoding,
        header=not no_header,
        drop_bad_rows=drop_bad_rows,
    )


def study_folder(study: str, runs_folder: Path) -> Path:
    """The folder of a study's records: the path itself, or that name under ``runs_folder``.

    Raises:
        RecordError: neither is a folder.
    """
    for folder in (Path(study), runs_folder / study):
        if folder.is_dir():
            return folder
    there = sorted(path.parent.name for path in runs_folder.glob("*/study.json"))
    raise RecordError(
        f"no records of a study {study!r}",
        where=str(runs_folder),
        rule=f"a folder of records, or one of: {', '.join(there)}" if there else "a folder of records",
        remedy=f"sentilora run {study}",
    )


_OVERRIDES = (
    click.option("--data", help="Data source: sst2, movie-snippets, hub:ID, a file or a folder."),
    click.option("--backbone", help="Backbone: minilm, mpnet, a local folder, or a hub id."),
    click.option("--train-fraction", type=float, help="Share of the training examples to use, over 0 to 1."),
    click.option("--seeds", help="Seeds, comma-separated: 0,1,2."),
    click.option("--epochs", type=int, help="Passes over the training examples."),
    click.option("--name", help="Name of the study, and of its folder of records."),
    click.option(
        "--set", "settings", multiple=True, metavar="KEY=VALUE",
        help="Any setting of the study file, as TOML: --set search.learning_rate=[1e-3,2e-3]",
    ),
)  # fmt: skip


def study_options(function: F) -> F:
    """The STUDY argument and every option that changes it."""
    for option in reversed((*_OVERRIDES, *_READING)):
        function = option(function)
    return click.argument("study", default="quickstart")(function)


def chosen_study(
    study: str,
    *,
    data: str | None,
    backbone: str | None,
    train_fraction: float | None,
    seeds: str | None,
    epochs: int | None,
    name: str | None,
    settings: tuple[str, ...],
    text: str | None,
    label: str | None,
    encoding: str | None,
    no_header: bool,
    drop_bad_rows: bool,
) -> Study:
    """The study that the arguments of ``study_options`` ask for.

    Raises:
        StudyError: there is no such study, or an option does not fit it.
    """
    from sentilora.study_file.study import read_study

    overrides: dict[str, Any] = {
        "data.source": data,
        "backbone.name": backbone,
        "data.train_fraction": train_fraction,
        "training.epochs": epochs,
        "study.name": name,
        "data.text": text,
        "data.label": label,
        "data.encoding": encoding,
        "data.header": False if no_header else None,
        "data.drop_bad_rows": True if drop_bad_rows else None,
    }
    overrides = {key: value for key, value in overrides.items() if value is not None}
    if backbone is not None:
        overrides["backbone.revision"] = None  # a pinned revision belongs to the study's own backbone
    if seeds is not None:
        try:
            overrides["study.seeds"] = [int(seed) for seed in seeds.split(",")]
        except ValueError as error:
            raise StudyError(
                f"seeds {seeds!r}", where="--seeds", rule="integers with commas: 0,1,2"
            ) from error
    for setting in settings:
        key, equals, value = setting.partition("=")
        try:
            overrides[key.strip()] = tomllib.loads(f"value = {value}")["value"] if equals else None
        except tomllib.TOMLDecodeError:
            overrides[key.strip()] = value
    return read_study(study, overrides)
