"""The proposal's recipe as written: HF Trainer + PEFT, every text padded to 128 tokens, fp32."""

from __future__ import annotations

import tempfile

import torch
from measuring import arguments, lora_model, measure, parser, tokenized
from transformers import Trainer, default_data_collator


def main() -> None:
    options = parser(__doc__).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(
            model=lora_model(options, dtype=torch.float32),
            args=arguments(options, folder),
            train_dataset=tokenized(options, "train", padding="max_length"),
            eval_dataset=tokenized(options, "dev", padding="max_length"),
            data_collator=default_data_collator,
        )
        measure(trainer, options)


if __name__ == "__main__":
    main()
