"""One classifier by itself: full fine-tuning, or any adapter that PEFT knows.

The slow path beside ``packed``, and its oracle: transformers' own modules, PEFT's own adapters, autocast for
bf16 over fp32 weights. A step's dropout is drawn from the run's seed and the step alone.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Final

import torch
from peft import PeftModel
from safetensors.torch import save_file
from torch import Tensor, nn

from sentilora.data.batches.corpus import TokenBatch
from sentilora.model.backbone.loading import Backbone
from sentilora.model.heads import ParameterCount, initial_head, pool, pooled_size
from sentilora.model.peft_io import (
    load_head,
    load_peft,
    load_tensors,
    save_head,
    save_peft,
    trained_parameters,
    wrap_with_peft,
)
from sentilora.model.randomness import place_of
from sentilora.study_file.arms import FullArm, LoraArm, PeftArm, Pooling

FULL_WEIGHTS_FILE = "model.safetensors"


class UnpackedClassifier:
    """A backbone with what one arm trains in it, and a linear head: a ``train.engine.Trainee`` of one run.

    Args:
        backbone: copied, never changed.
        arm: ``full``, ``peft``, or ``lora`` (through PEFT, as the oracle of packed training).
        seed: of initialisation and dropout.
        pooling: what the head reads.
        num_classes: C.
        device: where to compute.
        dtype: bfloat16 computes under autocast; weights are fp32 either way.
    """

    reads: Final = "tokens"
    num_runs = 1
    capturable = False

    def __init__(
        self,
        backbone: Backbone,
        arm: FullArm | PeftArm | LoraArm,
        seed: int,
        *,
        pooling: Pooling,
        num_classes: int,
        device: torch.device,
        dtype: torch.dtype,
    ) -> None:
        self.encoder: nn.Module
        if isinstance(arm, FullArm):
            self.encoder = copy.deepcopy(backbone.encoder).requires_grad_().train()
        else:
            self.encoder = wrap_with_peft(backbone, arm, seed)
        self.encoder.to(device)
        self._adapter_dropout = [
            module for name, module in self.encoder.named_modules() if "lora_dropout" in name
        ]
        width = pooled_size(backbone.hidden_size, pooling)
        head = initial_head(seed, width, num_classes).to(device)
        self.weight = head[:-num_classes].view(-1, num_classes).T.contiguous().requires_grad_()
        self.bias = head[-num_classes:].clone().requires_grad_()
        self._seed = seed
        self._pooling = pooling
        self._device = device
        self._dtype = dtype
        self._full = isinstance(arm, FullArm)

    @property
    def parameters(self) -> list[Tensor]:
        """What the optimizer updates: the encoder's trained parameters, then the head's."""
        return [*trained_parameters(self.encoder).values(), self.weight, self.bias]

    @property
    def decayed(self) -> list[Tensor]:
        """1 for matrices, 0 for biases and normalisation."""
        return [torch.tensor(float(p.ndim > 1), device=self._device) for p in self.parameters]

    def logits(self, inputs: TokenBatch, step: Tensor | None) -> Tensor:
        """Logits (1, S, C) in fp32; dropout only where ``step`` is given."""
        for module in [self.encoder] if self._full else self._adapter_dropout:
            module.train(step is not None)
        ids = inputs.input_ids[0]
        mask = torch.ones_like(ids, dtype=torch.bool) if inputs.mask is None else inputs.mask[0]
        devices = [self._device] if self._device.type == "cuda" else []
        with torch.random.fork_rng(devices, enabled=step is not None):
            if step is not None:
                torch.manual_seed((self._seed << 31) | (place_of("dropout") ^ int(step)))
            with torch.autocast(self._device.type, torch.bfloat16, enabled=self._dtype == torch.bfloat16):
                hidden = self.encoder(input_ids=ids, attention_mask=mask.long()).last_hidden_state
        pooled = pool(hidden, mask, self._pooling)
        return (pooled @ self.weight.T + self.bias)[None]

    def count(self, k: int) -> ParameterCount:
        """What the run trains; ``k`` is 0."""
        inside = sum(parameter.numel() for parameter in trained_parameters(self.encoder).values())
        head = self.weight.numel() + self.bias.numel()
        return ParameterCount(
            adapter=0 if self._full else inside, head=head, backbone=inside if self._full else 0
        )

    def save_run(self, k: int, folder: Path) -> None:
        """Write the adapter, or with full fine-tuning all weights, and the head."""
        folder.mkdir(parents=True, exist_ok=True)
        if self._full:
            state = {name: tensor.cpu().contiguous() for name, tensor in self.encoder.state_dict().items()}
            save_file(state, folder / FULL_WEIGHTS_FILE, metadata={"format": "pt"})
        else:
            save_peft(folder, self.peft_model)
        save_head(folder, self.weight, self.bias)

    @torch.no_grad()
    def load_run(self, k: int, folder: Path) -> None:
        """Read what ``save_run`` wrote for the same arm."""
        if self._full:
            self.encoder.load_state_dict(load_tensors(folder / FULL_WEIGHTS_FILE))
        else:
            load_peft(folder, self.peft_model)
        weight, bias = load_head(folder)
        self.weight.copy_(weight)
        self.bias.copy_(bias)

    @property
    def peft_model(self) -> PeftModel:
        """The encoder of an arm that PEFT wraps."""
        assert isinstance(self.encoder, PeftModel)
        return self.encoder
