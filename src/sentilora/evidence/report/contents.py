"""The contents of a report: its chapters, and their sections in order. A new section is a line here."""

from __future__ import annotations

from collections.abc import Callable

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.sections import (
    accuracy,
    calibration,
    claims,
    cost,
    data,
    definitions,
    discussion,
    examples,
    introduction,
    learning,
    learning_rates,
    left_out,
    limits,
    machine,
    model,
    pairs,
    reproduction,
    slices,
    statistical_methods,
    training,
    transfer,
)
from sentilora.evidence.report.sections.section import Chapter, Section

INTRODUCTION = (introduction.section,)
METHODS = (data.section, model.section, training.section, statistical_methods.section, machine.section)
RESULTS = (
    left_out.section,
    accuracy.section,
    pairs.section,
    calibration.section,
    cost.section,
    learning.section,
    learning_rates.section,
    slices.section,
    examples.section,
    transfer.section,
    claims.section,
)
DISCUSSION = (discussion.section, limits.section)
APPENDIX = (definitions.section, reproduction.section)


def chapters(analysis: Analysis) -> tuple[Chapter, ...]:
    """Every chapter with the sections that have something to say."""

    def said(*sections: Callable[[Analysis], Section | None]) -> tuple[Section, ...]:
        return tuple(section for say in sections if (section := say(analysis)) is not None)

    return (
        Chapter(title="Introduction", sections=said(*INTRODUCTION)),
        Chapter(title="Methods", sections=said(*METHODS), run_in=True),
        Chapter(title="Results", sections=said(*RESULTS)),
        Chapter(title="Discussion", sections=said(*DISCUSSION)),
        Chapter(title="Appendix", sections=said(*APPENDIX), numbered=False),
    )
