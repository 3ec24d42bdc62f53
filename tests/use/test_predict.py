"""Predictions: order, bounded windows, near ties, rows of files, and the command."""

from __future__ import annotations

import csv
import gzip
import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from sentilora.cli import cli
from sentilora.data.tables.table import read_table
from sentilora.errors import DataError
from sentilora.use import predict as module
from sentilora.use.predict import Classifier, Prediction, load_classifier, near_ties, softmax
from sentilora.use.prediction_rows import predict_rows, prediction_lines
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


GOOD = Prediction("good", 0.9, 0.8, (0.1, 0.9))


@given(st.lists(st.text(max_size=30)), st.booleans())
def test_csv_rows_are_read_back_and_are_no_formulas_if_asked(texts: list[str], escape: bool) -> None:
    pairs = ((text, (), GOOD) for text in texts)
    lines = prediction_lines(pairs, ("bad", "good"), "csv", escape_formulas=escape)
    rows = list(csv.DictReader(io.StringIO("".join(lines), newline="")))
    if not escape:
        assert [row["text"] for row in rows] == texts
        return
    assert [row["text"].removeprefix("'") for row in rows] == [text.removeprefix("'") for text in texts]
    assert not any(row["text"].lstrip(" \xa0").startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows)


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


@settings(deadline=None, max_examples=50)
@given(
    rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6),
    form=st.sampled_from(["csv", "tsv", "jsonl"]),
)
def test_rows_of_a_table_keep_their_columns_in_every_format(
    rows: list[tuple[str, str]], form: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = [(f"a{one}", f"{two}z") for one, two in rows]
    given_rows = ((text, (text, label), GOOD) for text, label in rows)
    lines = prediction_lines(given_rows, ("bad", "good"), form, names=("text", "label"))
    path = tmp_path_factory.mktemp("predicted") / f"rows.{form}"
    path.write_bytes("".join(lines).encode())
    table = read_table(path)
    assert list(zip(table.columns["text"], table.columns["label"], strict=True)) == rows
    names = ["text", "label", "predicted_label", "probability", "margin"]
    assert list(table.names)[:5] == names


def test_the_classifier_is_given_texts_as_training_was_and_they_come_out_as_they_are() -> None:
    given_texts: list[str] = []

    def predict_stream(texts: Iterable[str]) -> Iterator[Prediction]:
        for text in texts:
            given_texts.append(text)
            yield GOOD

    rows = [(" fine \n", (1, " fine \n")), ("dull", (2, "dull"))]
    assert list(predict_rows(predict_stream, rows)) == [(*row, GOOD) for row in rows]
    assert given_texts == ["fine", "dull"]


@given(st.lists(st.text(max_size=30)))
def test_a_person_gets_one_line_a_text(texts: list[str]) -> None:
    prediction = Prediction("go\nod", 0.9, 0.8, (0.1, 0.9))
    text = "".join(prediction_lines(((text, (), prediction) for text in texts), ("bad", "go\nod"), "plain"))
    lines = text.split("\n")[:-1]
    assert len(lines) == len(texts)
    assert {line.count("\t") for line in lines} <= {3}
    assert "\x1b" not in text


def _predict(run: TinyRun, *arguments: str, stdin: str | None = None) -> str:
    result = CliRunner().invoke(
        cli, ["predict", "--adapter", str(run.folder), "--device", "cpu", *arguments], input=stdin
    )
    assert result.exit_code == 0, result.output
    return result.stdout


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
        assert [row["text"] for row in csv.DictReader(file)] == ROWS
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


def test_a_table_keeps_its_ids_and_columns_and_rows_without_text_are_told(
    run: TinyRun, classifier: Classifier, tmp_path: Path
) -> None:
    table = tmp_path / "unlabelled.csv"
    table.write_text("id,Review,stars\n17,a fine film,5\n18,,1\n19,dull,\n")
    output = tmp_path / "out.csv"
    command = ["predict", "--adapter", str(run.folder), "--file", str(table), "--output", str(output)]
    refused = CliRunner().invoke(cli, command)
    assert isinstance(refused.exception, DataError)
    assert (refused.exception.what, refused.exception.where) == (
        "no text: 1 line, for example ''",
        f"{table}, line 3",
    )
    assert not output.exists()
    done = CliRunner().invoke(cli, [*command, "--drop-bad-rows"])
    assert "text from column 'Review'" in done.stderr
    assert "left out: 1 rows without a text" in done.stderr
    with output.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["id"], row["Review"], row["stars"]) for row in rows] == [
        ("17", "a fine film", "5"),
        ("19", "dull", ""),
    ]
    assert [row["label"] for row in rows] == [p.label for p in classifier.predict(["a fine film", "dull"])]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rows.json", json.dumps([{"text": text} for text in ROWS], indent=1).encode()),
        ("rows.json", "\n".join(json.dumps({"text": text}) for text in ROWS).encode()),
        ("rows.csv.gz", gzip.compress(b"id,text\n" + "\n".join(f'{i},"{text}"'.replace('"no"', '""no""')
            for i, text in enumerate(ROWS)).encode())),
        ("rows.CSV.txt", b"id,text\n" + "\n".join(f'{i},"{text}"'.replace('"no"', '""no""')
            for i, text in enumerate(ROWS)).encode()),
        ("rows.txt", "\n".join(ROWS).encode()),
    ],
)  # fmt: skip
def test_texts_are_found_in_files_of_any_kind(
    name: str, content: bytes, run: TinyRun, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    output = _predict(run, "--json", "--file", str(tmp_path / name))
    assert [json.loads(line)["text"] for line in output.splitlines()] == ROWS


@pytest.mark.parametrize("line", ['{"text": "fine"}', '[{"text": "fine"}]', "<!DOCTYPE html>"])
def test_syntax_on_standard_input_is_never_labelled(line: str, run: TinyRun) -> None:
    refused = CliRunner().invoke(cli, ["predict", "--adapter", str(run.folder)], input=f"{line}\n")
    assert isinstance(refused.exception, DataError)
    assert "--file" in refused.exception.remedy
