"""Token ids of a split: cut to a length once, kept flat, cached by what determines them.

All texts' ids lie in one array with offsets (as in Arrow), not padded: a tenth of the memory of a table
padded to the maximum (LOG.md, "Data"), and a batch is padded only to its own length.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sentilora.data.batches.array_cache import cached_arrays
from sentilora.files import sha256_of

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast


@dataclass(frozen=True)
class Tokens:
    """The token ids of N texts, special tokens included."""

    ids: NDArray[np.int32]
    """All texts' ids one after the other, int32."""
    offsets: NDArray[np.int64]
    """(N + 1,) int64; text i's ids are ``ids[offsets[i]:offsets[i + 1]]``."""
    truncated: NDArray[np.bool_]
    """(N,) bool, whether a text was longer than the maximum and was cut."""

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(N,) number of tokens of each text."""
        return np.diff(self.offsets)


def tokenize(texts: Sequence[str], tokenizer: PreTrainedTokenizerFast, max_length: int) -> Tokens:
    """Token ids of each text, cut to ``max_length`` (special tokens included)."""
    encodings = tokenizer(list(texts), truncation=True, max_length=max_length).encodings if texts else []
    rows = [encoding.ids for encoding in encodings]
    lengths = np.fromiter((len(row) for row in rows), dtype=np.int64, count=len(rows))
    return Tokens(
        ids=np.fromiter((id for row in rows for id in row), dtype=np.int32, count=int(lengths.sum())),
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        truncated=np.array([bool(encoding.overflowing) for encoding in encodings], dtype=np.bool_),
    )


def cached_tokens(
    texts: Sequence[str], tokenizer: PreTrainedTokenizerFast, max_length: int, *, cache: Path
) -> Tokens:
    """``tokenize``, remembered under ``cache`` by the texts, the whole tokenizer and the length."""
    state = json.loads(tokenizer.backend_tokenizer.to_str())
    # What the last call asked for, not what the tokenizer is.
    state = {name: value for name, value in state.items() if name not in ("truncation", "padding")}
    encoded = (text.encode("utf-8", "surrogatepass") + b"\0" for text in texts)
    digest = sha256_of(json.dumps(state, sort_keys=True), repr((max_length, len(texts))), *encoded)
    arrays = cached_arrays(
        cache / "tokens" / f"{digest}.npz", lambda: vars(tokenize(texts, tokenizer, max_length))
    )
    return Tokens(arrays["ids"], arrays["offsets"], arrays["truncated"])
