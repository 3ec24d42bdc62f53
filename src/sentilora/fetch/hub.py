"""Models and data sets from the Hugging Face hub; nothing else talks to it.

Its libraries do the work (cache, resumption, tokens, mirrors). Added here is what a study needs: a revision
is resolved to a commit before anything is read, and the commit is returned. Failures end in one
``HubError`` that says what to do without the hub. Models come as configuration, tokenizer and safetensors,
never as pickle or code, and their weights are checked against the SHA-256 that the hub gives for them
(the hub's client compares sizes alone).

``HF_HOME``, ``HF_ENDPOINT``, ``HF_TOKEN`` and ``HF_HUB_OFFLINE`` are honoured as the libraries honour them:
read once, when ``huggingface_hub`` is first imported. When the hub cannot be reached, what the cache holds
of the revision asked for is used; ``datasets`` would then take the newest revision it has, which is refused.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import pyarrow as pa
from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from sentilora.errors import HubError
from sentilora.files import sha256_of_file

RepoType = Literal["model", "dataset"]

_TOKENIZER_AND_CONFIG = [
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "spm.model",
    "sentencepiece.bpe.model",
]
_WEIGHTS = ["model.safetensors", "model.safetensors.index.json", "model-*.safetensors"]

_HTTPError: type[Exception] = HfHubHTTPError.__bases__[0]
"""What the client's own HTTP library raises: httpx's under huggingface_hub 1, httpx2's under 2."""

_ANSWER_SECONDS = 10.0
"""How long the hub may take to answer the first question, which its client would ask without a limit."""
_RETRY_WAITS_SECONDS = (1.0, 2.0, 4.0)
"""Waits before the second, third and fourth attempt."""

_WITHOUT_THE_HUB = {
    "model": "or do without the hub: the assets minilm and mpnet, or a local model folder",
    "dataset": "or do without the hub: the asset movie-snippets, or a local folder or file",
}

Result = TypeVar("Result")


@dataclass(frozen=True)
class HubDataset:
    """A data set from the hub."""

    tables: Mapping[str, pa.Table]
    """Split name to table, in the hub's order and under the hub's names."""
    class_names: Mapping[str, tuple[str, ...]]
    """For each column of class labels, the names of classes 0, 1, …; -1 is "no label"."""
    commit: str
    """The 40-digit commit that was read."""


def fetch_model(model_id: str, *, revision: str | None = None, with_weights: bool = True) -> tuple[Path, str]:
    """A local folder with a hub model's files, and the commit they are of.

    Args:
        model_id: ``owner/name``.
        revision: a branch, tag or commit; the default branch if None.
        with_weights: False for configuration and tokenizer alone.

    Raises:
        HubError: unreachable with nothing cached, not there, gated, failing, or damaged on the way.
    """
    patterns = [*_TOKENIZER_AND_CONFIG, *(_WEIGHTS if with_weights else [])]
    folder = _snapshot(model_id, "model", revision, patterns)
    for path in sorted(folder.glob("*.safetensors")):
        _check_digest(path, model_id)
    return folder, folder.name


def load_hub_dataset(
    dataset_id: str, *, config: str | None = None, revision: str | None = None
) -> HubDataset:
    """All splits of a hub data set, read through ``datasets`` at one pinned commit.

    Args:
        dataset_id: ``owner/name``.
        config: the configuration, for example ``sst2`` of ``nyu-mll/glue``; the only one if None.
        revision: a branch, tag or commit; the default branch if None.

    Raises:
        HubError: as ``fetch_model``; or no such configuration, or files that are no tables.
    """
    import datasets  # half a second that fetching a model need not pay

    commit = _snapshot(dataset_id, "dataset", revision, ["README.md"]).name
    try:
        builder = _with_retries(lambda: datasets.load_dataset_builder(dataset_id, config, revision=commit))
        if builder.hash != commit:
            raise HubError(
                f"the hub does not answer, and the cache has {dataset_id} at another commit",
                where=f"cached: {builder.hash}, asked for: {commit}",
                remedy=f"try again when the hub can be reached, {_WITHOUT_THE_HUB['dataset']}",
            )
        _with_retries(builder.download_and_prepare)
        splits = builder.as_dataset()
    except (OSError, ValueError, datasets.exceptions.DatasetsError, _HTTPError) as error:
        raise _explain(error, dataset_id, "dataset", revision) from error
    features = next(iter(splits.values())).features
    return HubDataset(
        tables={str(name): split.data.table.combine_chunks() for name, split in splits.items()},
        class_names={
            column: tuple(feature.names)
            for column, feature in features.items()
            if isinstance(feature, datasets.ClassLabel)
        },
        commit=commit,
    )


