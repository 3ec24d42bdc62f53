"""Interleaved rounds (A B C, A B C, ...), each measurement in a fresh process.

What drifts on a machine (heat, neighbours, caches) then meets all programs alike, and a ratio is taken within
a round, where both of its sides saw the same machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

TIMEOUT_SECONDS = 900

Measurement = Mapping[str, Any]
"""The JSON line that a program printed."""


@dataclass(frozen=True)
class Contender:
    """A program to be measured."""

    name: str
    """Of its row, unique in its part."""
    arguments: tuple[str, ...]
    """To the Python interpreter."""
    most_rounds: int | None = None
    """For programs that take long."""
    python_path: str | None = None
    """Put in front of ``PYTHONPATH``, for a peer that needs versions of its own."""


@dataclass
class Row:
    """What was measured of one contender."""

    contender: Contender
    """Which."""
    measurements: list[Measurement | None] = field(default_factory=list)
    """By round; None where it failed."""
    failure: str | None = None
    """The last thing that a failed process said."""

    def values(self, name: str) -> list[float]:
        """One field of every measurement that has it."""
        return [float(found[name]) for found in self.measurements if found is not None and name in found]


def run_rounds(rows: Sequence[Row], num_rounds: int) -> Iterator[Row]:
    """Measure each row's contender in every round, into the row; yields it after each try."""
    for number in range(num_rounds):
        for row in rows:
            most = row.contender.most_rounds
            if row.failure is not None or (most is not None and number >= most):
                row.measurements.append(None)
                continue
            try:
                row.measurements.append(run_once(row.contender))
            except ContenderError as error:
                row.measurements.append(None)
                row.failure = str(error)
            yield row


class ContenderError(Exception):
    """A program that is measured ended without a measurement."""


def run_once(contender: Contender) -> Measurement:
    """One measurement in a process of its own.

    Raises:
        ContenderError: it failed, or took longer than ``TIMEOUT_SECONDS``.
    """
    environment = dict(os.environ)
    if contender.python_path is not None:
        paths = [contender.python_path, environment.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    command = [sys.executable, *contender.arguments]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, env=environment, timeout=TIMEOUT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ContenderError(f"took longer than {TIMEOUT_SECONDS} s") from error
    lines = done.stdout.strip().splitlines()
    if done.returncode != 0 or not lines:
        said = done.stderr.strip().splitlines() or [f"exit status {done.returncode}, and no output"]
        raise ContenderError(said[-1][:300])
    try:
        measurement: Measurement = json.loads(lines[-1])
    except json.JSONDecodeError as error:
        raise ContenderError(f"printed no measurement: {lines[-1][:300]}") from error
    return measurement
