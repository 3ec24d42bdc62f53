"""Accuracy: what each arm scores on test, and how much its seeds differ."""

from __future__ import annotations

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.numbering import see
from sentilora.evidence.report.sections.pairs import gains, verdict_on
from sentilora.evidence.report.sections.section import Section, Slide, paragraph
from sentilora.evidence.statistics.arm_results import ArmResult
from sentilora.evidence.statistics.variance_components import VarianceComponents
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.names import accuracy_of, method_name, with_method
from sentilora.evidence.writing.numbers import NBSP
from sentilora.evidence.writing.tables import (
    Cell,
    Column,
    Table,
    decimal_cell,
    missing,
    percent_cell,
    score_keys,
    words,
)


def section(analysis: Analysis) -> Section:
    """The baseline's accuracy in words, all arms' scores in a table, every run in a file."""
    table = arms_table(analysis)
    return Section(
        heading="Accuracy",
        body=paragraph(*_baseline(analysis), *_spread_between_seeds(analysis)),
        tables=(
            table.only("Arm", "Seeds", "Accuracy (%)", "F1 (%)", "MCC", "ECE (%)", "Brier"),
            *_variance_table(analysis),
        ),
        files=(table, runs_table(analysis)),
        slides=(
            Slide(
                heading=_headline(analysis),
                points=(*gains(analysis)[-1:], *_spread_between_seeds(analysis)),
                table=table.only("Arm", "Method", "Accuracy (%)", "F1 (%)", "ECE (%)"),
            ),
        ),
    )


def arms_table(analysis: Analysis) -> Table:
    """Test scores of each arm."""
    several = any(len(outcome.seeds) > 1 for outcome in analysis.outcomes.values())
    return Table(
        "arms",
        f"Test scores{': mean over seeds' if several else ' of one seed'} with 95{NBSP}% intervals (n = "
        f"{notation.count(analysis.totals.num_test)}; drawn at random: {analysis.settings.drawn}).",
        _COLUMNS,
        tuple(_arm_row(arm) for arm in analysis.arms),
    )


def _variance_table(analysis: Analysis) -> list[Table]:
    """What seeds and examples add to the uncertainty of accuracy; nothing where no seeds differ."""
    rows = [
        (words(name), *_component_cells(outcome.variance_components))
        for name, outcome in analysis.outcomes.items()
        if outcome.variance_components is not None
    ]
    if not any(outcome.scores.accuracy.sd for outcome in analysis.outcomes.values()):
        return []
    return [
        Table(
            "variance",
            "Where the uncertainty of mean accuracy comes from, in points: the standard deviation between "
            f"the true accuracies of single seeds with its 95{NBSP}% interval, and the standard error that "
            "the seeds, the choice of test examples and both together add to the mean.",
            (
                Column("Arm", ("arm",), numeric=False, width="1"),
                Column("Between seeds", ("seed_sd", "seed_sd_low", "seed_sd_high")),
                Column("Error from seeds", ("seeds",)),
                Column("From examples", ("examples",)),
                Column("From both", ("seeds_by_examples",)),
            ),
            tuple(rows),
        )
    ]


def _component_cells(parts: VarianceComponents) -> tuple[Cell, ...]:
    ends = parts.seed_sd_interval
    low, high = (notation.decimal(100 * end, 2) for end in (ends.low, ends.high))
    return (
        Cell(
            f"{notation.decimal(100 * parts.seed_sd, 2)} [{low},{NBSP}{high}]",
            (parts.seed_sd, ends.low, ends.high),
        ),
        *(
            Cell(notation.decimal(100 * part, 2), (part,))
            for part in (parts.seeds, parts.examples, parts.seeds_by_examples)
        ),
    )


def runs_table(analysis: Analysis) -> Table:
    """Every scored run by itself: nothing hides behind a mean."""
    rows = []
    for name, outcome in analysis.outcomes.items():
        scores = outcome.scores
        per_seed = zip(
            outcome.run_ids,
            outcome.seeds,
            scores.accuracy.per_seed,
            scores.f1.per_seed,
            scores.mcc.per_seed,
            strict=True,
        )
        rows += [
            (
                words(run_id),
                words(name),
                Cell(str(seed), (seed,)),
                Cell(notation.bare_percent(accuracy), (accuracy,)),
                Cell(notation.bare_percent(f1), (f1,)),
                Cell(notation.decimal(mcc, 3), (mcc,)),
            )
            for run_id, seed, accuracy, f1, mcc in per_seed
        ]
    return Table(
        "runs",
        "The scored runs one by one, on test.",
        (
            Column("Run", ("run_id",), numeric=False),
            Column("Arm", ("arm",), numeric=False),
            Column("Seed", ("seed",)),
            Column("Accuracy (%)", ("accuracy",)),
            Column("F1 (%)", ("f1",)),
            Column("MCC", ("mcc",)),
        ),
        tuple(rows),
    )


_COLUMNS = (
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


def _arm_row(arm: ArmResult) -> tuple[Cell, ...]:
    head = (words(arm.name), words(method_name(arm)))
    if arm.outcome is None:
        return (*head, *(missing(len(column.keys)) for column in _COLUMNS[2:]))
    scores, rate = arm.outcome.scores, arm.outcome.learning_rate
    return (
        *head,
        missing(1, "none") if rate is None else Cell(notation.rate(rate), (rate,)),
        Cell("one solution" if arm.is_solved else str(len(arm.outcome.seeds)), (len(arm.outcome.seeds),)),
        percent_cell(scores.accuracy),
        percent_cell(scores.f1),
        decimal_cell(scores.mcc),
        percent_cell(scores.ece),
        decimal_cell(scores.brier),
    )


def _baseline(analysis: Analysis) -> list[str]:
    outcome = analysis.outcomes[analysis.baseline]
    alone = len(analysis.outcomes) == 1
    text = [
        f"{'The only arm with results,' if alone else 'The baseline'} "
        f"{with_method(analysis.arm(analysis.baseline))} reaches {accuracy_of(outcome)} "
        f"{notation.percent_interval(outcome.scores.accuracy.interval)} on test{see('arms')}."
    ]
    return [*text, "No second arm has results, so nothing is compared."] if alone else text


def _spread_between_seeds(analysis: Analysis) -> list[str]:
    spreads = [
        (outcome.scores.accuracy.sd, name)
        for name, outcome in analysis.outcomes.items()
        if outcome.scores.accuracy.sd
    ]
    if not spreads:
        return []
    sd, name = max(spreads)
    most = " at most" if len(spreads) > 1 else ""
    return [
        f"Between seeds, accuracy varies by a standard deviation of{most} "
        f"{notation.decimal(100 * sd, 1)}{NBSP}points ({name}){see('variance')}."
    ]


def _headline(analysis: Analysis) -> str:
    challenger = analysis.challenger
    if challenger is None:
        return (
            f"{analysis.baseline} reaches {accuracy_of(analysis.outcomes[analysis.baseline])} test accuracy"
        )
    pair = analysis.over_baseline(challenger)
    verdict = verdict_on(pair)
    if verdict == "undecided":
        return f"Whether {challenger} beats {pair.over} is undecided"
    if verdict == "equivalent":
        return f"{challenger} and {pair.over} are equivalent"
    verb = "gains" if pair.accuracy.mean > 0 else "loses"
    return f"{challenger} {verb} {notation.unsigned_points(pair.accuracy.mean)} on {pair.over}"
