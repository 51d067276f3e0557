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
model = AutoModelForSequenceClassification.from_pretrained(
    checkpoint, local_files_only=True, torchscript=True, attn_implementation="eager").float().eval()
inputs = tokenizer(["how tall is it", "who"], ["It is 41 metres tall.", "Nobody."], padding=True, return_tensors="pt")
order = ("input_ids", "attention_mask", "token_type_ids")
with torch.no_grad():
    traced = torch.jit.trace(model, tuple(inputs[name] for name in order), strict=False)
    longer = tokenizer(["how tall"] * 3, ["It is 41 metres tall and a bit more."] * 3, return_tensors="pt")
    arguments = tuple(longer[name] for name in order)
    difference = (traced(*arguments)[0] - model(*arguments)[0]).abs().max().item()
if difference > 1e-4:
    sys.exit(f"The traced model differs from the checkpoint by {difference}")
traced.save(str(output / "model.pt"))
