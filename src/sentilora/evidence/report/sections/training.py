"""Training: the recipe, the learning rates tried, and the one look at test."""

from __future__ import annotations

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.sections.section import Section, paragraph
from sentilora.evidence.writing import numbers as notation


def section(analysis: Analysis) -> Section:
    """The recipe, the search and the choices, in a paragraph."""
    return Section(
        heading="Training",
        body=paragraph(*_recipe(analysis), *search_sentences(analysis), _choices(analysis)),
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
