"""sentilora: what LoRA does for your sentiment classifier, with proof.

::

    import sentilora

    classifier = sentilora.load("runs/quickstart/RUN")
    classifier.predict(["A warm, funny film."])

The rooms, in the order in which they stand on each other:

- ground: ``files``, ``study_file`` (what a user may write), ``records`` (what a run leaves behind)
- training: ``fetch``, ``data``, ``model``, ``train``, ``study``
- ``evidence``: what it shows, read from records
- roof: ``use`` (a classifier at work), ``export``, ``serve``, ``cli``
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sentilora.errors import SentiloraError

if TYPE_CHECKING:
    from sentilora.use.predict import Classifier

__version__ = "0.1.0"

__all__ = ["SentiloraError", "__version__", "load"]


def load(
    folder: Path | str, *, device: str = "auto", precision: Literal["auto", "fp32"] = "auto"
) -> Classifier:
    """The classifier that a run has left in its folder. torch is imported here, not with ``sentilora``.

    Args:
        folder: a run's folder in a study's records, its ``adapter/``, or a copy of that.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:N`` or ``mps``.
        precision: ``auto`` computes in bf16 where the device multiplies it in hardware, and texts near a tie
            again in fp32; ``fp32`` computes everything in fp32.

    Raises:
        AdapterError: no adapter lies there, or it is incomplete, altered, or not of its backbone.
        BackboneError, HubError, AssetError: the backbone cannot be had.
        DeviceError: the device is not there.
    """
    from sentilora.use.predict import load_classifier

    return load_classifier(Path(folder), device=device, precision=precision)
