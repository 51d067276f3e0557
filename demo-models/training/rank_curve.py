"""Draws the curve of a training: NDCG@10 on TREC DL 2019 and the agreement with the teachers, by pairs."""
import argparse
import csv

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("curve", help="curve.tsv of rank_train.py")
    a.add_argument("picture")
    a.add_argument("--bm25", type=float, default=0.5058)
    a.add_argument("--teachers", type=float, default=0.7065)
    o = a.parse_args()
    rows = list(csv.DictReader(open(o.curve, encoding="utf-8"), delimiter="\t"))
    pairs = [int(r["pairs"]) / 1000 for r in rows]
    figure, axes = plt.subplots(figsize=(6.4, 3.4), dpi=110)
    axes.plot(pairs, [float(r["held_out_tau"]) for r in rows], color="#8a8a8a", marker=".", label="agreement with the teachers (Kendall's tau)")
    dl = [(p, float(r["dl19"])) for p, r in zip(pairs, rows) if r["dl19"]]
    axes.plot([p for p, _ in dl], [v for _, v in dl], color="#1f6fb4", marker="o", label="NDCG@10, TREC DL 2019")
    axes.axhline(o.bm25, color="#1f6fb4", linestyle=":", linewidth=1)
    axes.text(pairs[-1], o.bm25, "BM25", ha="right", va="bottom", fontsize=8, color="#1f6fb4")
    axes.axhline(o.teachers, color="#1f6fb4", linestyle="--", linewidth=1)
    axes.text(0, o.teachers, "teachers, cosine", va="bottom", fontsize=8, color="#1f6fb4")
    axes.set(xlabel="thousand pairs", ylim=(0.15, 0.85), xlim=(0, None))
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right", fontsize=8)
    figure.tight_layout()
    figure.savefig(o.picture)


if __name__ == "__main__":
    main()
