"""Records how transformers tokenizes: the reference for the tests of model-bundle's tokenizers.

    python tokenizers.py record     writes the test resources in ../resources/dev/crossencoder/model/compiler/tokenizer/tokenizers
    python tokenizers.py fuzz VOCABULARIES FOLDER [--texts N] [--seed N]
                                    writes the same for real vocabularies and random texts; then run
                                    ./mvnw verify -pl model-bundle -Dtest=TokenizerReferenceTest \
                                        -Dcrossencoder.tokenizers=FOLDER

    python tokenizers.py fuzz-configurations FOLDER [--count N] [--seed N]
                                    writes the same for the test resources' vocabularies and random files beside them

    python tokenizers.py save FOLDER
    python tokenizers.py transformers-5 FOLDER
                                    the first with transformers 4.57 saves the test resources' tokenizers as tokenizer.json;
                                    the second with transformers 5 writes which pairs have other tokens there into
                                    the test resource transformers-5.json

Needs transformers (4.57 is the reference), sentencepiece and protobuf; no torch. VOCABULARIES is a folder with
bert-base-uncased/vocab.txt, ms-marco-MiniLM-L-6-v2/, roberta-base/, deberta-base-derived/ and deberta-v3/spm.model.

Each folder it writes is a checkpoint without weights (large files with gzip), and expected.json: the tokenizer.json that transformers ends up
with (without the vocabulary) and the ids and segments of pairs of texts, as [first text, second text, max_length, ids,
length of the first segment or -1 if all are in one]. Texts are numbers of those in texts.json.
"""

import argparse
import gzip
import json
import os
import random
import shutil
import sys
import tempfile
import unicodedata
import warnings
from pathlib import Path

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
warnings.filterwarnings("ignore")

import sentencepiece  # noqa: E402
import tokenizers  # noqa: E402
import transformers  # noqa: E402
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers  # noqa: E402

transformers.logging.set_verbosity_error()

RESOURCES = Path(__file__).parent.parent / "resources/dev/crossencoder/model/compiler/tokenizer/tokenizers"

# Written for this file.
CORPUS = """
The keeper of the lighthouse wrote down the weather twice a day, and nobody ever read his books.
How long does it take to walk from the old harbour to the northern gate? About forty minutes, they said.
She'd never have thought that they're going to sell the mill; it wasn't hers, and we'll see who buys it.
Water boils at 100 degrees at sea level, at 93.5 on a mountain of 2,000 metres, in 1987 as in 2024.
A cross-encoder reads two texts together: question and passage, premise and hypothesis, and gives a score.
Der Bäcker an der Ecke öffnet früh; seine Brötchen sind für viele Leute das Schönste am Morgen.
Die Straße führt über den Fluss, und drüben heißt sie anders als hüben, obwohl es dieselbe ist.
Où est passée la clef du grenier ? Personne ne le sait, mais l'été dernier elle était encore là.
¿Quién ha visto el gato del vecino? Mañana volverá, como siempre, cuando tenga hambre y sueño.
Maria não quis o pão de ontem; a avó fez outro, com mel, e toda a família comeu à mesa.
Старый мост закрыли на ремонт, и теперь все ходят через парк, даже зимой, когда темно и скользко.
Η θάλασσα ήταν ήρεμη και τα πλοία περίμεναν τον άνεμο ως το βράδυ, όπως κάθε καλοκαίρι.
東京の駅で電車を待つ人は、毎朝同じ場所に立っている。雨の日も、風の日も。
北京的冬天很冷,可是孩子们还是在湖边玩。老人说,明天会下雪。
서울에는 오래된 시장이 많고, 아침마다 사람들이 채소와 생선을 사러 온다.
في الصباح يفتح البائع دكانه القديم ويشرب الشاي مع جاره قبل أن يأتي الناس.
הספר הישן עמד על המדף שנים רבות עד שמישהו פתח אותו וקרא בו לאט.
पुराने पुल के पास एक छोटी दुकान है जहाँ बच्चे शाम को मिठाई खरीदते हैं।
ร้านเล็ก ๆ ริมคลองขายก๋วยเตี๋ยวมานานกว่าสามสิบปีแล้ว
Trên con phố nhỏ, bà cụ bán hoa mỗi buổi sáng, dù trời mưa hay nắng.
İstanbul'da ışıklar yanınca vapurlar iskeleye yaklaşır; çaycı bardakları toplar.
for (int i = 0; i < n; i++) { total += values[i] * weights[i]; } // sum
https://example.org/a?b=c&d=%20e#f user.name+tag@example.org C:\\temp\\x.txt 3.14e-10 #tag @name
""".strip().split("\n")

