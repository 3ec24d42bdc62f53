"""Errors on parts of the test set, and where an arm helps most and least over the baseline.

Parts are set by the text alone, before anyone looks at predictions. Lengths and strengths are cut at their
terciles on this test set, so that every part is large enough to say something, on short phrases and on long
reviews; the price is that cuts differ between data sets, and so their names state them.

An arm that gains in a slice may gain as much elsewhere: ``beyond_rest`` is the gain in the slice minus the
gain on all other examples, which is what "helps most here" has to mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sentilora.evidence.statistics.bootstrap import Floats, ResampledScores, Resampling
from sentilora.evidence.statistics.estimates import Difference, Estimate
from sentilora.evidence.statistics.paired_tests import holm, paired_p_value
from sentilora.evidence.statistics.pairs import is_significant
from sentilora.evidence.statistics.scored_arms import ExampleColumns, ScoredArm


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
    beyond_rest: Difference
    """Gain in the slice minus gain on all other test examples."""
    p_value: float
    """Exact test as in ``Pair.p_value``, within the slice."""
    adjusted_p_value: float
    """Holm, over all slices of this arm."""
    significant: bool
    """Adjusted_p_value < 0.05 and the interval of ``gain`` leaves out 0."""


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
    """Where one arm helps most and least over the baseline, small slices left out."""

    arm: str
    """The arm."""
    most: tuple[str, str]
    """(family, name) of the slice with the largest gain."""
    least: tuple[str, str]
    """(family, name) of the slice with the smallest gain."""


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
    parts: Sequence[SliceMembers], arms: Sequence[ScoredArm], baseline: str, resampling: Resampling
) -> tuple[Slice, ...]:
    """Error rates of every arm and gains over the baseline, slice by slice.

    Args:
        parts: slices of the N examples that the arms were scored on.
        arms: in the order of the study.
        baseline: the arm that gains are measured from.
        resampling: how to resample.
    """
    if not parts:
        return ()
    members = np.stack([part.members for part in parts], axis=1)
    scores = {arm.name: _score_parts(arm, members, resampling) for arm in arms}
    by_name = {arm.name: arm for arm in arms}
    others = [arm for arm in arms if arm.name != baseline]
    gains = {
        arm.name: _gains(parts, arm, by_name[baseline], scores[arm.name], scores[baseline]) for arm in others
    }
    return tuple(
        Slice(
            family=part.family,
            name=part.name,
            num_examples=int(part.members.sum()),
            small=bool(part.members.sum() < SMALL_SLICE),
            errors=tuple(_error(arm, scores[arm.name], i, int(part.members.sum())) for arm in arms),
            gains=tuple(gains[arm.name][i] for arm in others),
        )
        for i, part in enumerate(parts)
    )


def extremes(slices: Sequence[Slice]) -> tuple[SliceExtreme, ...]:
    """Where each arm gains most and least, among the slices that are not small."""
    gains: dict[str, list[tuple[float, tuple[str, str]]]] = {}
    for part in slices:
        if not part.small:
            for gain in part.gains:
                gains.setdefault(gain.arm, []).append((gain.gain.mean, (part.family, part.name)))
    return tuple(
        SliceExtreme(arm=arm, most=max(found)[1], least=min(found)[1]) for arm, found in gains.items()
    )


def _score_parts(arm: ScoredArm, members: NDArray[np.bool_], resampling: Resampling) -> ResampledScores:
    """Scores of slice i: accuracy (``right i``), its complement ``error i``, and ``beyond i``."""
    # ``beyond i`` is the accuracy inside slice i less the accuracy on all other examples.
    num_seeds, num_parts = len(arm.right), members.shape[1]
    right_inside = (arm.right[:, :, None] & members).transpose(1, 0, 2).reshape(len(members), -1)
    columns = np.concatenate([members, right_inside, arm.right.T], axis=1).astype(np.float64)

    def scores_of(sums: Floats) -> dict[str, Floats]:
        sizes = sums[..., None, :num_parts]
        inside = sums[..., num_parts:-num_seeds].reshape(*sums.shape[:-1], num_seeds, num_parts)
        outside = sums[..., -num_seeds:, None] - inside
        rest = len(members) - sizes
        accuracy = inside / np.maximum(sizes, 1)
        beyond = accuracy - outside / np.maximum(rest, 1)
        return {
            **{f"right {i}": accuracy[..., i] for i in range(num_parts)},
            **{f"error {i}": 1 - accuracy[..., i] for i in range(num_parts)},
            **{f"beyond {i}": beyond[..., i] for i in range(num_parts)},
        }

    on_data = scores_of(columns.sum(axis=0))
    sums = resampling.sums(columns)
    on_resamples = scores_of(sums)
    for i in range(num_parts):
        # A resample without a single example of a tiny slice says nothing about it.
        empty = sums[:, i] == 0
        for score in (f"right {i}", f"error {i}", f"beyond {i}"):
            on_resamples[score] = np.where(empty[:, None], on_data[score], on_resamples[score])
    return ResampledScores(arm.seeds, on_data, on_resamples, resampling.seed_weights(arm.seeds))


def _error(arm: ScoredArm, scores: ResampledScores, i: int, size: int) -> SliceError:
    rate = scores.estimate(f"error {i}", lowest=0, highest=1, num_trials=size)
    return SliceError(arm=arm.name, error_rate=rate)


def _gains(
    parts: Sequence[SliceMembers],
    arm: ScoredArm,
    baseline: ScoredArm,
    scores: ResampledScores,
    base: ResampledScores,
) -> list[SliceGain]:
    p_values = [paired_p_value(arm.right[:, p.members], baseline.right[:, p.members]) for p in parts]
    gains = []
    for i, (p_value, adjusted) in enumerate(zip(p_values, holm(p_values), strict=True)):
        gain = scores.minus(base, f"right {i}").difference()
        gains.append(
            SliceGain(
                arm=arm.name,
                gain=gain,
                beyond_rest=scores.minus(base, f"beyond {i}").difference(),
                p_value=p_value,
                adjusted_p_value=adjusted,
                significant=is_significant(adjusted, gain),
            )
        )
    return gains


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
