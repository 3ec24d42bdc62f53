"""Downloads one pinned file from the package index that this machine already uses.

The index, its certificates and its proxy are those that pip and uv are set up with, so that whoever could
install this project can fetch its assets, behind a company's mirror too. No host is named here. The file's
SHA-256 is pinned, so it does not matter which index, mirror or proxy it came from.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

import requests
from pypi_simple import (
    PYPI_SIMPLE_ENDPOINT,
    DigestMismatchError,
    NoSuchProjectError,
    PyPISimple,
    UnsupportedRepoVersionError,
)
from requests.auth import AuthBase, HTTPBasicAuth

from sentilora.errors import AssetError
from sentilora.fetch.pins import Distribution

ATTEMPTS = 2
RETRY_PAUSE_SECONDS = 1.0
_TIMEOUT_SECONDS = (10.0, 60.0)
"""To connect, and between two chunks."""


def download(distribution: Distribution, target: Path) -> None:
    """Fetch a distribution's file, or leave nothing.

    Each index is tried in turn, and a second time where the failure may pass (an error of the server, a
    broken connection).

    Args:
        distribution: what to fetch.
        target: the file to write.

    Raises:
        AssetError: no index has the file or could be reached, or the file is not the pinned one.
    """
    refusals = []
    for url in index_urls():
        refusal = _download_from(url, distribution, target)
        if refusal is None:
            return
        refusals.append(refusal)
    raise AssetError(
        f"{distribution.filename} could not be fetched: {'; '.join(refusals) or 'no index is configured'}",
        where=", ".join(_without_credentials(url) for url in index_urls()),
        rule="the package index that pip uses here, over http or https",
        remedy="check the network, HTTPS_PROXY and PIP_CERT; name another index with PIP_INDEX_URL; "
        "or offline, copy a filled cache folder from another machine and name it with SENTILORA_CACHE",
    )


def index_urls() -> tuple[str, ...]:
    """The indexes that pip or uv use here, the main one first, else pypi-simple's default; http(s) only."""
    settings = _pip_settings()
    named = (os.environ.get(name) for name in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL"))
    main = next(filter(None, named), None) or settings.get("index-url") or PYPI_SIMPLE_ENDPOINT
    extra = os.environ.get("PIP_EXTRA_INDEX_URL") or settings.get("extra-index-url", "")
    # Searched for, because uv also accepts NAME=URL; a folder (file:) is no index to ask over the network.
    return tuple(dict.fromkeys(re.findall(r"https?://\S+", f"{main} {extra}")))


@functools.cache
def _pip_settings() -> Mapping[str, str]:
    """What pip's configuration files and PIP_* variables say; nothing where there is no pip."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    try:
        listing = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return {}
    entries = dict(line.split("=", 1) for line in listing.splitlines() if "=" in line)
    return {
        key.removeprefix(f"{section}."): str(ast.literal_eval(value))
        for section in ("global", "download", "install", ":env:")  # the later, the stronger
        for key, value in entries.items()
        if key.startswith(f"{section}.")
    }


def _download_from(url: str, distribution: Distribution, target: Path) -> str | None:
    """Download from one index; why not, where another index or a later attempt may succeed."""
    host = urlsplit(url).hostname
    reason = ""
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(RETRY_PAUSE_SECONDS)
        try:
            with _client(url) as client:
                return _download_once(client, distribution, target)
        except DigestMismatchError as error:
            raise AssetError(
                f"{distribution.filename} is not the file that was pinned; it has been removed",
                where=str(host),
                rule=f"SHA-256 {distribution.sha256}; found {error.actual_digest}",
                remedy="try again; should it repeat, a proxy or this index changes files: name another index "
                "with PIP_INDEX_URL",
            ) from error
        except NoSuchProjectError:
            return f"{host} has no project {distribution.project}"
        except requests.HTTPError as error:
            reason = f"{host} answers: {error}"
            if error.response is not None and error.response.status_code < 500:
                return reason
        except requests.exceptions.SSLError as error:
            return f"the certificate of {host} is not trusted ({_innermost(error)})"
        except requests.RequestException as error:
            reason = f"{host} cannot be reached or broke off ({_innermost(error)})"
        except (ValueError, UnsupportedRepoVersionError) as error:
            return f"{host} does not answer as a package index does ({error})"
        except OSError as error:
            if error.errno is not None:  # the disk's; requests gives none for a missing certificate file
                raise
            return str(error)
    return f"{reason}, {ATTEMPTS} times"


def _download_once(client: PyPISimple, distribution: Distribution, target: Path) -> str | None:
    page = client.get_project_page(distribution.project, timeout=_TIMEOUT_SECONDS)
    package = next((found for found in page.packages if found.filename == distribution.filename), None)
    if package is None:
        host = urlsplit(client.endpoint).hostname
        return f"{host} has {distribution.project}, but not {distribution.filename}"
    client.download_package(
        dataclasses.replace(package, digests={"sha256": distribution.sha256}),
        target,
        progress=lambda _: _SizeGuard(distribution),
        timeout=_TIMEOUT_SECONDS,
        # Some servers label a .tar.gz as an encoding, and it would arrive unpacked.
        headers={"Accept-Encoding": "identity"},
    )
    return None


class _SizeGuard:
    """Ends a download that is larger than pinned; pypi-simple calls it as a progress bar."""

    def __init__(self, distribution: Distribution) -> None:
        self._distribution = distribution
        self._num_bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        pass

    def update(self, increment: int) -> None:
        self._num_bytes += increment
        if self._num_bytes > self._distribution.num_bytes:
            raise AssetError(
                f"{self._distribution.filename} is larger than the file that was pinned; it has been removed",
                rule=f"{self._distribution.num_bytes} bytes",
                remedy="name another index with PIP_INDEX_URL",
            )


def _client(url: str) -> PyPISimple:
    """A client with pip's certificates, proxy and, for the index's own host alone, its credentials."""
    settings = _pip_settings()
    client = PyPISimple(_without_credentials(url))
    client.s.verify = os.environ.get("PIP_CERT") or settings.get("cert") or True
    if proxy := os.environ.get("PIP_PROXY") or settings.get("proxy"):
        client.s.proxies.update({"http": proxy, "https": proxy})
    address = urlsplit(url)
    if address.username is not None:
        client.s.auth = _SameHostAuth(
            address.hostname, unquote(address.username), unquote(address.password or "")
        )
    return client


class _SameHostAuth(AuthBase):
    """Sends the index's credentials to its own host alone, not to others that its pages point to."""

    def __init__(self, host: str | None, username: str, password: str) -> None:
        self._host = host
        self._basic = HTTPBasicAuth(username, password)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        same = urlsplit(request.url or "").hostname == self._host
        return self._basic(request) if same else request


def _without_credentials(url: str) -> str:
    address = urlsplit(url)
    return address._replace(netloc=address.netloc.rpartition("@")[2]).geturl()


def _innermost(error: BaseException) -> str:
    """The reason beneath the layers that requests and urllib3 wrap around it."""
    reason: object = error
    while isinstance(reason, BaseException):
        deeper = getattr(reason, "reason", None) or next(
            (argument for argument in reason.args if isinstance(argument, BaseException)), None
        )
        if deeper is None:
            break
        reason = deeper
    return str(reason) or type(reason).__name__
