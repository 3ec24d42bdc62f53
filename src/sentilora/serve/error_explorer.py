"""The test predictions of some arms, filtered and cut into pages, for the page's table of errors.

An arm is right on an example when most of its seeds are, as in the report; with an even number of seeds a
draw is neither right nor wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sentilora.evidence.statistics.random_effects import Floats
from sentilora.evidence.statistics.scored_arms import ExampleColumns, ScoredArm
from sentilora.evidence.statistics.slices import cut_slices
from sentilora.evidence.writing.safe_text import excerpt

EVERYTHING = "all test examples"
ANYONE = "anyone"
"""The filter that lets every example pass, whoever is right on it."""
MAX_SHOWN_CHARACTERS = 160


@dataclass(frozen=True)
class TablePage:
    """One page of the table."""

    rows: list[list[str]]
    """Cells as shown: review, label, what each arm says."""
    positions: list[int]
    """Where the rows' examples stand among all test examples."""
    number: int
    """This page, from 1."""
    num_pages: int
    """At least 1."""
    num_found: int
    """Examples that pass the filters."""


class ErrorExplorer:
    """Test examples with what each arm says of them.

    Args:
        examples: N of them; texts may be absent.
        arms: two or more, scored on them.
        label_names: one name per class.
    """

    def __init__(
        self, examples: ExampleColumns, arms: Sequence[ScoredArm], label_names: Sequence[str]
    ) -> None:
        self.examples = examples
        self._arms = tuple(arms)
        self._label_names = tuple(label_names)
        self._probabilities = [arm.probabilities.mean(axis=0) for arm in self._arms]
        self._slices = {EVERYTHING: np.ones(len(examples), dtype=np.bool_)}
        for part in cut_slices(examples, label_names):
            self._slices[f"{part.family}: {part.name} ({part.members.sum():,})"] = part.members
        self._verdicts = self._who_is_right()
        of_label = [p[np.arange(len(examples)), examples.labels] for p in self._probabilities]
        self._clearest_first = np.argsort(-np.ptp(of_label, axis=0), kind="stable")

    @property
    def slices(self) -> list[str]:
        """Names of the parts to choose from, the first being all examples."""
        return list(self._slices)

    @property
    def verdicts(self) -> list[str]:
        """Who is right, to choose from; the last is ``ANYONE``."""
        return list(self._verdicts)

    def page(self, part: str, verdict: str, number: int, *, num_rows: int) -> TablePage:
        """A page of what passes both filters, the examples on which the arms differ most first.

        Args:
            part: one of ``slices``.
            verdict: one of ``verdicts``.
            number: of the page, from 1; one that is not there is taken for the nearest.
            num_rows: of a page.
        """
        members = self._slices[part] & self._verdicts[verdict]
        found = self._clearest_first[members[self._clearest_first]]
        num_pages = max(1, -(-len(found) // num_rows))
        number = min(max(1, number), num_pages)
        positions = found[(number - 1) * num_rows : number * num_rows].tolist()
        return TablePage([self._row(i) for i in positions], positions, number, num_pages, len(found))

    def _row(self, i: int) -> list[str]:
        text = self.examples.texts[i]
        shown = f"(no text) {self.examples.ids[i]}" if text is None else text
        says = [self._says(arm, p[i], i) for arm, p in zip(self._arms, self._probabilities, strict=True)]
        return [excerpt(shown, MAX_SHOWN_CHARACTERS), self._label_names[self.examples.labels[i]], *says]

    def _says(self, arm: ScoredArm, probabilities: Floats, i: int) -> str:
        said, share = int(probabilities.argmax()), float(arm.right[:, i].mean())
        mark = "✓" if share > 0.5 else "✗" if share < 0.5 else "½"
        return f"{mark} {self._label_names[said]} {probabilities[said]:.0%}"

    def _who_is_right(self) -> Mapping[str, NDArray[np.bool_]]:
        right = np.stack([arm.right.mean(axis=0) > 0.5 for arm in self._arms])
        wrong = np.stack([arm.right.mean(axis=0) < 0.5 for arm in self._arms])
        found = {}
        for i, arm in reversed(list(enumerate(self._arms))):  # the baseline last: it is seldom the only one
            found[f"only {arm.name}"] = right[i] & np.delete(wrong, i, axis=0).all(axis=0)
        found["no arm"] = wrong.all(axis=0)
        found["every arm"] = right.all(axis=0)
        found[ANYONE] = np.ones(len(self.examples), dtype=np.bool_)
        return found
