#!/usr/bin/env python3
"""Reference logits from transformers, for comparison with this project's. A development tool: nothing in the
build or the product needs it.

    pip install torch==2.7.1 transformers==4.57.1 sentence-transformers==5.7.0 safetensors
    python model-bundle/src/test/python/reference.py tiny [--only NAME]
    python model-bundle/src/test/python/reference.py full --family FAMILY.json --vocabularies FOLDER --work FOLDER

"tiny" writes a checkpoint with random weights for every architecture and option, and the logits that transformers
gives on hard pairs, into the test resources. "full" does the same at the real size of each model of a family, scores
the pairs with bin/cross-encoder too, and writes the largest differences as a Markdown table.

Weights are drawn so that a wrong program shows: queries and keys large enough for peaked attention, logits with a
standard deviation of at least 1. The usual 0.02 would leave attention uniform, and swapping queries and keys would
move a logit by a few millionths.
"""

import argparse
import json
import math
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import tokenizers
import torch
import transformers
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoConfig, AutoModel, AutoModelForSequenceClassification, PreTrainedTokenizerFast

REPOSITORY = Path(__file__).resolve().parents[4]
RESOURCES = REPOSITORY / "model-bundle/src/test/resources/dev/crossencoder/model/testing/parity"

WORDS = """who wrote the book about light on water a keeper lit lamp each evening and went home at dawn it was not
far from here they say nobody lives there now but boats still come in when wind turns north old stones remember
what is written down does answer question yes no maybe seven times over""".split()

POSITIONS = 48

LONG = " ".join(WORDS)

# One-token texts, empty ones, unequal lengths, many languages, and texts beyond the limit on one side or both.
PAIRS = [
    ("a", "a"),
    ("", ""),
    ("who?", ""),
    ("", "the keeper"),
    (" ", "\n\t"),
    ("book", "light"),
    ("who wrote the book?", "the keeper wrote it down."),
    ("does it answer the question", "no, it was written about boats."),
    ("who lit the lamp", LONG[:60]),
    (LONG[:70], "yes"),
    ("who wrote it " * 2, "boats come in when the wind turns north"),
    ("is it far?", LONG),
    (LONG, "is it far?"),
    (LONG, LONG[::-1]),
    (LONG[:150], LONG[:151]),
    ("Größe und Übermut", "Der Wächter wohnt nicht mehr hier."),
    ("qui a écrit ça ?", "le gardien, à l'aube — naïvement"),
    ("кто зажёг лампу", "смотритель зажигал её каждый вечер"),
    ("灯台守は誰ですか", "彼は毎晩ランプを灯した。"),
    ("من أشعل المصباح", "الحارس كل مساء"),
    ("दीपक किसने जलाया", "रखवाले ने"),
    ("who 👩‍🚒 lit 🔥?", "e\u0301 \u00a0 \u200b zero-width \ufeff"),
    ("x" * 200, "who"),
    ("123,456.78 + 9e10", "<b>&amp;</b> #hash @at"),
    ("the [SEP] <pad> </s> [MASK] book", "[PAD] <mask> <pad> it"),
    ("no", "yes yes yes yes yes yes yes yes yes yes"),
]


def wordpiece(specials=("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")):
    """Whole words, and letters to spell others with."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    vocabulary = list(specials) + list(letters) + ["##" + c for c in letters]
    vocabulary += list("0123456789.,?!-'") + ["ü", "##ß", "à", "и", "##н", "灯", "台"] + sorted(set(WORDS))[:24]
    pieces = {piece: i for i, piece in enumerate(dict.fromkeys(vocabulary))}
    tokenizer = Tokenizer(models.WordPiece(pieces, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in specials])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0",
        pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[("[CLS]", pieces["[CLS]"]), ("[SEP]", pieces["[SEP]"])],
    )
    return tokenizer, {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]",
                       "mask_token": "[MASK]"}


def wordpiece_without_segments():
    tokenizer, special = wordpiece()
    return tokenizer, dict(special, model_input_names=["input_ids", "attention_mask"])


def byte_level():
    """RoBERTa's kind: bytes, a few merges, and special tokens of its own."""
    specials = ["<s>", "<pad>", "</s>", "<unk>"]
    tokenizer = Tokenizer(models.BPE(unk_token=None))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=300, special_tokens=specials, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False)
    tokenizer.train_from_iterator([LONG] * 4, trainer)
    mask = tokenizer.get_vocab_size()
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=False, special=True)])
    assert tokenizer.token_to_id("<mask>") == mask and tokenizer.token_to_id("<pad>") == 1
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), True, False)
    return tokenizer, {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>",
                       "cls_token": "<s>", "sep_token": "</s>", "mask_token": "<mask>",
                       "model_input_names": ["input_ids", "attention_mask"]}


