"""Collects the passages and the queries that demo-rank is trained on.

Every source is a folder on this machine; a source that is not given is left out. The output folder gets
`passages.jsonl` (id, source, text) and `queries.jsonl` (id, source, text, gold: ids of passages that are known to
answer). Nothing here reads MS MARCO, Cranfield, SciFact, Vaswani or NFCorpus.
"""
import argparse
import collections
import csv
import gzip
import html
import json
import pathlib
import random
import re

SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9\"“(])")
TAG = re.compile(r"<[^>]+>")
STOP = set(
    "a an the of in on at to for from by with and or is are was were be been being do does did done has have had "
    "what which who whom whose when where why how that this these those it its their his her there as into about "
    "can could would will shall should may might must than then also such not no".split()
)


def clean(text):
    """The text without mark-up, on one line."""
    return re.sub(r"\s+", " ", html.unescape(TAG.sub(" ", text))).strip()


class Chunks:
    """Divides text into passages.

    By default the sentences of a paragraph are joined to about 35 to 75 words, the length of passages of web search.
    Long passages are joined over the ends of paragraphs to about 150 to 230 words, the length of an abstract. Sentences
    stay alone, unless two of them have 15 words together.
    """

    SIZES = {"passages": ((35, 50, 60, 75), 12, 150), "long": ((150, 190, 230), 100, 260), "sentences": ((0,), 5, 60)}

    def __init__(self, rnd, size):
        self.rnd, self.long = rnd, size == "long"
        self.targets, self.least, self.most = self.SIZES[size]

    def __call__(self, paragraphs):
        for paragraph in [" ".join(paragraphs)] if self.long else paragraphs:
            words, part, target = 0, [], self.rnd.choice(self.targets)
            for sentence in SENTENCE.split(paragraph):
                size = len(sentence.split())
                if part and words + size > target + 15:
                    if words >= min(12, self.least):
                        yield " ".join(part)
                    words, part, target = 0, [], self.rnd.choice(self.targets)
                part.append(sentence)
                words += size
            if words >= self.least:
                yield " ".join(" ".join(part).split()[:self.most])


def web(question, rnd):
    """A question as people type it: lower case, often without punctuation, sometimes as keywords."""
    q = question.strip().rstrip("?. ").lower()
    kind = rnd.random()
    if kind < 0.25:
        return question.strip()
    if kind < 0.75:
        return q
    words = [w for w in re.sub(r"[^\w\s'-]", " ", q).split() if w not in STOP]
    return " ".join(words) if 2 <= len(words) <= 10 else q


def term_query(term, rnd):
    """A query that asks for a definition."""
    t = term.strip().lower()
    return rnd.choice(
        ("what is {}", "what is {}", "what is a {}", "what are {}", "define {}", "{} definition", "{} meaning",
         "what does {} mean", "definition of {}", "{}", "meaning of {}", "define: {}", "what's {}")
    ).format(t)


class Texts:
    """The passages and queries so far."""

    def __init__(self, seed, size):
        self.rnd = random.Random(seed)
        self.chunks = Chunks(self.rnd, size)
        self.passages, self.queries, self.seen = [], [], {}

    def passage(self, source, text):
        text = text.strip()
        if text in self.seen:
            return self.seen[text]
        i = len(self.passages)
        self.seen[text] = i
        self.passages.append(dict(id=i, source=source, text=text))
        return i

    def query(self, source, text, gold=()):
        text = re.sub(r"\s+", " ", text).strip()
        if 3 <= len(text) <= 250:
            self.queries.append(dict(id=len(self.queries), source=source, text=text, gold=sorted(set(gold))))