TEXTS = CORPUS + [
    "",
    " ",
    "\t\n",
    "\u00a0",
    "\u3000\u3000",
    "\u200b\u200d\ufeff",
    "\x00\x01\x07\x1b\x7f\x85\x9f",
    "a",
    ".",
    "word",
    " leading and trailing ",
    "   three   spaces   everywhere   ",
    "tabs\tand\nnew\r\nlines\x0b\x0c\x1c\x1d\u2028\u2029end",
    "no\u00a0break\u2007space\u202fhere\u3000ideographic\u1680ogham\u205fmath",
    "zero\u200bwidth\u200cjoin\u200der\u2060word\ufeffbom\u00adsoft",
    "e\u0301 \u0301 n\u0303 a\u030a\u0323 \u0308 \u0315x",
    "\u00e9\u00e8\u00ea \u212b \u2126 \ufb01 \u1e9b\u0323 \u01c4 \u33a1 \u2460 \u00bd \u2075",
    "\uff28\uff45\uff4c\uff4c\uff4f\u3001\uff37\uff4f\uff52\uff4c\uff44\uff01 \uff76\uff9e\uff77\uff9e",
    "\U0001f600 \U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f1eb\U0001f1f7 \u2764\ufe0f 1\ufe0f\u20e3 \U0001f44d\U0001f3fd",
    "\U00020000\U0002a6d6 \U0001d400\U0001d401 \U0010ffff \ue000 \ufdd0 \uffff",
    "\ufffd\ufffd x \ufffd",
    "\u0627\u0644\u0633\u0644\u0627\u0645\u064f \u0639\u0644\u064a\u0643\u0645 \u0600\u0661 \u0640\u0640",
    "\u0930\u094d\u0915 \u0915\u094d\u0937 \u0e01\u0e33 \u1100\u1161\u11a8 \uac00\u11a8",
    "\u0130I\u0131i \u1e9e\u00df \u03a3\u03c3\u03c2 \u03a3\u03a3 \u01c5",
    "[CLS] a [SEP] b [MASK] c [PAD] d [UNK] e",
    "[CLS][SEP][MASK][PAD][UNK]",
    "x[MASK]y x [MASK] y x  [MASK]  y [mask] [Mask] [ MASK ]",
    "<s> a </s> b <mask> c <pad> d <unk> e",
    "<s></s><mask><pad><unk>",
    "x<mask>y x <mask> y x  <mask>  y <MASK> <m\u00e0sk> < mask >",
    "<s>NOTUSED </s>NOTUSED <unk>NOTUSED <extra> x<extra>y NEWTOKEN newtoken \u2581a \u2581\u2581 _a",
    "<|endoftext|><|im_start|> <0x41> <0xE2><0x82> ##ing #ing \u0120the \u010a",
    "don't I'll they've we're he'd I'm it's 'S 'LL ''s '''",
    "\"quoted\" ``back'' \u201ccurly\u201d \u2018single\u2019 \u2014 \u2013 \u2026 --- ... !!! ?!?",
    "1 12 123 1234 12345 123456 1,234.5 \u0661\u0662\u0663 \u096a\u096b \u4e00\u4e8c 5\u00b0 10%",
    "supercalifragilisticexpialidocious pneumonoultramicroscopicsilicovolcanoconiosis",
    "x" * 99 + " " + "x" * 100 + " " + "x" * 101,
    "ab" * 60,
    "\u6771" * 30 + "\u00e9" * 30,
    ("word " * 40).strip(),
    "a b  c   d    e",
    "camelCaseWord snake_case_word kebab-case-word A.B.C. U.S.A",
    "MiXeD CaSe ÀÉÎÕÜ \u00c5ngstr\u00f6m \u0152uvre \u0110\u00e0 N\u1eb5ng",
    "a.b,c;d:e!f?g(h)i[j]k{l}m<n>o/p\\q|r~s`t@u#v$w%x^y&z*=+-_",
    "\u00bfqu\u00e9? \u00a1s\u00ed! \u00ab o\u00f9 \u00bb \u20ac5 \u00a33 \u00a57 \u20ac4 \u2192 \u221e \u2211 \u00b1",
]
# Trained on, so that a vocabulary of a few hundred pieces covers something of everything.
SHORT = [t for t in TEXTS if len(t) < 150]


