"""The proposal's own command, with a hub on loopback that serves a tiny DistilBERT and invented reviews."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from support.hub_server import GLUE_CARD, HubServer, serve_hub
from support.tiny_models import make_tiny_model
from support.tiny_study import write_reviews


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubServer]:
    """Serves both repositories."""
    write_reviews(tmp_path / "reviews")
    data = tmp_path / "data"
    (data / "sst2").mkdir(parents=True)
    (data / "README.md").write_text(GLUE_CARD)
    for split, published in (("train", "train"), ("dev", "validation"), ("test", "test")):
        with (tmp_path / "reviews" / f"{split}.tsv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
        table = {
            "sentence": [text for text, _ in rows],
            "label": [int(label == "positive") for _, label in rows],
        }
        pq.write_table(pa.table(table), data / "sst2" / f"{published}-00000-of-00001.parquet")
    repos = {
        "models/distilbert/distilbert-base-uncased": make_tiny_model("distilbert", tmp_path / "model"),
        "datasets/tiny/reviews": data,
    }
    with serve_hub(repos) as server:
        yield server


def sentilora(hub: HubServer, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    environment |= {
        "HF_HOME": str(folder / "hf"),
        "HF_ENDPOINT": hub.endpoint,
        "NO_PROXY": "127.0.0.1",
        "OMP_NUM_THREADS": "1",
        "SENTILORA_CACHE": str(folder / "cache"),
    }
    return subprocess.run(
        [sys.executable, "-m", "sentilora", *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def test_the_proposal_runs_from_a_hub(hub: HubServer, tmp_path: Path) -> None:
    options = [
        "--data",
        "hub:tiny/reviews:sst2",
        "--seeds",
        "0",
        "--epochs",
        "1",
        "--set",
        "data.max_length=64",
    ]
    done = sentilora(hub, tmp_path, "run", "proposal", *options)
    assert done.returncode == 0, done.stderr
    for arm in ("frozen", "frozen-as-proposed", "lora-8", "lora-16", "full"):
        assert arm in done.stdout
    study = json.loads((tmp_path / "runs" / "proposal" / "study.json").read_text())
    assert study["data"]["source"] == "hub:tiny/reviews:sst2"
    assert study["backbone"]["revision"] == hub.commit("models/distilbert/distilbert-base-uncased")
    records = list((tmp_path / "runs" / "proposal").glob("*/record.json"))
    assert (
        len(records) == 1 + 3 + 3 + 3 + 3
    )  # the exact probe has no learning rate, the others have three each
    again = sentilora(hub, tmp_path, "run", "proposal", *options)
    assert again.returncode == 0, again.stderr
    assert "13 of 13 runs are recorded already" in again.stderr + again.stdout