def draw(model, seed):
    """Draws weights: peaked attention, logits of about unit size and more, values that survive bfloat16."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in model.named_parameters():
        values = torch.randn(parameter.shape, generator=generator)
        if parameter.dim() == 1 and re.search(r"norm.*weight|LayerNorm.weight", name, re.I):
            values = 1 + 0.2 * values
        elif parameter.dim() == 1:
            values = 0.2 * values
        elif re.search(r"embedding|shared|embed_positions", name):
            values = 0.5 * values
        else:
            fan_in = parameter.numel() / parameter.shape[0]
            gain = 2.0 if re.search(r"query|key|q_lin|k_lin|q_proj|k_proj|in_proj|pos_|Wqkv", name) else 1.0
            values = values * gain / math.sqrt(fan_in)
        with torch.no_grad():
            parameter.copy_(values.to(torch.bfloat16).float())


def widen(model, tokenizer):
    """Scales the last layer so that logits have a standard deviation of about 2."""
    spread = torch.tensor(reference(model, tokenizer, PAIRS, POSITIONS)).std(0)
    head = model.classification_head if hasattr(model, "classification_head") else model.classifier
    last = head.out_proj if hasattr(head, "out_proj") else head
    with torch.no_grad():
        last.weight.copy_((last.weight * (2 / spread).unsqueeze(1)).to(torch.bfloat16).float())


def reference(model, tokenizer, pairs, max_length):
    """Scores each pair alone: nothing is padded. As lists, because transformers takes a lone empty text_pair for none."""
    logits = []
    with torch.no_grad():
        for text, text_pair in pairs:
            encoded = tokenizer([text], [text_pair], truncation=True, max_length=max_length, return_tensors="pt")
            logits.append(model(**encoded).logits[0].tolist())
    return logits


def configure(model_type, **options):
    common = dict(num_labels=options.pop("num_labels", 1), architectures=None)
    return AutoConfig.for_model(model_type, **common, **options)


SMALL = dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48)

# Checkpoints: name, tokenizer, model_type, options, and configurations that share the weights with other options.
# Epsilons are larger than usual, so that a wrong one shows.
TINY = [
    ("bert", wordpiece, "bert",
     dict(SMALL, layer_norm_eps=1e-3, max_position_embeddings=POSITIONS),
     {"gelu_new": {"hidden_act": "gelu_new"}, "gelu_pytorch_tanh": {"hidden_act": "gelu_pytorch_tanh"},
      "relu": {"hidden_act": "relu"}, "silu": {"hidden_act": "silu"}}),
    ("bert-old-names", wordpiece, "bert",
     dict(SMALL, num_labels=3, layer_norm_eps=1e-3, max_position_embeddings=POSITIONS), {}),
    ("roberta", byte_level, "roberta",
     dict(SMALL, num_labels=3, layer_norm_eps=1e-3, type_vocab_size=1, pad_token_id=1, bos_token_id=0,
          eos_token_id=2, max_position_embeddings=POSITIONS + 2),
     {"xlm-roberta": {"model_type": "xlm-roberta", "architectures": ["XLMRobertaForSequenceClassification"]},
      "camembert": {"model_type": "camembert", "architectures": ["CamembertForSequenceClassification"]}}),
    ("electra", wordpiece, "electra",
     dict(SMALL, embedding_size=16, layer_norm_eps=1e-3, max_position_embeddings=POSITIONS), {}),
    ("electra-wide", wordpiece, "electra",
     dict(SMALL, embedding_size=32, num_labels=2, layer_norm_eps=1e-3, hidden_act="relu",
          max_position_embeddings=POSITIONS), {}),
    ("distilbert", wordpiece_without_segments, "distilbert",
     dict(dim=32, n_layers=2, n_heads=4, hidden_dim=48, num_labels=2, max_position_embeddings=POSITIONS),
     {"relu": {"activation": "relu"}}),
    ("deberta", byte_level, "deberta",
     dict(SMALL, num_labels=3, layer_norm_eps=1e-3, type_vocab_size=0, relative_attention=True,
          pos_att_type=["c2p", "p2c"], max_relative_positions=-1, position_biased_input=False, pad_token_id=1,
          max_position_embeddings=POSITIONS),
     {"c2p": {"pos_att_type": "c2p"}, "p2c": {"pos_att_type": ["p2c"]},
      "no-positions": {"relative_attention": False}}),
    ("deberta-clamped", wordpiece, "deberta",
     dict(SMALL, layer_norm_eps=1e-3, type_vocab_size=2, relative_attention=True, pos_att_type="c2p|p2c",
          max_relative_positions=7, position_biased_input=True, pooler_hidden_act="tanh",
          max_position_embeddings=POSITIONS), {}),
    ("deberta-v3", wordpiece, "deberta-v2",
     dict(SMALL, num_labels=3, layer_norm_eps=1e-3, type_vocab_size=0, relative_attention=True,
          position_buckets=8, norm_rel_ebd="layer_norm", share_att_key=True, pos_att_type="p2c|c2p",
          max_relative_positions=-1, position_biased_input=False, max_position_embeddings=POSITIONS),
     {"c2p": {"pos_att_type": ["c2p"]}, "unnormalised": {"norm_rel_ebd": "none"}}),
    ("deberta-v2-conv", wordpiece, "deberta-v2",
     dict(SMALL, layer_norm_eps=1e-3, type_vocab_size=0, relative_attention=True, share_att_key=False,
          pos_att_type=["c2p", "p2c"], position_biased_input=True, conv_kernel_size=3, conv_groups=2,
          conv_act="gelu", embedding_size=16, max_position_embeddings=POSITIONS),
     {"one-layer": {"num_hidden_layers": 1}, "tanh": {"conv_act": "tanh"}}),
    ("modernbert", wordpiece_without_segments, "modernbert",
     dict(SMALL, num_hidden_layers=3, norm_eps=1e-3, global_attn_every_n_layers=2, local_attention=8,
          pad_token_id=0, max_position_embeddings=POSITIONS, reference_compile=False),
     {"mean": {"classifier_pooling": "mean"}, "last-local": {"global_attn_every_n_layers": 3},
      "last-local-mean": {"global_attn_every_n_layers": 3, "classifier_pooling": "mean"},
      "rope-parameters": {"global_rope_theta": None, "local_rope_theta": None, "global_attn_every_n_layers": None,
                          "layer_types": ["full_attention", "sliding_attention", "full_attention"],
                          "rope_parameters": {
                              "full_attention": {"rope_type": "default", "rope_theta": 160000.0},
                              "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0}}},
      "thetas": {"global_rope_theta": 500.0, "local_rope_theta": 50.0}}),
    ("modernbert-biases", wordpiece_without_segments, "modernbert",
     dict(SMALL, norm_eps=1e-3, global_attn_every_n_layers=1, local_attention=8, pad_token_id=0, num_labels=2,
          attention_bias=True, mlp_bias=True, norm_bias=True, classifier_bias=True, hidden_activation="silu",
          classifier_activation="relu", max_position_embeddings=POSITIONS, reference_compile=False), {}),
    # Encoder and decoder differ in every size that may differ, so that one taken from the other side shows.
    ("bart", byte_level, "bart",
     dict(d_model=32, encoder_layers=2, decoder_layers=3, encoder_attention_heads=4, decoder_attention_heads=2,
          encoder_ffn_dim=48, decoder_ffn_dim=40, num_labels=3, pad_token_id=1, bos_token_id=0, eos_token_id=2,
          decoder_start_token_id=2, scale_embedding=False, activation_function="gelu",
          max_position_embeddings=POSITIONS),
     {"scaled": {"scale_embedding": True}, "relu": {"activation_function": "relu"},
      "one-decoder-layer": {"decoder_layers": 1}, "one-encoder-layer": {"encoder_layers": 1},
      "starts-with-s": {"decoder_start_token_id": 0}}),
]


def old_names(tensors):
    """The names of a checkpoint that was converted from TensorFlow and saved without its head's prefix."""
    renamed = {}
    for name, tensor in tensors.items():
        name = name.removeprefix("bert.").replace("LayerNorm.weight", "LayerNorm.gamma")
        renamed[name.replace("LayerNorm.bias", "LayerNorm.beta")] = tensor
    hidden = 32
    renamed["embeddings.position_ids"] = torch.arange(POSITIONS).unsqueeze(0)
    renamed["cls.predictions.bias"] = torch.zeros(8)
    renamed["cls.seq_relationship.weight"] = torch.zeros(2, hidden)
    return renamed


