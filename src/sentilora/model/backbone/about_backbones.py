"""What is known of a backbone by its name: title, citations, licence and place, for records and reports.

A backbone without an entry here is called by the last part of its name, and the paper of its family is cited.
"""

from __future__ import annotations

from dataclasses import replace

from sentilora.fetch.pins import ASSETS, Asset
from sentilora.model.backbone.families import FAMILIES, Family
from sentilora.records.about import About


def describe_backbone(name: str, family: Family, commit: str | None) -> About:
    """The facts of the backbone of this name.

    Args:
        name: as ``loading.load_backbone`` takes it.
        family: of its architecture.
        commit: on the hub; None for an asset or a folder.
    """
    last_part = name.rstrip("/").rsplit("/", 1)[-1]
    about = _KNOWN.get(name, About(title=last_part, citations=family.citations))
    if name in ASSETS:
        return about
    return replace(about, place="a local model folder" if commit is None else f"{name}@{commit}")


def _place(asset: Asset) -> str:
    projects = [each.project for each in asset.distributions]
    parts = "" if len(projects) == 1 else f" to {projects[-1]}"
    return f"{asset.origin}, from {projects[0]}{parts} {asset.version} on the package index"


_SENTENCE_BERT = {
    "Reimers and Gurevych 2019": "Reimers, N. and Gurevych, I. (2019). Sentence-BERT: sentence embeddings "
    "using Siamese BERT-networks. EMNLP-IJCNLP, 3982–3992."
}
_DISTILBERT = About(title="DistilBERT", citations=FAMILIES["distilbert"].citations, licence="Apache-2.0")
_KNOWN = {
    "minilm": About(
        title="MiniLM (all-MiniLM-L6-v2)",
        citations={
            "Wang et al. 2020": "Wang, W., Wei, F., Dong, L., Bao, H., Yang, N. and Zhou, M. (2020). MiniLM: "
            "deep self-attention distillation for task-agnostic compression of pre-trained transformers. "
            "NeurIPS 33.",
            **_SENTENCE_BERT,
        },
        licence=ASSETS["minilm"].licence,
        place=_place(ASSETS["minilm"]),
    ),
    "mpnet": About(
        title="MPNet (all-mpnet-base-v2)",
        citations={**FAMILIES["mpnet"].citations, **_SENTENCE_BERT},
        licence=ASSETS["mpnet"].licence,
        place=_place(ASSETS["mpnet"]),
    ),
    "distilbert/distilbert-base-uncased": _DISTILBERT,
    "distilbert-base-uncased": _DISTILBERT,
}
