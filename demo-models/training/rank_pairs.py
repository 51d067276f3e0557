"""Chooses the candidates of each query and their target scores.

A query's group holds passages that are known to answer (if any), passages from the top of BM25's list, from its
middle and from its end, passages that the teachers like best, and one drawn at random, so that a group looks like
the list that a reranker gets. The target is the mean of the teachers' cosines after each teacher is brought to mean 0
and deviation 1 on the pairs that BM25 found. A passage that is known to answer gets a bonus.
"""
import argparse
import json
import pathlib
import random

import bm25s
import numpy as np
import Stemmer


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--texts", required=True, help="folder with passages.jsonl, queries.jsonl and the vectors")
    a.add_argument("--use", nargs="+", default=["e5", "bge"])
    a.add_argument("--group", type=int, default=8)
    a.add_argument("--scale", type=float, default=1.6, help="deviation of the targets on BM25's pairs")
    a.add_argument("--centre", type=float, default=1.0, help="teachers' mean score that becomes the logit 0")
    a.add_argument("--bonus", type=float, default=0.6, help="added to the teachers' mean where a passage is known to answer")
    a.add_argument("--most", type=float, default=3.6, help="largest mean score, bonus included")
    a.add_argument("--separate", type=float, default=0.0,
                   help="how much less than the best known answer the others may have at most, if more than 0")
    a.add_argument("--seed", type=int, default=18)
    o = a.parse_args()
    folder, rnd = pathlib.Path(o.texts), random.Random(o.seed)
    passages = [json.loads(line) for line in open(folder / "passages.jsonl", encoding="utf-8")]
    queries = [json.loads(line) for line in open(folder / "queries.jsonl", encoding="utf-8")]
    stemmer = Stemmer.Stemmer("english")
    index = bm25s.BM25(k1=0.9, b=0.4)
    index.index(bm25s.tokenize([p["text"] for p in passages], stopwords="en", stemmer=stemmer, show_progress=False), show_progress=False)
    found, _ = index.retrieve(bm25s.tokenize([q["text"] for q in queries], stopwords="en", stemmer=stemmer, show_progress=False), k=100, show_progress=False, n_threads=2)
    mean, top = np.zeros((len(queries), 100), np.float32), []
    scores = np.zeros((len(queries), len(passages)), np.float32)
    for t in o.use:
        q, p = (np.load(folder / f"{k}.{t}.npy").astype(np.float32) for k in ("queries", "passages"))
        s = q @ p.T
        on_bm25 = np.take_along_axis(s, found, 1)
        centre, spread = on_bm25.mean(), on_bm25.std(axis=1).mean()
        print(t, "mean", round(float(centre), 4), "deviation within a query", round(float(spread), 4))
        scores += (s - centre) / spread / len(o.use)
    groups, targets, gold_rank, gold_score = [], [], [], []
    for i, q in enumerate(queries):
        s, gold = scores[i], set(q["gold"])
        best = np.argpartition(-s, 30)[:30]
        best = best[np.argsort(-s[best])]
        if gold:
            g = max(gold, key=lambda x: s[x])
            gold_rank.append(int((s > s[g]).sum()) + 1)
            gold_score.append(float(s[g]))
        bm = [int(x) for x in found[i]]
        wanted = sorted(gold, key=lambda x: -s[x])[:2]
        wanted += [int(best[0])] + rnd.sample(bm[:5], 2) + rnd.sample(bm[5:25], 1) + [int(x) for x in rnd.sample(list(best[1:15]), 1)]
        wanted += rnd.sample(bm[25:], 2) + [rnd.randrange(len(passages))]
        chosen = list(dict.fromkeys(wanted))
        while len(chosen) < o.group + 3:
            chosen = list(dict.fromkeys(chosen + rnd.sample(bm, 2)))
        # the random one and the gold stay; the rest is cut to the size of the group
        chosen = chosen[:o.group - 1] + ([wanted[-1]] if wanted[-1] not in chosen[:o.group - 1] else [chosen[o.group - 1]])
        groups.append(chosen)
        answers = gold & set(chosen) if q["source"] != "keywords" else set()
        wanted = [min(float(s[c]) + (o.bonus if c in answers else 0), o.most) for c in chosen]
        if answers and o.separate > 0:
            limit = max(w for c, w in zip(chosen, wanted) if c in answers) - o.separate
            wanted = [w if c in answers else min(w, limit) for c, w in zip(chosen, wanted)]
        targets.append([o.scale * (w - o.centre) for w in wanted])
    np.savez_compressed(folder / "groups.npz", groups=np.array(groups, np.int32), targets=np.array(targets, np.float32))
    targets = np.array(targets)
    print("groups", len(groups), "targets mean", targets.mean(), "deviation", targets.std(), "within a group", targets.std(axis=1).mean(),
          "random", targets[:, -1].mean(), "top of a group", targets.max(axis=1).mean())
    print("gold: teachers' mean", np.mean(gold_score), "rank", np.mean(gold_rank), "first", np.mean(np.array(gold_rank) == 1))


if __name__ == "__main__":
    main()
