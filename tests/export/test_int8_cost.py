"""What int8 costs is what onnxruntime itself gives on the study's dev texts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest
from transformers import AutoTokenizer

from sentilora.evidence.statistics.scored_arms import read_examples
from sentilora.export.exporting import export_classifier
from support.tiny_study import tiny_study


def test_int8_costs_what_both_files_say_on_dev(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    study = tiny_study(tmp_path_factory)
    out, dev = tmp_path / "out", read_examples(study)["dev"]
    exported = export_classifier(next(study.glob("lora-*")), out, "onnx", int8=True)
    tokenizer = AutoTokenizer.from_pretrained(out)
    right = {}
    for name in ("model.onnx", "model_int8.onnx"):
        session = onnxruntime.InferenceSession(out / name, providers=["CPUExecutionProvider"])
        found = []
        for text in dev.texts:
            inputs = tokenizer([text], truncation=True, return_tensors="np")
            feed = {name: inputs[name].astype(np.int64) for name in ("input_ids", "attention_mask")}
            found.append(session.run(["logits"], feed)[0].argmax())
        right[name] = np.array(found) == dev.labels
    cost = exported.int8
    assert cost is not None
    assert cost.num_examples == len(dev.labels)
    assert cost.accuracy == pytest.approx(right["model.onnx"].mean())
    # Activations are quantised by the batch that they are in, so a text near a tie may fall either way.
    assert cost.accuracy_int8 == pytest.approx(right["model_int8.onnx"].mean(), abs=0.05)
    differing = cost.only_fp32 + cost.only_int8
    assert cost.accuracy_int8 - cost.accuracy == pytest.approx(
        (cost.only_int8 - cost.only_fp32) / len(dev.labels)
    )
    assert cost.p_value == pytest.approx(binomtest(cost.only_int8, differing).pvalue if differing else 1.0)
    assert cost.sentence() in (out / "README.md").read_text("utf-8")
