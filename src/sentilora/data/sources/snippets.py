"""Movie snippets, Amazon reviews, tweets and NYT editorials with the mean of 20 human ratings each.

The four ground-truth files that Hutto and Gilbert published with VADER (ICWSM 2014), as the MIT-licensed
source distribution ``vaderSentiment`` carries them: reachable wherever packages are, no hub needed.
Each line is an id, a mean rating from -4 to 4 and a text, UTF-8 with CRLF ends; texts are kept as they
are, HTML entities included, but for surrounding white space.

The label is the sign of the mean rating. A text rated nearer than 0.5 to neutral has no clear sign and is
left out; the size of the rating, over 4, is the strength. The split hashes what a text *says*, not its id or
its source: every near-duplicate group falls on one side (see ``near_duplicates``), and a sentence that
two of the sources share falls on the same side in both, unless similar texts drew it
into another group. The outcome is pinned by its SHA-256, so no change of ours or of a library can move
the split unnoticed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from sentilora.data.dataset import Dataset, Example, Examples, SplitName
from sentilora.data.splits import assign_splits
from sentilora.errors import AssetError
from sentilora.fetch.assets import fetch_asset
from sentilora.files import sha256_of

SnippetSource = Literal["movie-snippets", "amazon", "tweets", "nyt"]

LEAST_RATING = 0.5
"""Texts whose mean rating is nearer to neutral are left out."""

LARGEST_RATING = 4.0

_FILES: Mapping[SnippetSource, str] = {
    "movie-snippets": "movieReviewSnippets_GroundTruth.txt",
    "amazon": "amazonReviewSnippets_GroundTruth.txt",
    "tweets": "tweets_GroundTruth.txt",
    "nyt": "nytEditorialSnippets_GroundTruth.txt",
}

_ORIGINS: Mapping[SnippetSource, str] = {
    "movie-snippets": "sentences of film reviews on Rotten Tomatoes",
    "amazon": "sentences of 309 Amazon reviews of 5 products",
    "tweets": "tweets, and 200 tweet-like texts made up by the authors",
    "nyt": "sentences of 500 New York Times editorials",
}

_ASSIGNMENT_SHA256: Mapping[SnippetSource, str] = {
    "movie-snippets": "86e9c53d62d3bef29792c398de54afc6b9bf689e493063c9a1042a499211ad13",
    "amazon": "92d3cdc3edad3450cfad8e44faff27fd4d674a2f5f9864074633e604d504a925",
    "tweets": "ee56ee3feebcba056f4fa85d88423084209c4465bade3e67786561edb8e4de00",
    "nyt": "7b3a1e92d0869e8b7fee1eb88c8f54accfbdfc6f802029361d91dc2a6f340e17",
}


def load_snippets(name: SnippetSource) -> Dataset:
    """One of the four sources, labelled and split.

    Args:
        name: ``movie-snippets`` to train on; ``amazon``, ``tweets``, ``nyt`` to see what transfers.

    Returns:
        Splits ``train``, ``dev`` and ``test`` of about 80, 10 and 10 %, each in the file's order; strength is
        ``|mean rating| / 4``.

    Raises:
        AssetError: the data cannot be fetched, are not what was pinned, or split otherwise than pinned.
    """
    path = fetch_asset("snippets") / _FILES[name]
    rated = read_ratings(path)
    examples = [
        Example(id, text, label=int(rating > 0), strength=min(abs(rating) / LARGEST_RATING, 1.0))
        for id, rating, text in rated
        if abs(rating) >= LEAST_RATING
    ]
    assigned = assign_splits([example.text for example in examples])
    _check_assignment(name, assigned, examples)
    splits: dict[str, Examples] = {
        split: Examples.of([example for example, its in zip(examples, assigned, strict=True) if its == split])
        for split in ("train", "dev", "test")
    }
    return Dataset(name, ("negative", "positive"), splits, notes=_notes(name, len(rated), len(examples)))


def read_ratings(path: Path) -> list[tuple[str, float, str]]:
    """Id, mean rating and text of each line of a ground-truth file.

    Raises:
        AssetError: a line that is not ``id<TAB>rating<TAB>text`` with a rating in [-4, 4] and a text.
    """
    # Not splitlines(), which would also cut at characters that a text may hold (U+0085, U+2028).
    lines = path.read_bytes().decode("utf-8", errors="replace").removesuffix("\r\n").split("\r\n")
    rated = []
    for number, line in enumerate(lines, start=1):
        row = _parse_line(line)
        if row is None:
            raise AssetError(
                f"this line is not a rated text: {line[:60]!r}",
                where=f"{path}, line {number}",
                rule="id, mean rating from -4 to 4 and text, separated by tabs, in UTF-8",
                remedy=f"remove the folder {path.parent}; it is fetched anew",
            )
        rated.append(row)
    return rated


def _parse_line(line: str) -> tuple[str, float, str] | None:
    try:
        id, rating_text, text = line.split("\t")
        rating = float(rating_text)
    except ValueError:
        return None
    text = text.strip()
    broken = "\N{REPLACEMENT CHARACTER}" in line
    return (id, rating, text) if id and text and abs(rating) <= LARGEST_RATING and not broken else None


def _check_assignment(name: SnippetSource, assigned: list[SplitName], examples: list[Example]) -> None:
    lines = (f"{split}\t{example.id}\n" for split, example in zip(assigned, examples, strict=True))
    found = sha256_of(*lines)
    if found != _ASSIGNMENT_SHA256[name]:
        raise AssetError(
            f"the split of {name} is not the one that was pinned",
            where=_FILES[name],
            rule=f"SHA-256 of its assignment {_ASSIGNMENT_SHA256[name]}; found {found}",
            remedy="install a released sentilora; results on another split do not compare",
        )


def _notes(name: SnippetSource, num_rated: int, num_kept: int) -> tuple[str, ...]:
    notes = [
        f"origin: {_ORIGINS[name]}, each with the mean of at least 20 human ratings from -4 to 4 "
        "(Hutto and Gilbert, VADER, ICWSM 2014)",
        "licence: MIT, as part of the source distribution vaderSentiment 3.3.2",
        f"labels: the sign of the mean rating; {num_rated - num_kept} of {num_rated} texts, those rated "
        f"nearer than {LEAST_RATING} to neutral, are left out",
        f"strength: |mean rating| / {LARGEST_RATING:g}",
        "split: 80/10/10 by SHA-256 of the text's near-duplicate group, so that no near-duplicate crosses",
    ]
    if name == "movie-snippets":
        notes.append(
            "overlap: at least 692 of SST-2's 872 dev and 1428 of its 1821 test sentences are in this file; "
            "never mix it with SST-2's training data"
        )
    if name in ("amazon", "nyt"):
        notes.append("sentences of one document (the id before the underscore) are in several splits")
    return tuple(notes)
