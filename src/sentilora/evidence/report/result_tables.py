"""The report's own tables, each a pure function of the analysis."""

from __future__ import annotations

from collections.abc import Sequence

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.statistics.arms import ArmResult
from sentilora.evidence.statistics.pairs import Pair
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.names import class_names, data_name, method_name, verdict_on
from sentilora.evidence.writing.safe_text import excerpt
from sentilora.evidence.writing.table_cells import (
    count_cell,
    difference_cell,
    estimate_cell,
    raw_estimate,
    raw_range,
    score_keys,
)
from sentilora.evidence.writing.tables import Cell, Column, Table, missing, words


def result_tables(analysis: Analysis) -> list[Table]:
    """All of these tables; those that the study has nothing for are without rows."""
    return [
        data_table(analysis),
        arms_table(analysis),
        costs_table(analysis),
        pairs_table(analysis),
        claims_table(analysis),
    ]


def data_table(analysis: Analysis) -> Table:
    """Sizes, balance and lengths of each split."""
    data = analysis.data
    last_class = class_names(analysis)[-1]
    rows = []
    for split in ("train", "dev", "test"):
        size, counts = int(data["sizes"][split]), data["label_counts"][split]
        tokens = data["tokens"][split] / size
        rows.append(
            (
                words(split),
                Cell(notation.count(size), (size,)),
                Cell(notation.bare_percent(counts[-1] / sum(counts)), (counts[-1] / sum(counts),)),
                Cell(notation.decimal(tokens, 1), (tokens,)),
                Cell(notation.count(data["truncated"][split]), (int(data["truncated"][split]),)),
            )
        )
    return Table(
        "data",
        f"The data: {data_name(str(data['source']))}. Truncated: texts longer than "
        f"{analysis.study['data']['max_length']} wordpieces.",
        (
            Column("Split", ("split",), numeric=False, width="1"),
            Column("Examples", ("examples",)),
            Column(f"{last_class} (%)", ("last_class_share",)),
            Column("Wordpieces, mean", ("mean_wordpieces",)),
            Column("Truncated", ("truncated",)),
        ),
        tuple(rows),
    )


def arms_table(analysis: Analysis) -> Table:
    """Test scores of each arm."""
    of_seeds = (
        ": mean over seeds"
        if any(len(outcome.seeds) > 1 for outcome in analysis.outcomes.values())
        else " of one seed"
    )
    return Table(
        "arms",
        f"Test scores{of_seeds} with 95{notation.NBSP}% intervals (n = "
        f"{notation.count(analysis.totals.num_test)}; resampled: {analysis.settings.resampled}).",
        _ARM_COLUMNS,
        tuple(_arm_row(arm) for arm in analysis.arms),
    )


def costs_table(analysis: Analysis) -> Table:
    """What each arm trains and what one run of it costs."""
    return Table(
        "costs",
        "What an arm trains and what one of its scored runs costs. Time of a run: its share of the pack it "
        "trained in, evaluations left out; examples per second, peak memory: the whole pack's.",
        _COST_COLUMNS,
        tuple(_cost_row(arm) for arm in analysis.arms),
    )


def pairs_table(analysis: Analysis, pairs: Sequence[Pair] | None = None) -> Table:
    """Every comparison of two arms, or of these pairs only, with the tests behind it."""
    margin = notation.decimal(100 * analysis.settings.equivalence_margin, 1)
    rows = []
    for pair in analysis.pairs if pairs is None else pairs:
        tost, detectable = pair.equivalence, pair.detectable_difference
        interval = tost.interval
        superiority = pair.superiority.interval
        rows.append(
            (
                Cell(f"{pair.arm} {notation.MINUS} {pair.over}", (pair.arm, pair.over)),
                difference_cell(pair.accuracy),
                Cell(notation.bare_p_value(pair.p_value), (pair.p_value,)),
                Cell(notation.bare_p_value(pair.adjusted_p_value), (pair.adjusted_p_value,)),
                Cell(
                    notation.decimal(pair.superiority.probability, 2),
                    (pair.superiority.probability,)
                    + (("NA", "NA") if superiority is None else (superiority.low, superiority.high)),
                ),
                Cell(notation.points_interval(interval), (interval.low, interval.high, tost.margin)),
                Cell(notation.bare_percent(pair.disagreement), (pair.disagreement,)),
                missing(1, "none")
                if detectable is None
                else Cell(notation.decimal(100 * detectable, 1), (detectable,)),
                words(verdict_on(pair)),
            )
        )
    return Table(
        "pairs",
        "Pairs of arms on test. p: exact test on the examples, then adjusted by Holm over "
        f"{notation.counted(len(analysis.pairs), 'pair')}; P(A>B): a new run of the first beats one of the "
        f"second; TOST: equivalent where the 90{notation.NBSP}% interval lies within ±{margin} points; "
        f"detectable: by one McNemar test at {notation.percent(analysis.settings.power, 0)} power.",
        (
            Column("Pair", ("arm", "over"), numeric=False, width="1"),
            Column("Difference (points)", ("difference", "difference_low", "difference_high")),
            Column("p", ("p_value",)),
            Column("p, Holm", ("adjusted_p_value",)),
            Column("P(A>B)", ("superiority", "superiority_low", "superiority_high")),
            Column("TOST interval (points)", ("tost_low", "tost_high", "equivalence_margin")),
            Column("Disagree (%)", ("disagreement",)),
            Column("Detectable (points)", ("detectable_difference",)),
            Column("Verdict", ("verdict",), numeric=False),
        ),
        tuple(rows),
    )


