"""The tables that go beyond the report's pages: every run, rate, slice, curve and transfer score."""

from __future__ import annotations

from collections.abc import Iterator

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.names import data_name, left_out
from sentilora.evidence.writing.table_cells import difference_cell, estimate_cell, raw_range, score_keys
from sentilora.evidence.writing.tables import Cell, Column, Table, missing, words


def detail_tables(analysis: Analysis) -> list[Table]:
    """All of these tables; those that the study has nothing for are without rows."""
    return [
        runs_table(analysis),
        search_table(analysis),
        slices_table(analysis),
        transfer_table(analysis),
        curves_table(analysis),
        overfitting_table(analysis),
        left_out_table(analysis),
    ]


def left_out_table(analysis: Analysis) -> Table:
    """Everything that could not be used, and why."""
    return Table(
        "left-out",
        "What is left out of the report, and why.",
        (Column("What", ("left_out",), numeric=False, width="1"),),
        tuple((words(line),) for line in left_out(analysis)),
    )


def search_table(analysis: Analysis) -> Table:
    """Every learning rate every arm tried."""
    rows = []
    for arm in analysis.arms:
        for trial in arm.rates:
            accuracy, loss = trial.dev_accuracy, trial.dev_loss
            rows.append(
                (
                    words(arm.name),
                    Cell(notation.rate(trial.learning_rate), (trial.learning_rate,)),
                    Cell(str(trial.num_finished), (trial.num_finished,)),
                    Cell(str(trial.num_failed), (trial.num_failed,)),
                    missing(3)
                    if accuracy is None
                    else Cell(
                        notation.bare_percent(accuracy.mean), (accuracy.mean, accuracy.low, accuracy.high)
                    ),
                    missing(1) if loss is None else Cell(notation.decimal(loss.mean, 3), (loss.mean,)),
                    words("yes" if trial.chosen else "no"),
                )
            )
    return Table(
        "search",
        "Learning rates tried: mean over seeds on dev, where the rate was chosen.",
        (
            Column("Arm", ("arm",), numeric=False, width="1"),
            Column("Learning rate", ("learning_rate",)),
            Column("Finished", ("finished",)),
            Column("Failed", ("failed",)),
            Column("Dev accuracy (%)", ("dev_accuracy", "dev_accuracy_lowest", "dev_accuracy_highest")),
            Column("Dev loss (nats)", ("dev_loss",)),
            Column("Chosen", ("chosen",), numeric=False),
        ),
        tuple(rows),
    )


def runs_table(analysis: Analysis) -> Table:
    """Every scored run by itself: nothing hides behind a mean."""
    rows = []
    for name, outcome in analysis.outcomes.items():
        scores = outcome.scores
        for place, (seed, run_id) in enumerate(zip(outcome.seeds, outcome.run_ids, strict=True)):
            rows.append(
                (
                    words(run_id),
                    words(name),
                    Cell(str(seed), (seed,)),
                    Cell(
                        notation.bare_percent(scores.accuracy.per_seed[place]),
                        (scores.accuracy.per_seed[place],),
                    ),
                    Cell(notation.bare_percent(scores.f1.per_seed[place]), (scores.f1.per_seed[place],)),
                    Cell(notation.decimal(scores.mcc.per_seed[place], 3), (scores.mcc.per_seed[place],)),
                )
            )
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


def slices_table(analysis: Analysis) -> Table:
    """Error rates and gains in every slice."""
    return Table(
        "slices",
        "Test errors by slice, and each arm's gain over the baseline there. Small: fewer than "
        f"{analysis.settings.small_slice} examples. p: exact test in the slice, adjusted by Holm over the "
        "slices of an arm.",
        (
            Column("Slice", ("family", "slice"), numeric=False),
            Column("Examples", ("examples", "small")),
            Column("Arm", ("arm",), numeric=False),
            Column("Error (%)", ("error", "error_low", "error_high")),
            Column("Gain (points)", ("gain", "gain_low", "gain_high")),
            Column("p, Holm", ("adjusted_p_value",)),
        ),
        tuple(_slice_rows(analysis)),
    )


