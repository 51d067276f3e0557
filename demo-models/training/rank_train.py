"""Trains demo-rank on the teachers' scores.

The loss of a group of candidates is the mean square of the differences between the margins of the student and of the
teachers (margin-MSE), plus the Kullback-Leibler divergence of the two rankings' softmax, plus a small part of the
square of the difference itself, which keeps the scores of different queries comparable. The learning rate falls to
zero at --minutes on the clock. The state is saved, and --resume goes on from it.
"""
import argparse
import json
import os
import pathlib
import random
import time

import numpy as np
import torch

from rank_model import Model, Pieces, initial, read_safetensors, write_checkpoint


def ndcg(model, pieces, folder, year="19", width=192):
    """NDCG@10 on BM25's top 100 of TREC DL: linear gain, unjudged passages count 0."""
    folder = pathlib.Path(folder)
    qrels = {}
    for line in open(folder / f"qrels.dl{year}-passage.txt"):
        q, _, d, g = line.split()
        qrels.setdefault(q, {})[d] = int(g)
    topics = json.load(open(folder / f"bm25_top100_dl{year}.json", encoding="utf-8"))
    pairs = []
    for t in topics:
        a, *bs = pieces.ids([t["query"]] + [h["content"] for h in t["hits"]])
        pairs += [pieces.pair(a, b, width) for b in bs]
    scores, at, values = model.predict(pairs), 0, []
    for t in topics:
        hits, rel = t["hits"], qrels[str(t["hits"][0]["qid"])]
        order = np.argsort(-scores[at:at + len(hits)], kind="stable")[:10]
        at += len(hits)
        gains = [rel.get(str(hits[i]["docid"]), 0) for i in order]
        ideal = sorted(rel.values(), reverse=True)[:10]
        dcg = [sum(g / np.log2(i + 2) for i, g in enumerate(x)) for x in (gains, ideal)]
        values.append(dcg[0] / dcg[1] if dcg[1] else 0)
    return float(np.mean(values))


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--texts", nargs="+", required=True, help="folders with passages.jsonl, queries.jsonl and groups.npz")
    a.add_argument("--out", required=True)
    a.add_argument("--encoder", help="all-minilm-l6-v2.onnx; its tokenizer lies beside it")
    a.add_argument("--vocab", required=True)
    a.add_argument("--start", help="start from the weights of this checkpoint instead of the encoder's")
    a.add_argument("--resume", action="store_true", help="go on from the state in --out")
    a.add_argument("--layers", type=int, default=4)
    a.add_argument("--groups", type=int, default=4, help="groups in a step")
    a.add_argument("--rate", type=float, default=1.5e-4)
    a.add_argument("--head-rate", type=float, default=5e-4)
    a.add_argument("--warm-up", type=int, default=100, help="steps")
    a.add_argument("--width", type=int, default=160, help="tokens of a pair")
    a.add_argument("--minutes", type=float, default=80)
    a.add_argument("--held-out", type=int, default=100, help="queries")
    a.add_argument("--trec-dl", help="folder with TREC DL 2019, to follow the curve")
    a.add_argument("--report-minutes", type=float, default=6)
    a.add_argument("--dl-minutes", type=float, default=18)
    a.add_argument("--pause-file", help="sleep while this file exists")
    a.add_argument("--threads", type=int, default=2)
    a.add_argument("--seed", type=int, default=18)
    o = a.parse_args()
    torch.set_num_threads(o.threads)
    torch.manual_seed(o.seed)
    rnd, out = random.Random(o.seed), pathlib.Path(o.out)
    out.mkdir(parents=True, exist_ok=True)
    pieces = Pieces(o.vocab)
    held, train = [], []
    for n, folder in enumerate(map(pathlib.Path, o.texts)):
        texts = {k: pieces.ids(json.loads(line)["text"] for line in open(folder / f"{k}.jsonl", encoding="utf-8"))
                 for k in ("queries", "passages")}
        z = np.load(folder / "groups.npz")
        rows = [([pieces.pair(texts["queries"][q], texts["passages"][c], o.width) for c in g], torch.from_numpy(t))
                for q, (g, t) in enumerate(zip(z["groups"], z["targets"]))]
        if n == 0:
            held, rows = rows[:o.held_out], rows[o.held_out:]
        train += rows
    print("groups", len(train), "held out", len(held), "tokens a pair",
          round(float(np.mean([len(p[0]) for g, _ in train for p in g])), 1), flush=True)
    if o.start:
        weights = read_safetensors(pathlib.Path(o.start) / "model.safetensors")
    else:
        e = pathlib.Path(o.encoder)
        weights = initial(str(e), str(e.with_name(e.stem + "-tokenizer.json")), pieces.vocab, o.layers, o.seed)
    model, step, pairs, order, before = Model(weights), 0, 0, [], 0.0
    head = [p for k, p in model.p.items() if "pooler" in k or "classifier" in k]
    flat = [p for k, p in model.p.items() if not ("pooler" in k or "classifier" in k)]
    opt = torch.optim.AdamW([dict(params=flat, base=o.rate), dict(params=head, base=o.head_rate)], lr=o.rate,
                            betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    if o.resume:
        s = torch.load(out / "state.pt", weights_only=False)
        for k, v in s["weights"].items():
            model.p[k].data.copy_(v)
        opt.load_state_dict(s["optimizer"])
        step, pairs, order, before = s["step"], s["pairs"], s["order"], s["seconds"]
        if len(train) > s["groups"]:  # texts were added
            order += range(s["groups"], len(train))
            rnd.shuffle(order)
        for g, base in zip(opt.param_groups, (o.rate, o.head_rate)):
            g["base"] = base
    curve = open(out / "curve.tsv", "a", encoding="utf-8")
    if not step:
        print("step", "pairs", "seconds", "rate", "loss", "held_out_tau", "held_out_mse", "dl19", sep="\t", file=curve, flush=True)
    begin, busy, losses, start_step = time.time(), 0.0, [], step
    seen_report, seen_dl = begin, begin

    def save():
        torch.save(dict(weights={k: p.detach() for k, p in model.p.items()}, optimizer=opt.state_dict(), step=step,
                        pairs=pairs, order=order, groups=len(train), seconds=before + busy), out / "state.part")
        os.replace(out / "state.part", out / "state.pt")
        write_checkpoint(out / "checkpoint", model.p, pieces.vocab)

    def report(dl, rate):
        pred, agree, error = model.predict([p for g, _ in held for p in g]), [], []
        at = 0
        for g, t in held:
            s = pred[at:at + len(g)]
            at += len(g)
            t = t.numpy()
            ds, dt = np.sign(s[:, None] - s[None]), np.sign(t[:, None] - t[None])
            agree.append((ds * dt).sum() / (len(g) * (len(g) - 1)))
            error.append(np.mean(((s - s.mean()) - (t - t.mean())) ** 2))
        value = f"{ndcg(model, pieces, o.trec_dl):.4f}" if dl and o.trec_dl else ""
        print(step, pairs, round(before + busy), f"{rate:.2e}", f"{np.mean(losses[-200:] or [0]):.4f}", f"{np.mean(agree):.4f}",
              f"{np.mean(error):.4f}", value, sep="\t", file=curve, flush=True)

    while True:
        while o.pause_file and os.path.exists(o.pause_file):
            time.sleep(2)
        minutes = float((out / "minutes").read_text()) if (out / "minutes").exists() else o.minutes
        part = (time.time() - begin) / 60 / minutes
        if part >= 1:
            break
        if len(order) < o.groups * 16:
            fresh = list(range(len(train)))
            rnd.shuffle(fresh)
            order += fresh
        if step % 16 == 0:  # groups of like length go together
            order[:o.groups * 16] = sorted(order[:o.groups * 16], key=lambda i: sum(len(p[0]) for p in train[i][0]))
            cut = [order[k:k + o.groups] for k in range(0, o.groups * 16, o.groups)]
            rnd.shuffle(cut)
            order[:o.groups * 16] = [i for c in cut for i in c]
        took, order = order[:o.groups], order[o.groups:]
        t0 = time.time()
        rate = min(1.0, (step - start_step + 1) / o.warm_up) * max(0.0, 1 - part)
        for g in opt.param_groups:
            g["lr"] = g["base"] * rate
        target = torch.stack([train[i][1] for i in took])
        s = model.logits([p for i in took for p in train[i][0]]).view(target.shape)
        d = s - target
        margin = (d - d.mean(1, keepdim=True)).pow(2).mean()
        ranking = torch.nn.functional.kl_div(s.log_softmax(1), target.softmax(1), reduction="batchmean")
        loss = margin + ranking + 0.1 * d.pow(2).mean()
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(model.p.values()), 2.0)
        opt.step()
        step, pairs = step + 1, pairs + target.numel()
        losses.append(margin.item())
        busy += time.time() - t0
        if step % 20 == 0:
            print(step, pairs, round(busy), f"{pairs / (before + busy):.1f}/s", f"{np.mean(losses[-100:]):.3f}", f"{rate:.3f}", flush=True)
        if time.time() - seen_report > o.report_minutes * 60:
            dl = time.time() - seen_dl > o.dl_minutes * 60
            report(dl, rate * o.rate)
            save()
            seen_report = time.time()
            seen_dl = seen_report if dl else seen_dl
    report(True, 0.0)
    save()


if __name__ == "__main__":
    main()
