"""What a run costs: for each cost its place in ``record.json``, its words and its unit, stated once.

Tables, figures, sentences and claims read these, so that a new cost is one entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, kw_only=True)
class Cost:
    """One cost of a run."""

    section: Literal["parameters", "costs"]
    """The section of ``record.json`` that holds it."""
    key: str
    """Its key in that section."""
    name: str
    """Its column in CSV files and its name in ``report --json``."""
    words: str
    """What a sentence calls it."""
    heading: str
    """What a column of a table calls it."""
    unit: Literal["parameters", "share", "seconds", "bytes", "runs", "examples per second"]
    """Of the recorded value; ``share`` is 0 to 1."""
    axis: str = ""
    """The label of a figure's axis, with the axis's unit; empty for what no figure shows."""
    axis_factor: float = 1.0
    """From the recorded unit to the axis's."""

    def of(self, fields: Mapping[str, Any]) -> float:
        """Its value in the fields of a record."""
        return float(fields[self.section][self.key])


ADAPTER_PARAMETERS = Cost(
    section="parameters",
    key="adapter",
    name="adapter_parameters",
    words="adapter parameters",
    heading="Adapter",
    unit="parameters",
)
HEAD_PARAMETERS = Cost(
    section="parameters",
    key="head",
    name="head_parameters",
    words="head parameters",
    heading="Head",
    unit="parameters",
)
BACKBONE_PARAMETERS = Cost(
    section="parameters",
    key="backbone",
    name="backbone_parameters",
    words="trained backbone parameters",
    heading="Backbone",
    unit="parameters",
)
TRAINED_PARAMETERS = Cost(
    section="parameters",
    key="trainable",
    name="trainable_parameters",
    words="trained parameters",
    heading="Trained",
    unit="parameters",
    axis="trained parameters",
)
TRAINED_SHARE = Cost(
    section="parameters",
    key="trainable_share",
    name="trainable_share",
    words="share of parameters trained",
    heading="Trained (%)",
    unit="share",
)
TRAINING_TIME = Cost(
    section="costs",
    key="share_seconds",
    name="run_seconds",
    words="training time",
    heading="Time of a run",
    unit="seconds",
    axis="training time of one run (s)",
)
"""A run's share of its pack's training time, evaluations left out: the fair cost of one run."""
PACK_SIZE = Cost(
    section="costs", key="pack_size", name="pack_size", words="runs in a pack", heading="Pack", unit="runs"
)
SPEED = Cost(
    section="costs",
    key="examples_per_second",
    name="examples_per_second",
    words="training speed",
    heading="Examples/s",
    unit="examples per second",
)
"""Training examples of all runs of the pack over the pack's training time."""
PEAK_MEMORY = Cost(
    section="costs",
    key="peak_memory_bytes",
    name="peak_memory_bytes",
    words="peak memory",
    heading="Peak memory",
    unit="bytes",
    axis="peak memory (GB)",
    axis_factor=1e-9,
)
"""The largest of the pack."""
STORAGE = Cost(
    section="costs",
    key="bytes_on_disk",
    name="bytes_on_disk",
    words="storage",
    heading="Record",
    unit="bytes",
)
"""What the record occupied when it was written, weights included."""

COSTS = (
    ADAPTER_PARAMETERS,
    HEAD_PARAMETERS,
    BACKBONE_PARAMETERS,
    TRAINED_PARAMETERS,
    TRAINED_SHARE,
    TRAINING_TIME,
    PACK_SIZE,
    SPEED,
    PEAK_MEMORY,
    STORAGE,
)
"""Every cost, in the order that tables show them."""

WEIGHED_AGAINST_ACCURACY = (TRAINED_PARAMETERS, TRAINING_TIME, PEAK_MEMORY)
"""The costs that the trade-off figure and the Pareto fronts set accuracy against."""
