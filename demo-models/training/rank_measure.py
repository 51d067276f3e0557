"""Measures a checkpoint on TREC DL 2019 and on Cranfield, apart from the product.

The scores come from the plain PyTorch model, the figures from pytrec_eval. For Cranfield, BM25's top 100 is made
here and written as cranfield.bm25.trec, so that `cross-encoder evaluate` can measure the same list. Both sets are only
measured.
"""
import argparse
import json
import pathlib
import re

import numpy as np
import pytrec_eval

from rank_model import Model, Pieces, read_safetensors


def cranfield(folder):
    """Topics numbered by their place, documents, and judgements."""
    folder = pathlib.Path(folder)

    def between(text, tag):
        m = re.search(f"<{tag}>(.*?)</{tag}>", text, re.S)
        return re.sub(r"\s+", " ", m.group(1)).strip() if m else ""

    xml = (folder / "cran.qry.xml").read_text(encoding="utf-8")
    topics = {str(n + 1): between(x, "title") for n, x in enumerate(re.findall(r"<top>.*?</top>", xml, re.S))}
    xml = (folder / "cran.all.1400.xml").read_text(encoding="utf-8")
    docs = {between(x, "docno"): (between(x, "title") + " " + between(x, "text")).strip()
            for x in re.findall(r"<doc>.*?</doc>", xml, re.S)}
    qrels = {}
    for line in open(folder / "cranqrel.trec.txt"):
        q, _, d, g = line.split()
        qrels.setdefault(q, {})[d] = int(g)
    return topics, docs, qrels


def bm25(topics, docs, file):
    import bm25s
    import Stemmer

    stemmer, ids = Stemmer.Stemmer("english"), list(docs)
    index = bm25s.BM25(k1=0.9, b=0.4)
    index.index(bm25s.tokenize(list(docs.values()), stopwords="en", stemmer=stemmer, show_progress=False), show_progress=False)
    found, scores = index.retrieve(bm25s.tokenize(list(topics.values()), stopwords="en", stemmer=stemmer, show_progress=False),
                                   k=100, show_progress=False)
    run = {}
    with open(file, "w") as f:
        for q, rows, values in zip(topics, found, scores):
            run[q] = {ids[i]: float(v) for i, v in zip(rows, values)}
            for rank, (i, v) in enumerate(zip(rows, values), 1):
                print(q, "Q0", ids[i], rank, f"{v:.6f}", "bm25", file=f)
    return run


def trec_dl(folder, year):
    folder = pathlib.Path(folder)
    topics, docs, run, qrels = {}, {}, {}, {}
    for t in json.load(open(folder / f"bm25_top100_dl{year}.json", encoding="utf-8")):
        q = str(t["hits"][0]["qid"])
        topics[q] = t["query"]
        run[q] = {str(h["docid"]): float(h["score"]) for h in t["hits"]}
        docs.update((str(h["docid"]), h["content"]) for h in t["hits"])
    for line in open(folder / f"qrels.dl{year}-passage.txt"):
        q, _, d, g = line.split()
        qrels.setdefault(q, {})[d] = int(g)
    return topics, docs, run, qrels


def ndcg(run, qrels):
    found = pytrec_eval.RelevanceEvaluator(qrels, {"ndcg_cut.10"}).evaluate(run)
    return float(np.mean([found.get(q, {}).get("ndcg_cut_10", 0.0) for q in qrels]))


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("checkpoint")
    a.add_argument("--trec-dl", help="folder")
    a.add_argument("--cranfield", help="folder")
    a.add_argument("--width", type=int, default=512)
    a.add_argument("--out", default=".", help="folder of the run of BM25")
    o = a.parse_args()
    c = pathlib.Path(o.checkpoint)
    model, pieces = Model(read_safetensors(c / "model.safetensors")), Pieces(c / "vocab.txt")
    sets = []
    if o.trec_dl:
        sets.append(("TREC DL 2019", *trec_dl(o.trec_dl, "19")))
    if o.cranfield:
        topics, docs, qrels = cranfield(o.cranfield)
        sets.append(("Cranfield", topics, docs, bm25(topics, docs, pathlib.Path(o.out) / "cranfield.bm25.trec"), qrels))
    for name, topics, docs, run, qrels in sets:
        keys = [(q, d) for q in run for d in run[q]]
        q_ids = dict(zip(topics, pieces.ids(topics.values())))
        d_ids = dict(zip(docs, pieces.ids(docs.values())))
        scores = model.predict([pieces.pair(q_ids[q], d_ids[d], o.width) for q, d in keys])
        ours = {}
        for (q, d), s in zip(keys, scores):
            ours.setdefault(q, {})[d] = float(s)
        print(f"{name}: BM25 {ndcg(run, qrels):.4f}, {c.name} {ndcg(ours, qrels):.4f} ({len(run)} queries)", flush=True)


if __name__ == "__main__":
    main()