def write_shards(folder, tensors):
    names = sorted(tensors)
    half = len(names) // 2
    weight_map = {}
    for i, part in enumerate([names[:half], names[half:]], start=1):
        shard = f"model-{i:05d}-of-00002.safetensors"
        save_file({name: tensors[name].contiguous() for name in part}, folder / shard)
        weight_map |= {name: shard for name in part}
    size = sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())
    index = {"metadata": {"total_size": size}, "weight_map": weight_map}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=1) + "\n")


# A checkpoint of sentence-transformers whose head is modules of its own, as the Ettin rerankers are.
MODULAR = "modernbert-modules"


def modular(seed):
    """Lets sentence-transformers save a chain of modules, load it again, and predict."""
    from sentence_transformers import CrossEncoder
    from sentence_transformers.base.modules import Dense, Transformer
    from sentence_transformers.sentence_transformer.modules import LayerNorm, Pooling

    folder = RESOURCES / MODULAR
    with tempfile.TemporaryDirectory() as encoder:
        core, special = wordpiece_without_segments()
        tokenizer = PreTrainedTokenizerFast(tokenizer_object=core, model_max_length=POSITIONS, **special)
        tokenizer.save_pretrained(encoder)
        options = dict(SMALL, norm_eps=1e-3, global_attn_every_n_layers=2, local_attention=8, pad_token_id=0,
                       max_position_embeddings=POSITIONS, reference_compile=False)
        config = AutoConfig.for_model("modernbert", vocab_size=core.get_vocab_size(), **options)
        AutoModel.from_config(config).save_pretrained(encoder)
        # The head is narrower than the encoder, so that a size taken from the wrong one shows.
        model = CrossEncoder(modules=[
            Transformer(encoder),
            Pooling(32, "cls"),
            Dense(32, 24, bias=True, activation_function=torch.nn.GELU()),
            LayerNorm(24),
            Dense(24, 1, bias=False, activation_function=torch.nn.Identity(), module_output_name="scores"),
        ], device="cpu")
    model.activation_fn = torch.nn.Identity()
    draw(model, seed)
    with torch.no_grad():
        model[-1].linear.weight.mul_(2 / torch.tensor(predicted(model)).std())
    model.bfloat16().save_pretrained(str(folder), create_model_card=False)

    def logits(**changes):
        config_file = folder / "1_Pooling/config.json"
        saved = config_file.read_text()
        write_json(config_file, dict(json.loads(saved), **changes))
        loaded = CrossEncoder(str(folder), device="cpu",
                              model_kwargs={"torch_dtype": torch.float32, "attn_implementation": "eager"})
        config_file.write_text(saved)
        return predicted(loaded)

    references = [{"variant": "", "config": {}, "logits": rounded(logits())},
                  {"variant": "mean", "files": {"1_Pooling/config.json": {"pooling_mode": "mean"}}, "config": {},
                   "logits": rounded(logits(pooling_mode="mean"))}]
    write_json(folder / "reference.json", references)
    for reference_of in references:
        print_spread(MODULAR, reference_of["variant"], reference_of["logits"])


