"""The Stanford Sentiment Treebank: labels for GLUE's hidden test split, and how strong a sentiment is.

GLUE's SST-2 and the treebank (Socher et al. 2013) hold the same sentences in two spellings: GLUE's is lower
case, with the names and escapes of a parser (``-lrb-``) or without; the trees have capitals, British
spelling and other word breaks. Both are brought to one normal form and joined on it. The join is not
trusted: a test sentence without a tree, or a dev label that a tree contradicts, is refused by name.

A tree labels each phrase from 0 (very negative) to 4 (very positive). A text's *score* is the mean label
of the trees or phrases that have its normal form (there are a few with two); below 2 it is negative, above
2 positive, and its strength is ``|score - 2| / 2``: 1.0 for 0 or 4, 0.5 for 1 or 3, 0.0 for 2.
"""

from __future__ import annotations

import contextlib
import functools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sentilora.data.dataset import SplitName
from sentilora.data.tables.faults import Faults, Rule
from sentilora.errors import DataError

NEUTRAL = 2
"""The five-way label between negative and positive."""

_FILES: Mapping[SplitName, str] = {"train": "train.txt", "dev": "dev.txt", "test": "test.txt"}
_NODE = re.compile(r"\(([0-4]) |([^() ]+)|\) ?")
_BRACKETS = {"-lrb-": "(", "-rrb-": ")", "-lsb-": "[", "-rsb-": "]", "-lcb-": "{", "-rcb-": "}"}
_AMERICAN = {"our": "or", "re": "er", "grey": "gray", "is": "iz", "elled": "eled"}
_BRITISH = re.compile(
    r"(?:(?<=behavi)|(?<=col)|(?<=endeav)|(?<=fav)|(?<=flav)|(?<=hum)|(?<=lab)|(?<=sav)|(?<=splend))our"
    r"|(?:(?<=theat)|(?<=cent))re(?=s?\b)|grey|(?<=recogn)is|(?<=lab)elled"
)
_CONTRACTED = re.compile(r"^(gon|wan)na(?= |$)")
_FINAL_STOP = re.compile(r"^(.*[^.])\.$")
_MOJIBAKE = re.compile("[ÂÃ][\x80-\xbf]")


@dataclass(frozen=True)
class Tree:
    """A sentence with a label on each of its phrases."""

    words: tuple[str, ...]
    """The leaves, as the file spells them."""
    spans: tuple[tuple[int, int, int], ...]
    """``(start, end, label)`` of each phrase, words ``start`` to ``end``; the whole sentence is last."""

    @property
    def sentence(self) -> str:
        """The words, separated by blanks."""
        return " ".join(self.words)

    @property
    def label(self) -> int:
        """The label of the whole sentence, 0 to 4."""
        return self.spans[-1][2]

    def phrases(self) -> Iterator[tuple[str, int]]:
        """Each phrase with its label; the whole sentence is last."""
        for start, end, label in self.spans:
            yield " ".join(self.words[start:end]), label


@dataclass(frozen=True)
class Treebank:
    """Scores by normal form."""

    where: str
    """Where the trees come from, for errors."""
    sentence_scores: Mapping[SplitName, Mapping[str, float]]
    """For each split, the score of each whole sentence, 0 to 4."""
    phrase_scores: Mapping[str, float]
    """The score of each phrase of the training split, 0 to 4."""

    @classmethod
    def of(
        cls,
        sentences: Mapping[SplitName, Iterable[tuple[str, int]]],
        phrases: Iterable[tuple[str, int]],
        *,
        where: str,
    ) -> Treebank:
        """The scores of each split's labelled sentences and of the training split's labelled phrases."""
        return cls(
            where=where,
            sentence_scores={
                split: _mean_by_key((normal_form(sentence), label) for sentence, label in labelled)
                for split, labelled in sentences.items()
            },
            phrase_scores=_mean_by_key((normal_form(phrase), label) for phrase, label in phrases),
        )

    def scores_of(self, split: SplitName, sentences: Sequence[str]) -> NDArray[np.float64]:
        """The score of each of N sentences of a split, all found and none neutral.

        Returns:
            (N,) scores, 0 to 4 and not 2.

        Raises:
            DataError: sentences without a tree in this split, or with a neutral one; it names them.
        """
        known = self.sentence_scores[split]
        scores = np.array([known.get(normal_form(sentence), np.nan) for sentence in sentences])
        faults = Faults(f"{split} split, joined with {self.where}", unit="row")
        for i in np.flatnonzero(np.isnan(scores)).tolist():
            faults.add(_no_tree(split), i + 1, sentences[i])
        faults.refuse()
        for i in np.flatnonzero(scores == NEUTRAL).tolist():
            faults.add(_neutral_tree(split), i + 1, sentences[i])
        faults.refuse()
        return scores

    def phrase_strengths(self, phrases: Sequence[str]) -> NDArray[np.float64]:
        """(N,) strength of each of N training phrases; NaN where no tree has the phrase."""
        return strength_of(
            np.array([self.phrase_scores.get(normal_form(phrase), np.nan) for phrase in phrases])
        )


