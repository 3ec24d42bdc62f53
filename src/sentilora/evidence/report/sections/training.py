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
    """The learning rates that were tried; nothing where no arm has one."""
    tried: dict[tuple[float, ...], list[str]] = {}
    for arm in analysis.arms:
        if arm.rates:
            tried.setdefault(tuple(trial.learning_rate for trial in arm.rates), []).append(arm.name)
    if not tried:
        return []
    if max(map(len, tried)) == 1:
        return ["No learning rate was searched."]
    shown = [
        f"{notation.listed(names)} {'tries' if len(names) == 1 else 'try'} "
        f"{notation.listed([notation.rate(rate) for rate in rates])}"
        for rates, names in tried.items()
    ]
    return [f"Of the learning rates, {'; '.join(shown)}."]


def _recipe(analysis: Analysis) -> list[str]:
    """Optimizer, epochs and schedule; nothing where every arm is solved exactly."""
    if not any(arm.rates for arm in analysis.arms):
        return []
    recipe = analysis.study["training"]
    precisions = sorted({outcome.precision for outcome in analysis.outcomes.values()})
    return [
        "Training uses AdamW (Loshchilov and Hutter 2019) for "
        f"{notation.counted(recipe['epochs'], 'epoch')} in batches of "
        f"{notation.count(recipe['batch_size'])}, weight decay {recipe['weight_decay']:g}, gradients "
        f"clipped at {recipe['gradient_clip']:g}, the learning rate rising over "
        f"{notation.percent(recipe['warmup_fraction'], 0)} of the steps and falling linearly to zero, in "
        f"{notation.listed(precisions)}.",
        f"Dev is evaluated {notation.counted(recipe['evaluations_per_epoch'], 'time')} an epoch, and of each "
        "run the state with the best dev accuracy is kept, of equal ones that with the lower loss.",
    ]


def _choices(analysis: Analysis) -> str:
    seeds = notation.counted(len(analysis.study["study"]["seeds"]), "seed")
    searched = any(len(arm.rates) > 1 for arm in analysis.arms)
    chosen = ", and the rate with the best mean dev accuracy over seeds is scored" if searched else ""
    return (
        f"Every arm is run with {seeds}{' for each rate' if searched else ''}{chosen}; test is looked at "
        "once, after all choices."
    )
