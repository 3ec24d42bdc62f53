"""How many LoRA runs a device trains at once, from the memory that their activations take."""

from __future__ import annotations

import psutil
import torch

from sentilora.data.batches.batching import BatchPlan
from sentilora.train.inputs import TrainingInputs

MOST_ON_CPU = 8
"""Two cores gain nothing from larger packs, and caches lose (benchmarks/README.md)."""

MOST_ON_GPU = 32

SHARE_OF_FREE_MEMORY = 0.5
"""The rest is for evaluation, the allocator's slack and everybody else."""


def lora_runs_per_pack(inputs: TrainingInputs) -> int:
    """The most runs whose activations fit, at least 1."""
    if not inputs.encoder.packable:
        return 1
    most = MOST_ON_CPU if inputs.device.type == "cpu" else MOST_ON_GPU
    fitting = SHARE_OF_FREE_MEMORY * free_bytes(inputs.device) / bytes_per_run(inputs)
    return max(1, min(most, int(fitting)))


def bytes_per_run(inputs: TrainingInputs) -> int:
    """Activations that one run keeps for its backward pass on the largest batch, plus its optimizer state.

    A block keeps about 17 widths a token (inputs, dropped inputs, queries, keys, values, context, two sums
    and norms, and the feed-forward's 4 widths twice) and its attention weights.
    """
    plan = BatchPlan(inputs.splits["train"].tokens.lengths, inputs.recipe.batch_size)
    longest = int(plan.edges[-1])
    tokens = min(inputs.recipe.batch_size, len(plan.lengths)) * longest
    num_heads = max(1, inputs.backbone.hidden_size // 32)
    value_bytes = 2 if inputs.precision == "bf16" else 4
    per_token = inputs.backbone.num_layers * (17 * inputs.backbone.hidden_size + 3 * num_heads * longest)
    return tokens * per_token * value_bytes


def free_bytes(device: torch.device) -> int:
    """Memory that can still be had on a device."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    return int(psutil.virtual_memory().available)
