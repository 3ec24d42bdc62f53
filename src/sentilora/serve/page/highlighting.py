"""Attributions as colours: each word with the class that it pulls toward, and how much.

Three depths of two colours rather than a continuous scale: they have names, which a screen reader reads.
"""

from __future__ import annotations

from collections.abc import Sequence

from sentilora.use.explain import Explanation

_DEPTHS = {"strongly": 2 / 3, "clearly": 1 / 3, "slightly": 0.1}
"""How deep a word is coloured, and the share of the largest attribution that it takes."""

_COLOURS = (("#005a9c", "#3f97d0", "#a9d2ee"), ("#c94f00", "#f08a3c", "#fbd0ac"))
"""Blue and orange in three depths, told apart by colour-blind eyes; Gradio halves their opacity."""


def highlighted(explanation: Explanation, labels: Sequence[str]) -> list[tuple[str, str | None]]:
    """The text in pieces, each with the class it pulls toward and how much; None where that is little.

    How much is by the share of the largest attribution: a word at a third of it is coloured lightly.
    """
    largest = max((abs(word.attribution or 0.0) for word in explanation.words), default=0.0) or 1.0
    toward, against = directions(labels)
    pieces: list[tuple[str, str | None]] = []
    at = 0
    for word in explanation.words:
        if at < word.start:
            pieces.append((explanation.text[at : word.start], None))
        share = (word.attribution or 0.0) / largest
        direction = toward if share > 0 else against
        depth = next((d for d, least in _DEPTHS.items() if abs(share) >= least), None)
        pieces.append((explanation.text[word.start : word.end], depth and f"{direction}, {depth}"))
        at = word.end
    return pieces


def directions(labels: Sequence[str]) -> tuple[str, str]:
    """What colours mean: toward the explained class, and away from it."""
    if len(labels) == 2:
        return f"toward {labels[1]}", f"toward {labels[0]}"
    return "toward what was predicted", "away from it"


def colour_map(labels: Sequence[str]) -> dict[str, str]:
    """Every kind of word that ``highlighted`` tells apart, and its colour."""
    return {
        f"{direction}, {depth}": colour
        for direction, colours in zip(directions(labels), _COLOURS, strict=True)
        for depth, colour in zip(_DEPTHS, colours, strict=True)
    }
