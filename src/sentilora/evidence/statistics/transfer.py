"""The same trained arms on data sets they never saw, beside their home test set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sentilora.evidence.statistics.bootstrap import Resampling
from sentilora.evidence.statistics.metrics import ScoreEstimates, score_estimates, score_runs
from sentilora.evidence.statistics.scored_arms import TRANSFER_PREFIX, ExampleColumns, scored_arms
from sentilora.records.record import Record


@dataclass(frozen=True, kw_only=True)
class TransferScore:
    """One arm on a data set it was not trained on."""

    arm: str
    """Its name."""
    scores: ScoreEstimates
    """On the transfer set."""
    home_accuracy: float
    """Its mean accuracy on the home test set."""
    drop: float
    """Home accuracy minus transfer accuracy."""


@dataclass(frozen=True, kw_only=True)
class TransferSet:
    """A data set that the trained arms are tried on."""

    name: str
    """For example ``amazon``."""
    num_examples: int
    """Its size."""
    arms: tuple[TransferScore, ...]
    """One entry an arm that was scored on it."""


def transfer_sets(
    records: Sequence[Record],
    examples: Mapping[str, ExampleColumns],
    home_accuracy: Mapping[str, float],
    num_classes: int,
    resampling: Resampling,
) -> tuple[tuple[TransferSet, ...], list[str]]:
    """Scores on every transfer set, and a sentence for each run that was left out.

    Args:
        records: sound records in the planned order.
        examples: split name to examples, all splits of the study.
        home_accuracy: arm name to mean accuracy on the home test set; other arms are left out.
        num_classes: classes of the study.
        resampling: how to resample.
    """
    sets, problems = [], []
    at_home = [record for record in records if record.arm in home_accuracy]
    for split, columns in examples.items():
        if not split.startswith(TRANSFER_PREFIX):
            continue
        arms, left_out = scored_arms(at_home, split, columns, num_classes)
        problems += left_out
        found = []
        for arm in arms.values():
            resampled = score_runs(arm.probabilities, columns.labels, resampling)
            scores = score_estimates(resampled, arm, columns.labels)
            home = home_accuracy[arm.name]
            found.append(
                TransferScore(
                    arm=arm.name, scores=scores, home_accuracy=home, drop=home - scores.accuracy.mean
                )
            )
        sets.append(
            TransferSet(
                name=split.removeprefix(TRANSFER_PREFIX), num_examples=len(columns), arms=tuple(found)
            )
        )
    return tuple(sets), problems
