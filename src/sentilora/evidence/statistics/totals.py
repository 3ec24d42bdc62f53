"""Counts of a whole study, and the machines that its runs were made with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A machine and software that runs were made with.

    Attributes:
        fields: ``record.json``'s ``environment``.
        num_runs: runs made with exactly this.
        first_started: ISO 8601, UTC.
        last_finished: ISO 8601, UTC.
    """

    fields: Mapping[str, Any]
    num_runs: int
    first_started: str
    last_finished: str


@dataclass(frozen=True, kw_only=True)
class Totals:
    """The whole study.

    Attributes:
        num_planned: runs planned.
        num_finished: sound records of finished runs.
        num_failed: sound records of failed runs.
        num_missing: planned runs without a sound record.
        train_seconds: training time of all recorded runs together (the sum of their shares).
        bytes_on_disk: what all records occupied when written, weights included.
        num_test: test examples.
        num_dev: dev examples.
    """

    num_planned: int
    num_finished: int
    num_failed: int
    num_missing: int
    train_seconds: float
    bytes_on_disk: int
    num_test: int
    num_dev: int
