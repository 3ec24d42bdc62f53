"""The training recipe: everything about training that is not the arm, the seed or the learning rate."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Recipe(BaseModel):
    """AdamW with linear warm-up and decay, as ``[training]`` in a study file sets it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: int = Field(default=3, ge=1, le=1000)
    """Passes over the training examples."""
    batch_size: int = Field(default=32, ge=1, le=65536)
    """Training examples a step, of each run."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """``auto``: bf16 where the device multiplies it in hardware, fp32 elsewhere."""
    warmup_fraction: float = Field(default=0.06, ge=0, lt=1)
    """Share of all steps over which the learning rate rises linearly from 0; it falls linearly to 0 after."""
    weight_decay: float = Field(default=0.01, ge=0)
    """Decoupled weight decay on every trained matrix; biases and normalisation have none."""
    gradient_clip: float = Field(default=1.0, gt=0)
    """Largest gradient norm of one run; longer gradients are scaled down to it."""
    evaluations_per_epoch: int = Field(default=4, ge=1, le=100)
    """Dev evaluations an epoch; the state with the best dev accuracy (then the lowest dev loss) is kept."""