def versions():
    return {
        "transformers": transformers.__version__,
        "tokenizers": tokenizers.__version__,
        "sentencepiece": sentencepiece.__version__,
        "unicode": unicodedata.unidata_version,
    }


def write_json(path, value):
    Path(path).write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


# --- vocabularies of our own ------------------------------------------------------------------------------------------


def word_pieces(lower_case):
    """Returns the lines of a vocab.txt."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lower_case)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=700,
        limit_alphabet=320,
        special_tokens=["[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"],
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    return [piece for piece, _ in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])]


def byte_level(specials, normalizer=None, gap=0):
    """Returns a vocabulary and merges with a gap in the ids before the last special token."""
    tokenizer = Tokenizer(models.BPE())
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=560,
        special_tokens=specials[:-1],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    vocabulary = model["vocab"]
    vocabulary[specials[-1]] = max(vocabulary.values()) + 1 + gap
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"]]
    return vocabulary, merges


def write_byte_level(folder, vocabulary, merges):
    write_json(folder / "vocab.json", vocabulary)
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n", encoding="utf-8")


RULES = [
    ("\u00a0", " "),
    ("\t", " "),
    ("\n", " "),
    ("\r", " "),
    ("\u3000", " "),
    ("\u2028", " "),
    ("\u200b", " "),
    ("\u200d", ""),
    ("\ufeff", ""),
    ("e\u0301", "\u00e9"),
    ("n\u0303", "\u00f1"),
    ("\ufb01", "fi"),
    ("\u00bd", "1\u20442"),
    ("\u0132", "IJ"),
    ("\uff28", "H"),
    ("\uff45", "e"),
    ("\u33a1", "m2"),
    ("\u00b4", " \u0301"),
    ("\u0600", " "),
]


def sentence_pieces(folder, name, own_rules=False, **options):
    """Trains a Unigram model and returns its file."""
    with tempfile.TemporaryDirectory() as temporary:
        corpus = Path(temporary) / "corpus.txt"
        corpus.write_text("\n".join(CORPUS * 3), encoding="utf-8")
        if own_rules:
            rules = Path(temporary) / "rules.tsv"
            rules.write_text(
                "".join(
                    " ".join(f"{ord(c):X}" for c in source) + "\t" + " ".join(f"{ord(c):X}" for c in target) + "\n"
                    for source, target in RULES
                ),
                encoding="utf-8",
            )
            options["normalization_rule_tsv"] = str(rules)
        else:
            options["normalization_rule_name"] = "nmt_nfkc"
        sentencepiece.SentencePieceTrainer.train(
            input=str(corpus),
            model_prefix=str(Path(temporary) / "spm"),
            model_type="unigram",
            character_coverage=0.98,
            num_threads=1,
            minloglevel=2,
            hard_vocab_limit=False,
            **options,
        )
        shutil.copy(Path(temporary) / "spm.model", folder / name)


# --- checkpoints ------------------------------------------------------------------------------------------------------


def checkpoint(parent, name, config, tokenizer_config=None, **files):
    folder = parent / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    write_json(folder / "config.json", config)
    if tokenizer_config is not None:
        write_json(folder / "tokenizer_config.json", tokenizer_config)
    for file, content in files.items():
        write_json(folder / (file + ".json"), content)
    return folder


BERT = {"model_type": "bert", "type_vocab_size": 2}
ROBERTA = {"model_type": "roberta", "type_vocab_size": 1}
DEBERTA = {"model_type": "deberta", "type_vocab_size": 0}
DEBERTA_V2 = {"model_type": "deberta-v2", "type_vocab_size": 0}
BART = {"model_type": "bart"}
XLM_ROBERTA = {"model_type": "xlm-roberta", "type_vocab_size": 1}
FAIRSEQ = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
BRACKETS = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"]


def added(content, **flags):
    return {
        "content": content,
        "single_word": False,
        "lstrip": False,
        "rstrip": False,
        "normalized": False,
        "special": False,
        **flags,
    }


def checkpoints(parent):
    """Writes the checkpoints of the test resources and returns their folders."""
    folders = []

    def add(name, config, tokenizer_config=None, **files):
        folders.append(checkpoint(parent, name, config, tokenizer_config, **files))
        return folders[-1]

    lower = word_pieces(True)
    cased = word_pieces(False)

    folder = add("bert", BERT)
    (folder / "vocab.txt").write_text("\n".join(lower) + "\n", encoding="utf-8")

    folder = add(
        "bert-cased",
        BERT,
        {
            "do_lower_case": False,
            "strip_accents": True,
            "tokenize_chinese_chars": False,
            "model_max_length": 128,
            "tokenizer_class": "BertTokenizer",
        },
        special_tokens_map={
            "cls_token": "[CLS]",
            "sep_token": {"content": "[SEP]", "single_word": False, "lstrip": True, "rstrip": True, "normalized": False},
            "additional_special_tokens": ["<extra>", {"content": "[unused0]", "lstrip": True, "rstrip": False}],
        },
        added_tokens={"NEWTOKEN": len(cased) + 1, "<extra>": len(cased)},
    )
    (folder / "vocab.txt").write_text("\r\n".join(cased), encoding="utf-8", newline="")

    reference = transformers.AutoTokenizer.from_pretrained(parent / "bert").backend_tokenizer
    ready = json.loads(reference.to_str())
    ready["normalizer"]["strip_accents"] = False
    ready["added_tokens"] = [t for t in ready["added_tokens"] if t["content"] != "[MASK]"]
    add("electra-ready", {"model_type": "electra", "type_vocab_size": 2}, {"do_lower_case": False}, tokenizer=ready)
    bert_processing = json.loads(json.dumps(ready))
    bert_processing["post_processor"] = {
        "type": "BertProcessing",
        "sep": ["[SEP]", lower.index("[SEP]")],
        "cls": ["[CLS]", lower.index("[CLS]")],
    }
    add(
        "bert-one-segment",
        BERT,
        {"model_input_names": ["input_ids", "attention_mask"], "truncation_side": "left", "mask_token": None},
        tokenizer=bert_processing,
    )
    folder = add("distilbert", {"model_type": "distilbert"}, {"do_basic_tokenize": False, "strip_accents": False})
    (folder / "vocab.txt").write_text("\n".join(lower) + "\n", encoding="utf-8")

    folder = add("roberta", ROBERTA)
    write_byte_level(folder, *byte_level(FAIRSEQ, gap=2))
    vocabulary, merges = byte_level(FAIRSEQ)
    folder = add(
        "roberta-prefix",
        ROBERTA,
        {
            "add_prefix_space": True,
            "added_tokens_decoder": {
                "0": added("<s>", special=True, normalized=True),
                "2": added("</s>", special=True),
                str(len(vocabulary) + 7): added("NEWTOKEN", rstrip=True, normalized=True),
                str(len(vocabulary) + 9): added("<extra>", special=True, lstrip=True, single_word=True),
            },
            "additional_special_tokens": ["<extra>"],
            "tokenizer_class": "RobertaTokenizerFast",
        },
    )
    write_byte_level(folder, vocabulary, merges)
    ready = json.loads(transformers.AutoTokenizer.from_pretrained(folder).backend_tokenizer.to_str())
    ready["model"]["merges"] = merges
    ready["post_processor"] = {
        "type": "Sequence",
        "processors": [{"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False}, ready["post_processor"]],
    }
    ready["truncation"] = {"direction": "Right", "max_length": 5, "strategy": "OnlyFirst", "stride": 2}
    # RobertaTokenizerFast asks a Sequence for add_prefix_space, finds none, and leaves it.
    add("roberta-ready", ROBERTA, {"model_max_length": 64, "add_prefix_space": False}, tokenizer=ready)

    vocabulary, merges = byte_level(BRACKETS)
    folder = add("deberta", DEBERTA, {"do_lower_case": False, "vocab_type": "gpt2"})
    write_byte_level(folder, vocabulary, merges)
    folder = add(
        "deberta-segments",
        {"model_type": "deberta", "type_vocab_size": 2},
        {"tokenizer_class": "DebertaTokenizer", "truncation_side": "left"},
        special_tokens_map={"mask_token": {**added("[MASK]", lstrip=True), "normalized": True}},
    )
    write_byte_level(folder, vocabulary, merges)

    pieces = {"pad_id": 0, "bos_id": 1, "eos_id": 2, "unk_id": 3, "pad_piece": "[PAD]", "bos_piece": "[CLS]"}
    pieces |= {"eos_piece": "[SEP]", "unk_piece": "[UNK]"}
    folder = add("deberta-v2", DEBERTA_V2, {"do_lower_case": False, "vocab_type": "spm"}, added_tokens={"[MASK]": 705})
    sentence_pieces(folder, "spm.model", vocab_size=700, user_defined_symbols=["<extra>", "<0x41>"], **pieces)
    folder = add("deberta-v2-punct", DEBERTA_V2, {"do_lower_case": True, "split_by_punct": True})
    sentence_pieces(folder, "spm.model", own_rules=True, vocab_size=600, byte_fallback=True, **pieces)

    folder = add("xlm-roberta", XLM_ROBERTA)
    sentence_pieces(folder, "sentencepiece.bpe.model", own_rules=True, vocab_size=700)
    shared = folder / "sentencepiece.bpe.model"
    folder = add("camembert", {"model_type": "camembert", "type_vocab_size": 1}, {"model_max_length": 512})
    shutil.copy(shared, folder)
    ready = json.loads(transformers.AutoTokenizer.from_pretrained(parent / "xlm-roberta").backend_tokenizer.to_str())
    # As in the published files of XLM-RoBERTa.
    precompiled = ready["normalizer"]["normalizers"][0]
    ready["normalizer"] = precompiled
    ready["pre_tokenizer"] = {
        "type": "Sequence",
        "pretokenizers": [
            {"type": "WhitespaceSplit"},
            {"type": "Metaspace", "replacement": "\u2581", "str_rep": "\u2581", "add_prefix_space": True},
        ],
    }
    add("xlm-roberta-ready", XLM_ROBERTA, {"tokenizer_class": "XLMRobertaTokenizer"}, tokenizer=ready)

    vocabulary, merges = byte_level(BRACKETS, normalizers.NFC())
    tokenizer = Tokenizer(models.BPE(vocabulary, [tuple(merge.split()) for merge in merges]))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(t, lstrip=t == "[MASK]", normalized=False) for t in BRACKETS])
    tokenizer.add_tokens([AddedToken(" " * n, normalized=True) for n in (4, 3, 2)])
    tokenizer.add_tokens([AddedToken("<|endoftext|>", normalized=False)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0",
        pair="[CLS]:0 $A:0 [SEP]:0 $B:0 [SEP]:0",
        special_tokens=[(t, vocabulary[t]) for t in ("[CLS]", "[SEP]")],
    )
    add(
        "modernbert",
        {"model_type": "modernbert"},
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_input_names": ["input_ids", "attention_mask"],
            "cls_token": "[CLS]",
            "sep_token": "[SEP]",
            "extra_special_tokens": {},
        },
        tokenizer=json.loads(tokenizer.to_str()),
    )

    vocabulary, merges = byte_level(FAIRSEQ)
    folder = add("bart", BART, {"model_max_length": 1024})
    write_byte_level(folder, vocabulary, merges)
    ready = json.loads(transformers.AutoTokenizer.from_pretrained(folder).backend_tokenizer.to_str())
    # A file without the mask leaves its flags to the class.
    ready["added_tokens"] = [token for token in ready["added_tokens"] if token["content"] != "<mask>"]
    add("bart-ready", BART, {"tokenizer_class": "BartTokenizer", "add_prefix_space": True}, tokenizer=ready)
    return folders


# --- what transformers makes of them ----------------------------------------------------------------------------------


def expected(folder, texts, pairs):
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    assert tokenizer.is_fast, folder
    tree = json.loads(tokenizer.backend_tokenizer.to_str())
    tree["model"].pop("vocab")
    tree["model"].pop("merges", None)
    for normalizer in (tree["normalizer"] or {}).get("normalizers", [tree["normalizer"] or {}]):
        normalizer.pop("precompiled_charsmap", None)
    segments = json.loads((folder / "config.json").read_text()).get("type_vocab_size", 0) > 1
    recorded = []
    for first, second, max_length in pairs:
        # As a batch, like sentence-transformers: alone, an empty second text would be taken for none.
        encoded = tokenizer([texts[first]], [texts[second]], truncation="longest_first", max_length=max_length)
        ids = encoded["input_ids"][0]
        types = encoded["token_type_ids"][0] if segments and "token_type_ids" in encoded else None
        border = -1
        if types and 1 in types:
            border = types.index(1)
            assert types == [0] * border + [1] * (len(ids) - border)
        recorded.append([first, second, max_length, ids, border])
    return {
        "versions": versions(),
        "class": type(tokenizer).__name__,
        "model_max_length": min(tokenizer.model_max_length, 1 << 30),
        "tokenizer": tree,
        "pairs": recorded,
    }


def record(only):
    if not only:
        shutil.rmtree(RESOURCES, ignore_errors=True)
    RESOURCES.mkdir(parents=True, exist_ok=True)
    write_json(RESOURCES / "texts.json", TEXTS)
    rng = random.Random(7)
    n = len(TEXTS)
    with tempfile.TemporaryDirectory() as temporary:
        for folder in checkpoints(Path(temporary)):
            # Drawn for those that are left out, too, so that the others' pairs do not depend on them.
            pairs = [(i, rng.randrange(n), 512) for i in range(n)]
            pairs += [(rng.randrange(n), rng.randrange(n), rng.choice([7, 8, 12, 13, 31])) for _ in range(40)]
            if not folder.name.startswith(only):
                continue
            write_json(folder / "expected.json", expected(folder, TEXTS, pairs))
            for plain in [*folder.glob("*.model"), folder / "expected.json", *folder.glob("tokenizer.json")]:
                with gzip.GzipFile("", "wb", 9, open(str(plain) + ".gz", "wb"), mtime=0) as file:
                    file.write(plain.read_bytes())
                plain.unlink()
            shutil.rmtree(RESOURCES / folder.name, ignore_errors=True)
            shutil.copytree(folder, RESOURCES / folder.name)
            print(folder.name, sum(f.stat().st_size for f in folder.iterdir()))
    print("total", sum(f.stat().st_size for f in RESOURCES.rglob("*") if f.is_file()))


# --- random texts over real vocabularies ------------------------------------------------------------------------------

WORDS = sorted({word for text in TEXTS for word in text.split()})
SPACES = [" ", " ", " ", " ", "  ", "   ", "\t", "\n", "\r\n", "\u00a0", "\u3000", "\u2003", "\u200b", "\u2028", "", "\x00"]
SPECIALS = BRACKETS + FAIRSEQ + ["[mask]", "<S>", "NEWTOKEN", "<extra>", "##", "\u2581", "\u0120", "<0x0A>", "\ufffd"]
RANGES = [
    (0x20, 0x7F), (0x20, 0x7F), (0xA0, 0x250), (0x250, 0x530), (0x530, 0x700), (0x900, 0xE80), (0x1000, 0x1200),
    (0x1E00, 0x2000), (0x2000, 0x2100), (0x2100, 0x2C00), (0x3000, 0x3200), (0x3200, 0x3400), (0x4E00, 0xA000),
    (0xAC00, 0xD7A4), (0xE000, 0xE010), (0xF900, 0x10000), (0x1D000, 0x1D800), (0x1F000, 0x1FB00), (0x20000, 0x2FA20),
    (0x300, 0x370), (0, 0x20), (0x7F, 0xA1), (0x10000, 0x110000),
]  # fmt: skip


def nasty(rng):
    parts = []
    for _ in range(rng.choice([0, 1, 1, 2, 3, 5, 8, 13, 21, 34])):
        kind = rng.random()
        if kind < 0.45:
            word = rng.choice(WORDS)
            parts.append(rng.choice([word, word, word, word.upper(), word.capitalize(), word[: rng.randint(1, 4)]]))
        elif kind < 0.6:
            low, high = rng.choice(RANGES)
            parts.append("".join(chr(rng.randrange(low, high)) for _ in range(rng.randint(1, 5))))
        elif kind < 0.7:
            parts.append(rng.choice(SPECIALS))
        elif kind < 0.78:
            parts.append(str(rng.randrange(10 ** rng.randint(1, 8))))
        elif kind < 0.86:
            parts.append("".join(rng.choice("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~") for _ in range(rng.randint(1, 4))))
        elif kind < 0.9:
            base = rng.choice("aeiounzAEIOU \u0623\u0915\u1100\uac00\U0001f600")
            parts.append(base + "".join(chr(rng.randrange(0x300, 0x330)) for _ in range(rng.randint(1, 3))))
        elif kind < 0.93:
            parts.append("\u200d".join(rng.choice("\U0001f469\U0001f468\U0001f467\u2764\U0001f44d") for _ in range(3)))
        elif kind < 0.96:
            parts.append(rng.choice("'\u2019") + rng.choice(["s", "t", "re", "ve", "m", "ll", "d", "S"]))
        else:
            parts.append(rng.choice("xa\u6771\u00e9 ") * rng.randint(20, 130))
        parts.append(rng.choice(SPACES))
    text = "".join(c for c in "".join(parts) if not 0xD800 <= ord(c) < 0xE000)
    return text


def real(vocabularies, parent):
    """Writes checkpoints of real vocabularies and returns their folders."""

    def add(name, config, tokenizer_config, source, files):
        folder = checkpoint(parent, name, config, tokenizer_config)
        for file in files:
            target, _, origin = file.partition("=")
            shutil.copyfile(vocabularies / source / (origin or target), folder / target)
        return folder

    bert = "bert-base-uncased"
    return [
        add("bert", BERT, None, bert, ["vocab.txt"]),
        add("bert-cased", BERT, {"do_lower_case": False, "strip_accents": True}, bert, ["vocab.txt"]),
        add("electra", {"model_type": "electra", "type_vocab_size": 2}, None, bert, ["vocab.txt"]),
        add("distilbert", {"model_type": "distilbert"}, {"tokenize_chinese_chars": False}, bert, ["vocab.txt"]),
        add("minilm", BERT, None, "ms-marco-MiniLM-L-6-v2",
            ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"]),
        add("roberta", ROBERTA, None, "roberta-base", ["vocab.json", "merges.txt"]),
        add("roberta-prefix", ROBERTA, {"add_prefix_space": True}, "roberta-base", ["vocab.json", "merges.txt"]),
        add("roberta-ready", ROBERTA, {"model_max_length": 512}, "roberta-base", ["tokenizer.json"]),
        add("deberta", DEBERTA, None, "deberta-base-derived", ["vocab.json", "merges.txt"]),
        add("deberta-v3", DEBERTA_V2, {"do_lower_case": False, "vocab_type": "spm"}, "deberta-v3", ["spm.model"]),
        add("deberta-v3-left", DEBERTA_V2, {"truncation_side": "left", "do_lower_case": True, "split_by_punct": True},
            "deberta-v3", ["spm.model"]),
        add("xlm-roberta", XLM_ROBERTA, None, "deberta-v3", ["sentencepiece.bpe.model=spm.model"]),
    ]  # fmt: skip


def fuzz(vocabularies, parent, count, seed):
    rng = random.Random(seed)
    parent.mkdir(parents=True, exist_ok=True)
    texts = TEXTS + [nasty(rng) for _ in range(count)]
    write_json(parent / "texts.json", texts)
    for folder in real(vocabularies, parent):
        pairs = []
        for first in range(len(texts)):
            pairs.append((first, rng.randrange(len(texts)), rng.choice([6, 7, 8, 9, 16, 33, 64, 512, 512])))
        write_json(folder / "expected.json", expected(folder, texts, pairs))
        print(folder.name, len(pairs), "pairs", flush=True)


def random_token(rng, content):
    """Returns a token as text or as an object, with its flags."""
    if rng.random() < 0.4:
        return content
    flags = {flag: rng.random() < 0.3 for flag in ("single_word", "lstrip", "rstrip", "normalized", "special")}
    return added(content, **flags)


def random_configuration(rng, folder, names):
    """Changes what stands beside a checkpoint's vocabulary; ids are those that the vocabulary has, if it has any."""
    vocabulary = transformers.AutoTokenizer.from_pretrained(folder).get_vocab()
    ids = {content: vocabulary.get(content, 0) for content in names}
    new = ["NEWTOKEN", "<extra>", "so", "(x)", "Z\u00fcrich"]
    keys = [key for key in transformers.SpecialTokensMixin.SPECIAL_TOKENS_ATTRIBUTES if key.endswith("_token")]

    def pick():
        return rng.choice(names if rng.random() < 0.7 else new)

    config = {}
    if rng.random() < 0.8:
        config["do_lower_case"] = rng.random() < 0.5
    for key in ("strip_accents", "tokenize_chinese_chars", "add_prefix_space", "split_by_punct"):
        if rng.random() < 0.3:
            config[key] = rng.random() < 0.5
    if rng.random() < 0.3:
        config["truncation_side"] = rng.choice(["left", "right"])
    if rng.random() < 0.2:
        config["tokenizer_class"] = json.loads((folder / "expected.json").read_text())["class"]
    for key in keys:
        if rng.random() < 0.15:
            token = random_token(rng, pick())
            config[key] = token if isinstance(token, str) else {"__type": "AddedToken", **token}
    if rng.random() < 0.2:
        config["additional_special_tokens"] = [pick() for _ in range(2)]
    if rng.random() < 0.4:
        contents = rng.sample(names + new, 4)
        config["added_tokens_decoder"] = {
            str(ids.get(content, 900 + i)): added(
                content, **{flag: rng.random() < 0.3 for flag in ("lstrip", "rstrip", "normalized", "special")}
            )
            for i, content in enumerate(contents)
        }
    write_json(folder / "tokenizer_config.json", config)
    if rng.random() < 0.4:
        tokens = {key: random_token(rng, pick()) for key in keys if rng.random() < 0.3}
        if rng.random() < 0.4:
            tokens["additional_special_tokens"] = [random_token(rng, content) for content in rng.sample(names + new, 2)]
        write_json(folder / "special_tokens_map.json", tokens)
    if rng.random() < 0.4:
        contents = rng.sample(names + new, 3)
        write_json(folder / "added_tokens.json", {c: ids.get(c, 900 + i) for i, c in enumerate(contents)})


