from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentilora.data.dataset import Dataset, Examples
from sentilora.data.sources import by_name as sources
from sentilora.data.sources.by_name import load_dataset, take_fraction
from sentilora.errors import DataError
from support.hub_server import GLUE_CARD, serve_hub

ROWS = "split\ttext\tlabel\ntrain\tfine\t1\ntrain\tdull\t0\ndev\tgreat\t1\ntest\tpoor\t0\n"


def test_a_path_is_a_source(tmp_path: Path) -> None:
    path = tmp_path / "rows.tsv"
    path.write_text(ROWS)
    dataset = load_dataset(str(path))
    assert dataset.name == str(path)
    assert [len(dataset.splits[split]) for split in ("train", "dev", "test")] == [2, 1, 1]
    folder = tmp_path / "folder"
    folder.mkdir()
    for split in ("train", "val", "test"):
        (folder / f"{split}.tsv").write_text("text\tlabel\nfine\t1\ndull\t0\n")
    assert [len(examples) for examples in load_dataset(str(folder)).splits.values()] == [2, 2, 2]


@pytest.mark.parametrize("name", ["movie-snippets", "amazon", "tweets", "nyt"])
def test_snippets_are_found_by_name(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(name: str) -> Dataset:
        return Dataset(name, ("negative", "positive"), {})

    monkeypatch.setattr(sources, "load_snippets", load)
    assert load_dataset(name).name == name


@pytest.mark.parametrize(
    ("source", "remedy"),
    [
        ("sst-2", "did you mean sst2?"),
        ("movie_snippets", "did you mean movie-snippets?"),
        ("twets", "did you mean tweets?"),
        ("no/such/folder", "check the spelling, or give a path"),
        ("nyu-mll/glue", "a data set of the hub is hub:nyu-mll/glue"),
        ("hub:", "for example hub:"),
        ("hub:a b", "for example hub:"),
    ],
)
def test_an_unknown_source_is_answered_with_near_ones(source: str, remedy: str) -> None:
    with pytest.raises(DataError) as caught:
        load_dataset(source)
    assert source in caught.value.what
    assert "hub:<id>" in caught.value.rule
    assert remedy in caught.value.remedy


def test_a_folder_of_glue_files_is_sst2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "train.tsv").write_text("sentence\tlabel\nfine\t1\n")
    (tmp_path / "test.tsv").write_text("index\tsentence\n0\tdull\n")
    monkeypatch.setattr(sources, "load_sst2", lambda folder: Dataset(f"sst2 of {folder}", (), {}))
    assert load_dataset(str(tmp_path)).name == f"sst2 of {tmp_path}"


HUB_CLIENT = """
import json, sys
from sentilora.data import sst2
from sentilora.data.sources import load_dataset
from sentilora.errors import SentiloraError
sst2.SIZES = {"train": 3, "dev": 2, "test": 2}
answers = {}
for source in sys.argv[1:]:
    try:
        dataset = load_dataset(source)
        answers[source] = {"label_names": dataset.label_names, "notes": dataset.notes} | {
            split: [(e.id, e.text, e.label, e.strength) for e in examples]
            for split, examples in dataset.splits.items()
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
                *("sst2", "hub:tiny/one", "hub:tiny/two@main", "hub:nyu-mll/glue:sst2"),
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
    assert f"nyu-mll/glue, sst2, commit {commit}" in found["notes"][0]
    one = answers["hub:tiny/one"]
    assert one["label_names"] == ["bad", "good"]
    assert sum(len(one[split]) for split in ("train", "dev", "test")) == 60
    two = answers["hub:tiny/two@main"]
    assert two["error"] == "DataError"
    assert "no dev split; found: train, test" in two["message"]
    hidden = answers["hub:nyu-mll/glue:sst2"]
    assert "no label that can be read: 2 rows" in hidden["message"]


@st.composite
def examples(draw: st.DrawFn) -> Examples:
    labels = draw(st.lists(st.integers(0, 2), min_size=1, max_size=60))
    return Examples(
        ids=tuple(f"train-{i}" for i in range(len(labels))),
        texts=tuple(f"text {i}" for i in range(len(labels))),
        labels=np.array(labels, dtype=np.int64),
        strengths=np.full(len(labels), np.nan),
    )


FRACTIONS = st.floats(0.001, 1)


@given(examples=examples(), one=FRACTIONS, other=FRACTIONS)
def test_a_smaller_fraction_is_part_of_a_larger_one(examples: Examples, one: float, other: float) -> None:
    smaller, larger = (take_fraction(examples, fraction) for fraction in sorted((one, other)))
    assert set(smaller.ids) <= set(larger.ids)


@given(examples=examples(), fraction=FRACTIONS)
def test_a_fraction_keeps_the_balance_and_the_order(examples: Examples, fraction: float) -> None:
    taken = take_fraction(examples, fraction)
    for label in range(3):
        num, num_taken = int((examples.labels == label).sum()), int((taken.labels == label).sum())
        assert fraction * num - 1e-3 <= num_taken < fraction * num + 1
    positions = [examples.ids.index(id) for id in taken.ids]
    assert positions == sorted(positions)
    assert [examples.texts[i] for i in positions] == list(taken.texts)


@given(examples=examples(), fraction=FRACTIONS, seed=st.integers(0, 10))
def test_a_fraction_does_not_depend_on_the_order(examples: Examples, fraction: float, seed: int) -> None:
    shuffled = examples.take(np.random.default_rng(seed).permutation(len(examples)))
    assert set(take_fraction(shuffled, fraction).ids) == set(take_fraction(examples, fraction).ids)


def test_the_whole_is_the_same_object_and_nothing_is_refused() -> None:
    whole = Examples(("a",), ("fine",), np.array([0]), np.array([np.nan]))
    assert take_fraction(whole, 1) is whole
    for fraction in (0, -0.1, 1.1):
        with pytest.raises(ValueError, match="above 0 and at most 1"):
            take_fraction(whole, fraction)
