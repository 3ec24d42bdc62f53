"""What the records show, as one typed value: report, slides, tables and demo read this and nothing else.

Frozen dataclasses of plain numbers, strings, tuples and dicts, so that ``to_json`` is complete. Rates,
accuracies, shares and their differences run from 0 to 1 (nobody multiplies by 100 before printing), times
are seconds, sizes bytes. A number that cannot be known is None, with a sentence beside it, never 0 or NaN.

Arms come in the order of the study file wherever there is one entry an arm, and ``per_seed`` values in the
order of the arm's ``seeds``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Verdict = Literal["held", "refuted", "undecided", "present", "absent", "unclear"]
"""A claim is held, refuted or undecided; a risk is present, absent or unclear."""


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A confidence interval.

    Attributes:
        low: lower end.
        high: upper end.
        level: nominal coverage, 0.95 unless a field says otherwise.
    """

    low: float
    high: float
    level: float = 0.95


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A score with what is known of its spread.

    Attributes:
        mean: mean over seeds; never a maximum.
        sd: standard deviation between seeds (n - 1), None with one seed.
        interval: Multi-Bootstrap interval over seeds and examples; over examples only with one seed
            (``StatisticsSettings.resampled`` and ``ArmResult.seeds`` say which).
        per_seed: the value of each seed.
    """

    mean: float
    sd: float | None
    interval: Interval
    per_seed: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Spread:
    """A measured quantity over runs, with no sampling model behind it.

    Attributes:
        mean: mean over runs.
        low: smallest run.
        high: largest run.
        sd: standard deviation between runs (n - 1), None with one run.
        per_run: every run's value.
    """

    mean: float
    low: float
    high: float
    sd: float | None
    per_run: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class StatisticsSettings:
    """How the numbers were made; the report's methods section reads this.

    Attributes:
        num_resamples: bootstrap resamples.
        generator_seed: seed of the resampling, fixed: the same records give the same numbers.
        level: coverage of intervals, 0.95.
        resampled: ``seeds and examples`` where every arm with results has two seeds or more, ``examples``
            where every arm has one, ``examples, and seeds where an arm has several`` otherwise.
        num_calibration_bins: bins of the calibration error.
        calibration_binning: ``equal-mass``.
        equivalence_margin: TOST's margin on accuracy, as the study states it.
        power: power of the detectable difference, 0.8.
        small_slice: slices with fewer examples than this are marked.
    """

    num_resamples: int
    generator_seed: int
    level: float
    resampled: str
    num_calibration_bins: int
    calibration_binning: str
    equivalence_margin: float
    power: float
    small_slice: int


@dataclass(frozen=True, kw_only=True)
class FailedRun:
    """A run that did not come to its end.

    Attributes:
        run_id: its folder's name.
        arm: its arm.
        seed: its seed.
        learning_rate: its learning rate, None where the arm has none.
        reason: a short word, for example ``non-finite loss``.
        step: the step it failed at, None if it never started.
        message: the whole sentence.
    """

    run_id: str
    arm: str
    seed: int
    learning_rate: float | None
    reason: str
    step: int | None
    message: str


@dataclass(frozen=True, kw_only=True)
class RateTrial:
    """One learning rate that an arm tried.

    Attributes:
        learning_rate: the rate.
        num_finished: runs that finished at it.
        num_failed: runs that failed at it.
        dev_accuracy: over the finished runs, None if there are none.
        dev_loss: likewise, nats.
        chosen: whether this rate is the one that was scored on test.
    """

    learning_rate: float
    num_finished: int
    num_failed: int
    dev_accuracy: Spread | None
    dev_loss: Spread | None
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """What an arm trains.

    Attributes:
        adapter: trained adapter parameters.
        head: trained parameters of the classification head.
        backbone: trained backbone parameters (full fine-tuning only).
        trainable: the three together.
        total: all parameters of the model, adapter and head included.
        trainable_share: trainable over total.
    """

    adapter: int
    head: int
    backbone: int
    trainable: int
    total: int
    trainable_share: float


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What an arm's scored runs cost.

    Attributes:
        train_seconds: wall clock of the pack that each run trained in, evaluations left out.
        share_seconds: a run's share of it (train_seconds / pack_size): the fair cost of one run.
        evaluation_seconds: wall clock of the pack's evaluations.
        pack_size: runs in the pack.
        examples_per_second: training examples of all runs in the pack over train_seconds.
        peak_memory_bytes: largest memory of the pack.
        memory_kind: ``resident`` or ``cuda``.
        energy_joules: None where no driver tells.
        bytes_on_disk: what one run's record occupies.
    """

    train_seconds: Spread
    share_seconds: Spread
    evaluation_seconds: Spread
    pack_size: Spread
    examples_per_second: Spread
    peak_memory_bytes: Spread
    memory_kind: str
    energy_joules: Spread | None
    bytes_on_disk: Spread


