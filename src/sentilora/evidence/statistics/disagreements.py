"""Test examples worth reading: fixed by the challenger, broken by it, beyond every arm, or wrongly labelled.

An arm counts as right or wrong on an example when most of its seeds are; with an even number a draw is
neither. Label-noise candidates come from confident learning (Northcutt et al. 2021, cleanlab), on the mean
probabilities over arms: no arm was trained on these examples, so the probabilities are out of sample. They
are candidates to look at, and nothing is corrected by them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from cleanlab.filter import find_label_issues
from numpy.typing import NDArray

from sentilora.evidence.statistics.random_effects import Floats
from sentilora.evidence.statistics.scored_arms import ExampleColumns, ScoredArm


@dataclass(frozen=True, kw_only=True)
class ShownExample:
    """A test example with what every arm thinks of it."""

    id: str
    """As in examples.parquet."""
    text: str | None
    """As in examples.parquet, untrusted; None where the study keeps no texts."""
    label: int
    """Class index as recorded."""
    probabilities: Mapping[str, tuple[float, ...]]
    """Arm to mean probability of each class over seeds."""
    suggested_label: int | None = None
    """For label-noise candidates the class that the models suggest, None elsewhere."""


@dataclass(frozen=True, kw_only=True)
class ExampleList:
    """Examples of one kind, the clearest first."""

    num_found: int
    """How many there are, those with a doubtful label included."""
    shown: tuple[ShownExample, ...]
    """The first of them."""


@dataclass(frozen=True, kw_only=True)
class Disagreements:
    """Test examples worth reading."""

    fixed: ExampleList
    """The baseline is wrong and the challenger right, each in most seeds."""
    broken: ExampleList
    """The other way round."""
    wrong_for_all: ExampleList
    """Every arm is wrong in most seeds; most confident first."""
    label_noise: ExampleList | None
    """Confident learning (Northcutt et al. 2021) doubts the recorded label, least likely label first. None
    where a class has too few test examples to tell.
    """


NUM_SHOWN = 20
MIN_PER_CLASS = 5
"""Confident learning needs a few examples of every class to know how confident a right answer is."""


def find_disagreements(
    arms: Sequence[ScoredArm],
    examples: ExampleColumns,
    *,
    baseline: str,
    challenger: str,
) -> Disagreements:
    """Examples of each kind, the clearest first, up to 20 of each shown, none of them twice.

    A doubtful label explains an error better than any arm does: such examples are shown as that alone.

    Args:
        arms: in the order of the study, all scored on the examples.
        examples: N of them.
        baseline: the arm that is improved on.
        challenger: the arm that improves on it.
    """
    mean_probabilities = {arm.name: arm.probabilities.mean(axis=0) for arm in arms}
    share_right = {arm.name: arm.right.mean(axis=0) for arm in arms}
    rows = np.arange(len(examples))
    confidence = {name: p[rows, examples.labels] for name, p in mean_probabilities.items()}
    gained = confidence[challenger] - confidence[baseline]
    over_arms = np.mean(list(mean_probabilities.values()), axis=0)
    mostly_right = {name: share > 0.5 for name, share in share_right.items()}
    mostly_wrong = {name: share < 0.5 for name, share in share_right.items()}
    noisy = _label_noise(examples.labels, over_arms)
    doubtful = set() if noisy is None else set(noisy.tolist())

    def listed(positions: NDArray[np.int64], suggest: bool = False) -> ExampleList:
        clear = [i for i in positions.tolist() if suggest or i not in doubtful]
        shown = [
            ShownExample(
                id=examples.ids[i],
                text=examples.texts[i],
                label=int(examples.labels[i]),
                probabilities={name: tuple(p[i].tolist()) for name, p in mean_probabilities.items()},
                suggested_label=int(over_arms[i].argmax()) if suggest else None,
            )
            for i in clear[:NUM_SHOWN]
        ]
        return ExampleList(num_found=len(positions), shown=tuple(shown))

    return Disagreements(
        fixed=listed(_by_rising(-gained, mostly_wrong[baseline] & mostly_right[challenger])),
        broken=listed(_by_rising(gained, mostly_right[baseline] & mostly_wrong[challenger])),
        wrong_for_all=listed(
            _by_rising(
                np.mean(list(confidence.values()), axis=0), np.logical_and.reduce([*mostly_wrong.values()])
            )
        ),
        label_noise=None if noisy is None else listed(noisy, suggest=True),
    )


def _by_rising(order: Floats, members: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Positions of the members by rising order; ties as they come in the data."""
    positions = np.flatnonzero(members)
    return positions[np.argsort(order[positions], kind="stable")]


def _label_noise(labels: NDArray[np.int64], probabilities: Floats) -> NDArray[np.int64] | None:
    """Positions of doubtful labels, the least likely first; None where there are too few examples to tell."""
    if np.bincount(labels, minlength=probabilities.shape[1]).min() < MIN_PER_CLASS:
        return None
    found = find_label_issues(labels, probabilities, return_indices_ranked_by="self_confidence", n_jobs=1)
    return np.asarray(found, dtype=np.int64)
