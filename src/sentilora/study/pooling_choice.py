"""What heads read: the pooling that a backbone was trained with, or the one that suits it best on dev.

An encoder that was trained with the mean over its tokens has a first token that nobody taught anything. A
frozen baseline that reads it is too weak, and all that LoRA then gains by repairing it looks like a gain of
LoRA's (docs/design/005-pooling.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, get_args

from sentilora.study_file.arms import Pooling, ProbeArm
from sentilora.train.exact_probe import solve_probe
from sentilora.train.inputs import TrainingInputs


def choose_pooling(
    asked: Pooling | Literal["auto"], inputs: TrainingInputs
) -> tuple[Pooling, Mapping[str, float]]:
    """The pooling of a study, and the dev accuracy of each that was tried for it.

    Where nothing is known of the backbone, the exact probe is solved with each pooling on the training texts,
    and the best on dev is taken: accuracy first, then loss. Texts are encoded once for all of them, and the
    frozen arms use the same features, so that the choice costs no pass over the backbone.

    Args:
        asked: as the study has it.
        inputs: what all runs share.
    """
    if asked != "auto":
        return asked, {}
    if inputs.backbone.pooling is not None:
        return inputs.backbone.pooling, {}
    trials = {pooling: _solve(pooling, inputs) for pooling in get_args(Pooling)}
    best = min(trials, key=lambda pooling: (-trials[pooling][0], trials[pooling][1]))
    return best, {pooling: accuracy for pooling, (accuracy, _) in trials.items()}


def _solve(pooling: Pooling, inputs: TrainingInputs) -> tuple[float, float]:
    """Accuracy and loss on dev of the exact probe with this pooling."""
    inputs = replace(inputs, pooling=pooling)
    probe = solve_probe(
        inputs.encoded("train").values,
        inputs.splits["train"].labels,
        inputs.encoded("dev").values,
        inputs.splits["dev"].labels,
        inverse_l2=ProbeArm(name="frozen", method="probe").inverse_l2,
        num_classes=inputs.num_classes,
    )
    return probe.dev_accuracy, probe.dev_loss
