"""What a data set is made of, and what is wrong with it: the figures a reader wants before any training.

Duplicates and leakage are counted twice: for equal texts, and for texts equal but for case, accents,
punctuation and white space (``text_key``), which is what a model hardly tells apart. Near-duplicates by
shared words are left to the splitting of data: on SST-2, whose training rows are phrases of the same
sentences, they would join nearly everything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import JsonValue, TypeAdapter

from sentilora.data.dataset import Dataset, Examples
from sentilora.data.near_duplicates import text_key


@dataclass(frozen=True)
class Lengths:
    """How long the texts of a split are."""

    mean: float
    median: float
    p95: int
    max: int


@dataclass(frozen=True)
class Repeats:
    """Texts that are there more than once in a split."""

    num_distinct: int
    """Distinct texts."""
    num_duplicate_rows: int
    """Rows beyond the first of each text."""
    num_conflicting: int
    """Distinct texts that carry more than one label."""


@dataclass(frozen=True)
class SplitAudit:
    """One split."""

    num_examples: int
    """Rows."""
    label_counts: Mapping[str, int]
    """Rows of each label, by its name."""
    majority_share: float
    """The share of the most frequent label, which always guessing it would score."""
    words: Lengths
    """Lengths in words (pieces between white space)."""
    tokens: Lengths | None
    """Lengths in the tokenizer's pieces before any cut, special tokens included; None without one."""
    num_truncated: int | None
    """Texts with more tokens than the maximum; None without a tokenizer."""
    exact: Repeats
    """Repeated texts."""
    ignoring_punctuation: Repeats
    """Repeated texts, compared by ``text_key``."""
    num_with_strength: int
    """Rows whose strength is known."""


@dataclass(frozen=True)
class Leakage:
    """Rows of one split whose text is also in an earlier one."""

    earlier: str
    """The split that comes first, for example ``train``."""
    later: str
    """The split whose rows are counted, for example ``test``."""
    num_exact: int
    """Rows of ``later`` whose text is in ``earlier``."""
    num_ignoring_punctuation: int
    """The same, compared by ``text_key``."""


@dataclass(frozen=True)
class Audit:
    """A data set's figures."""

    source: str
    """The data set's name."""
    fingerprint: str
    """SHA-256 of its texts and labels."""
    label_names: tuple[str, ...]
    """One a class."""
    max_length: int
    """The most tokens a text keeps."""
    splits: Mapping[str, SplitAudit]
    """By name."""
    leakage: tuple[Leakage, ...]
    """For each pair of splits."""
    notes: tuple[str, ...]
    """The source's own."""

    def to_json(self) -> dict[str, JsonValue]:
        """The same as plain data."""
        plain: dict[str, JsonValue] = TypeAdapter(Audit).dump_python(self, mode="json")
        return plain


def audit(
    dataset: Dataset,
    *,
    token_lengths: Callable[[Sequence[str]], ArrayLike] | None = None,
    max_length: int = 128,
) -> Audit:
    """The figures of a data set.

    Args:
        dataset: any, with at least one example in each split.
        token_lengths: gives the (N,) numbers of tokens of N texts, uncut, special tokens included.
        max_length: the most tokens a text keeps, special tokens included.
    """
    keys = {split: [text_key(text) for text in its.texts] for split, its in dataset.splits.items()}
    return Audit(
        source=dataset.name,
        fingerprint=dataset.fingerprint,
        label_names=dataset.label_names,
        max_length=max_length,
        splits={
            split: _audit_split(examples, keys[split], dataset.label_names, token_lengths, max_length)
            for split, examples in dataset.splits.items()
        },
        leakage=tuple(
            Leakage(
                earlier=earlier,
                later=later,
                num_exact=_count_in(dataset.splits[later].texts, dataset.splits[earlier].texts),
                num_ignoring_punctuation=_count_in(keys[later], keys[earlier]),
            )
            for earlier, later in combinations(dataset.splits, 2)
        ),
        notes=dataset.notes,
    )