def predicted(model):
    """Each pair alone: nothing is padded."""
    return [model.predict([pair], activation_fn=torch.nn.Identity(), show_progress_bar=False).tolist()
            for pair in PAIRS]


def print_spread(name, variant, rows):
    spread = torch.tensor(rows).std(0).tolist()
    print(f"{name:18} {variant:18} std of logits {', '.join(f'{s:.2f}' for s in spread)}")


def tiny(only):
    if not only:
        shutil.rmtree(RESOURCES, ignore_errors=True)
        RESOURCES.mkdir(parents=True)
        pairs = {"versions": versions(), "max_length": POSITIONS,
                 "pairs": [{"text": text, "text_pair": text_pair} for text, text_pair in PAIRS]}
        write_json(RESOURCES / "pairs.json", pairs)
    if only in ("", MODULAR):
        shutil.rmtree(RESOURCES / MODULAR, ignore_errors=True)
        modular(len(TINY))
    for seed, (name, make_tokenizer, model_type, options, variants) in enumerate(TINY):
        if only not in ("", name):
            continue
        folder = RESOURCES / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        core, special = make_tokenizer()
        core.save(str(folder / "tokenizer.json"), pretty=False)
        write_json(folder / "tokenizer_config.json", dict(
            special, model_max_length=POSITIONS, tokenizer_class="PreTrainedTokenizerFast"))
        tokenizer = PreTrainedTokenizerFast(tokenizer_object=core, **special)
        config = configure(model_type, vocab_size=core.get_vocab_size(), **options)
        model = AutoModelForSequenceClassification.from_config(config, attn_implementation="eager").eval()
        draw(model, seed)
        widen(model, tokenizer)
        config_json = {key: value for key, value in config.to_dict().items()
                       if value is not None and key in {*options, "model_type", "vocab_size", "pad_token_id"}}
        config_json["architectures"] = [type(model).__name__]
        if "id2label" not in config_json:
            config_json["id2label"] = {str(i): f"LABEL_{i}" for i in range(config.num_labels)}
        config_json.pop("num_labels", None)
        write_json(folder / "config.json", config_json)
        # As save_pretrained does, without other names of a shared table.
        tied = set(getattr(model, "_tied_weights_keys", None) or [])
        tensors = {key: tensor.to(torch.bfloat16) for key, tensor in model.state_dict().items()
                   if not any(key.endswith(name) for name in tied)}
        if name == "bert-old-names":
            write_shards(folder, old_names(tensors))
        else:
            save_file({key: tensor.contiguous() for key, tensor in tensors.items()}, folder / "model.safetensors")

        logits = {"": reference(model, tokenizer, PAIRS, POSITIONS)}
        overrides = {"": {}}
        for variant, changes in variants.items():
            known = {key: value for key, value in changes.items() if key not in ("rope_parameters", "layer_types")
                     and value is not None and key not in ("model_type", "architectures")}
            changed = configure(changes.get("model_type", model_type), vocab_size=core.get_vocab_size(),
                                **dict(options, **known))
            other = AutoModelForSequenceClassification.from_config(changed, attn_implementation="eager").eval()
            missing = other.load_state_dict(model.state_dict(), strict=False).missing_keys
            assert not missing, (name, variant, missing)
            logits[variant] = reference(other, tokenizer, PAIRS, POSITIONS)
            overrides[variant] = changes
        write_json(folder / "reference.json", [
            {"variant": variant, "config": overrides[variant], "logits": rounded(logits[variant])}
            for variant in logits])
        for variant, rows in logits.items():
            print_spread(name, variant, rows)


