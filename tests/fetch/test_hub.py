"""The hub path against a hub on loopback, in a process of its own: its libraries read HF_* at import."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from support.hub_server import GLUE_CARD, HubServer, serve_hub
from support.tiny_models import make_tiny_model

MODEL, DATASET = "tiny/distilbert", "nyu-mll/glue"

SENTENCES = {
    "train": (
        ["a fine film", "a dull plot", "very funny", "weak acting", "lovely", "flat"],
        [1, 0, 1, 0, 1, 0],
    ),
    "validation": (["a warm movie", "cold and clumsy"], [1, 0]),
    "test": (["NA", 'it is "good" , they say'], [-1, -1]),
}

CARD = (
    GLUE_CARD.replace(
        "configs:\n",
        "configs:\n- config_name: other\n  data_files:\n  - {split: train, path: other/train-*}\n",
    )
    .replace("info:\n", "info:\n- config_name: other\n  features:\n  - {name: x, dtype: int64}\n")
    .replace("positive}}}\n", "positive}}}\n  - {name: idx, dtype: int32}\n")
)
"""With another configuration before the one that is asked for, and GLUE's own third column."""

CLIENT = """
import json, sys
from sentilora.fetch import hub
from sentilora.errors import SentiloraError
hub._RETRY_WAITS_SECONDS = (0.05, 0.05, 0.05)
call, arguments = sys.argv[1], json.loads(sys.argv[2])
try:
    if call == "model":
        folder, commit = hub.fetch_model(**arguments)
        answer = {"commit": commit, "files": {p.name: p.stat().st_size for p in folder.iterdir()}}
    elif call == "backbone":
        from sentilora.model.backbone.loading import load_backbone
        backbone = load_backbone(**arguments)
        answer = {"commit": backbone.revision, "family": backbone.model_type, "num": backbone.num_parameters}
    else:
        dataset = hub.load_hub_dataset(**arguments)
        answer = {
            "commit": dataset.commit,
            "class_names": dict(dataset.class_names),
            "splits": {name: table.to_pydict() for name, table in dataset.tables.items()},
        }
except SentiloraError as error:
    answer = {"error": type(error).__name__, "message": str(error)}
print(json.dumps(answer))
"""

Client = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def repos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("hub")
    model = make_tiny_model("distilbert", root / "model", pretraining_head=True)
    (model / "pytorch_model.bin").write_bytes(b"a pickle")
    (model / "modeling_tiny.py").write_text("raise SystemExit('ran code from the hub')")
    data = root / "data"
    (data / "other").mkdir(parents=True)
    (data / "sst2").mkdir()
    (data / "README.md").write_text(CARD)
    pq.write_table(pa.table({"x": [1]}), data / "other" / "train-0.parquet")
    for split, (texts, labels) in SENTENCES.items():
        table = pa.table(
            {"sentence": texts, "label": labels, "idx": pa.array(range(len(texts)), pa.int32())},
        )
        pq.write_table(table, data / "sst2" / f"{split}-00000-of-00001.parquet")
    return {f"models/{MODEL}": model, f"datasets/{DATASET}": data}


@pytest.fixture
def hub(repos: dict[str, Path]) -> Iterator[HubServer]:
    with serve_hub(dict(repos)) as server:
        yield server


@pytest.fixture
def client(hub: HubServer, tmp_path: Path) -> Client:
    """Calls hub.py in a fresh process with a cache of this test's own; returns what it returned."""

    def call(
        what: str, /, endpoint: str = hub.endpoint, offline: bool = False, **arguments: Any
    ) -> dict[str, Any]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
        environment |= {
            "HF_HOME": str(tmp_path / "hf"),
            "HF_ENDPOINT": endpoint,
            "HF_HUB_OFFLINE": "1" if offline else "0",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "NO_PROXY": "127.0.0.1",
            "OMP_NUM_THREADS": "1",
        }
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", CLIENT, what, json.dumps(arguments)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer | {"stderr": done.stderr}

    return call


def nobody_listens() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def test_a_model_is_fetched_at_a_commit_without_pickle_or_code(hub: HubServer, client: Client) -> None:
    answer = client("model", model_id=MODEL)
    assert answer["commit"] == hub.commit(f"models/{MODEL}")
    folder = hub.repos[f"models/{MODEL}"]
    expected = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")
    assert answer["files"] == {name: (folder / name).stat().st_size for name in expected}
    assert not [request for request in hub.requests if request.endswith((".bin", ".py"))]


def test_a_tokenizer_is_fetched_without_weights(client: Client) -> None:
    assert "model.safetensors" not in client("model", model_id=MODEL, with_weights=False)["files"]


def test_a_backbone_from_the_hub_loads_in_silence(hub: HubServer, client: Client) -> None:
    client("model", model_id=MODEL)  # may show its progress
    answer = client("backbone", name=MODEL, offline=True)
    assert (answer["family"], answer["commit"]) == ("distilbert", hub.commit(f"models/{MODEL}"))
    assert answer["stderr"] == ""


def test_a_dataset_is_the_same_columns_with_class_names_at_a_commit(hub: HubServer, client: Client) -> None:
    answer = client("dataset", dataset_id=DATASET, config="sst2")
    assert answer["commit"] == hub.commit(f"datasets/{DATASET}")
    assert answer["class_names"] == {"label": ["negative", "positive"]}
    columns = {split: (table["sentence"], table["label"]) for split, table in answer["splits"].items()}
    assert columns == {split: (texts, labels) for split, (texts, labels) in SENTENCES.items()}