@dataclass(frozen=True, kw_only=True)
class Scores:
    """Test scores of one arm.

    Attributes:
        accuracy: share of examples with the right label.
        f1: F1 of the last class with two classes, macro F1 with more.
        mcc: Matthews correlation coefficient, -1 to 1.
        ece: expected calibration error of the top label, 0 to 1; biased upward in small samples.
        brier: Brier score summed over classes, 0 to 2.
    """

    accuracy: Estimate
    f1: Estimate
    mcc: Estimate
    ece: Estimate
    brier: Estimate


@dataclass(frozen=True, kw_only=True)
class CalibrationBin:
    """One bin of a reliability diagram, all seeds pooled.

    Attributes:
        low: smallest confidence in the bin.
        high: largest confidence in the bin.
        mean_confidence: mean probability of the predicted label.
        accuracy: share predicted rightly.
        num_predictions: predictions in the bin (seeds times examples).
    """

    low: float
    high: float
    mean_confidence: float
    accuracy: float
    num_predictions: int


@dataclass(frozen=True, kw_only=True)
class ArmResult:
    """One arm at its chosen learning rate.

    Attributes:
        name: as the study calls it.
        method: ``probe``, ``lora``, ``peft`` or ``full``.
        settings: the arm's settings as recorded in the study, name and method included.
        rank: LoRA rank, None for arms that have none.
        seeds: seeds of the scored runs, ascending.
        run_ids: the scored runs, in the order of seeds.
        num_finished: finished runs of this arm, all learning rates.
        num_failed: failed runs of this arm, all learning rates.
        num_missing: planned runs of this arm without a sound record.
        learning_rate: chosen on dev, None for arms that have none or no result.
        rates: every rate tried, ascending; empty for arms that have none.
        scores: on test, None where there is nothing to score (see ``reason``).
        dev_accuracy: of the scored runs at the state that was kept, None likewise.
        parameters: None likewise.
        costs: None likewise.
        calibration: bins by rising confidence; empty likewise.
        reason: why there are no scores, in a sentence; None where there are.
    """

    name: str
    method: str
    settings: Mapping[str, Any]
    rank: int | None
    seeds: tuple[int, ...]
    run_ids: tuple[str, ...]
    num_finished: int
    num_failed: int
    num_missing: int
    learning_rate: float | None
    rates: tuple[RateTrial, ...]
    scores: Scores | None
    dev_accuracy: Spread | None
    parameters: Parameters | None
    costs: Costs | None
    calibration: tuple[CalibrationBin, ...]
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The difference of two arms in one score, ``arm`` minus ``over``.

    Attributes:
        mean: difference of the means over seeds.
        interval: Multi-Bootstrap interval; the same resampled examples for both arms.
    """

    mean: float
    interval: Interval


@dataclass(frozen=True, kw_only=True)
class McNemar:
    """Exact McNemar test of one run against another on the same examples.

    Attributes:
        seed: the seed of both runs.
        only_arm: examples that only ``arm`` gets right.
        only_over: examples that only ``over`` gets right.
        p_value: two-sided.
    """

    seed: int
    only_arm: int
    only_over: int
    p_value: float


@dataclass(frozen=True, kw_only=True)
class Equivalence:
    """Two one-sided tests at 5 % (TOST), by way of the 90 % interval.

    Attributes:
        margin: accuracy differences smaller than this count as none.
        interval: the 90 % Multi-Bootstrap interval of the difference in accuracy.
        equivalent: whether the interval lies inside plus or minus the margin.
        different: whether it lies wholly outside.
    """

    margin: float
    interval: Interval
    equivalent: bool
    different: bool


@dataclass(frozen=True, kw_only=True)
class Superiority:
    """P(A>B) (Bouthillier et al. 2021): how often one new run of ``arm`` would beat one of ``over``.

    Attributes:
        probability: over seeds and resampled test sets, a tie counting one half; 0.5 is no preference.
        interval: over seeds; None with one seed.
    """

    probability: float
    interval: Interval | None


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two arms compared on test.

    The baseline is always ``over``; among the other arms the one earlier in the study is.

    Attributes:
        arm: the one whose gain is stated.
        over: the one it is compared with.
        accuracy: difference in accuracy.
        f1: difference in F1.
        mcc: difference in Matthews correlation.
        ece: difference in calibration error (negative: ``arm`` is better calibrated).
        brier: difference in Brier score (negative: ``arm`` is better).
        seeds_paired: whether both arms have the same seeds, which are then resampled together;
            otherwise each arm's seeds are resampled on their own.
        mcnemar: one exact test a shared seed.
        p_value: the one test of the pair, two-sided: exact sign flips of each example's difference in
            mean correctness over seeds; with one seed each this is exact McNemar.
        adjusted_p_value: Holm, over all pairs of the study.
        significant: adjusted_p_value < 0.05 and the interval of ``accuracy`` leaves out 0.
        superiority: P(arm > over) in accuracy.
        equivalence: TOST on accuracy.
        disagreement: share of examples that exactly one of two runs gets right, mean over run pairs.
        detectable_difference: smallest true difference in accuracy that one exact McNemar test would find
            with power 0.8 at this test size and disagreement; None if none can be found.
    """

    arm: str
    over: str
    accuracy: Difference
    f1: Difference
    mcc: Difference
    ece: Difference
    brier: Difference
    seeds_paired: bool
    mcnemar: tuple[McNemar, ...]
    p_value: float
    adjusted_p_value: float
    significant: bool
    superiority: Superiority
    equivalence: Equivalence
    disagreement: float
    detectable_difference: float | None


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One quantity of a claim beside its bound.

    Attributes:
        quantity: the key in the study file, for example ``accuracy`` or ``training_minutes``.
        value: what was found, in the unit of the study file; None if it cannot be known, or is a yes or no.
        interval: 95 % interval (90 % for ``equivalent``), or the range over runs for times and memory
            (level 1); None where ``value`` is exact.
        bound_low: the bound it must reach, None if open.
        bound_high: the bound it must not pass, None if open.
        verdict: held, refuted or undecided.
        sentence: the finding in words, with its numbers.
    """

    quantity: str
    value: float | None
    interval: Interval | None
    bound_low: float | None
    bound_high: float | None
    verdict: Verdict
    sentence: str


@dataclass(frozen=True, kw_only=True)
class JudgedClaim:
    """A claim of the study file and what the records say to it.

    Attributes:
        wording: the author's words.
        kind: ``claim`` or ``risk``.
        arm: the arm it is about, None for the whole study.
        over: the arm it compares with.
        verdict: for a claim held only if every finding held, refuted if one is; a risk likewise is
            present or absent.
        findings: one a stated quantity.
        sentence: the verdict in words.
    """

    wording: str
    kind: Literal["claim", "risk"]
    arm: str | None
    over: str | None
    verdict: Verdict
    findings: tuple[Finding, ...]
    sentence: str


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


@dataclass(frozen=True, kw_only=True)
class TradeoffPoint:
    """One arm between accuracy and cost.

    Attributes:
        arm: its name.
        method: its method.
        rank: LoRA rank, None for arms that have none.
        accuracy: on test.
        trainable_parameters: how many it trains.
        share_seconds: training time of one run.
        peak_memory_bytes: largest memory of a pack.
        pareto: cost (``trainable_parameters``, ``share_seconds``, ``peak_memory_bytes``) to whether no other
            arm is both at least as accurate and at least as cheap, and better in one of the two.
    """

    arm: str
    method: str
    rank: int | None
    accuracy: Estimate
    trainable_parameters: int
    share_seconds: float
    peak_memory_bytes: float
    pareto: Mapping[str, bool]


@dataclass(frozen=True, kw_only=True)
class Band:
    """A curve over seeds, one value a point.

    Attributes:
        mean: mean over seeds.
        low: lowest seed.
        high: highest seed.
    """

    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Curve:
    """How one arm's scored runs learnt. Arms solved exactly have none.

    Attributes:
        arm: its name.
        steps: optimizer steps at the evaluations that all seeds have.
        epochs: the same in epochs.
        train_loss: nats, mean since the last evaluation, dropout on.
        train_accuracy: likewise.
        dev_loss: nats.
        dev_accuracy: 0 to 1.
        steps_to_95: for each seed the first evaluated step whose dev accuracy reaches 95 % of the last one's.
        median_steps_to_95: their median.
    """

    arm: str
    steps: tuple[int, ...]
    epochs: tuple[float, ...]
    train_loss: Band
    train_accuracy: Band
    dev_loss: Band
    dev_accuracy: Band
    steps_to_95: tuple[int, ...]
    median_steps_to_95: float


@dataclass(frozen=True, kw_only=True)
class Overfitting:
    """How far training runs ahead of dev. Arms solved exactly have none.

    Attributes:
        arm: its name.
        rank: LoRA rank, None for arms that have none.
        kept_gap: train minus dev accuracy at the step that was kept.
        end_gap: train minus dev accuracy at the last evaluation.
        end_loss_gap: dev minus train loss at the last evaluation, nats.
    """

    arm: str
    rank: int | None
    kept_gap: Spread
    end_gap: Spread
    end_loss_gap: Spread


@dataclass(frozen=True, kw_only=True)
class TransferScore:
    """One arm on a data set it was not trained on.

    Attributes:
        arm: its name.
        scores: on the transfer set.
        home_accuracy: its mean accuracy on the home test set.
        drop: home accuracy minus transfer accuracy.
    """

    arm: str
    scores: Scores
    home_accuracy: float
    drop: float


@dataclass(frozen=True, kw_only=True)
class TransferSet:
    """A data set that the trained arms are tried on.

    Attributes:
        name: for example ``amazon``.
        num_examples: its size.
        arms: one entry an arm that was scored on it.
    """

    name: str
    num_examples: int
    arms: tuple[TransferScore, ...]


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


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """Everything the records of one study show.

    Attributes:
        name: the study's name.
        study: the resolved study as recorded (``study.json``'s ``study``).
        data: ``study.json``'s ``data``.
        backbone: ``study.json``'s ``backbone``.
        settings: how the statistics were made.
        totals: counts of the whole study.
        problems: one sentence for everything left out.
        failures: the runs that failed.
        environments: what the runs were made with, the commonest first.
        arms: one entry an arm of the study, with or without scores.
        baseline: the first probe arm that has scores, else the first arm that has; None if no arm has.
        challenger: the LoRA or PEFT arm (else any other arm) with the best mean dev accuracy that
            disagreements show beside the baseline; None if there is none.
        pairs: all pairs of arms that have scores.
        claims: in the order of the study file.
        slices: of the test set, by family.
        extremes: where each arm that is not the baseline helps most and least.
        disagreements: None if there is no challenger.
        tradeoff: one entry an arm that has scores.
        curves: one entry an arm that has scores and a curve.
        overfitting: likewise.
        transfer: one entry a transfer set.
    """

    name: str
    study: Mapping[str, Any]
    data: Mapping[str, Any]
    backbone: Mapping[str, Any]
    settings: StatisticsSettings
    totals: Totals
    problems: tuple[str, ...]
    failures: tuple[FailedRun, ...]
    environments: tuple[Environment, ...]
    arms: tuple[ArmResult, ...]
    baseline: str | None
    challenger: str | None
    pairs: tuple[Pair, ...]
    claims: tuple[JudgedClaim, ...]
    slices: tuple[Slice, ...]
    extremes: tuple[SliceExtreme, ...]
    disagreements: Disagreements | None
    tradeoff: tuple[TradeoffPoint, ...]
    curves: tuple[Curve, ...]
    overfitting: tuple[Overfitting, ...]
    transfer: tuple[TransferSet, ...]

    def arm(self, name: str) -> ArmResult:
        """The arm of this name.

        Raises:
            KeyError: the study has no such arm.
        """
        for arm in self.arms:
            if arm.name == name:
                return arm
        raise KeyError(name)

    def pair(self, arm: str, over: str) -> Pair | None:
        """The comparison of ``arm`` with ``over`` as it is kept (see ``Pair``), None if it is not."""
        return next((pair for pair in self.pairs if (pair.arm, pair.over) == (arm, over)), None)

    def to_json(self) -> dict[str, Any]:
        """Plain data: dicts, lists (as tuples), strings, finite numbers, booleans and None."""
        return asdict(self)
