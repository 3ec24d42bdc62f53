"""Definitions: what each score and each slice of the test set means."""

from __future__ import annotations

from sentilora.evidence.analysis import Analysis
from sentilora.evidence.report.sections.section import Block, Section
from sentilora.evidence.writing.names import class_names

_SLICES = {
    "length": "Length counts the pieces between white space; it is cut at the terciles of the test set.",
    "strength": "Strength says how far the data's own ratings are from neutral, from 0 to 1; many different "
    "strengths are cut at their terciles.",
    "negation": "A text with negation holds a word such as no, not, never, nothing, without, cannot or "
    "hardly, or one that ends in n't.",
    "contrast": "A text with contrast holds a word such as but, yet, however, although, despite or while, or "
    "in spite of.",
    "comparative": "A text with a comparative holds a word such as more, most, less, better, best, worst or "
    "than, from a fixed list.",
    "unseen words": "An unseen word is one that no training text holds.",
}
"""For each family of slices what puts a text into it; a label needs no words."""


def section(analysis: Analysis) -> Section:
    """One item a score, and one for each family of slices that this test set has."""
    names = class_names(analysis)
    f1 = (
        f"F1 is the harmonic mean of precision and recall of the class {names[-1]}."
        if len(names) == 2
        else "F1 is the harmonic mean of precision and recall, averaged over the classes."
    )
    scores = (
        f1,
        "MCC is the Matthews correlation of labels and predictions, from −1 to 1; guessing has 0.",
        "ECE is how far confidence and accuracy are apart, mean over bins of equally many predictions; few "
        "predictions in a bin make it too large.",
        "The Brier score sums the squared errors of the probabilities over the classes: 0 is perfect, 2 the "
        "worst.",
    )
    families = {part.family for part in analysis.slices}
    slices = (words for family, words in _SLICES.items() if family in families)
    return Section(heading="Definitions", body=(Block("list", (*scores, *slices)),))