def openstax(t, folder, limit):
    """OpenStax textbooks (CC BY 4.0): modules in CNXML, with terms, definitions, titles, questions, objectives."""
    files = sorted(pathlib.Path(folder).glob("modules/*/index.cnxml"))
    t.rnd.shuffle(files)
    start, book = len(t.passages), "openstax"
    for f in files:
        if len(t.passages) - start >= limit:
            break
        x = f.read_text(encoding="utf-8")
        body, _, gloss = x.partition("<glossary>")
        meta, _, body = body.partition("</metadata>")
        asked = [clean(q) for e in re.findall(r"<problem.*?</problem>", body, re.S)
                 for q in re.findall(r"<para[^>]*>(.*?)</para>", e, re.S)]
        body = re.sub(r"<(exercise|table|figure|equation|note)\b.*?</\1>", " ", body, flags=re.S)
        sections = re.split(r"(?=<section\b)", body)
        title = re.search(r"<title>(.*?)</title>", x, re.S)
        title = clean(title.group(1)) if title else ""
        if title.lower() in ("preface", "index", "references") or title.lower().startswith("introduction"):
            continue
        where = collections.defaultdict(list)
        for s in sections:
            head = re.search(r"<title>(.*?)</title>", s, re.S)
            head = clean(head.group(1)) if head and s.startswith("<section") else title
            ids = []
            paras = re.findall(r"<para[^>]*>(.*?)</para>", s, re.S)
            for part in [paras] if t.chunks.long else [[p] for p in paras]:
                terms = [clean(w) for p in part for w in re.findall(r"<term[^>]*>(.*?)</term>", p, re.S)]
                for c in t.chunks([clean(p) for p in part]):
                    i = t.passage(book, c)
                    ids.append(i)
                    for w in terms:
                        if w and w.lower() in c.lower():
                            where[w.lower()].append(i)
            skip = re.search(r"(summary|key (terms|concepts)|review|exercise|problem|question|further|link|notable|bibliograph|references)",
                             head, re.I)
            if len(ids) >= 2 and len(head.split()) >= 2 and not skip:
                t.query("openstax-heading", head.lower() if t.rnd.random() < 0.7 else head)
        for d in re.findall(r"<definition.*?</definition>", gloss, re.S):
            w, m = re.search(r"<term[^>]*>(.*?)</term>", d, re.S), re.search(r"<meaning[^>]*>(.*?)</meaning>", d, re.S)
            if not w or not m:
                continue
            w, m = clean(w.group(1)), clean(m.group(1))
            gold = list(where.get(w.lower(), ()))
            if len(m.split()) >= 6 and t.rnd.random() < 0.35:
                gold.append(t.passage(book, w[:1].upper() + w[1:] + ": " + m if t.rnd.random() < 0.5 else w + " is " + m))
            if gold and t.rnd.random() < 0.6:
                t.query("openstax-term", term_query(w, t.rnd), gold)
        for w, ids in where.items():
            if "<glossary>" not in x and t.rnd.random() < 0.5:
                t.query("openstax-term", term_query(w, t.rnd), ids)
        for q in asked:
            if q.endswith("?") and 4 <= len(q.split()) <= 22 and "figure" not in q.lower() and t.rnd.random() < 0.6:
                t.query("openstax-question", web(q, t.rnd))
        for o in re.findall(r"<item[^>]*>(.*?)</item>", meta, re.S):
            o = re.sub(r"^(Describe|Explain|Discuss|Identify|Define|List|Understand|Summarize|Outline|Recognize|Analyze|Compare and contrast|Compare|Differentiate between|Distinguish between|Provide)\s+", "", clean(o))
            if 3 <= len(o.split()) <= 14 and t.rnd.random() < 0.5:
                t.query("openstax-objective", o.lower())


MED = {
    "information": ("what is {}", "{}", "{} definition", "what is {} disease", "define {}", "{} facts"),
    "symptoms": ("{} symptoms", "symptoms of {}", "what are the signs of {}", "signs and symptoms of {}"),
    "treatment": ("{} treatment", "how to treat {}", "how is {} treated", "treatments for {}"),
    "causes": ("what causes {}", "causes of {}", "{} cause", "why do people get {}"),
    "inheritance": ("is {} inherited", "{} inheritance", "is {} genetic"),
    "frequency": ("how common is {}", "how many people have {}", "{} prevalence"),
    "genetic changes": ("genes related to {}", "{} gene mutation", "what gene causes {}"),
    "susceptibility": ("who is at risk for {}", "{} risk factors", "who gets {}"),
    "prevention": ("how to prevent {}", "{} prevention", "can {} be prevented"),
    "outlook": ("{} prognosis", "life expectancy with {}", "outlook for {}"),
    "exams and tests": ("how is {} diagnosed", "{} diagnosis", "test for {}"),
    "research": ("{} research", "clinical trials for {}"),
}