def strength_of(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far scores of 0 to 4 are from neutral, as 0 to 1; NaN stays NaN."""
    return np.abs(scores - NEUTRAL) / 2


def read_treebank(folder: Path) -> Treebank:
    """The treebank in a folder of ``train.txt``, ``dev.txt`` and ``test.txt``, one bracketed tree a line.

    Raises:
        DataError: a file is missing or not UTF-8, or a line is not a tree.
    """
    trees: dict[SplitName, list[Tree]] = {}
    for split, name in _FILES.items():
        try:
            lines = (folder / name).read_text("utf-8-sig").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(
                f"the treebank cannot be read: {error}",
                where=str(folder / name),
                rule="UTF-8 files train.txt, dev.txt and test.txt, one bracketed tree a line",
                remedy="unpack the treebank's train, dev and test splits in tree format there",
            ) from error
        trees[split] = parse_trees(lines, where=str(folder / name))
    sentences = {split: [(tree.sentence, tree.label) for tree in trees[split]] for split in trees}
    phrases = (phrase for tree in trees["train"] for phrase in tree.phrases())
    return Treebank.of(sentences, phrases, where=str(folder))


def parse_trees(lines: Iterable[str], *, where: str) -> list[Tree]:
    """The trees of these lines; blank lines are skipped.

    Args:
        lines: one tree each, for example ``(3 (2 a) (4 (3 fine) (2 film)))``.
        where: where they come from, for errors.

    Raises:
        DataError: lines that are not one whole tree, or no line at all.
    """
    trees: list[Tree] = []
    faults = Faults(where)
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        tree = _parse_tree(line.strip(" \r\n"))
        if tree is None:
            faults.add(_NO_TREE_FORM, number, line.strip())
        else:
            trees.append(tree)
    faults.refuse()
    if not trees:
        raise DataError("no trees", where=where, rule="one bracketed tree a line")
    return trees


_NO_TREE_FORM = Rule(
    "lines that are not trees",
    rule="a tree is (label word) or (label tree tree …), labels 0 to 4",
    remedy="use the treebank's train, dev and test splits in tree format",
)


def _no_tree(split: SplitName) -> Rule:
    return Rule(
        f"sentences that the treebank's {split} split does not have",
        rule=f"every {split} sentence has its tree",
        remedy="use GLUE's and the treebank's files as published",
    )


def _neutral_tree(split: SplitName) -> Rule:
    return Rule(
        f"sentences that the treebank's {split} split calls neither negative nor positive",
        rule="root label 0 or 1 is negative, 3 or 4 positive",
        remedy="use GLUE's and the treebank's files as published",
    )


def _parse_tree(line: str) -> Tree | None:
    words: list[str] = []
    spans: list[tuple[int, int, int]] = []
    open_nodes: list[tuple[int, int]] = []
    position = 0
    for match in _NODE.finditer(line):
        if match.start() != position:
            return None
        position = match.end()
        label, word = match.groups()
        if label:
            if spans and not open_nodes:
                return None
            open_nodes.append((len(words), int(label)))
        elif not open_nodes:
            return None
        elif word:
            words.append(word)
        else:
            start, node_label = open_nodes.pop()
            if start == len(words):
                return None
            spans.append((start, len(words), node_label))
    if position != len(line) or open_nodes or not spans:
        return None
    return Tree(tuple(words), tuple(spans))


def normal_form(text: str) -> str:
    """What GLUE's and the treebank's spelling of one text have in common.

    Evened out are case, accents, white space, escapes, names of brackets, British spelling, a full stop
    joined to its word (``etc.``), ``gonna``, and UTF-8 that was read as Latin-1; all else stays.
    """
    return " ".join([_normal_word(word) for word in text.split()])


@functools.lru_cache(maxsize=1 << 16)
def _normal_word(word: str) -> str:
    if _MOJIBAKE.search(word):
        with contextlib.suppress(UnicodeError):
            word = word.encode("latin-1").decode("utf-8")
    if not word.isascii():
        decomposed = unicodedata.normalize("NFKD", word)
        word = "".join(character for character in decomposed if not unicodedata.combining(character))
    word = word.lower().replace("\\", "")
    word = _BRITISH.sub(lambda match: _AMERICAN[match[0]], _BRACKETS.get(word, word))
    return _CONTRACTED.sub(r"\1 na", _FINAL_STOP.sub(r"\1 .", word))


def _mean_by_key(labelled: Iterable[tuple[str, int]]) -> dict[str, float]:
    """The mean of each key's distinct labels."""
    labels: defaultdict[str, set[int]] = defaultdict(set)
    for key, label in labelled:
        labels[key].add(label)
    return {key: sum(distinct) / len(distinct) for key, distinct in labels.items()}
