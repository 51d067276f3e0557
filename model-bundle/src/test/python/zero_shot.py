#!/usr/bin/env python3
"""Reference results of transformers' zero-shot classification pipeline. A development tool: nothing in the build or
the product needs it.

    pip install torch==2.15.0 transformers==4.57.6
    python -P model-bundle/src/test/python/zero_shot.py    # -P: tokenizers.py beside it has the name of a library

Classifies with small checkpoints of the parity tests, under the label names of published NLI models, and with
demo-nli. Writes texts, labels and scores into the test resources.
"""

import json
import platform
import shutil
import tempfile
from pathlib import Path

import torch
import transformers
from transformers import AutoModelForSequenceClassification, BertTokenizerFast, PreTrainedTokenizerFast
from transformers.pipelines import ZeroShotClassificationPipeline

REPOSITORY = Path(__file__).resolve().parents[4]
RESOURCES = REPOSITORY / "model-bundle/src/test/resources/dev/crossencoder/model"
TINY = RESOURCES / "testing/parity"
DEMO = REPOSITORY / "demo-models/src/main/resources/dev/crossencoder/demo/demo-nli"
EXPECTED = RESOURCES / "parity/zero-shot.json"

DEFAULT = "This example is {}."
TICKET = "My parcel arrived two days late and the box was open."
SHOP = ["delivery", "billing", "returns", "product quality", "opening hours"]
KEEPER = "The keeper lit the lamp each evening and went home at dawn. "
COLOURS = ["red", "green", "blue", "pale", "dark", "warm", "cold", "old", "new", "dry"]
THINGS = [
    "boats", "lamps", "stones", "books", "roads", "winds", "songs", "walls", "ropes", "clouds", "apples", "trains",
    "coats", "letters", "rivers", "fields", "clocks", "drums", "doors", "wheels", "bread", "chalk", "glass", "paper",
    "sand", "salt", "iron", "wool", "birds", "maps"]
MANY = [f"{colour} {thing}" for thing in THINGS for colour in COLOURS]


def case(text, labels, template=DEFAULT, multi_label=False):
    return {"text": text, "labels": labels, "template": template, "multi_label": multi_label}


CASES = [
    case(TICKET, SHOP),
    case(TICKET, SHOP, multi_label=True),
    case(TICKET, ["delivery"]),
    case(TICKET, ["delivery"], multi_label=True),
    case(TICKET, ["late, open boxes", "invoices, refunds", "a label with, two, commas"]),
    case(TICKET, ["late, open boxes", "invoices, refunds"], multi_label=True),
    case(TICKET, SHOP, "He wrote. It is {}! Yes?"),
    case(TICKET, SHOP, "It is {}. No. It is not.", multi_label=True),
    case(TICKET, SHOP, "{}"),
    case(KEEPER, MANY),
    case(KEEPER, MANY, multi_label=True),
    case(KEEPER * 40, ["water", "light", "nobody"]),
    case(KEEPER * 40, ["water", "light", "nobody"], "They say it is about {}.", multi_label=True),
    case(" \n", ["water", "light"], multi_label=True),
    case("Größe 👩‍🚒 灯台守は誰ですか", ["écriture", "лампа", "火 🔥"]),
    case("Größe 👩‍🚒 灯台守は誰ですか", ["écriture", "лампа", "火 🔥"], "Il s'agit de « {} ».", multi_label=True),
]

# Label names of roberta-large-mnli, MoritzLaurer/DeBERTa-v3-base-mnli, bart-large-mnli, cross-encoder/nli-… and
# models with two labels.
CHECKPOINTS = [
    ("roberta", ["CONTRADICTION", "NEUTRAL", "ENTAILMENT"]),
    ("deberta-v3", ["entailment", "neutral", "contradiction"]),
    ("bart", ["contradiction", "neutral", "entailment"]),
    ("deberta", ["contradiction", "entailment", "neutral"]),
    ("electra-wide", ["entailment", "not_entailment"]),
    ("distilbert", ["not_entailment", "entailment"]),
    ("demo-nli", ["contradiction", "entailment", "neutral"]),
]


def load(name, labels):
    if name == "demo-nli":
        tokenizer = BertTokenizerFast.from_pretrained(DEMO)
        model = AutoModelForSequenceClassification.from_pretrained(
            DEMO, dtype=torch.float32, attn_implementation="eager")
        assert [model.config.id2label[i] for i in range(len(labels))] == labels
        return tokenizer, model
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / name
        shutil.copytree(TINY / name, folder)
        config = json.loads((folder / "config.json").read_text())
        config["id2label"] = {str(i): label for i, label in enumerate(labels)}
        config["label2id"] = {label: i for i, label in enumerate(labels)}
        (folder / "config.json").write_text(json.dumps(config))
        tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
        model = AutoModelForSequenceClassification.from_pretrained(
            folder, dtype=torch.float32, attn_implementation="eager")
    return tokenizer, model


def classify(pipeline, case):
    """The scores in the order of the labels."""
    result = pipeline(case["text"], case["labels"], hypothesis_template=case["template"],
                      multi_label=case["multi_label"])
    scores = dict(zip(result["labels"], result["scores"]))
    return [float(f"{scores[label]:.9g}") for label in case["labels"]]


def main():
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    references = []
    for name, labels in CHECKPOINTS:
        tokenizer, model = load(name, labels)
        pipeline = ZeroShotClassificationPipeline(model=model.eval(), tokenizer=tokenizer, device="cpu")
        scores = [classify(pipeline, case) for case in CASES]
        references.append({"checkpoint": name, "labels": labels, "scores": scores})
        print(f"{name:16} {[round(max(row), 4) for row in scores]}", flush=True)
    versions = {"torch": torch.__version__.split("+")[0], "transformers": transformers.__version__,
                "python": platform.python_version()}
    lines = ["{", f'"versions": {json.dumps(versions)},', '"cases": [']
    lines.append(",\n".join(json.dumps(case, ensure_ascii=False) for case in CASES))
    lines.append('],\n"references": [')
    lines.append(",\n".join(json.dumps(reference) for reference in references))
    lines.append("]\n}\n")
    EXPECTED.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
