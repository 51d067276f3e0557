"""Records cases with the figures of the reference implementations, for ReferenceTest.

    python -m venv venv
    venv/bin/pip install pytrec-eval-terrier==0.5.11 ir-measures==0.4.3 scikit-learn==1.9.1 scipy==1.17.1 numpy==2.4.6
    venv/bin/python evaluation/src/test/python/reference.py

All data are synthetic. The file has one seed, so that it can be written again.
"""

import json
import pathlib

import ir_measures
import numpy as np
import pytrec_eval
from scipy import stats
from sklearn import metrics

SEED = 20261130
FOLDER = pathlib.Path(__file__).parent.parent / "resources/dev/crossencoder/evaluation"


def document(random):
    """Ids of several lengths and alphabets: ties are broken by the bytes of ids."""
    number = int(random.integers(0, 400))
    return random.choice(["d%d", "D%03d", "doc-%d", "é%d", "\ufffd%d", "\U0001f600%d", "%d"]) % number


def ranking_case(random, queries, depth, levels, tie):
    qrels, run = {}, {}
    for number in range(queries):
        query = "q%d" % number
        documents = sorted({document(random) for _ in range(depth)})
        random.shuffle(documents)
        judged = {}
        for name in documents:
            if random.random() < 0.5:
                judged[name] = int(random.integers(-1, levels + 1))
        for _ in range(int(random.integers(0, 6))):
            judged["unranked-%d" % int(random.integers(0, 1000))] = int(random.integers(0, levels + 1))
        if random.random() < 0.1:
            judged = {name: 0 for name in judged}
        if judged and random.random() < 0.9:
            qrels[query] = judged
        if random.random() < 0.85:
            scores = random.normal(size=len(documents)) * 10
            if tie == "rounded":
                scores = np.round(scores / 4)
            elif tie == "float":
                # Different doubles that are the same float.
                scores = np.round(scores) + random.normal(size=len(documents)) * 1e-10
            elif tie == "all":
                scores = np.zeros(len(documents))
            run[query] = {name: float(score) for name, score in zip(documents, scores)}
    return qrels, run


def exponential(qrels):
    return {
        query: {name: 2**grade - 1 if grade > 0 else 0 for name, grade in judged.items()}
        for query, judged in qrels.items()
    }


def ranking_figures(qrels, run, level, ties):
    cuts = "1,3,10,100"
    evaluator = pytrec_eval.RelevanceEvaluator(
        qrels,
        {"ndcg", "ndcg_cut." + cuts, "map", "map_cut." + cuts, "recip_rank", "recall." + cuts, "P." + cuts},
        relevance_level=level,
    )
    found = evaluator.evaluate(run)
    gains = pytrec_eval.RelevanceEvaluator(exponential(qrels), {"ndcg", "ndcg_cut." + cuts}).evaluate(run)
    by_query = {}
    for query, values in found.items():
        figures = {"ndcg": values["ndcg"], "map": values["map"], "mrr": values["recip_rank"]}
        figures["ndcg-exp"] = gains[query]["ndcg"]
        for cut in cuts.split(","):
            figures["ndcg@" + cut] = values["ndcg_cut_" + cut]
            figures["ndcg-exp@" + cut] = gains[query]["ndcg_cut_" + cut]
            figures["map@" + cut] = values["map_cut_" + cut]
            figures["recall@" + cut] = values["recall_" + cut]
            figures["precision@" + cut] = values["P_" + cut]
            # The rank is at most the cutoff; trec_eval has no cutoff for this figure.
            figures["mrr@" + cut] = values["recip_rank"] if values["recip_rank"] * int(cut) > 0.999 else 0.0
        by_query[query] = figures
    # ir-measures counts missing queries as 0. It takes RR@k from MS MARCO's script, which orders ties otherwise.
    measures = {
        "ndcg@10": ir_measures.nDCG @ 10,
        "mrr": ir_measures.RR(rel=level),
        "map": ir_measures.AP(rel=level),
        "recall@10": ir_measures.R(rel=level) @ 10,
        "precision@10": ir_measures.P(rel=level) @ 10,
    }
    if not ties:
        measures["mrr@10"] = ir_measures.RR(rel=level) @ 10
        measures["mrr@3"] = ir_measures.RR(rel=level) @ 3
    means = ir_measures.calc_aggregate(measures.values(), qrels, run)
    return by_query, {name: means[measure] for name, measure in measures.items()}


