"""Training: the recipe, the learning rates tried, and the one look at test."""

from __future__ import annotations

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.sections.section import Section, paragraph
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.tables import Cell, Column, Table, missing, words


def section(analysis: Analysis) -> Section:
    """The recipe in a paragraph; every learning rate tried is in a file."""
    return Section(
        heading="Training",
        body=paragraph(*_recipe(analysis), *search_sentences(analysis), _choices(analysis)),
        files=(search_table(analysis),),
    )


def search_sentences(analysis: Analysis) -> list[str]:
    """How learning rates were searched; nothing where no arm has one."""
    rates = {tuple(trial.learning_rate for trial in arm.rates) for arm in analysis.arms if arm.rates}
    if not rates:
        return []
    most = max(map(len, rates))
    if most == 1:
        return ["No learning rate was searched."]
    if len(rates) == 1:
        shown = notation.listed([notation.rate(rate) for rate in next(iter(rates))])
        return [f"Every trained arm tries the same learning rates ({shown})."]
    return [f"Every trained arm tries {notation.counted(most, 'learning rate')} of its own."]


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


def _recipe(analysis: Analysis) -> list[str]:
    """Optimizer, epochs and schedule; nothing where every arm is solved exactly."""
    if not any(arm.rates for arm in analysis.arms):
        return []
    recipe = analysis.study["training"]
    return [
        "Training uses AdamW (Loshchilov and Hutter 2019) for "
        f"{notation.counted(recipe['epochs'], 'epoch')} in batches of "
        f"{notation.count(recipe['batch_size'])}, weight decay {recipe['weight_decay']:g}, gradients "
        f"clipped at {recipe['gradient_clip']:g}, the learning rate rising over "
        f"{notation.percent(recipe['warmup_fraction'], 0)} of the steps and falling linearly to zero."
    ]


def _choices(analysis: Analysis) -> str:
    seeds = notation.counted(len(analysis.study["study"]["seeds"]), "seed")
    each = " for each rate" if any(len(arm.rates) > 1 for arm in analysis.arms) else ""
    return (
        f"Every arm is run with {seeds}{each}; the state kept and every setting are chosen on dev, and test "
        "is scored once, after all choices."
    )
