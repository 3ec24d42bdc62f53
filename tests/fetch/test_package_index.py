"""Which package index is asked, and with what: read from where pip and uv keep it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
import requests
from pypi_simple import PYPI_SIMPLE_ENDPOINT

from sentilora.fetch import package_index


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("PIP_", "UV_"))]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("environment", "settings", "expected"),
    [
        ({}, {}, (PYPI_SIMPLE_ENDPOINT,)),
        ({}, {"index-url": "https://a.example/s"}, ("https://a.example/s",)),
        (
            {"PIP_INDEX_URL": "https://b.example/s"},
            {"index-url": "https://a.example/s"},
            ("https://b.example/s",),
        ),
        ({"UV_DEFAULT_INDEX": "ours=https://c.example/s"}, {}, ("https://c.example/s",)),
        ({"UV_INDEX_URL": "https://d.example/s"}, {}, ("https://d.example/s",)),
        (
            {"PIP_INDEX_URL": "https://b.example/s"},
            {"extra-index-url": "file:///srv/s\nhttps://e.example/s https://b.example/s"},
            ("https://b.example/s", "https://e.example/s"),
        ),
        ({"PIP_INDEX_URL": "file:///srv/s"}, {}, ()),
    ],
)
def test_which_indexes_are_asked(
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    settings: dict[str, str],
    expected: tuple[str, ...],
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(package_index, "_pip_settings", lambda: settings)
    assert package_index.index_urls() == expected


def test_pips_own_configuration_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    configuration = tmp_path / "pip.conf"
    configuration.write_text(
        "[global]\nindex-url = https://a.example/s\ncert = /etc/ours.pem\n[install]\nproxy = http://p.example:1\n"
        "[download]\nextra-index-url =\n    https://b.example/s\n    https://c.example/s\n"
    )
    monkeypatch.setenv("PIP_CONFIG_FILE", str(configuration))
    monkeypatch.setenv("PIP_INDEX_URL", "https://d.example/s")
    settings = package_index._pip_settings.__wrapped__()
    assert settings["index-url"] == "https://d.example/s"
    assert settings["cert"] == "/etc/ours.pem"
    assert settings["proxy"] == "http://p.example:1"
    assert settings["extra-index-url"].split() == ["https://b.example/s", "https://c.example/s"]


def test_without_pip_there_are_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert package_index._pip_settings.__wrapped__() == {}


def test_pips_certificates_and_proxy_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"cert": "/etc/ours.pem", "proxy": "http://p.example:1"}
    monkeypatch.setattr(package_index, "_pip_settings", lambda: settings)
    session = package_index._client("https://a.example/simple").s
    assert session.verify == "/etc/ours.pem"
    assert session.proxies["https"] == "http://p.example:1"


def test_credentials_stay_with_the_index() -> None:
    authenticate = package_index._SameHostAuth("index.example", "someone", "secret")
    for host, sent in (("index.example", True), ("files.example", False)):
        request = requests.Request("GET", f"https://{host}/simple/", auth=authenticate).prepare()
        assert ("Authorization" in request.headers) is sent