@pytest.mark.parametrize("config", [None, "sst-2"])
def test_the_configurations_are_named_where_the_choice_is_missing_or_wrong(
    client: Client, config: str | None
) -> None:
    answer = client("dataset", dataset_id=DATASET, config=config)
    assert answer["error"] == "HubError"
    assert "'sst2'" in answer["message"]
    assert "name one of its configurations" in answer["message"]


def test_what_was_fetched_is_there_offline(client: Client) -> None:
    online = [client("model", model_id=MODEL), client("dataset", dataset_id=DATASET, config="sst2")]
    again = [
        client("model", model_id=MODEL, offline=True),
        client("dataset", dataset_id=DATASET, config="sst2", offline=True),
    ]
    assert [answer | {"stderr": ""} for answer in again] == [answer | {"stderr": ""} for answer in online]


def test_a_fetched_model_is_there_while_the_hub_is_away(client: Client) -> None:
    online = client("model", model_id=MODEL)
    away = client("model", model_id=MODEL, endpoint=nobody_listens())
    assert away | {"stderr": ""} == online | {"stderr": ""}


@pytest.mark.slow  # datasets asks a silent hub again for 23 s before it looks into its cache
def test_a_fetched_dataset_is_there_while_the_hub_is_away(client: Client) -> None:
    online = client("dataset", dataset_id=DATASET, config="sst2")
    away = client("dataset", dataset_id=DATASET, config="sst2", endpoint=nobody_listens())
    assert away | {"stderr": ""} == online | {"stderr": ""}


def test_a_dataset_cached_at_another_commit_is_no_substitute(
    hub: HubServer, client: Client, tmp_path: Path
) -> None:
    client("dataset", dataset_id=DATASET, config="sst2")
    changed = tmp_path / "changed"
    shutil.copytree(hub.repos[f"datasets/{DATASET}"], changed)
    name = "train-00000-of-00001.parquet"
    pq.write_table(pa.table({"sentence": ["new"], "label": [0], "idx": [0]}), changed / "sst2" / name)
    hub.repos[f"datasets/{DATASET}"] = changed
    hub.faults = {name: "short"}
    assert client("dataset", dataset_id=DATASET, config="sst2")["error"] == "HubError"
    answer = client("dataset", dataset_id=DATASET, config="sst2", offline=True)
    assert answer["error"] == "HubError"
    assert "another commit" in answer["message"]


@pytest.mark.parametrize(
    "call", [{"what": "model", "model_id": MODEL}, {"what": "dataset", "dataset_id": DATASET}]
)
@pytest.mark.parametrize("situation", ["unreachable", "offline", "missing", "gated", "revision", "failing"])
def test_a_failure_says_what_and_offers_a_way_without_the_hub(
    hub: HubServer, client: Client, call: dict[str, str], situation: str
) -> None:
    arguments = dict(call)
    what = arguments.pop("what")
    repo = f"models/{MODEL}" if what == "model" else f"datasets/{DATASET}"
    options: dict[str, Any] = {}
    if situation == "unreachable":
        options["endpoint"] = nobody_listens()
    elif situation == "offline":
        options["offline"] = True
    elif situation == "missing":
        del hub.repos[repo]
    elif situation == "gated":
        hub.gated.add(repo)
    elif situation == "revision":
        options["revision"] = "no-such-branch"
    else:
        hub.failures_left = 1000
    answer = client(what, **arguments, **options)
    assert answer["error"] == "HubError"
    expected = {
        "unreachable": "cannot be reached",
        "offline": "HF_HUB_OFFLINE",
        "missing": "the hub has no",
        "gated": "is gated",
        "revision": "no revision 'no-such-branch'",
        "failing": "answered 503",
    }
    assert expected[situation] in answer["message"]
    assert ("minilm" if what == "model" else "movie-snippets") in answer["message"]
    assert "local" in answer["message"]
    assert len(hub.requests) <= 6


def test_a_hub_that_recovers_is_waited_for(hub: HubServer, client: Client) -> None:
    hub.failures_left = 3
    hub.faults = {"model.safetensors": "busy", "train-00000-of-00001.parquet": "busy"}
    assert client("model", model_id=MODEL)["commit"] == hub.commit(f"models/{MODEL}")
    hub.failures_left = 3
    assert client("dataset", dataset_id=DATASET, config="sst2")["commit"] == hub.commit(f"datasets/{DATASET}")
    assert (hub.failures_left, hub.faults) == (0, {})


def test_a_connection_cut_in_mid_file_is_resumed(hub: HubServer, client: Client) -> None:
    hub.faults = {"model.safetensors": "cut"}
    answer = client("model", model_id=MODEL)
    whole = (hub.repos[f"models/{MODEL}"] / "model.safetensors").stat().st_size
    assert answer["files"]["model.safetensors"] == whole
    assert sum(request.endswith("model.safetensors") for request in hub.requests) >= 2


@pytest.mark.parametrize(("fault", "word"), [("short", "cut short"), ("flip", "damaged")])
def test_a_damaged_file_is_refused_and_fetched_anew_the_next_time(
    hub: HubServer, client: Client, fault: Any, word: str
) -> None:
    hub.faults = {"model.safetensors": fault}
    answer = client("model", model_id=MODEL)
    assert answer["error"] == "HubError"
    assert word in answer["message"]
    hub.faults = {}
    folder = hub.repos[f"models/{MODEL}"]
    assert (
        client("model", model_id=MODEL)["files"]["model.safetensors"]
        == (folder / "model.safetensors").stat().st_size
    )


def test_what_is_no_hub_id_is_refused_before_anything_is_asked(hub: HubServer, client: Client) -> None:
    answer = client("model", model_id="../etc/passwd")
    assert (answer["error"], hub.requests) == ("HubError", [])
