"""Exports a classifier as one ONNX file: token ids and mask in, logits out; any batch, any length.

Pooling and head are inside, so every family and both poolings can be exported. Traced by
``torch.onnx``'s dynamo exporter with transformers' own modules; optimum-onnx would pin transformers below
4.58. The packages come with the extra ``onnx``.
"""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast

from sentilora.errors import AdapterError
from sentilora.export.stock_model import batched_logits
from sentilora.model.heads import pool
from sentilora.study_file.arms import Pooling
from sentilora.use.merge import Merged

MODEL_FILE = "model.onnx"
INT8_FILE = "model_int8.onnx"
PACKAGES = ("onnx", "onnxruntime", "onnxscript")
INPUTS = ("input_ids", "attention_mask")


class LogitsModule(nn.Module):
    """The merged encoder, pooling and head: what is traced."""

    def __init__(self, merged: Merged, pooling: Pooling) -> None:
        super().__init__()
        self.encoder = merged.backbone.encoder
        self.head = nn.Linear(merged.weight.shape[1], merged.weight.shape[0])
        self.head.weight = nn.Parameter(merged.weight, requires_grad=False)
        self.head.bias = nn.Parameter(merged.bias, requires_grad=False)
        self._pooling = pooling

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Logits (S, C) from ids (S, T) and their mask (S, T), 1 for a token."""
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        logits: Tensor = self.head(pool(hidden, attention_mask.bool(), self._pooling))
        return logits


def write_onnx(folder: Path, merged: Merged, pooling: Pooling) -> None:
    """Write ``model.onnx``.

    Raises:
        AdapterError: the packages of the extra ``onnx`` are missing.
    """
    _require_onnx()
    # Two unlike rows, one of them padded: a size of 1, or a mask without a zero, would be taken for fixed.
    ids = torch.full((2, 6), merged.backbone.pad_token_id)
    mask = torch.tensor([[1] * 6, [1] * 4 + [0] * 2])
    any_size = torch.export.Dim.DYNAMIC
    sizes = {0: any_size, 1: any_size}
    with _quiet_exporter():
        torch.onnx.export(
            LogitsModule(merged, pooling).eval(),
            (ids, mask),
            folder / MODEL_FILE,
            input_names=list(INPUTS),
            output_names=["logits"],
            dynamic_shapes=(sizes, sizes),
            dynamo=True,
            external_data=False,
            verbose=False,
        )


def write_int8(folder: Path) -> None:
    """Write ``model_int8.onnx``: weights as int8, activations quantised as they come, from ``model.onnx``.

    The head stays as it is: it is small, and its few weights may differ by orders of magnitude.
    """
    _require_onnx()
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    graph = onnx.load(folder / MODEL_FILE).graph
    head = [node.name for node in graph.node if "logits" in node.output]
    with _quiet_exporter():
        quantize_dynamic(
            folder / MODEL_FILE,
            folder / INT8_FILE,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Gemm", "Gather"],
            nodes_to_exclude=head,
            per_channel=True,
        )


def onnx_logits(path: Path, tokenizer: PreTrainedTokenizerFast, texts: Sequence[str]) -> NDArray[np.float32]:
    """Logits (N, C) of N texts as onnxruntime computes them on the CPU."""
    _require_onnx()
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])

    def compute(input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        feed = dict(zip(INPUTS, (input_ids.numpy(), attention_mask.numpy()), strict=True))
        return torch.from_numpy(session.run(["logits"], feed)[0])

    return batched_logits(compute, tokenizer, texts)


def _require_onnx() -> None:
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise AdapterError(
            f"the package {missing[0]} is not installed",
            rule=f"export --to onnx needs {', '.join(PACKAGES)}",
            remedy="pip install 'sentilora[onnx]'",
        )


@contextlib.contextmanager
def _quiet_exporter() -> Iterator[None]:
    """Without the exporters' notes on optional packages and on torch's own deprecations."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript", "onnx_ir", "")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