def audit_rows(audit: Audit) -> list[tuple[str, ...]]:
    """The figures as a table of text: a header, then one row a figure and one column a split."""
    splits = list(audit.splits.values())

    def row(name: str, value: Callable[[SplitAudit], str]) -> tuple[str, ...]:
        return (name, *(value(split) for split in splits))

    rows = [("", *audit.splits), row("examples", lambda split: f"{split.num_examples:,}")]
    rows += [row(f"labelled {name}", _share_of_label(name)) for name in audit.label_names]
    rows.append(row("majority", lambda split: f"{split.majority_share:.1%}"))
    rows.append(row("words: mean, median, 95 %, max", lambda split: _lengths(split.words)))
    if all(split.tokens for split in splits):
        rows.append(row("tokens: mean, median, 95 %, max", lambda split: _lengths(split.tokens)))
        rows.append(row(f"cut at {audit.max_length} tokens", lambda split: f"{split.num_truncated:,}"))
    rows += [
        row("distinct texts", _both(lambda repeats: repeats.num_distinct)),
        row("duplicate rows", _both(lambda repeats: repeats.num_duplicate_rows)),
        row("texts with conflicting labels", _both(lambda repeats: repeats.num_conflicting)),
        row("strength known", lambda split: f"{split.num_with_strength:,}"),
    ]
    for earlier in list(audit.splits)[:-1]:
        leaks = {leak.later: leak for leak in audit.leakage if leak.earlier == earlier}
        cells = (_leaks(leaks.get(split)) for split in audit.splits)
        rows.append((f"rows also in {earlier}", *cells))
    return rows


AUDIT_LEGEND = "In brackets: compared without case, accents, punctuation and white space."
"""What the bracketed figures of ``audit_rows`` mean."""


def _audit_split(
    examples: Examples,
    keys: Sequence[str],
    label_names: Sequence[str],
    token_lengths: Callable[[Sequence[str]], ArrayLike] | None,
    max_length: int,
) -> SplitAudit:
    num_words = np.array([len(text.split()) for text in examples.texts], dtype=np.int64)
    num_tokens = None if token_lengths is None else np.asarray(token_lengths(examples.texts), dtype=np.int64)
    counts = np.bincount(examples.labels, minlength=len(label_names))
    return SplitAudit(
        num_examples=len(examples),
        label_counts=dict(zip(label_names, counts.tolist(), strict=True)),
        majority_share=float(counts.max() / len(examples)),
        words=_measure(num_words),
        tokens=None if num_tokens is None else _measure(num_tokens),
        num_truncated=None if num_tokens is None else int((num_tokens > max_length).sum()),
        exact=_repeats(examples.texts, examples.labels),
        ignoring_punctuation=_repeats(keys, examples.labels),
        num_with_strength=int((~np.isnan(examples.strengths)).sum()),
    )


def _measure(lengths: NDArray[np.int64]) -> Lengths:
    return Lengths(
        mean=float(lengths.mean()),
        median=float(np.median(lengths)),
        p95=int(np.percentile(lengths, 95, method="inverted_cdf")),
        max=int(lengths.max()),
    )


def _repeats(texts: Sequence[str], labels: NDArray[np.int64]) -> Repeats:
    labelled = set(zip(texts, labels.tolist(), strict=True))
    labels_of_text = Counter(text for text, _ in labelled)
    return Repeats(
        num_distinct=len(labels_of_text),
        num_duplicate_rows=len(texts) - len(labels_of_text),
        num_conflicting=sum(num_labels > 1 for num_labels in labels_of_text.values()),
    )


def _count_in(texts: Iterable[str], others: Iterable[str]) -> int:
    known = set(others)
    return sum(text in known for text in texts)


def _share_of_label(name: str) -> Callable[[SplitAudit], str]:
    return lambda split: f"{split.label_counts[name]:,} ({split.label_counts[name] / split.num_examples:.1%})"


def _lengths(lengths: Lengths | None) -> str:
    assert lengths is not None
    return f"{lengths.mean:.1f}, {lengths.median:g}, {lengths.p95}, {lengths.max}"


def _both(figure: Callable[[Repeats], int]) -> Callable[[SplitAudit], str]:
    return lambda split: f"{figure(split.exact):,} ({figure(split.ignoring_punctuation):,})"


def _leaks(leak: Leakage | None) -> str:
    return "–" if leak is None else f"{leak.num_exact:,} ({leak.num_ignoring_punctuation:,})"