def fuzz_configurations(parent, count, seed):
    rng = random.Random(seed)
    parent.mkdir(parents=True, exist_ok=True)
    texts = TEXTS + [
        "so (x) so Z\u00fcrich z\u00fcrich NEWTOKEN so<extra>so notso",
        " so  <s> so </s>so [CLS] [SEP]so [MASK]so ",
    ]
    write_json(parent / "texts.json", texts)
    # New tokens need ids without gaps.
    bases = sorted(folder for folder in RESOURCES.iterdir() if folder.is_dir() and folder.name != "roberta")
    written = 0
    while written < count:
        base = rng.choice(bases)
        folder = parent / f"{written:04d}-{base.name}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for file in base.iterdir():
            if file.suffix == ".gz":
                (folder / file.stem).write_bytes(gzip.decompress(file.read_bytes()))
            elif file.name not in ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"):
                shutil.copyfile(file, folder / file.name)
        random_configuration(rng, folder, FAIRSEQ if base.name.startswith(("xlm", "cam", "rob")) else BRACKETS)
        special = range(len(texts) - 16, len(texts))
        pairs = [(rng.choice(special), rng.choice(special), rng.choice([9, 20, 512])) for _ in range(12)]
        try:
            write_json(folder / "expected.json", expected(folder, texts, pairs))
            written += 1
        except Exception as e:  # What transformers cannot load is no reference.
            print(base.name, type(e).__name__, str(e)[:90])
            shutil.rmtree(folder)


