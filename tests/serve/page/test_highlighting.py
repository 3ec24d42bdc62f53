"""Attributions as colours: the text stays whole, and direction and depth are told."""

from __future__ import annotations

from sentilora.serve.page.highlighting import colour_map, highlighted
from sentilora.use.explain import Explanation, Word


def test_highlighting_keeps_the_text_and_tells_direction_and_depth() -> None:
    text = "  so <b>bad , good  unread "
    values = {"so": 0.05, "<b>bad": -0.5, ",": 0.0, "good": 1.0, "unread": None}
    words = tuple(Word(text.index(w), text.index(w) + len(w), value) for w, value in values.items())
    pieces = highlighted(Explanation(text, words, 1, 1.0, 0.0, 0.0), ("negative", "positive"))
    assert "".join(piece for piece, _ in pieces) == text.rstrip()
    assert {piece: kind for piece, kind in pieces if kind} == {
        "<b>bad": "toward negative, clearly",
        "good": "toward positive, strongly",
    }
    assert {kind for _, kind in pieces if kind} < set(colour_map(("negative", "positive")))