def claims_table(analysis: Analysis) -> Table:
    """The claims of the study file, in their author's words, and what the records say."""
    return Table(
        "claims",
        "The study's claims, worded before the runs, and what the records say to them.",
        (
            Column("Claim", ("claim", "kind"), numeric=False, width="1"),
            Column("Verdict", ("verdict",), numeric=False),
            Column("What was found", ("found",), numeric=False, width="1.4"),
        ),
        tuple(
            (
                Cell(excerpt(claim.wording, 200), (excerpt(claim.wording, 200), claim.kind)),
                words(claim.verdict),
                words(excerpt(" ".join(finding.sentence for finding in claim.findings), 420)),
            )
            for claim in analysis.claims
        ),
    )


_ARM_COLUMNS = (
    Column("Arm", ("arm",), numeric=False),
    Column("Method", ("method",), numeric=False, width="1"),
    Column("Learning rate", ("learning_rate",)),
    Column("Seeds", ("seeds",)),
    Column("Accuracy (%)", score_keys("accuracy")),
    Column("F1 (%)", score_keys("f1")),
    Column("MCC", score_keys("mcc")),
    Column("ECE (%)", score_keys("ece")),
    Column("Brier", score_keys("brier")),
)
_COST_COLUMNS = (
    Column("Arm", ("arm",), numeric=False, width="1"),
    Column("Adapter", ("adapter_parameters",)),
    Column("Head", ("head_parameters",)),
    Column("Backbone", ("backbone_parameters",)),
    Column("Trained (%)", ("trainable_share",)),
    Column("Time of a run", ("run_seconds", "run_seconds_lowest", "run_seconds_highest")),
    Column("Pack", ("pack_size",)),
    Column("Examples/s", ("examples_per_second",)),
    Column("Peak memory", ("peak_memory_bytes",)),
    Column("Record", ("bytes_on_disk",)),
)


def _arm_row(arm: ArmResult) -> tuple[Cell, ...]:
    head = (words(arm.name), words(method_name(arm)))
    if arm.outcome is None:
        return (*head, *(missing(len(column.keys)) for column in _ARM_COLUMNS[2:]))
    scores, rate = arm.outcome.scores, arm.outcome.learning_rate
    return (
        *head,
        missing(1, "none") if rate is None else Cell(notation.rate(rate), (rate,)),
        count_cell(len(arm.outcome.seeds)),
        estimate_cell(scores.accuracy, with_interval=True),
        estimate_cell(scores.f1, with_interval=True),
        Cell(notation.decimal(scores.mcc.mean, 3), raw_estimate(scores.mcc)),
        estimate_cell(scores.ece),
        Cell(notation.decimal(scores.brier.mean, 3), raw_estimate(scores.brier)),
    )


def _cost_row(arm: ArmResult) -> tuple[Cell, ...]:
    if arm.outcome is None:
        return (words(arm.name), *(missing(len(column.keys)) for column in _COST_COLUMNS[1:]))
    parameters, costs = arm.outcome.parameters, arm.outcome.costs
    pack, speed = costs.pack_size.mean, costs.examples_per_second.mean
    return (
        words(arm.name),
        count_cell(parameters.adapter),
        count_cell(parameters.head),
        count_cell(parameters.backbone),
        Cell(notation.bare_small_share(parameters.trainable_share), (parameters.trainable_share,)),
        Cell(notation.duration(costs.share_seconds.mean), raw_range(costs.share_seconds)),
        Cell(notation.decimal(pack, 0 if pack.is_integer() else 1), (pack,)),
        Cell(notation.decimal(speed, 0 if speed >= 10 else 1), (speed,)),
        Cell(notation.size(costs.peak_memory_bytes.mean), (costs.peak_memory_bytes.mean,)),
        Cell(notation.size(costs.bytes_on_disk.mean), (costs.bytes_on_disk.mean,)),
    )