# --- what transformers 5 makes of the same tokenizer.json --------------------------------------------------------------

OLDER = ["vocab.txt", "vocab.json", "merges.txt", "spm.model", "sentencepiece.bpe.model"]


def unpack(folder, target):
    target.mkdir(parents=True)
    for file in folder.iterdir():
        if file.suffix == ".gz":
            (target / file.stem).write_bytes(gzip.decompress(file.read_bytes()))
        else:
            shutil.copyfile(file, target / file.name)


def save(parent):
    shutil.rmtree(parent, ignore_errors=True)
    for folder in sorted(folder for folder in RESOURCES.iterdir() if folder.is_dir()):
        target = parent / folder.name
        unpack(folder, target)
        transformers.AutoTokenizer.from_pretrained(target).save_pretrained(target)
        for name in OLDER:
            (target / name).unlink(missing_ok=True)


def compare(parent):
    texts = json.loads((RESOURCES / "texts.json").read_text(encoding="utf-8"))
    differing = {}
    for folder in sorted(parent.iterdir()):
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        pairs = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["pairs"]
        differing[folder.name] = [
            i for i, (first, second, max_length, ids, _) in enumerate(pairs)
            if max_length == 512
            and tokenizer([texts[first]], [texts[second]], truncation=True, max_length=512)["input_ids"][0] != ids
        ]
        print(folder.name, type(tokenizer).__name__, len(differing[folder.name]))
    write_json(RESOURCES.parent / "transformers-5.json", {"versions": versions(), "differing": differing})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("record")
    command.add_argument("--only", default="", help="write the checkpoints whose name begins so, leave the others")
    command = commands.add_parser("fuzz")
    command.add_argument("vocabularies", type=Path)
    command.add_argument("folder", type=Path)
    command.add_argument("--texts", type=int, default=5000)
    command.add_argument("--seed", type=int, default=1)
    command = commands.add_parser("fuzz-configurations")
    command.add_argument("folder", type=Path)
    command.add_argument("--count", type=int, default=300)
    command.add_argument("--seed", type=int, default=1)
    commands.add_parser("save").add_argument("folder", type=Path)
    commands.add_parser("transformers-5").add_argument("folder", type=Path)
    arguments = parser.parse_args()
    if arguments.command == "save":
        save(arguments.folder)
    elif arguments.command == "transformers-5":
        compare(arguments.folder)
    elif arguments.command == "record":
        record(arguments.only)
    elif arguments.command == "fuzz-configurations":
        fuzz_configurations(arguments.folder, arguments.count, arguments.seed)
    else:
        fuzz(arguments.vocabularies, arguments.folder, arguments.texts, arguments.seed)


if __name__ == "__main__":
    sys.exit(main())