# Full size: models beyond the family whose architectures it lacks, with a vocabulary that stands in for their own.
COMMUNITY = {
    "BAAI/bge-reranker-base": dict(
        model_type="xlm-roberta", hidden_size=768, num_hidden_layers=12, num_attention_heads=12,
        intermediate_size=3072, max_position_embeddings=514, type_vocab_size=1, layer_norm_eps=1e-5, pad_token_id=1,
        num_labels=1),
    "Alibaba-NLP/gte-reranker-modernbert-base": dict(
        model_type="modernbert", hidden_size=768, num_hidden_layers=22, num_attention_heads=12,
        intermediate_size=1152, max_position_embeddings=8192, classifier_pooling="mean", pad_token_id=0,
        num_labels=1),
    "facebook/bart-large-mnli": dict(
        model_type="bart", d_model=1024, encoder_layers=12, decoder_layers=12, encoder_attention_heads=16,
        decoder_attention_heads=16, encoder_ffn_dim=4096, decoder_ffn_dim=4096, max_position_embeddings=1024,
        vocab_size=50265, scale_embedding=False, num_labels=3,
        id2label={"0": "contradiction", "1": "neutral", "2": "entailment"}),
}
LONG_LENGTHS = [(20, 90), (5, 480), (300, 40), (200, 330), (700, 8), (400, 700), (256, 256), (1, 800)]


