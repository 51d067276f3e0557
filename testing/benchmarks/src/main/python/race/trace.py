"""Traces a checkpoint for DJL, as https://docs.djl.ai/master/docs/pytorch/how_to_convert_your_model_to_torchscript.html
describes it, and writes its tokenizer.json beside it.

    python trace.py CHECKPOINT OUTPUT
"""

import sys
from pathlib import Path

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

checkpoint, output = sys.argv[1], Path(sys.argv[2])
output.mkdir(parents=True, exist_ok=True)
tokenizer = AutoTokenizer.from_pretrained(checkpoint, local_files_only=True)
tokenizer.save_pretrained(output)


class Logits(torch.nn.Module):
    """The logits as a tensor: DJL's translator reads the first output."""

    def __init__(self):
        super().__init__()
        self.model = AutoModelForSequenceClassification.from_pretrained(
            checkpoint, local_files_only=True, dtype=torch.float32)

    def forward(self, input_ids, attention_mask, token_type_ids):
        return self.model(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).logits


def inputs(query, passages):
    encoded = tokenizer([query] * len(passages), passages, padding=True, return_tensors="pt")
    return tuple(encoded[name] for name in ("input_ids", "attention_mask", "token_type_ids"))


model = Logits().eval()
with torch.no_grad():
    traced = torch.jit.trace(model, inputs("how tall is it", ["It is 41 metres tall.", "Nobody knows."]), strict=False)
    others = inputs("how tall", ["It is 41 metres tall and a bit more.", "It is", "Yes, it is tall."])
    difference = (traced(*others) - model(*others)).abs().max().item()
if difference > 1e-4:
    sys.exit(f"The traced model differs from the checkpoint by {difference}")
traced.save(str(output / "model.pt"))
