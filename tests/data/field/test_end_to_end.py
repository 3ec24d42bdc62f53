"""Three layouts in which sentiment data are published, from the files to labels for unlabelled texts."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from sentilora.cli import cli
from support.invented_reviews import reviews

REVIEWS = reviews(120)


def write_imdb(folder: Path) -> Path:
    for i, (text, good) in enumerate(REVIEWS):
        path = folder / "aclImdb" / ("test" if i < 40 else "train") / ("pos" if good else "neg")
        path.mkdir(parents=True, exist_ok=True)
        (path / f"{i}_{9 if good else 2}.txt").write_text(f"{text}<br /><br />{text[:20]}", "utf-8")
    (folder / "aclImdb" / "train" / "unsup").mkdir()
    (folder / "aclImdb" / "train" / "unsup" / "0_0.txt").write_text("nobody rated this", "utf-8")
    return folder / "aclImdb"


def write_airline_tweets(folder: Path) -> Path:
    path = folder / "Tweets.csv"
    names = ("negative", "neutral", "positive")
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["tweet_id", "airline_sentiment", "airline_sentiment_confidence", "airline", "name", "text"]
        )
        for i, (text, _) in enumerate(REVIEWS):
            writer.writerow(
                [5700 + i, names[i % 3], 0.65, "Nowhere Air", f"user{i}", f"@air {text}, \U0001f600"]
            )
    return path


def write_amazon_fasttext(folder: Path) -> Path:
    for split, rows in (("train", REVIEWS[:80]), ("test", REVIEWS[80:])):
        lines = [f"__label__{2 if good else 1} Title: {text}\n" for text, good in rows]
        (folder / f"{split}.ft.txt").write_text("".join(lines), "utf-8")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    ("write", "said", "classes"),
    [
        (write_imdb, "folder unsup is left out", {"neg", "pos"}),
        (write_airline_tweets, "label from column 'airline_sentiment'", {"negative", "neutral", "positive"}),
        (write_amazon_fasttext, "dev (10%) divided from train", {"1", "2"}),
    ],
)
def test_from_files_to_labels(
    write: Callable[[Path], Path],
    said: str,
    classes: set[str],
    tmp_path: Path,
    tiny_model: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SENTILORA_CACHE", str(tmp_path / "cache"))
    (tmp_path / "data").mkdir()
    runs = tmp_path / "runs"
    settings = ("data.max_length=12", "training.precision='fp32'")
    command = ["run", "--data", str(write(tmp_path / "data")), "--backbone", str(tiny_model("bert"))]
    command += ["--name", "mine", "--seeds", "0", "--epochs", "1", "--runs", str(runs), "--device", "cpu"]
    done = CliRunner().invoke(cli, [*command, *(word for its in settings for word in ("--set", its))])
    assert done.exit_code == 0, done.output
    assert said in done.stderr
    assert "wordpieces and are cut" in done.stderr
    (adapter,) = runs.glob("mine/lora-8-*/adapter")
    unlabelled = tmp_path / "test.csv"
    unlabelled.write_text("id,Review Text\n7,a lovely present\n8,broken by noon\n", "utf-8")
    predicted = CliRunner().invoke(
        cli, ["predict", "--adapter", str(adapter), "--file", str(unlabelled), "--json", "--device", "cpu"]
    )
    assert predicted.exit_code == 0, predicted.output
    rows = [json.loads(line) for line in predicted.stdout.splitlines()]
    assert [(row["id"], row["Review Text"]) for row in rows] == [
        ("7", "a lovely present"),
        ("8", "broken by noon"),
    ]
    assert {row["label"] for row in rows} <= classes
    assert set(rows[0]["probabilities"]) == classes
