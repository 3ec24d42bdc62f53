"""The proposal's frozen baseline: HF Trainer, backbone frozen, only the classification head trained.

As the recipe has it (padded to 128, fp32), or with ``--tuned`` length groups, dynamic padding, bf16 and
fused AdamW.
"""

from __future__ import annotations

import tempfile
from typing import Any

import torch
from measuring import arguments, measure, parser, tokenized
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    Trainer,
    default_data_collator,
)


def main() -> None:
    known = parser(__doc__)
    known.add_argument("--tuned", action="store_true")
    known.add_argument("--attention", choices=["eager", "sdpa"], default="eager")
    known.add_argument("--fp32", action="store_true", help="no bf16 autocast when tuned")
    options = known.parse_args()
    how: dict[str, Any] = {} if options.tuned else {"padding": "max_length"}
    attention = {"attn_implementation": options.attention} if options.tuned else {}
    model = AutoModelForSequenceClassification.from_pretrained(
        options.model, num_labels=2, dtype=torch.float32, **attention
    )
    model.base_model.requires_grad_(False)
    tuning: dict[str, Any] = {}
    collator: Any = default_data_collator
    if options.tuned:
        collator = DataCollatorWithPadding(AutoTokenizer.from_pretrained(options.model))
        tuning = {
            "train_sampling_strategy": "group_by_length",
            "bf16": not options.fp32,
            "optim": "adamw_torch_fused",
            "logging_nan_inf_filter": False,
        }
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(
            model=model,
            args=arguments(options, folder, **tuning),
            train_dataset=tokenized(options, "train", **how),
            eval_dataset=tokenized(options, "dev", **how),
            data_collator=collator,
        )
        measure(trainer, options)


if __name__ == "__main__":
    main()
