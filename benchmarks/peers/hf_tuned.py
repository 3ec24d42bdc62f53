"""HF Trainer + PEFT as fast as their own options make it: length groups, dynamic padding, bf16, fused AdamW.

What helps depends on the machine, so the attention, the dtype of the frozen weights, the dataloader's
workers and ``torch.compile`` are options; the benchmark runs variants side by side and
compares with the best.
"""

from __future__ import annotations

import tempfile

import torch
from measuring import arguments, lora_model, measure, parser, tokenized
from transformers import AutoTokenizer, DataCollatorWithPadding, Trainer


def main() -> None:
    known = parser(__doc__)
    known.add_argument("--attention", choices=["eager", "sdpa"], default="eager")
    known.add_argument("--frozen", choices=["fp32", "bf16"], default="fp32", help="dtype of frozen weights")
    known.add_argument("--fp32", action="store_true", help="no bf16 autocast")
    known.add_argument("--workers", type=int, default=0)
    known.add_argument("--compile", action="store_true")
    options = known.parse_args()
    frozen = torch.bfloat16 if options.frozen == "bf16" else torch.float32
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(
            model=lora_model(options, attn_implementation=options.attention, dtype=frozen),
            args=arguments(
                options,
                folder,
                train_sampling_strategy="group_by_length",
                bf16=not options.fp32,
                optim="adamw_torch_fused",
                dataloader_num_workers=options.workers,
                torch_compile=options.compile,
                logging_nan_inf_filter=False,
            ),
            train_dataset=tokenized(options, "train"),
            eval_dataset=tokenized(options, "dev"),
            data_collator=DataCollatorWithPadding(AutoTokenizer.from_pretrained(options.model)),
        )
        measure(trainer, options)


if __name__ == "__main__":
    main()
