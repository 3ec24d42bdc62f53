"""The introduction: why the question matters, and what this study asks."""

from __future__ import annotations

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.sections.section import Section, Slide, paragraph
from sentilora.evidence.writing import numbers as notation
from sentilora.evidence.writing.numbers import sentence
from sentilora.evidence.writing.safe_text import excerpt


def section(analysis: Analysis) -> Section:
    """Why the question matters and what is asked; the author's own words last."""
    asked = questions(analysis)
    description = excerpt(str(analysis.study["study"].get("description", "")), 300)
    return Section(
        body=(
            *paragraph(*_why(analysis)),
            *paragraph(f"We ask {notation.listed(asked)}; and, for each answer, how sure it is."),
            *paragraph(*([f"The study's author describes it so: “{description}”"] if description else [])),
        ),
        slides=(Slide(heading="The question", points=tuple(map(sentence, asked))),),
    )


def questions(analysis: Analysis) -> list[str]:
    """What the study can answer, by its arms, as clauses."""
    trained = {arm.trains for arm in analysis.arms}
    asked = []
    if {"head", "adapters"} <= trained:
        asked.append("how much LoRA gains over a linear head on the same frozen backbone")
    elif "head" in trained:
        asked.append("how far a linear head on a frozen backbone goes")
    if len({arm.rank for arm in analysis.arms if arm.rank is not None}) > 1:
        asked.append("whether a higher rank buys accuracy for its cost")
    if {"adapters", "backbone"} <= trained:
        asked.append("how close it comes to full fine-tuning")
    asked.append("where the errors lie")
    if analysis.claims:
        asked.append("which of the claims written into the study before it ran hold")
    return asked


def _why(analysis: Analysis) -> list[str]:
    lora = any(arm.trains == "adapters" for arm in analysis.arms)
    return [
        "A pretrained language model can be put to a new task at very different prices.",
        "Training only a linear head leaves the model as it is; full fine-tuning changes, and stores, every "
        "weight anew for every task.",
        *(
            [
                "Low-rank adaptation, LoRA (Hu et al. 2021), lies between the two: the model stays frozen, "
                "and two small matrices are trained beside some of its projections."
            ]
            if lora
            else []
        ),
        "Which price is worth paying is an empirical question, and easily answered wrongly: another seed "
        "alone can move accuracy by more than the differences that are reported (Dodge et al. 2020; "
        "Bouthillier et al. 2021), the best learning rate differs between methods, and a best-of-many score "
        "is no estimate of the next run.",
    ]