def medquad(t, folder, limit):
    """MedQuAD (CC BY 4.0): questions and answers from web sites of the US National Institutes of Health."""
    sets = [p for p in sorted(pathlib.Path(folder).iterdir()) if p.is_dir() and p.name[0].isdigit()]
    for s in sets:
        files = sorted(s.glob("*.xml"))
        t.rnd.shuffle(files)
        start, share = len(t.passages), limit // 9
        for f in files:
            if len(t.passages) - start >= share:
                break
            x = f.read_text(encoding="utf-8")
            focus = re.search(r"<Focus>(.*?)</Focus>", x, re.S)
            names = [clean(focus.group(1))] if focus else []
            names += [clean(n) for n in re.findall(r"<Synonym>(.*?)</Synonym>", x, re.S)][:2]
            for kind, q, a in re.findall(r'<Question[^>]*qtype="([^"]*)"[^>]*>(.*?)</Question>\s*<Answer>(.*?)</Answer>', x, re.S):
                a = html.unescape(TAG.sub(" ", a))
                ids = [t.passage("medquad", c) for c in t.chunks([clean(p) for p in re.split(r"\s{4,}|\n\n", a)])]
                if not ids:
                    continue
                t.query("medquad", web(clean(q).replace(" ?", "?").replace("is (are)", "is").replace("Is (are)", "is"), t.rnd), ids[:1])
                if kind in MED and names and t.rnd.random() < 0.7:
                    t.query("medquad", t.rnd.choice(MED[kind]).format(t.rnd.choice(names).lower()), ids[:1])


def squad_paragraphs(path):
    """The complete paragraphs of a file in SQuAD's JSON, which may be cut off at its end."""
    text, decoder = open(path, encoding="utf-8").read(), json.JSONDecoder()
    for m in re.finditer(r'\{"(?:context|qas)"', text):
        try:
            par, _ = decoder.raw_decode(text, m.start())
        except json.JSONDecodeError:
            continue
        if "qas" in par and "context" in par:
            yield par


