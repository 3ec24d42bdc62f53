"""Predictions: order, bounded windows, near ties, rows of files, and the command."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from sentilora.cli import cli
from sentilora.errors import DataError
from sentilora.use import predict as module
from sentilora.use.predict import Classifier, Prediction, load_classifier, near_ties, softmax
from sentilora.use.prediction_rows import prediction_lines
from support.tiny_adapters import LABELS, TinyRun, invented_texts, make_run

TinyModel = Callable[[str], Path]


@pytest.fixture(scope="module")
def run(tiny_model: TinyModel, tmp_path_factory: pytest.TempPathFactory) -> TinyRun:
    return make_run(tmp_path_factory.mktemp("runs") / "lora-s3", tiny_model("bert"), "lora")


@pytest.fixture(scope="module")
def classifier(run: TinyRun) -> Classifier:
    return load_classifier(run.folder, device="cpu", precision="fp32")


def test_each_text_gets_its_own_prediction_in_order(
    run: TinyRun, classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WINDOW", 7)
    texts = invented_texts(40)
    expected = softmax(run.logits(texts))
    found = classifier.predict(texts)
    assert [p.label for p in found] == [LABELS[i] for i in expected.argmax(axis=1)]
    np.testing.assert_allclose([p.probabilities for p in found], expected, atol=1e-5)


def test_prediction_is_consistent(classifier: Classifier) -> None:
    for prediction in classifier.predict(invented_texts(30)):
        ordered = sorted(prediction.probabilities, reverse=True)
        assert (
            prediction.probability == ordered[0] == prediction.probabilities[LABELS.index(prediction.label)]
        )
        assert prediction.margin == pytest.approx(ordered[0] - ordered[1])
        assert sum(ordered) == pytest.approx(1)


def test_nothing_gives_nothing(classifier: Classifier) -> None:
    assert classifier.predict([]) == []
    assert classifier.logits([]).shape == (0, 3)


@pytest.mark.parametrize(
    "text", ["", " ", "\0", "\ud800", "好", "a" * 100_000, "good " * 30_000, "\u202e\x1b[31m"]
)
def test_any_text_is_answered(text: str, classifier: Classifier) -> None:
    assert classifier.predict([text])[0].label in LABELS


def test_a_stream_is_read_two_windows_ahead_and_no_further(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WINDOW", 10)
    taken = 0

    def endless() -> Iterator[str]:
        nonlocal taken
        while True:
            taken += 1
            yield "a fine film"

    stream = classifier.predict_stream(endless())
    for given_out in range(1, 60):
        next(stream)
        assert taken <= given_out + 2 * 10
    stream.close()  # type: ignore[attr-defined]


def test_bf16_gives_the_labels_of_fp32(
    run: TinyRun, classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "resolve_precision", lambda precision, device: "bf16")
    rounded = load_classifier(run.folder, device="cpu")
    assert rounded._fast is not rounded._exact
    texts = invented_texts(6000, seed=1)
    exact = [p.label for p in classifier.predict(texts)]
    assert [p.label for p in rounded.predict(texts)] == exact
    monkeypatch.setattr(module, "NEAR_TIE", 0.0)
    assert [p.label for p in rounded.predict(texts)] != exact  # the second pass is what makes them equal


@given(st.integers(0, 2**32 - 1), st.floats(1e-3, 1e3))
def test_near_ties_do_not_depend_on_the_scale_of_the_head(seed: int, scale: float) -> None:
    generator = np.random.default_rng(seed)
    features = generator.normal(size=(50, 16)).astype(np.float32)
    weight = generator.normal(size=(3, 16)).astype(np.float32)
    logits = features @ weight.T
    near = near_ties(features, logits, weight)
    scaled = near_ties(features, logits * np.float32(scale), weight * np.float32(scale))
    assert (near != scaled).mean() < 0.05  # rounding at the bound itself
    tied = logits.copy()
    tied[:, 1] = tied[:, 0] = tied.max(axis=1)
    assert near_ties(features, tied, weight).all()


ROWS = ["a fine film", "=1+1", 'he said "no"', "dull , boring", "NA", "naïve 好"]


@given(st.lists(st.text(max_size=30)))
def test_csv_rows_are_read_back_and_are_no_formulas(texts: list[str]) -> None:
    prediction = Prediction("good", 0.9, 0.8, (0.1, 0.9))
    lines = prediction_lines(((text, prediction) for text in texts), ("bad", "good"), "csv")
    rows = list(csv.DictReader(io.StringIO("".join(lines), newline="")))
    assert [row["text"].removeprefix("'") for row in rows] == [text.removeprefix("'") for text in texts]
    assert not any(row["text"].lstrip(" \xa0").startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows)


@given(st.lists(st.text(max_size=30)), st.sampled_from(["plain", "tsv"]))
def test_one_line_a_text(texts: list[str], form: Any) -> None:
    prediction = Prediction("go\nod", 0.9, 0.8, (0.1, 0.9))
    text = "".join(prediction_lines(((text, prediction) for text in texts), ("bad", "go\nod"), form))
    lines = text.split("\n")[:-1]
    assert len(lines) == len(texts) + (form == "tsv")
    assert {line.count("\t") for line in lines} <= {3 if form == "plain" else 5}
    assert "\x1b" not in text or form == "tsv"


def _predict(run: TinyRun, *arguments: str, stdin: str | None = None) -> str:
    result = CliRunner().invoke(
        cli, ["predict", "--adapter", str(run.folder), "--device", "cpu", *arguments], input=stdin
    )
    assert result.exit_code == 0, result.output
    return result.output


def test_command_on_arguments_file_and_standard_input_agree(
    run: TinyRun, classifier: Classifier, tmp_path: Path
) -> None:
    expected = [p.label for p in classifier.predict(ROWS)]
    (tmp_path / "rows.jsonl").write_text("\n".join(json.dumps({"text": text}) for text in ROWS))
    outputs = [
        _predict(run, "--json", *ROWS),
        _predict(run, "--json", "--file", str(tmp_path / "rows.jsonl")),
        _predict(run, "--json", stdin="\n".join(ROWS)),
    ]
    for output in outputs:
        rows = [json.loads(line) for line in output.splitlines()]
        assert [row["label"] for row in rows] == expected
        assert [row["text"] for row in rows] == ROWS


def test_output_file_is_whole_or_absent(run: TinyRun, tmp_path: Path) -> None:
    output = tmp_path / "labels.csv"
    _predict(run, "--output", str(output), *ROWS)
    with output.open(newline="", encoding="utf-8") as file:
        assert [row["text"] for row in csv.DictReader(file)] == [ROWS[0], "'=1+1", *ROWS[2:]]
    before = output.read_bytes()
    damaged = tmp_path / "damaged.csv"
    damaged.write_text('text\nfine\n"open')
    result = CliRunner().invoke(
        cli, ["predict", "--adapter", str(run.folder), "--file", str(damaged), "--output", str(output)]
    )
    assert isinstance(result.exception, DataError)
    assert output.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["damaged.csv", "labels.csv"]


@pytest.mark.slow
def test_a_reader_that_leaves_is_no_error(run: TinyRun) -> None:
    command = [sys.executable, "-m", "sentilora", "predict", "--adapter", str(run.folder), "--json"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(b"a fine film\n" * 20_000)
        process.stdin.close()
        assert json.loads(process.stdout.readline())["label"] in LABELS
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0
