"""BERT with one label in plain PyTorch, without padding in the matrix products, under Hugging Face parameter names."""
import json
import math
import pathlib
import struct

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import BertWordPieceTokenizer

HIDDEN, HEADS, INNER = 384, 12, 1536
EPSILON = 1e-12


class Pieces:
    """The WordPiece tokenizer of a vocabulary file."""

    def __init__(self, vocab):
        self.tokenizer = BertWordPieceTokenizer(str(vocab), lowercase=True)
        self.vocab = [line.rstrip("\n") for line in open(vocab, encoding="utf-8")]
        self.cls, self.sep = self.vocab.index("[CLS]"), self.vocab.index("[SEP]")

    def ids(self, texts):
        return [e.ids for e in self.tokenizer.encode_batch(list(texts), add_special_tokens=False)]

    def pair(self, a, b, width):
        """Ids of a pair and the length of its first part, cut to the width by the longer text first."""
        room = width - 3
        if len(a) + len(b) > room:
            short = min(len(a), len(b), room // 2)
            a, b = (a[:short], b[:room - short]) if len(a) <= len(b) else (a[:room - short], b[:short])
        return [self.cls, *a, self.sep, *b, self.sep], len(a) + 2


def initial(onnx_weights, tokenizer_json, vocab, layers, seed):
    """The encoder of all-MiniLM-L6-v2, its first layers, with the rows of the vocabulary's pieces, and a new head."""
    from onnx_weights import load

    weights, nodes = load(onnx_weights)

    def array(name):
        _, dims, raw = weights[name]
        return torch.from_numpy(np.frombuffer(raw, dtype=np.float32).reshape(dims).copy())

    mats = {n[1]: n[2][1] for n in nodes if n[0] == "MatMul" and n[2][1] in weights}
    full = json.load(open(tokenizer_json, encoding="utf-8"))["model"]["vocab"]
    rows = torch.tensor([full[p] for p in vocab])
    p = {"bert.embeddings.word_embeddings.weight": array("embeddings.word_embeddings.weight")[rows]}
    for n in ("position_embeddings.weight", "token_type_embeddings.weight", "LayerNorm.weight", "LayerNorm.bias"):
        p["bert.embeddings." + n] = array("embeddings." + n)
    for layer in range(layers):
        at = f"encoder.layer.{layer}."
        for m in ("attention/self/query", "attention/self/key", "attention/self/value", "attention/output/dense",
                  "intermediate/dense", "output/dense"):
            k = at + m.replace("/", ".")
            p[f"bert.{k}.weight"] = array(mats[f"/{at.replace('encoder.layer', 'encoder/layer').rstrip('.')}/{m}/MatMul"]).t().contiguous()
            p[f"bert.{k}.bias"] = array(k + ".bias")
        for m in ("attention.output", "output"):
            for s in ("weight", "bias"):
                p[f"bert.{at}{m}.LayerNorm.{s}"] = array(f"{at}{m}.LayerNorm.{s}")
    p["bert.pooler.dense.weight"], p["bert.pooler.dense.bias"] = array("pooler.dense.weight"), array("pooler.dense.bias")
    g = torch.Generator().manual_seed(seed)
    p["classifier.weight"], p["classifier.bias"] = torch.randn(1, HIDDEN, generator=g) * 0.02, torch.zeros(1)
    return p


class Model:
    """The parameters and the forward pass."""

    def __init__(self, parameters):
        self.p = {k: torch.nn.Parameter(v.float()) for k, v in parameters.items()}
        self.layers = 1 + max(int(k.split(".")[3]) for k in self.p if ".layer." in k)

    def linear(self, x, name):
        return F.linear(x, self.p[name + ".weight"], self.p[name + ".bias"])

    def norm(self, x, name):
        return F.layer_norm(x, (HIDDEN,), self.p[name + ".weight"], self.p[name + ".bias"], EPSILON)

    def logits(self, pairs):
        """One logit a pair; a pair is (ids, length of the first part)."""
        sizes = torch.tensor([len(i) for i, _ in pairs])
        count, width = len(pairs), int(sizes.max())
        ids = torch.tensor([x for i, _ in pairs for x in i])
        places = torch.cat([torch.arange(int(n)) for n in sizes])
        row = torch.repeat_interleave(torch.arange(count), sizes)
        kinds = (places >= torch.tensor([f for _, f in pairs])[row]).long()
        flat = row * width + places
        mask = torch.zeros(count * width, dtype=torch.bool)
        mask[flat] = True
        mask = mask.view(count, 1, 1, width)
        e = "bert.embeddings."
        h = F.embedding(ids, self.p[e + "word_embeddings.weight"]) + self.p[e + "token_type_embeddings.weight"][kinds]
        h = self.norm(h + self.p[e + "position_embeddings.weight"][places], e + "LayerNorm")
        first = torch.cumsum(sizes, 0) - sizes

        def padded(x):
            return x.new_zeros(count * width, HIDDEN).index_copy(0, flat, x).view(count, width, HEADS, -1).transpose(1, 2)

        for layer in range(self.layers):
            at, last = f"bert.encoder.layer.{layer}.", layer == self.layers - 1
            k, v = padded(self.linear(h, at + "attention.self.key")), padded(self.linear(h, at + "attention.self.value"))
            if last:  # only the first token's state is needed
                h = h[first]
                q = self.linear(h, at + "attention.self.query").view(count, 1, HEADS, -1).transpose(1, 2)
                x = F.scaled_dot_product_attention(q, k, v, attn_mask=mask).reshape(count, HIDDEN)
            else:
                q = padded(self.linear(h, at + "attention.self.query"))
                x = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
                x = x.transpose(1, 2).reshape(count * width, HIDDEN)[flat]
            h = self.norm(h + self.linear(x, at + "attention.output.dense"), at + "attention.output.LayerNorm")
            x = self.linear(F.gelu(self.linear(h, at + "intermediate.dense")), at + "output.dense")
            h = self.norm(h + x, at + "output.LayerNorm")
        h = torch.tanh(self.linear(h, "bert.pooler.dense"))
        return self.linear(h, "classifier")[:, 0]

    @torch.no_grad()
    def predict(self, pairs, batch=32):
        order = sorted(range(len(pairs)), key=lambda i: len(pairs[i][0]))
        out = np.zeros(len(pairs), np.float32)
        for at in range(0, len(order), batch):
            rows = order[at:at + batch]
            out[rows] = self.logits([pairs[i] for i in rows]).numpy()
        return out


def read_safetensors(path):
    raw = pathlib.Path(path).read_bytes()
    n = struct.unpack("<Q", raw[:8])[0]
    kinds = {"F16": np.float16, "F32": np.float32}
    return {
        k: torch.from_numpy(np.frombuffer(raw, dtype=kinds[v["dtype"]], count=math.prod(v["shape"]),
                                          offset=8 + n + v["data_offsets"][0]).reshape(v["shape"]).astype(np.float32))
        for k, v in json.loads(raw[8:8 + n]).items() if k != "__metadata__"
    }


def write_checkpoint(folder, parameters, vocab):
    """The Hugging Face layout: config, F16 weights, vocabulary, tokenizer configuration."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {k: v.detach().numpy().astype(np.float16) for k, v in parameters.items()}
    head, at = {"__metadata__": {"format": "pt"}}, 0
    for k, v in arrays.items():
        head[k] = dict(dtype="F16", shape=list(v.shape), data_offsets=[at, at + v.nbytes])
        at += v.nbytes
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    with open(folder / "model.safetensors", "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        for v in arrays.values():
            f.write(v.tobytes())
    layers = 1 + max(int(k.split(".")[3]) for k in parameters if ".layer." in k)
    config = dict(
        architectures=["BertForSequenceClassification"], model_type="bert", hidden_size=HIDDEN, num_hidden_layers=layers,
        num_attention_heads=HEADS, intermediate_size=INNER, hidden_act="gelu", hidden_dropout_prob=0.1,
        attention_probs_dropout_prob=0.1, initializer_range=0.02, layer_norm_eps=EPSILON, max_position_embeddings=512,
        type_vocab_size=2, vocab_size=len(vocab), pad_token_id=0, position_embedding_type="absolute", torch_dtype="float16",
        id2label={"0": "LABEL_0"}, label2id={"LABEL_0": 0},
        sentence_transformers=dict(activation_fn="torch.nn.modules.activation.Sigmoid"),
    )
    (folder / "config.json").write_text(json.dumps(config, indent=2), encoding="utf-8")
    (folder / "vocab.txt").write_text("\n".join(vocab) + "\n", encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps(dict(
        tokenizer_class="BertTokenizer", do_lower_case=True, model_max_length=512, pad_token="[PAD]", unk_token="[UNK]",
        cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]"), indent=2), encoding="utf-8")
