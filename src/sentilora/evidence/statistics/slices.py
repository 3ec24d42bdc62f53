"""Errors on parts of the test set, and where an arm helps most and least over the baseline.

Parts are set by the text alone, before anyone looks at predictions. Lengths and strengths are cut at their
terciles on this test set, so that every part is large enough to say something, on short phrases and on long
reviews; the price is that cuts differ between data sets, and so their names state them.

An arm that gains in a slice may gain as much elsewhere, and the largest of many gaps is large by chance
alone: ``slice_search`` says where an arm gains more than on the rest, allowing for the search.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sentilora.evidence.statistics.bootstrap import LEVEL, estimate_of
from sentilora.evidence.statistics.estimates import Difference, Estimate
from sentilora.evidence.statistics.family import SIGNIFICANCE, holm
from sentilora.evidence.statistics.random_effects import Floats, interval_of, mean_difference, mean_of_arm
from sentilora.evidence.statistics.scored_arms import ExampleColumns, ScoredArm
from sentilora.evidence.statistics.slice_search import SliceGap, slice_gaps


@dataclass(frozen=True, kw_only=True)
class SliceError:
    """How often one arm errs in one slice."""

    arm: str
    """The arm."""
    error_rate: Estimate
    """Share of the slice's examples it gets wrong."""


@dataclass(frozen=True, kw_only=True)
class SliceGain:
    """What one arm gains over the baseline in one slice."""

    arm: str
    """The arm."""
    gain: Difference
    """Difference in accuracy to the baseline within the slice."""
    p_value: float
    """As ``Pair.p_value``, within the slice."""
    adjusted_p_value: float
    """Holm, over all slices of this arm."""
    significant: bool
    """``adjusted_p_value`` < 0.05."""
    beyond_rest: SliceGap
    """Gain in the slice minus gain on all other test examples, tested among all slices that are not small."""


@dataclass(frozen=True, kw_only=True)
class Slice:
    """Some of the test examples."""

    family: str
    """What the examples are cut by: ``length``, ``strength``, ``negation``, ``contrast``, ``comparative``,
    ``unseen words`` or ``label``.
    """
    name: str
    """Which part, for example ``15 to 23 words``."""
    num_examples: int
    """Its size."""
    small: bool
    """Whether it is too small to say much (fewer than ``StatisticsSettings.small_slice``)."""
    errors: tuple[SliceError, ...]
    """One entry an arm that has scores."""
    gains: tuple[SliceGain, ...]
    """One entry an arm that has scores, the baseline left out."""


@dataclass(frozen=True, kw_only=True)
class SliceExtreme:
    """Where one arm gains most and least over the baseline beside the rest, small slices left out."""

    arm: str
    """The arm."""
    most: tuple[str, str]
    """(family, name) of the slice with the largest gain beyond that of the rest."""
    least: tuple[str, str]
    """(family, name) of the slice with the smallest."""


SMALL_SLICE = 50
FEW_STRENGTHS = 3
"""Up to this many different strengths are slices of their own."""


@dataclass(frozen=True)
class SliceMembers:
    """Which examples a slice holds."""

    family: str
    """As in ``Slice``."""
    name: str
    """As in ``Slice``."""
    members: NDArray[np.bool_]
    """(N,) whether each example is in it."""


def cut_slices(examples: ExampleColumns, label_names: Sequence[str]) -> tuple[SliceMembers, ...]:
    """The slices of a split. Empty parts are left out, and families with a single part are too."""
    parts = [
        *_by_length(examples.num_words),
        *_by_strength(examples.strengths),
        *_by_mark("negation", examples.negation),
        *_by_mark("contrast", examples.contrast),
        *_by_mark("comparative", examples.comparative),
        *_by_unseen_words(examples.num_unseen_words),
        *(SliceMembers("label", name, examples.labels == label) for label, name in enumerate(label_names)),
    ]
    filled = [part for part in parts if part.members.any()]
    families = [part.family for part in filled]
    return tuple(part for part in filled if families.count(part.family) > 1)


def slice_errors(
    parts: Sequence[SliceMembers], arms: Sequence[ScoredArm], baseline: str
) -> tuple[Slice, ...]:
    """Error rates of every arm and gains over the baseline, slice by slice.

    Args:
        parts: slices of the N examples that the arms were scored on.
        arms: in the order of the study.
        baseline: the arm that gains are measured from.
    """
    if not parts:
        return ()
    (over,) = (arm for arm in arms if arm.name == baseline)
    gains = [_gains(parts, arm, over) for arm in arms if arm.name != baseline]
    return tuple(
        Slice(
            family=part.family,
            name=part.name,
            num_examples=int(part.members.sum()),
            small=_is_small(part),
            errors=tuple(_error(arm, part) for arm in arms),
            gains=tuple(of_arm[i] for of_arm in gains),
        )
        for i, part in enumerate(parts)
    )


