"""Errors that a user can fix: each says what is wrong, where, what the rule is and how to fix it.

::

    SentiloraError            exit code 2, no traceback
    ├── StudyError            the study file, or a command's arguments
    ├── DataError             a data set that cannot be read or used
    ├── AssetError            a model or data set fetched by name
    ├── HubError              the Hugging Face hub: unreachable, missing, damaged, offline
    ├── BackboneError         a model folder, its family, or its module names
    ├── RecordError           records that are missing, damaged or mixed
    ├── AdapterError          a trained adapter that cannot be loaded, exported or trusted
    └── DeviceError           a device that is not there, or too small

Any other exception that reaches the user is a bug of this package: exit code 1, and its traceback in a file.
"""

from __future__ import annotations


class SentiloraError(Exception):
    """One clear message for a user.

    Args:
        what: what is wrong, in one sentence.
        where: the file, line, column, address or option it was found at.
        rule: what would have been right.
        remedy: what to do about it, as a command where there is one.
    """

    def __init__(self, what: str, *, where: str = "", rule: str = "", remedy: str = "") -> None:
        self.what = what
        self.where = where
        self.rule = rule
        self.remedy = remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        parts = [self.what]
        for label, text in (("where", self.where), ("rule", self.rule), ("fix", self.remedy)):
            if text:
                parts.append(f"  {label}: {text}")
        return "\n".join(parts)


class StudyError(SentiloraError):
    """The study file or a command's arguments cannot be used."""


class DataError(SentiloraError):
    """A data set cannot be read or used."""


class AssetError(SentiloraError):
    """A model or data set fetched by name could not be fetched or is not what was pinned."""


class HubError(SentiloraError):
    """The Hugging Face hub could not be reached, or does not have what was asked for."""


class BackboneError(SentiloraError):
    """A backbone cannot be loaded, or its modules cannot be resolved to roles."""


class RecordError(SentiloraError):
    """Records are missing, damaged or do not belong together."""


class AdapterError(SentiloraError):
    """A trained adapter cannot be loaded, exported or trusted."""


class DeviceError(SentiloraError):
    """The device asked for is not there or cannot hold the work."""
