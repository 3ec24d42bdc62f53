"""Hub data sets, served by a hub of this machine's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from support.hub_server import GLUE_CARD, serve_hub

HUB_CLIENT = """
import json, sys
import numpy as np
from sentilora.data.sources import sst2
from sentilora.data.sources.registry import load_dataset
from sentilora.errors import SentiloraError
sst2.SIZES = {"train": 3, "dev": 2, "test": 2}
answers = {}
for source in sys.argv[1:]:
    try:
        dataset = load_dataset(source)
        answers[source] = {"label_names": dataset.label_names, "place": dataset.about.place} | {
            split: [
                (id, text, label, None if np.isnan(strength) else strength)
                for id, text, label, strength in zip(
                    its.ids, its.texts, its.labels.tolist(), its.strengths.tolist(), strict=True
                )
            ]
            for split, its in dataset.splits.items()
        }
    except SentiloraError as error:
        answers[source] = {"error": type(error).__name__, "message": str(error)}
print(json.dumps(answers))
"""

GLUE = {
    "train": (["a fine film ", "dull ", "unheard of "], [1, 0, 1]),
    "validation": (["it is fine . ", "it is dull . "], [1, 0]),
    "test": (["very fine . ", "very dull . "], [-1, -1]),
}

TREEBANK = {
    "train": [("a fine film", 4), ("so so", 2)],
    "dev": [("it is fine .", 3), ("it is dull .", 1)],
    "test": [("very fine .", 4), ("very dull .", 0)],
}


def make_hub(folder: Path) -> dict[str, Path]:
    """GLUE, the treebank's sentences, a data set without dev split, and one of a single split."""
    repos = {
        f"datasets/{name}": folder / name for name in ("nyu-mll/glue", "SetFit/sst5", "tiny/two", "tiny/one")
    }
    for path in repos.values():
        path.mkdir(parents=True)
    glue = repos["datasets/nyu-mll/glue"]
    (glue / "README.md").write_text(GLUE_CARD)
    (glue / "sst2").mkdir()
    for split, (texts, labels) in GLUE.items():
        pq.write_table(pa.table({"sentence": texts, "label": labels}), glue / "sst2" / f"{split}-0.parquet")
    for split, rows in TREEBANK.items():
        lines = [json.dumps({"text": text, "label": label}) for text, label in rows]
        (repos["datasets/SetFit/sst5"] / f"{split}.jsonl").write_text("\n".join(lines))
    for name, splits in (("two", ["train", "test"]), ("one", ["train"])):
        for split in splits:
            lines = [f'"film{i} hero{i} plot{i}",{"good" if i % 2 else "bad"}' for i in range(60)]
            path = repos[f"datasets/tiny/{name}"] / f"{split}.csv"
            path.write_text("\n".join(["text,label", *lines]))
    for path in repos.values():
        if not (path / "README.md").exists():
            (path / "README.md").write_text("# Tiny\n")
    return repos


@pytest.mark.slow
def test_hub_data_sets_pass_the_same_checks(tmp_path: Path) -> None:
    with serve_hub(make_hub(tmp_path / "repos")) as hub:
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("HF_", "SENTILORA_"))
        }
        environment |= {
            "HF_HOME": str(tmp_path / "hf"),
            "HF_ENDPOINT": hub.endpoint,
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "NO_PROXY": "127.0.0.1",
        }
        done = subprocess.run(
            [
                *(sys.executable, "-c", HUB_CLIENT),
                *(
                    "sst2",
                    "hub:tiny/one",
                    "hub:tiny/two@main",
                    "hub:nyu-mll/glue/sst2",
                    "hub:nyu-mll/glue:sst2",
                ),
            ],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        commit = hub.commit("datasets/nyu-mll/glue")
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    found = answers["sst2"]
    assert found["train"] == [
        ["train-0", "a fine film", 1, 1.0],
        ["train-1", "dull", 0, None],
        ["train-2", "unheard of", 1, None],
    ]
    assert found["dev"] == [["dev-0", "it is fine .", 1, 0.5], ["dev-1", "it is dull .", 0, 0.5]]
    assert found["test"] == [["test-0", "very fine .", 1, 1.0], ["test-1", "very dull .", 0, 1.0]]
    assert f"nyu-mll/glue, sst2, commit {commit}" in found["place"]
    one = answers["hub:tiny/one"]
    assert one["label_names"] == ["bad", "good"]
    assert sum(len(one[split]) for split in ("train", "dev", "test")) == 60
    two = answers["hub:tiny/two@main"]
    assert [len(two[split]) for split in ("train", "dev", "test")] == [54, 6, 60]
    assert answers["hub:nyu-mll/glue/sst2"] == answers["hub:nyu-mll/glue:sst2"]
    # The test split has no labels, so that it would have to be divided from three rows.
    assert "too few texts to divide: 3 rows" in answers["hub:nyu-mll/glue/sst2"]["message"]
