"""The limits: what these results cannot show, in the order of weight."""

from __future__ import annotations

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.sections.section import Block, Section
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.numbers import sentence
from sentilora.records.costs import PACK_SIZE


def section(analysis: Analysis) -> Section:
    """One item for each limit."""
    return Section(heading="Limits", body=(Block("list", tuple(limits(analysis))),))


def limits(analysis: Analysis) -> list[str]:
    """Seeds, learning rates, one backbone, failed runs, doubtful labels and shared costs."""
    items = [
        *_one_seed(analysis),
        *_rates_at_an_end(analysis),
        "one backbone and one training set: that the same holds for other models or domains is not shown"
        + (", beyond the transfer sets scored here" if analysis.transfer else ""),
        *_failed_runs(analysis),
        *_doubtful_labels(analysis),
        *_shared_packs(analysis),
    ]
    return [sentence(item) for item in items]


def _one_seed(analysis: Analysis) -> list[str]:
    single = [name for name, outcome in analysis.outcomes.items() if len(outcome.seeds) == 1]
    if not single:
        return []
    every = len(single) == len(analysis.outcomes)
    who = "every arm has" if every else f"for {notation.listed(single)} there is"
    return [
        f"{who} one seed only: intervals cover the choice of test examples, not of initialisation and data "
        "order, which can matter as much (Dodge et al. 2020)"
    ]


def _rates_at_an_end(analysis: Analysis) -> list[str]:
    """Arms whose best learning rate is the first or last tried: the optimum may lie beyond."""
    edges = [
        arm.name
        for arm in analysis.arms
        if arm.outcome is not None
        and len(arm.rates) > 1
        and arm.outcome.learning_rate in (arm.rates[0].learning_rate, arm.rates[-1].learning_rate)
    ]
    if not edges:
        return []
    rates = "rate of {} was" if len(edges) == 1 else "rates of {} were"
    return [
        f"the learning {rates.format(notation.listed(edges))} chosen at an end of the range tried: a better "
        "one may lie beyond it"
    ]


def _failed_runs(analysis: Analysis) -> list[str]:
    totals = analysis.totals
    failed = totals.num_failed + totals.num_missing
    if not failed:
        return []
    return [
        f"{notation.count(failed)} of {notation.count(totals.num_planned)} planned runs failed or are "
        "missing; a setting that does not always train is counted against its arm, but its scores come from "
        "the runs that did"
    ]


def _doubtful_labels(analysis: Analysis) -> list[str]:
    found = analysis.disagreements
    if found is None or found.label_noise is None or found.label_noise.num_found == 0:
        return []
    number = found.label_noise.num_found
    return [
        f"{notation.counted(number, 'test label')} ({notation.percent(number / analysis.totals.num_test)}) "
        f"{'looks' if number == 1 else 'look'} doubtful (Northcutt et al. 2021): the models' own view, not a "
        "correction; all scores use the labels as recorded"
    ]


def _shared_packs(analysis: Analysis) -> list[str]:
    if all(outcome.cost(PACK_SIZE).high == 1 for outcome in analysis.outcomes.values()):
        return []
    return [
        "runs train in packs that share one frozen backbone: a run's time is its share of the pack, and its "
        "memory the whole pack's, so neither is what the run would cost alone"
    ]
