"""Where a study's records lie, from how a user names it."""

from __future__ import annotations

from pathlib import Path

from sentilora.errors import RecordError


def study_folder(study: str, runs_folder: Path) -> Path:
    """The folder of a study: the path itself, or that name under ``runs_folder``.

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