def full_size_tokenizer(model_type, name, vocabularies):
    """The fast tokenizer that transformers makes from the older files, which are all that our side gets."""
    if model_type in ("bert", "electra", "modernbert"):
        kind = transformers.ElectraTokenizerFast if model_type == "electra" else transformers.BertTokenizerFast
        files, folder = ["vocab.txt"], vocabularies / "bert-base-uncased"
    elif model_type == "bart":
        kind, files, folder = transformers.BartTokenizerFast, ["vocab.json", "merges.txt"], vocabularies / "roberta-base"
    elif model_type in ("roberta", "xlm-roberta"):
        kind, files, folder = transformers.RobertaTokenizerFast, ["vocab.json", "merges.txt"], vocabularies / "roberta-base"
    elif model_type == "deberta":
        kind, files = transformers.DebertaTokenizerFast, ["vocab.json", "merges.txt"]
        folder = vocabularies / "deberta-base-derived"
    else:
        kind, files, folder = transformers.DebertaV2TokenizerFast, ["spm.model"], vocabularies / "deberta-v3"
    arguments = {"vocab.txt": "vocab_file", "vocab.json": "vocab_file", "merges.txt": "merges_file",
                 "spm.model": "vocab_file"}
    return kind(**{arguments[file]: str(folder / file) for file in files}), [folder / file for file in files]


def long_pairs(seed):
    generator = torch.Generator().manual_seed(seed)

    def words(count):
        return " ".join(WORDS[i] for i in torch.randint(len(WORDS), (count,), generator=generator).tolist())

    return [(words(first), words(second)) for first, second in LONG_LENGTHS]


def full(family, vocabularies, work, only):
    models = dict(json.loads(family.read_text())["models"], **COMMUNITY)
    rows = []
    for seed, (name, facts) in enumerate(models.items()):
        if only and only not in name:
            continue
        facts = dict(facts)
        facts.pop("activation", None)
        model_type = facts.pop("model_type")
        tokenizer, files = full_size_tokenizer(model_type, name, vocabularies)
        facts["vocab_size"] = max(len(tokenizer), facts.get("vocab_size", 0))
        id2label = facts.pop("id2label", None)
        if id2label:
            facts["id2label"] = {int(key): label for key, label in id2label.items()}
            facts.pop("num_labels")
        if model_type == "modernbert":
            facts["reference_compile"] = False
        model = AutoModelForSequenceClassification.from_config(
            AutoConfig.for_model(model_type, **facts), attn_implementation="eager").eval()
        draw(model, seed)
        max_length = facts["max_position_embeddings"] - (2 if "roberta" in model_type else 0)
        widen(model, tokenizer)
        folder = work / name.replace("/", "--")
        shutil.rmtree(folder, ignore_errors=True)
        model.save_pretrained(folder, max_shard_size="800MB")
        for file in files:
            shutil.copy(file, folder)
        config = dict(model_max_length=max_length, tokenizer_class=type(tokenizer).__name__.removesuffix("Fast"))
        if model_type == "deberta-v2":
            config["do_lower_case"] = False
        write_json(folder / "tokenizer_config.json", config)
        pairs = PAIRS + long_pairs(seed)
        names = tokenizer.model_input_names
        if model_type == "modernbert":
            tokenizer.model_input_names = ["input_ids", "attention_mask"]
        started = time.time()
        expected = reference(model, tokenizer, pairs, max_length)
        tokenizer.model_input_names = names
        parameters = sum(parameter.numel() for parameter in model.parameters())
        del model
        seconds = time.time() - started
        rows.append(compare(name, model_type, parameters, folder, pairs, expected))
        print(rows[-1], f"({seconds:.0f} s in transformers)", flush=True)
        shutil.rmtree(folder)
        shutil.rmtree(work / "cache", ignore_errors=True)
    return rows


