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
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from sentilora.data.dataset import SPLITS, Dataset, Examples, SplitName
from sentilora.data.sources.source import NamedSource
from sentilora.data.splits import assign_splits
from sentilora.errors import AssetError
from sentilora.fetch.assets import fetch_asset
from sentilora.files import sha256_of
from sentilora.records.about import About

LEAST_RATING = 0.5
"""Texts whose mean rating is nearer to neutral are left out."""

LARGEST_RATING = 4.0

_CITATIONS = {
    "Hutto and Gilbert 2014": "Hutto, C. J. and Gilbert, E. (2014). VADER: a parsimonious rule-based model "
    "for sentiment analysis of social media text. ICWSM, 216–225."
}
_LABELLED = "labelled by the sign of the mean of 20 human ratings (Hutto and Gilbert 2014)"
_ONE_DOCUMENT = "sentences of one document (the id before the underscore) are in several splits"


@dataclass(frozen=True)
class _Snippets:
    """What tells one of the four files from the others."""

    file: str
    title: str
    texts: str
    """What its texts are, for the description."""
    assignment_sha256: str
    """Of the split: the lines ``split<TAB>id`` in the file's order."""
    notes: tuple[str, ...] = ()


_SNIPPETS: Mapping[str, _Snippets] = {
    "movie-snippets": _Snippets(
        "movieReviewSnippets_GroundTruth.txt",
        title="the movie snippets",
        texts="sentences of film reviews on Rotten Tomatoes, each",
        assignment_sha256="86e9c53d62d3bef29792c398de54afc6b9bf689e493063c9a1042a499211ad13",
        notes=(
            "overlap: at least 692 of SST-2's 872 dev and 1428 of its 1821 test sentences are in this file; "
            "never mix it with SST-2's training data",
        ),
    ),
    "amazon": _Snippets(
        "amazonReviewSnippets_GroundTruth.txt",
        title="Amazon reviews",
        texts="sentences of 309 Amazon reviews of 5 products,",
        assignment_sha256="92d3cdc3edad3450cfad8e44faff27fd4d674a2f5f9864074633e604d504a925",
        notes=(_ONE_DOCUMENT,),
    ),
    "tweets": _Snippets(
        "tweets_GroundTruth.txt",
        title="tweets",
        texts="tweets, and 200 tweet-like texts made up by the authors,",
        assignment_sha256="ee56ee3feebcba056f4fa85d88423084209c4465bade3e67786561edb8e4de00",
    ),
    "nyt": _Snippets(
        "nytEditorialSnippets_GroundTruth.txt",
        title="newspaper editorials",
        texts="sentences of 500 New York Times editorials,",
        assignment_sha256="7b3a1e92d0869e8b7fee1eb88c8f54accfbdfc6f802029361d91dc2a6f340e17",
        notes=(_ONE_DOCUMENT,),
    ),
}


def load_snippets(name: str) -> Dataset:
    """One of the four sources, labelled and split.

    Args:
        name: ``movie-snippets`` to train on; ``amazon``, ``tweets``, ``nyt`` to see what transfers.

    Returns:
        Splits ``train``, ``dev`` and ``test`` of about 80, 10 and 10 %, each in the file's order; strength is
        ``|mean rating| / 4``.

    Raises:
        AssetError: the data cannot be fetched, are not what was pinned, or split otherwise than pinned.
    """
    snippets = _SNIPPETS[name]
    rated = read_ratings(fetch_asset("snippets") / snippets.file)
    kept = [row for row in rated if abs(row[1]) >= LEAST_RATING]
    ids, ratings, texts = zip(*kept, strict=True)
    examples = Examples(
        ids=ids,
        texts=texts,
        labels=(np.array(ratings) > 0).astype(np.int64),
        strengths=np.minimum(np.abs(ratings) / LARGEST_RATING, 1.0),
    )
    assigned = assign_splits(texts)
    _check_assignment(snippets, assigned, examples)
    splits = {split: examples.take(np.flatnonzero(np.array(assigned) == split)) for split in SPLITS}
    about = About(
        title=snippets.title,
        description=f"{snippets.texts} {_LABELLED}",
        citations=_CITATIONS,
        licence="MIT",
        place="vaderSentiment 3.3.2 on the package index",
    )
    notes = (
        f"labels: the sign of the mean rating; {len(rated) - len(kept)} of {len(rated)} texts, those rated "
        f"nearer than {LEAST_RATING} to neutral, are left out",
        f"strength: |mean rating| / {LARGEST_RATING:g}",
        "split: 80/10/10 by SHA-256 of the text's near-duplicate group, so that no near-duplicate crosses",
        *snippets.notes,
    )
    return Dataset(name, ("negative", "positive"), splits, about, notes)


MOVIE_SNIPPETS = NamedSource(
    "movie-snippets", partial(load_snippets, "movie-snippets"), shares_texts_with=("sst2",)
)
AMAZON = NamedSource("amazon", partial(load_snippets, "amazon"))
TWEETS = NamedSource("tweets", partial(load_snippets, "tweets"))
NYT = NamedSource("nyt", partial(load_snippets, "nyt"))


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


def _check_assignment(snippets: _Snippets, assigned: list[SplitName], examples: Examples) -> None:
    lines = (f"{split}\t{id}\n" for split, id in zip(assigned, examples.ids, strict=True))
    found = sha256_of(*lines)
    if found != snippets.assignment_sha256:
        raise AssetError(
            "the split of the snippets is not the one that was pinned",
            where=snippets.file,
            rule=f"SHA-256 of its assignment {snippets.assignment_sha256}; found {found}",
            remedy="install a released sentilora; results on another split do not compare",
        )
