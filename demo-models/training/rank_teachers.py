"""Embeds the passages and the queries once with each teacher and keeps the vectors.

A teacher is an ONNX file of a bi-encoder with its `tokenizer.json`; the matrix products are quantized to int8 for
speed (on TREC DL 2019 the ranking of the quantized teachers is as good as that of the full ones).
"""
import argparse
import json
import pathlib
import time

import numpy as np
import onnxruntime as ort
from tokenizers import Tokenizer

# name: (file without ending, pooling, prefix of queries, prefix of passages)
TEACHERS = {
    "bge": ("bge-small-en-v1.5", "first", "Represent this sentence for searching relevant passages: ", ""),
    "e5": ("e5-small-v2", "mean", "query: ", "passage: "),
    "minilm": ("all-minilm-l6-v2", "mean", "", ""),
}


class Teacher:
    """One bi-encoder."""

    def __init__(self, name, folder, threads=2):
        from onnxruntime.quantization import QuantType, quantize_dynamic

        file, self.pooling, self.query_prefix, self.passage_prefix = TEACHERS[name]
        folder = pathlib.Path(folder)
        model = folder / f"{file}.q.onnx"
        if not model.exists():
            quantize_dynamic(folder / f"{file}.onnx", model, weight_type=QuantType.QInt8, per_channel=True,
                             op_types_to_quantize=["MatMul"])
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self.inputs = {i.name for i in self.session.get_inputs()}
        self.tokenizer = Tokenizer.from_file(str(folder / f"{file}-tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(512)

    def embed(self, texts, batch=8):
        """Unit vectors, one a text."""
        enc = self.tokenizer.encode_batch(texts)
        order = sorted(range(len(texts)), key=lambda i: len(enc[i].ids))
        out, said = np.zeros((len(texts), 384), np.float32), time.time()
        for at in range(0, len(order), batch):
            rows = order[at:at + batch]
            width = max(len(enc[i].ids) for i in rows)
            ids, mask = np.zeros((len(rows), width), np.int64), np.zeros((len(rows), width), np.int64)
            for r, i in enumerate(rows):
                ids[r, :len(enc[i].ids)], mask[r, :len(enc[i].ids)] = enc[i].ids, 1
            feed = dict(input_ids=ids, attention_mask=mask, token_type_ids=np.zeros_like(ids))
            h = self.session.run(None, {k: v for k, v in feed.items() if k in self.inputs})[0]
            v = h[:, 0] if self.pooling == "first" else (h * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
            out[rows] = v / np.linalg.norm(v, axis=1, keepdims=True)
            if time.time() - said > 30:
                said = time.time()
                print(f"  {at}/{len(order)}", flush=True)
        return out

    def queries(self, texts):
        return self.embed([self.query_prefix + x for x in texts])

    def passages(self, texts):
        return self.embed([self.passage_prefix + x for x in texts])


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--texts", required=True, help="folder with passages.jsonl and queries.jsonl; the vectors go there")
    a.add_argument("--teachers", required=True, help="folder with NAME.onnx and NAME-tokenizer.json of each teacher")
    a.add_argument("--use", nargs="+", default=["e5", "bge"], choices=sorted(TEACHERS))
    o = a.parse_args()
    folder = pathlib.Path(o.texts)
    for name in o.use:
        teacher = Teacher(name, o.teachers)
        for kind in ("queries", "passages"):
            out, start = folder / f"{kind}.{name}.npy", time.time()
            if out.exists():
                continue
            texts = [json.loads(line)["text"] for line in open(folder / f"{kind}.jsonl", encoding="utf-8")]
            np.save(out, getattr(teacher, kind)(texts).astype(np.float16))
            print(name, kind, len(texts), f"{time.time() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
