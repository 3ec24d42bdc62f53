"""Python for the model card that loads an export with stock libraries alone."""

from __future__ import annotations

from sentilora.export.model_card import Target
from sentilora.use.adapter_folder import ClassifierFile

_TRANSFORMERS = """from transformers import pipeline

classify = pipeline("text-classification", model=".")  # this folder
print(classify(["a warm, funny film"], truncation=True))
"""

_PEFT = """import torch
from peft import PeftModel
from transformers import AutoModelForSequenceClassification, AutoTokenizer

labels = {labels}
base = AutoModelForSequenceClassification.from_pretrained(
    {name}, revision={revision}, num_labels=len(labels), id2label=labels
)
model = PeftModel.from_pretrained(base, ".").eval()  # this folder; it brings the head
tokenizer = AutoTokenizer.from_pretrained(".")
with torch.no_grad():
    inputs = tokenizer(["a warm, funny film"], padding=True, truncation=True, return_tensors="pt")
    print(model(**inputs).logits.softmax(-1))
"""

_PEFT_AND_HEAD = """import torch
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModel, AutoTokenizer

labels = {labels}
encoder = AutoModel.from_pretrained({name}, revision={revision})
encoder = PeftModel.from_pretrained(encoder, ".").eval()  # this folder
head, tokenizer = load_file("head.safetensors"), AutoTokenizer.from_pretrained(".")
with torch.no_grad():
    inputs = tokenizer(["a warm, funny film"], padding=True, truncation=True, return_tensors="pt")
    hidden = encoder(**inputs).last_hidden_state
    {pooled}
    print((pooled @ head["weight"].T + head["bias"]).softmax(-1))
"""

_ONNX = """import onnxruntime
from transformers import AutoTokenizer

labels = {labels}
session = onnxruntime.InferenceSession("model.onnx")  # in this folder
tokenizer = AutoTokenizer.from_pretrained(".")
inputs = tokenizer(["a warm, funny film"], padding=True, truncation=True, return_tensors="np")
feed = {{name: inputs[name].astype("int64") for name in ("input_ids", "attention_mask")}}
print(labels[session.run(["logits"], feed)[0].argmax(-1)[0]])
"""

_POOLED = {
    "cls": "pooled = hidden[:, 0]",
    "mean": 'mask = inputs["attention_mask"][..., None]; pooled = (hidden * mask).sum(1) / mask.sum(1)',
    "both": 'mask = inputs["attention_mask"][..., None]; '
    "pooled = torch.cat([hidden[:, 0], (hidden * mask).sum(1) / mask.sum(1)], dim=-1)",
}


def usage_example(
    target: Target, description: ClassifierFile, name: str, revision: str | None, *, on_stock_head: bool
) -> str:
    """A fenced block of Python that loads the export in the current folder.

    Args:
        target: what was exported.
        description: of the adapter.
        name: of the base model, where stock libraries find it.
        revision: its commit, or None.
        on_stock_head: whether a PEFT export sits on transformers' own classifier.
    """
    template = {
        "transformers": _TRANSFORMERS,
        "onnx": _ONNX,
        "peft": _PEFT if on_stock_head else _PEFT_AND_HEAD,
    }[target]
    code = template.format(
        labels=dict(enumerate(description.labels)),
        name=repr(name),
        revision=repr(revision),
        pooled=_POOLED[description.pooling],
    )
    return f"```python\n{code}```"