def transfer_table(analysis: Analysis) -> Table:
    """Scores on the data sets the arms were not trained on."""
    rows = []
    for target in analysis.transfer:
        for entry in target.arms:
            rows.append(
                (
                    words(data_name(target.name)),
                    Cell(notation.count(target.num_examples), (target.num_examples,)),
                    words(entry.arm),
                    estimate_cell(entry.scores.accuracy, with_interval=True),
                    Cell(notation.bare_percent(entry.home_accuracy), (entry.home_accuracy,)),
                    Cell(notation.bare_points(entry.drop), (entry.drop,)),
                )
            )
    return Table(
        "transfer",
        "Accuracy away from home. Drop: accuracy on the home test set minus accuracy here.",
        (
            Column("Data", ("data",), numeric=False),
            Column("Examples", ("examples",)),
            Column("Arm", ("arm",), numeric=False),
            Column("Accuracy (%)", score_keys("accuracy")),
            Column("At home (%)", ("home_accuracy",)),
            Column("Drop (points)", ("drop",)),
        ),
        tuple(rows),
    )


def curves_table(analysis: Analysis) -> Table:
    """The training curves, mean over seeds."""
    rows = []
    for curve in analysis.curves:
        for place, (step, epoch) in enumerate(zip(curve.steps, curve.epochs, strict=True)):
            dev, loss = curve.dev_accuracy, (curve.dev_loss.mean[place], curve.train_loss.mean[place])
            rows.append(
                (
                    words(curve.arm),
                    Cell(notation.count(step), (step,)),
                    Cell(notation.decimal(epoch, 2), (epoch,)),
                    Cell(
                        notation.bare_percent(dev.mean[place]),
                        (dev.mean[place], dev.low[place], dev.high[place]),
                    ),
                    Cell(notation.decimal(loss[0], 3), (loss[0],)),
                    Cell(notation.decimal(loss[1], 3), (loss[1],)),
                )
            )
    return Table(
        "curves",
        "Training curves, mean over seeds.",
        (
            Column("Arm", ("arm",), numeric=False),
            Column("Step", ("step",)),
            Column("Epoch", ("epoch",)),
            Column("Dev accuracy (%)", ("dev_accuracy", "dev_accuracy_lowest", "dev_accuracy_highest")),
            Column("Dev loss (nats)", ("dev_loss",)),
            Column("Training loss (nats)", ("train_loss",)),
        ),
        tuple(rows),
    )


def overfitting_table(analysis: Analysis) -> Table:
    """Steps to convergence, and how far training runs ahead of dev."""
    steps = {curve.arm: curve.median_steps_to_95 for curve in analysis.curves}
    return Table(
        "overfitting",
        "Convergence and overfitting: median steps to 95 % of the final dev accuracy; training minus dev "
        "accuracy at the state kept and at the end; dev minus training loss at the end.",
        (
            Column("Arm", ("arm",), numeric=False, width="1"),
            Column("Steps to 95 %", ("steps_to_95",)),
            Column("Gap, kept (points)", ("kept_gap", "kept_gap_lowest", "kept_gap_highest")),
            Column("Gap, end (points)", ("end_gap", "end_gap_lowest", "end_gap_highest")),
            Column("Loss gap (nats)", ("end_loss_gap", "end_loss_gap_lowest", "end_loss_gap_highest")),
        ),
        tuple(
            (
                words(entry.arm),
                Cell(notation.count(round(steps[entry.arm])), (steps[entry.arm],)),
                Cell(notation.bare_points(entry.kept_gap.mean), raw_range(entry.kept_gap)),
                Cell(notation.bare_points(entry.end_gap.mean), raw_range(entry.end_gap)),
                Cell(notation.decimal(entry.end_loss_gap.mean, 3), raw_range(entry.end_loss_gap)),
            )
            for entry in analysis.overfitting
        ),
    )


def _slice_rows(analysis: Analysis) -> Iterator[tuple[Cell, ...]]:
    for part in analysis.slices:
        gains = {entry.arm: entry for entry in part.gains}
        for entry in part.errors:
            rate, gain = entry.error_rate, gains.get(entry.arm)
            no_gain = missing(3, "baseline")
            mark = "small" if part.small else ""
            yield (
                Cell(f"{part.family}: {part.name}", (part.family, part.name)),
                Cell(
                    notation.count(part.num_examples) + (f" ({mark})" if mark else ""),
                    (part.num_examples, "yes" if part.small else "no"),
                ),
                words(entry.arm),
                Cell(
                    f"{notation.bare_percent(rate.mean)} {notation.percent_interval(rate.interval)}",
                    (rate.mean, rate.interval.low, rate.interval.high),
                ),
                no_gain if gain is None else difference_cell(gain.gain),
                missing(1, "no test")
                if gain is None
                else Cell(notation.bare_p_value(gain.adjusted_p_value), (gain.adjusted_p_value,)),
            )
