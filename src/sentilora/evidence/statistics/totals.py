"""Counts of a whole study, and the machines that its runs were made with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A machine and software that runs were made with."""

    fields: Mapping[str, Any]
    """``record.json``'s ``environment``."""
    num_runs: int
    """Runs made with exactly this."""
    first_started: str
    """ISO 8601, UTC."""
    last_finished: str
    """ISO 8601, UTC."""


@dataclass(frozen=True, kw_only=True)
class Totals:
    """The whole study."""

    num_planned: int
    """Runs planned."""
    num_finished: int
    """Sound records of finished runs."""
    num_failed: int
    """Sound records of failed runs."""
    num_missing: int
    """Planned runs without a sound record."""
    train_seconds: float
    """Training time of all recorded runs together (the sum of their shares)."""
    bytes_on_disk: int
    """What all records occupied when written, weights included."""
    num_test: int
    """Test examples."""
    num_dev: int
    """Dev examples."""
