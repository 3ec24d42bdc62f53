"""Invented reviews by the hundred, no two of them near-duplicates."""

from __future__ import annotations

import random

GOOD = ("a joy to use", "worth every coin", "better than hoped", "quiet and quick", "a lovely present")
BAD = ("a sad waste", "broken by noon", "louder than a train", "never sent back", "worse than none")
_THINGS = (
    "kettle",
    "lamp",
    "tent",
    "sofa",
    "wok",
    "radio",
    "wallet",
    "razor",
    "scooter",
    "stroller",
    "clock",
)
_WORDS = (
    "morning", "winter", "uncle", "garden", "ladder", "button", "shelf", "harbour", "music", "ticket",
    "window", "puddle", "corner", "teacher", "forest", "bicycle", "pocket", "curtain", "village", "engine",
    "blanket", "mirror", "whistle", "summer", "candle", "valley", "market", "bridge",
)  # fmt: skip


def reviews(num: int, seed: int = 0) -> list[tuple[str, bool]]:
    """Texts, and whether they praise; good and bad in turn."""
    generator = random.Random(seed)
    rows = []
    for i in range(num):
        words = generator.sample(_WORDS, 8)
        verdict = generator.choice(GOOD if i % 2 else BAD)
        thing = generator.choice(_THINGS)
        rows.append(
            (f"{' '.join(words[:4])}, the {thing} was {verdict}; {' '.join(words[4:])}.", bool(i % 2))
        )
    return rows