def rankings(random):
    cases = []
    for queries, depth, levels, tie, level in [
        (1, 1, 1, None, 1),
        (4, 5, 1, None, 1),
        (20, 30, 3, None, 1),
        (20, 30, 3, None, 2),
        (20, 30, 3, "rounded", 1),
        (20, 30, 3, "float", 1),
        (10, 12, 2, "all", 1),
        (6, 150, 4, "rounded", 3),
    ]:
        while True:
            qrels, run = ranking_case(random, queries, depth, levels, tie)
            if set(qrels) & set(run):
                break
        by_query, means = ranking_figures(qrels, run, level, tie is not None)
        cases.append(
            {
                "relevance_level": level,
                "qrels": qrels,
                "run": run,
                "by_query": by_query,
                "means_with_missing_as_zero": means,
            }
        )
    return cases


def classifications(random):
    cases = []
    for labels, predicted, pairs in [
        (["a", "b", "c"], ["a", "b", "c"], 200),
        (["a", "b"], ["b", "c"], 50),
        (["a"], ["a", "b"], 10),
        (["entailment", "neutral", "contradiction"], ["neutral"], 30),
    ]:
        gold = random.choice(labels, pairs).tolist()
        found = random.choice(predicted, pairs).tolist()
        names = sorted(set(gold) | set(found))
        cases.append(
            {
                "gold": gold,
                "predicted": found,
                "accuracy": metrics.accuracy_score(gold, found),
                "macro_f1": metrics.f1_score(gold, found, average="macro", zero_division=0),
                "labels": names,
                "confusion": metrics.confusion_matrix(gold, found, labels=names).tolist(),
            }
        )
    return cases


def best(figure, gold, scores):
    """The thresholds of sentence-transformers, between different scores."""
    distinct = np.unique(scores)[::-1]
    found = [(figure(gold, scores > (a + b) / 2), (a + b) / 2) for a, b in zip(distinct, distinct[1:])]
    value = max(value for value, _ in found)
    return {"value": value, "threshold": next(threshold for other, threshold in found if other == value)}


def binaries(random):
    cases = []
    for pairs, share, digits in [(2, 0.5, 9), (100, 0.3, 9), (100, 0.3, 1), (300, 0.05, 2), (50, 0.9, 0)]:
        gold = (random.random(pairs) < share).astype(int)
        gold[:2] = [0, 1]
        scores = np.round(gold * 0.8 + random.normal(size=pairs), digits) + 0.0
        cases.append(
            {
                "gold": gold.tolist(),
                "scores": scores.tolist(),
                "average_precision": metrics.average_precision_score(gold, scores),
                "f1": best(lambda a, b: metrics.f1_score(a, b, zero_division=0), gold, scores),
                "accuracy": best(metrics.accuracy_score, gold, scores),
            }
        )
    return cases


def similarities(random):
    cases = []
    for pairs, digits in [(2, 9), (100, 9), (100, 0), (500, 1)]:
        gold = np.round(random.random(pairs) * 5, digits)
        scores = np.round(gold / 5 + random.normal(size=pairs) * 0.3, digits)
        cases.append(
            {
                "gold": gold.tolist(),
                "scores": scores.tolist(),
                "pearson": stats.pearsonr(gold, scores).statistic,
                "spearman": stats.spearmanr(gold, scores).statistic,
            }
        )
    return cases


def bootstraps(random):
    cases = []
    for size, gain in [(43, 0.02), (200, 0.1), (1000, 0.0)]:
        first = random.random(size)
        second = np.clip(first + random.normal(size=size) * 0.2 + gain, 0, 1)
        found = stats.bootstrap(
            (second - first,), np.mean, n_resamples=100_000, method="percentile", rng=np.random.default_rng(SEED)
        )
        cases.append(
            {
                "first": first.tolist(),
                "second": second.tolist(),
                "low": found.confidence_interval.low,
                "high": found.confidence_interval.high,
                "t_test": stats.ttest_rel(second, first).pvalue,
            }
        )
    return cases


def main():
    random = np.random.default_rng(SEED)
    cases = {
        "seed": SEED,
        "rankings": rankings(random),
        "classifications": classifications(random),
        "binaries": binaries(random),
        "similarities": similarities(random),
        "bootstraps": bootstraps(random),
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "reference.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