def squad(t, files, qnli, heldout, limit):
    """SQuAD's questions and paragraphs (CC BY-SA 4.0), as SQuAD or XQuAD JSON and as QNLI; held-out pairs stay out."""
    held = [json.loads(line) for line in open(heldout, encoding="utf-8")]
    no_q, no_s = {h["text"].strip() for h in held}, {h["text_pair"].strip() for h in held}
    start = len(t.passages)
    for f in files:
        for par in squad_paragraphs(f):
            parts = []
            for c in t.chunks([re.sub(r"\s+", " ", par["context"])]):
                if not any(s in c for s in no_s):
                    parts.append((c, t.passage("squad", c)))
            for qa in par["qas"]:
                if qa["question"].strip() in no_q or not qa.get("answers"):
                    continue
                a = qa["answers"][0]
                around = par["context"][max(0, a["answer_start"] - 25):a["answer_start"] + len(a["text"])]
                gold = [i for c, i in parts if re.sub(r"\s+", " ", around).strip() in c]
                if gold:
                    t.query("squad", web(qa["question"], t.rnd), gold)
    rows = list(csv.reader(open(qnli, encoding="utf-8"), delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    rows = [r for r in rows if len(r) >= 4 and r[1].strip() not in no_q and r[2].strip() not in no_s]
    t.rnd.shuffle(rows)
    for r in rows:
        if len(t.passages) - start >= limit:
            break
        i = t.passage("qnli", r[2])
        t.query("qnli", web(r[1], t.rnd), [i] if r[3] == "entailment" else [])


def wiki_intros(t, file, limit):
    """First paragraphs of Wikipedia articles (CC BY-SA), as 2WikiMultihopQA's corpus has them: title and text."""
    rows = json.load(open(file, encoding="utf-8"))
    t.rnd.shuffle(rows)
    for r in rows[:limit]:
        ids = [t.passage("wikipedia", c) for c in t.chunks([clean(r["text"])])]
        title = re.sub(r"\s*\(.*\)", "", r["title"])
        if ids and t.rnd.random() < 0.5:
            film = "film" in r["text"][:150]
            form = ("who directed {}", "when was {} released", "{} movie cast", "{}") if film else (
                "who was {}", "{} biography", "when was {} born", "where is {} from", "what is {}", "{}")
            t.query("wikipedia", t.rnd.choice(form).format(title.lower()))


def arxiv(t, files, limit):
    """Abstracts of arXiv (its metadata is CC0): the title asks for the abstract."""
    rows = [p for f in files for p in json.load(open(f, encoding="utf-8"))["papers"]]
    t.rnd.shuffle(rows)
    for p in rows[:limit]:
        i = t.passage("arxiv", clean(p["summary"]))
        title = re.sub(r"^[^:]{1,30}:\s+", "", clean(p["title"]))
        if t.rnd.random() < 0.45:
            t.query("arxiv", web(title, t.rnd), [i])


def nq(t, files, limit):
    """Questions that people asked Google (Natural Questions open, CC BY-SA 3.0); only the questions are used."""
    rows = [json.loads(line)["question"] for f in files for line in open(f, encoding="utf-8")]
    t.rnd.shuffle(rows)
    for q in rows[:limit]:
        t.query("nq", q)


def dictd(path, kind):
    """Entries of a dictionary in dictd's text form: headword and definition."""
    text = gzip.open(path, "rt", encoding="utf-8", errors="replace").read()
    if kind == "foldoc":
        for m in re.finditer(r"\n\n(\S[^\n]{1,60})\n(?:\S[^\n]*\n)*\n((?:   [^\n]*\n|\n)+)", text):
            d = clean(re.sub(r"[{}]", "", re.sub(r"<([a-z, ]+)>", "", m.group(2))))
            yield m.group(1).strip(), re.sub(r"\(\d{4}-\d\d-\d\d\).*", "", d).strip()
    else:
        for m in re.finditer(r"\n\n([A-Z][A-Za-z -]{2,40}) \\[^\n]*\n((?:   [^\n]*\n)+)", text):
            d = re.sub(r"\[[^\]]*\]|--[A-Z][a-z]+\.?.*$", "", re.sub(r"[{}]", "", m.group(2)), flags=re.M)
            d = re.sub(r"^.*?\]\s*", "", clean(d)) if "]" in d else clean(d)
            yield m.group(1).strip(), m.group(1).strip() + ": " + d


def dictionary(t, source, entries, limit):
    """Definitions: one passage an entry."""
    entries = [(w, " ".join(d.split()[:90])) for w, d in entries if 8 <= len(d.split()) <= 140]
    t.rnd.shuffle(entries)
    for w, d in entries[:limit]:
        i = t.passage(source, d)
        if t.rnd.random() < 0.8:
            t.query(source, term_query(w, t.rnd), [i])


def wordnet(folder):
    """WordNet's noun glosses (WordNet licence) with their first word."""
    for line in open(pathlib.Path(folder) / "data.noun", encoding="utf-8"):
        if line[0] != " ":
            head, _, gloss = line.partition(" | ")
            word = head.split()[4].replace("_", " ")
            if len(gloss.split()) >= 9:
                yield word, f"{word[:1].upper()}{word[1:]}: {gloss.strip()}"


def html_pages(t, source, files, limit):
    """Documentation in HTML: headings with the paragraphs after them."""
    files = sorted(files)
    t.rnd.shuffle(files)
    start = len(t.passages)
    for f in files:
        if len(t.passages) - start >= limit:
            break
        x = f.read_text(encoding="utf-8", errors="replace")
        for part in re.split(r"(?=<h[1-4]\b)", x)[1:]:
            head = clean(re.search(r"<h[1-4][^>]*>(.*?)</h[1-4]>", part, re.S).group(1)) if "</h" in part else ""
            head = re.sub(r"^[A-Z]?[\d.]+\.?\s+|^[A-Z]\.[\d.]+\s+|¶|#$", "", head).strip()
            ids = [t.passage(source, c) for c in t.chunks([clean(p) for p in re.findall(r"<p\b[^>]*>(.*?)</p>", part, re.S)])]
            if ids and 2 <= len(head.split()) <= 14:
                t.query(source, web(head, t.rnd), ids[:1])


def keywords(t, count):
    """Keyword queries: two to four rare words of one passage's sentence."""
    df = collections.Counter(w for p in t.passages for w in set(re.findall(r"[a-z][a-z'-]{3,}", p["text"].lower())))
    for p in t.rnd.sample(t.passages, min(count, len(t.passages))):
        sentence = t.rnd.choice(SENTENCE.split(p["text"]))
        words = [w for w in dict.fromkeys(re.findall(r"[a-z][a-z'-]{3,}", sentence.lower())) if w not in STOP and df[w] >= 4]
        best = set(sorted(words, key=lambda w: df[w])[:t.rnd.choice((2, 3, 3, 4))])
        if len(best) >= 2:
            t.query("keywords", " ".join(w for w in words if w in best))


def claims(t, count):
    """Statements: a sentence of a passage asks for the passage without it."""
    for p in t.rnd.sample(t.passages, min(count, len(t.passages))):
        sentences = SENTENCE.split(p["text"])
        fit = [s for s in sentences if 6 <= len(s.split()) <= 22]
        if len(sentences) >= 4 and fit:
            claim = t.rnd.choice(fit)
            i = t.passage(p["source"], " ".join(s for s in sentences if s != claim))
            t.query("claims", claim if t.rnd.random() < 0.6 else claim.rstrip(".").lower(), [i])


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--out", required=True)
    a.add_argument("--openstax", nargs="*", default=[], help="folders of OpenStax books")
    a.add_argument("--medquad", help="folder of MedQuAD")
    a.add_argument("--squad", nargs="*", default=[], help="files in SQuAD's JSON")
    a.add_argument("--qnli", help="QNLI's dev.tsv")
    a.add_argument("--heldout", help="pairs (JSONL: text, text_pair) that must stay out")
    a.add_argument("--wiki-intros", help="JSON list of title and text")
    a.add_argument("--arxiv", nargs="*", default=[], help="JSON files with papers: title and summary")
    a.add_argument("--nq", nargs="*", default=[], help="files of NQ-open")
    a.add_argument("--debian", help="folder with the unpacked Debian packages, one folder a package")
    a.add_argument("--book-passages", type=int, default=450)
    a.add_argument("--medquad-passages", type=int, default=3200)
    a.add_argument("--squad-passages", type=int, default=2600)
    a.add_argument("--wiki-articles", type=int, default=900)
    a.add_argument("--arxiv-abstracts", type=int, default=700)
    a.add_argument("--nq-queries", type=int, default=1500)
    a.add_argument("--docs-passages", type=int, default=330)
    a.add_argument("--dictionary-entries", type=int, default=600)
    a.add_argument("--keyword-queries", type=int, default=2500)
    a.add_argument("--claim-queries", type=int, default=0)
    a.add_argument("--size", choices=sorted(Chunks.SIZES), default="passages", help="length of the passages")
    a.add_argument("--most-queries", type=int, help="keep so many queries")
    a.add_argument("--seed", type=int, default=18)
    o = a.parse_args()
    t = Texts(o.seed, o.size)
    for b in o.openstax:
        openstax(t, b, o.book_passages)
    if o.medquad:
        medquad(t, o.medquad, o.medquad_passages)
    if o.qnli:
        squad(t, o.squad, o.qnli, o.heldout, o.squad_passages)
    if o.wiki_intros:
        wiki_intros(t, o.wiki_intros, o.wiki_articles)
    if o.debian:
        d = pathlib.Path(o.debian)
        n = o.dictionary_entries
        dictionary(t, "foldoc", list(dictd(d / "dict-foldoc/usr/share/dictd/foldoc.dict.dz", "foldoc")), n)
        dictionary(t, "gcide", list(dictd(d / "dict-gcide/usr/share/dictd/gcide.dict.dz", "gcide")), n)
        dictionary(t, "wordnet", list(wordnet(d / "wordnet-base/usr/share/wordnet")), n)
        for name, pattern in (
            ("anarchism", "**/sec*.html"),
            ("python3.11-doc", "**/html/*/*.html"),
            ("postgresql-doc-15", "**/*.html"),
            ("debian-handbook", "**/html/en-US/*.html"),
            ("debian-faq", "**/*.en.html"),
            ("debian-reference-en", "**/*.en.html"),
        ):
            files = (d / name).glob(pattern)
            if name.startswith("python"):  # not the reference, which lists names
                files = (f for f in files if f.parent.name in ("howto", "faq", "tutorial"))
            html_pages(t, name, files, o.docs_passages)
    arxiv(t, o.arxiv, o.arxiv_abstracts)
    nq(t, o.nq, o.nq_queries)
    keywords(t, o.keyword_queries)
    claims(t, o.claim_queries)
    t.rnd.shuffle(t.queries)
    t.queries = t.queries[:o.most_queries]
    out = pathlib.Path(o.out)
    out.mkdir(parents=True, exist_ok=True)
    for name, rows in (("passages", t.passages), ("queries", t.queries)):
        for i, r in enumerate(rows):
            r["id"] = i
        with open(out / f"{name}.jsonl", "w", encoding="utf-8") as f:
            for r in rows:
                f.write(json.dumps(r, ensure_ascii=False) + "\n")
        print(name, len(rows), dict(collections.Counter(r["source"] for r in rows)))


if __name__ == "__main__":
    main()