def compare(name, model_type, parameters, folder, pairs, expected):
    """Scores with the command line, as a user would, and returns a row of the table."""
    lines = [json.dumps({"query": text, "passage": text_pair}) for text, text_pair in pairs]
    command = [str(REPOSITORY / "bin/cross-encoder"), "score", "--model", str(folder), "--logits", "-"]
    environment = dict(os.environ, CROSS_ENCODER_CACHE=str(folder.parent / "cache"))
    run = subprocess.run(command, input="\n".join(lines), capture_output=True, text=True, env=environment)
    if run.returncode != 0:
        sys.exit(f"{name}: bin/cross-encoder failed: {run.stderr[-2000:]}")
    worst = 0.0
    scored = [json.loads(line)["cross_encoder"] for line in run.stdout.splitlines()]
    assert len(scored) == len(expected)
    for score, logits in zip(scored, expected):
        for actual, logit in zip(score["logits"], logits, strict=True):
            difference = abs(actual - logit) / max(1, abs(logit))
            worst = max(worst, math.inf if math.isnan(difference) else difference)
    spread = torch.tensor(expected).std(0).min().item()
    return {"model": name, "architecture": model_type, "parameters": parameters, "pairs": len(pairs),
            "std": round(spread, 2), "difference": worst}


def table(rows):
    lines = ["| configuration | architecture | parameters | std of logits | largest difference |",
             "|---|---|---:|---:|---:|"]
    for row in rows:
        lines.append(f"| {row['model']} | {row['architecture']} | {row['parameters'] / 1e6:.1f} M "
                     f"| {row['std']:.2f} | {row['difference']:.1e} |")
    return "\n".join(lines)


def write_page(rows):
    """Puts the table between the page's markers."""
    page = REPOSITORY / "docs/parity.md"
    text = page.read_text()
    made = ", ".join(f"{name} {version}" for name, version in versions().items())
    block = f"<!-- table -->\n{table(rows)}\n\n{rows[0]['pairs']} pairs each; made with {made}.\n<!-- end of table -->"
    page.write_text(re.sub(r"<!-- table -->.*<!-- end of table -->", lambda _: block, text, flags=re.S))


def rounded(rows):
    return [[float(f"{value:.8g}") for value in row] for row in rows]


def versions():
    return {"torch": torch.__version__.split("+")[0], "transformers": transformers.__version__,
            "tokenizers": tokenizers.__version__, "python": platform.python_version()}


def write_json(file, value):
    file.write_text(json.dumps(value, ensure_ascii=False, indent=None if isinstance(value, list) else 1) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    tiny_ones = commands.add_parser("tiny", help="write the tiny checkpoints and their reference logits")
    tiny_ones.add_argument("--only", default="", choices=[name for name, *_ in TINY] + [MODULAR], metavar="NAME",
                           help="write this checkpoint and leave the others as they are")
    at_full_size = commands.add_parser("full", help="compare at the real sizes of a family of models")
    at_full_size.add_argument("--family", type=Path, required=True, help="configurations by model, as JSON")
    at_full_size.add_argument("--vocabularies", type=Path, required=True, help="folder of real vocabularies")
    at_full_size.add_argument("--work", type=Path, required=True, help="folder for checkpoints; several GB")
    at_full_size.add_argument("--only", default="", help="only models whose name has this in it; writes no page")
    arguments = parser.parse_args()
    torch.manual_seed(0)
    if arguments.command == "tiny":
        tiny(arguments.only)
    else:
        arguments.work.mkdir(parents=True, exist_ok=True)
        rows = full(arguments.family, arguments.vocabularies, arguments.work, arguments.only)
        if not arguments.only:
            write_page(rows)


if __name__ == "__main__":
    main()
