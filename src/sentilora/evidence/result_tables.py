"""The report's own tables, each a pure function of the analysis."""

from __future__ import annotations

from collections.abc import Sequence

from sentilora.evidence import notation
from sentilora.evidence.analysis import Analysis, ArmResult, Pair
from sentilora.evidence.cells import count_cell, difference_cell, estimate_cell, raw_estimate, score_keys
from sentilora.evidence.plain_text import excerpt
from sentilora.evidence.tables import Cell, Column, Table, missing, words
from sentilora.evidence.wording import class_names, data_name, method_name, verdict_on


def result_tables(analysis: Analysis) -> list[Table]:
    """Those of these tables that have rows."""
    tables = [
        data_table(analysis),
        arms_table(analysis),
        costs_table(analysis),
        pairs_table(analysis),
        claims_table(analysis),
    ]
    return [table for table in tables if table.rows]


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
    rows = []
    for arm in analysis.arms:
        head = (words(arm.name), words(method_name(arm)), rate_cell(arm))
        if arm.scores is None:
            reason = excerpt(arm.reason or "no result", 80)
            rows.append(
                (*head, Cell("none", (0,)), *(missing(4) for _ in range(3)), *(missing(3) for _ in range(2)))
            )
            assert reason
            continue
        scores = arm.scores
        rows.append(
            (
                *head,
                Cell(str(len(arm.seeds)), (len(arm.seeds),)),
                estimate_cell(scores.accuracy, with_interval=True),
                estimate_cell(scores.f1, with_interval=True),
                Cell(notation.decimal(scores.mcc.mean, 3), raw_estimate(scores.mcc)),
                Cell(notation.bare_percent(scores.ece.mean), raw_estimate(scores.ece)[:3]),
                Cell(notation.decimal(scores.brier.mean, 3), raw_estimate(scores.brier)[:3]),
            )
        )
    return Table(
        "arms",
        f"Test scores: mean over seeds with 95{notation.NBSP}% intervals "
        f"(n = {notation.count(analysis.totals.num_test)}; resampled: {analysis.settings.resampled}).",
        (
            Column("Arm", ("arm",), numeric=False),
            Column("Method", ("method",), numeric=False, width="1"),
            Column("Learning rate", ("learning_rate",)),
            Column("Seeds", ("seeds",)),
            Column("Accuracy (%)", score_keys("accuracy")),
            Column("F1 (%)", score_keys("f1")),
            Column("MCC", score_keys("mcc")),
            Column("ECE (%)", score_keys("ece")[:3]),
            Column("Brier", score_keys("brier")[:3]),
        ),
        tuple(rows),
    )


def costs_table(analysis: Analysis) -> Table:
    """What each arm trains and what one run of it costs."""
    rows = []
    for arm in analysis.arms:
        if arm.parameters is None or arm.costs is None:
            rows.append(
                (words(arm.name), *(missing(1) for _ in range(4)), missing(3), missing(1), missing(1))
                + (missing(1), missing(1))
            )
            continue
        parameters, costs = arm.parameters, arm.costs
        rows.append(
            (
                words(arm.name),
                count_cell(parameters.adapter),
                count_cell(parameters.head),
                count_cell(parameters.backbone),
                Cell(share_of_model(parameters.trainable_share), (parameters.trainable_share,)),
                Cell(
                    notation.duration(costs.share_seconds.mean),
                    (costs.share_seconds.mean, costs.share_seconds.low, costs.share_seconds.high),
                ),
                Cell(whole(costs.pack_size.mean), (costs.pack_size.mean,)),
                Cell(
                    notation.count(round(costs.examples_per_second.mean)), (costs.examples_per_second.mean,)
                ),
                Cell(notation.size(costs.peak_memory_bytes.mean), (costs.peak_memory_bytes.mean,)),
                Cell(notation.size(costs.bytes_on_disk.mean), (costs.bytes_on_disk.mean,)),
            )
        )
    return Table(
        "costs",
        "What an arm trains and what one of its scored runs costs. Time of a run: its share of the pack it "
        "trained in, evaluations left out; examples per second, peak memory: the whole pack's.",
        (
            Column("Arm", ("arm",), numeric=False, width="1"),
            Column("Adapter", ("adapter_parameters",)),
            Column("Head", ("head_parameters",)),
            Column("Backbone", ("backbone_parameters",)),
            Column("Trained (%)", ("trainable_share",)),
            Column("Time of a run", ("run_seconds", "run_seconds_low", "run_seconds_high")),
            Column("Pack", ("pack_size",)),
            Column("Examples/s", ("examples_per_second",)),
            Column("Peak memory", ("peak_memory_bytes",)),
            Column("Record", ("bytes_on_disk",)),
        ),
        tuple(rows),
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
        f"Pairs of arms on test. p: exact test on the examples, then adjusted by Holm over "
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


def rate_cell(arm: ArmResult) -> Cell:
    if arm.learning_rate is not None:
        return Cell(notation.rate(arm.learning_rate), (arm.learning_rate,))
    return missing(1, "none" if not arm.rates else "no result")


def share_of_model(share: float) -> str:
    """A share of the model in percent: two decimals, more where two would show nothing."""
    if share > 0 and share < 5e-5:
        return notation.bare_percent(share, 4)
    return notation.bare_percent(share, 3 if share < 1e-3 else 2 if share < 0.995 else 1)


def whole(value: float) -> str:
    return notation.count(int(value)) if value == int(value) else notation.decimal(value, 1)
