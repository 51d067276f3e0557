"""Scales and shifts the logits of a checkpoint, so that its sigmoid can be read as a probability.

Fits Platt scaling on the groups of the first queries that have a passage which is known to answer. Both kinds of
passages, those that are known to answer and all others, have the same weight. The order of passages stays as it was.
"""
import argparse
import json
import pathlib

import numpy as np

from rank_model import Model, Pieces, read_safetensors, write_checkpoint


def platt(logits, known):
    """Slope and offset by Newton's method on the weighted logistic loss."""
    weight = np.where(known, 0.5 / known.sum(), 0.5 / (~known).sum())
    x, w = np.stack([logits, np.ones_like(logits)], 1), np.array([1.0, 0.0])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ w))
        step = np.linalg.solve((x * (weight * p * (1 - p))[:, None]).T @ x, x.T @ (weight * (p - known)))
        w -= step
        if np.abs(step).max() < 1e-9:
            break
    return w


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("checkpoint")
    a.add_argument("out")
    a.add_argument("--texts", required=True)
    a.add_argument("--queries", type=int, default=300)
    o = a.parse_args()
    folder, checkpoint = pathlib.Path(o.texts), pathlib.Path(o.checkpoint)
    weights, pieces = read_safetensors(checkpoint / "model.safetensors"), Pieces(checkpoint / "vocab.txt")
    rows = {k: [json.loads(line) for line in open(folder / f"{k}.jsonl", encoding="utf-8")] for k in ("queries", "passages")}
    pairs, known = [], []
    for q, group in zip(rows["queries"][:o.queries], np.load(folder / "groups.npz")["groups"]):
        if q["gold"] and q["source"] != "keywords":
            first, *others = pieces.ids([q["text"]] + [rows["passages"][c]["text"] for c in group])
            pairs += [pieces.pair(first, other, 256) for other in others]
            known += [int(c) in q["gold"] for c in group]
    logits, known = Model(weights).predict(pairs).astype(np.float64), np.array(known)
    slope, offset = platt(logits, known)
    weights["classifier.weight"] *= float(slope)
    weights["classifier.bias"] = weights["classifier.bias"] * float(slope) + float(offset)
    write_checkpoint(o.out, weights, pieces.vocab)
    p = 1 / (1 + np.exp(-(logits * slope + offset)))
    print(f"{len(pairs)} pairs, {known.sum()} known to answer; slope {slope:.3f}, offset {offset:.3f};",
          f"mean probability {p[known].mean():.3f} and {p[~known].mean():.3f}; right at 0.5: {(p[known] > 0.5).mean():.3f} and {(p[~known] <= 0.5).mean():.3f}")


if __name__ == "__main__":
    main()