def _snapshot(repo_id: str, repo_type: RepoType, revision: str | None, patterns: list[str]) -> Path:
    """The cached folder of one commit, named after it, holding the files that match ``patterns``."""

    def reach() -> object:
        return HfApi().repo_info(repo_id, repo_type=repo_type, revision=revision, timeout=_ANSWER_SECONDS)

    def download(*, from_cache: bool) -> Path:
        folder = snapshot_download(
            repo_id,
            repo_type=repo_type,
            revision=revision,
            allow_patterns=patterns,
            local_files_only=from_cache,
        )
        return Path(folder)

    try:
        try:
            _with_retries(reach)
        except (OfflineModeIsEnabled, _HTTPError) as unreachable:
            try:
                return download(from_cache=True)
            except LocalEntryNotFoundError:
                raise unreachable from None
        return _with_retries(lambda: download(from_cache=False))
    except (OSError, HFValidationError, _HTTPError) as error:
        raise _explain(error, repo_id, repo_type, revision) from error


def _with_retries(attempt: Callable[[], Result]) -> Result:
    """What ``attempt`` returns, tried again while the hub answers that it is overloaded or failing."""
    for wait_seconds in _RETRY_WAITS_SECONDS:
        try:
            return attempt()
        except HfHubHTTPError as error:
            if error.response.status_code not in (429, 500, 502, 503, 504):
                raise
        time.sleep(wait_seconds)
    return attempt()


def _check_digest(path: Path, model_id: str) -> None:
    """Refuse and remove a weight file that is not what the hub listed.

    The cache names the blob behind a large file after the SHA-256 that the hub gave for it, where the
    file system has links; elsewhere there is nothing to compare with.
    """
    blob = path.resolve()
    if not re.fullmatch(r"[0-9a-f]{64}", blob.name):
        return
    digest = sha256_of_file(blob)
    if digest != blob.name:
        path.unlink()
        blob.unlink()
        raise HubError(
            f"{path.name} of {model_id} is damaged, and was removed from the cache",
            where=str(path),
            rule=f"SHA-256 {blob.name}, found {digest}",
            remedy="run the same command again to fetch it again",
        )


def _explain(error: BaseException, repo_id: str, repo_type: RepoType, revision: str | None) -> HubError:
    """One clear error for whatever the hub's libraries raised."""
    known = (OfflineModeIsEnabled, HFValidationError, _HTTPError)
    cause = next((link for link in _chain(error) if isinstance(link, known)), error)
    kind = "model" if repo_type == "model" else "data set"
    at = f" at revision {revision!r}" if revision else ""
    what, remedy = f"{kind} {repo_id}{at} could not be read: {_first_line(cause)}", "try again later"
    if isinstance(cause, OfflineModeIsEnabled):
        what = f"{kind} {repo_id}{at} is not in the cache, and HF_HUB_OFFLINE forbids fetching it"
        remedy = "unset HF_HUB_OFFLINE"
    elif isinstance(cause, GatedRepoError):
        what = f"{kind} {repo_id} is gated"
        remedy = "ask for access on its page and set HF_TOKEN"
    elif isinstance(cause, RepositoryNotFoundError):
        what = f"the hub has no {kind} {repo_id}, or it is private"
        remedy = "check the spelling; for a private one set HF_TOKEN"
    elif isinstance(cause, RevisionNotFoundError):
        what, remedy = f"{kind} {repo_id} has no revision {revision!r}", "check the spelling"
    elif isinstance(cause, HFValidationError):
        what, remedy = f"{repo_id!r} is no hub id", "write owner/name"
    elif isinstance(cause, HfHubHTTPError):
        what = f"the hub answered {cause.response.status_code} for {kind} {repo_id}{at}"
    elif isinstance(cause, _HTTPError | ConnectionError):
        what = f"the hub cannot be reached for {kind} {repo_id}{at}: {_first_line(cause)}"
        remedy = "check the network and HF_ENDPOINT"
    elif isinstance(cause, OSError) and "Consistency check failed" in str(cause):
        what = f"{kind} {repo_id}{at} arrived cut short: {_first_line(cause)}"
        remedy = "run the same command again"
    elif isinstance(cause, ValueError):
        what = f"{kind} {repo_id}{at} could not be read: {' '.join(str(cause).split())}"
        remedy = "name one of its configurations"
    return HubError(what, where=HfApi().endpoint, remedy=f"{remedy}; {_WITHOUT_THE_HUB[repo_type]}")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it was raised from, which the hub's libraries wrap up to three deep."""
    while error is not None:
        yield error
        error = error.__cause__


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
