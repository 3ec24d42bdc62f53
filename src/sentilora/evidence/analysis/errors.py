"""Where the arms go wrong: slices, and examples worth a look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sentilora.evidence.analysis.estimates import Estimate
from sentilora.evidence.analysis.pairs import Difference


@dataclass(frozen=True, kw_only=True)
class SliceError:
    """How often one arm errs in one slice.

    Attributes:
        arm: the arm.
        error_rate: share of the slice's examples it gets wrong.
    """

    arm: str
    error_rate: Estimate


@dataclass(frozen=True, kw_only=True)
class SliceGain:
    """What one arm gains over the baseline in one slice.

    Attributes:
        arm: the arm.
        gain: difference in accuracy to the baseline within the slice.
        beyond_rest: gain in the slice minus gain on all other test examples.
        p_value: exact test as in ``Pair.p_value``, within the slice.
        adjusted_p_value: Holm, over all slices of this arm.
        significant: adjusted_p_value < 0.05 and the interval of ``gain`` leaves out 0.
    """

    arm: str
    gain: Difference
    beyond_rest: Difference
    p_value: float
    adjusted_p_value: float
    significant: bool


@dataclass(frozen=True, kw_only=True)
class Slice:
    """Some of the test examples.

    Attributes:
        family: what the examples are cut by: ``length``, ``strength``, ``negation``, ``contrast``,
            ``comparative``, ``unseen words`` or ``label``.
        name: which part, for example ``15 to 23 words``.
        num_examples: its size.
        small: whether it is too small to say much (fewer than ``StatisticsSettings.small_slice``).
        errors: one entry an arm that has scores.
        gains: one entry an arm that has scores, the baseline left out; empty without a baseline.
    """

    family: str
    name: str
    num_examples: int
    small: bool
    errors: tuple[SliceError, ...]
    gains: tuple[SliceGain, ...]


@dataclass(frozen=True, kw_only=True)
class SliceExtreme:
    """Where one arm helps most and least over the baseline, small slices left out.

    Attributes:
        arm: the arm.
        most: (family, name) of the slice with the largest gain.
        least: (family, name) of the slice with the smallest gain.
    """

    arm: str
    most: tuple[str, str]
    least: tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class ShownExample:
    """A test example with what every arm thinks of it.

    Attributes:
        id: as in examples.parquet.
        text: as in examples.parquet, untrusted; None where the study keeps no texts.
        label: class index as recorded.
        label_name: its name.
        strength: 0 to 1, None where unknown.
        probabilities: arm to mean probability of each class over seeds.
        share_right: arm to share of seeds that get it right.
        suggested_label: for label-noise candidates the class that the models suggest, None elsewhere.
    """

    id: str
    text: str | None
    label: int
    label_name: str
    strength: float | None
    probabilities: Mapping[str, tuple[float, ...]]
    share_right: Mapping[str, float]
    suggested_label: int | None = None


@dataclass(frozen=True, kw_only=True)
class ExampleList:
    """Examples of one kind, the clearest first.

    Attributes:
        num_found: how many there are.
        shown: the first of them.
    """

    num_found: int
    shown: tuple[ShownExample, ...]


@dataclass(frozen=True, kw_only=True)
class Disagreements:
    """Test examples worth reading.

    Attributes:
        fixed: the baseline is wrong and the challenger right, each in most seeds.
        broken: the other way round.
        wrong_for_all: every arm is wrong in most seeds; most confident first.
        label_noise: confident learning (Northcutt et al. 2021) doubts the recorded label.
        label_noise_method: how they were found, in a sentence.
    """

    fixed: ExampleList
    broken: ExampleList
    wrong_for_all: ExampleList
    label_noise: ExampleList
    label_noise_method: str