def extremes(slices: Sequence[Slice]) -> tuple[SliceExtreme, ...]:
    """Where each arm gains most and least beside the rest, among the slices that are not small."""
    gains: dict[str, list[tuple[float, tuple[str, str]]]] = {}
    for part in slices:
        if not part.small:
            for gain in part.gains:
                gains.setdefault(gain.arm, []).append((gain.beyond_rest.gap, (part.family, part.name)))
    return tuple(
        SliceExtreme(arm=arm, most=max(found)[1], least=min(found)[1]) for arm, found in gains.items()
    )


def _is_small(part: SliceMembers) -> bool:
    return bool(part.members.sum() < SMALL_SLICE)


def _error(arm: ScoredArm, part: SliceMembers) -> SliceError:
    wrong = ~arm.right[:, part.members]
    interval = interval_of(mean_of_arm(wrong), LEVEL)
    return SliceError(arm=arm.name, error_rate=estimate_of(wrong.mean(axis=1), interval))


def _gains(parts: Sequence[SliceMembers], arm: ScoredArm, over: ScoredArm) -> list[SliceGain]:
    means = [mean_difference(arm.right[:, part.members], over.right[:, part.members]) for part in parts]
    p_values = [float(mean.p_value()) for mean in means]
    searched = np.array([not _is_small(part) for part in parts], dtype=bool)
    gaps = slice_gaps(arm.right, over.right, np.stack([part.members for part in parts], axis=1), searched)
    return [
        SliceGain(
            arm=arm.name,
            gain=Difference(mean=float(mean.estimate), interval=interval_of(mean, LEVEL)),
            p_value=p_value,
            adjusted_p_value=adjusted,
            significant=adjusted < SIGNIFICANCE,
            beyond_rest=gap,
        )
        for mean, p_value, adjusted, gap in zip(means, p_values, holm(p_values), gaps, strict=True)
    ]


def _by_length(num_words: NDArray[np.int64]) -> list[SliceMembers]:
    parts = []
    for low, high, members in _terciles(num_words.astype(np.float64)):
        if high == num_words.max():
            span = f"{low:.0f} or more"
        elif low == num_words.min():
            span = f"up to {high:.0f}"
        else:
            span = f"{low:.0f} to {high:.0f}" if low < high else f"{low:.0f}"
        parts.append(SliceMembers("length", f"{span} words", members))
    return parts


def _by_strength(strengths: Floats) -> list[SliceMembers]:
    known = ~np.isnan(strengths)
    values = np.unique(strengths[known])
    if len(values) < 2:
        return []
    if len(values) <= FEW_STRENGTHS:
        groups = [(value, value, strengths == value) for value in values]
    else:
        groups = _terciles(strengths)
    if len(groups) < 2:
        return []
    words = ("weak", "strong") if len(groups) == 2 else ("weak", "medium", "strong")
    parts = [
        SliceMembers("strength", f"{word} ({low:.2g}{f' to {high:.2g}' if high > low else ''})", members)
        for word, (low, high, members) in zip(words, groups, strict=True)
    ]
    return [*parts, SliceMembers("strength", "unknown", ~known)]


def _by_mark(family: str, marked: NDArray[np.bool_]) -> list[SliceMembers]:
    return [
        SliceMembers(family, f"with {family}", marked),
        SliceMembers(family, f"without {family}", ~marked),
    ]


def _by_unseen_words(num_unseen: NDArray[np.int64]) -> list[SliceMembers]:
    return [
        SliceMembers("unseen words", "no unseen word", num_unseen == 0),
        SliceMembers("unseen words", "one unseen word", num_unseen == 1),
        SliceMembers("unseen words", "two or more unseen words", num_unseen > 1),
    ]


def _terciles(values: Floats) -> list[tuple[float, float, NDArray[np.bool_]]]:
    """Up to three groups of about one size: smallest and largest value, and members. NaN is in none."""
    known = values[~np.isnan(values)]
    edges = np.unique(np.quantile(known, [1 / 3, 2 / 3], method="lower"))
    group = np.where(np.isnan(values), -1, np.searchsorted(edges, values, side="left"))
    found = [group == number for number in range(len(edges) + 1)]
    return [(float(values[m].min()), float(values[m].max()), m) for m in found if m.any()]
