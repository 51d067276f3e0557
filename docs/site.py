"""Prepares the pages of the repository for MkDocs: `python docs/site.py FOLDER` copies them to a folder, for docs/mkdocs.yml.

The pages are written for readers of the repository: links are paths to any file or folder, and the dialect is GitHub's. MkDocs takes
pages from one folder only, its links lead to pages only, and its dialect (Python-Markdown) wants list items indented by four spaces.
What is copied differs in exactly these points. Fails if a link leads to nothing.
"""

import re
import shutil
import sys
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
# Parts of generated pages, which have their own places.
FRAGMENTS = {"notes.md"}
# What a browser shows by itself.
STATIC = {".json", ".png"}
LANGUAGES = {".yaml": "yaml", ".yml": "yaml", ".java": "java", ".py": "python", ".sh": "bash"}

LINK = re.compile(r"(?<=\]\()([^()\s]+)(?=\))")
CODE_SPAN = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)")
FENCE = re.compile(r" *(`{3,}|~{3,})")
TABLE_RULE = re.compile(r" *\|( *:?-+:? *\|)+ *$")
ITEM = re.compile(r"( *)([-*+]|\d{1,9}[.)])( +)(?=\S)")


def pages():
    """The pages of the repository, without those of builds."""
    for path in sorted(ROOT.rglob("*.md")):
        parts = path.relative_to(ROOT).parts
        hidden = any(part.startswith(".") for part in parts)
        if not hidden and "target" not in parts and path.name not in FRAGMENTS:
            yield path


class Site:
    def __init__(self, folder):
        self.folder = folder
        self.made = set()
        self.broken = []

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def page(self, path):
        name = path.relative_to(ROOT)
        text = reindented(path.read_text(encoding="utf-8"))
        self.write(name, outside_code(text, lambda part: LINK.sub(lambda link: self.target(path, link.group()), part)))

    def target(self, page, link):
        """What a link of a page is in the site."""
        file, hash_sign, anchor = link.partition("#")
        if not file or re.match(r"[a-z]+:", file):
            return link
        path = (page.parent / file).resolve()
        if not path.is_relative_to(ROOT) or not path.exists():
            self.broken.append(f"{page.relative_to(ROOT)}: {link}")
            return link
        made = self.shown(path)
        return relative(made, page.relative_to(ROOT).parent) + hash_sign + anchor

    def shown(self, path):
        """The page, or the file, that shows a file or folder of the repository."""
        name = path.relative_to(ROOT)
        if path.suffix == ".md":
            return name
        if path.is_dir() and (path / "README.md").exists():
            return name / "README.md"
        shown = name if path.suffix in STATIC else name / "index.md" if path.is_dir() else name.with_name(name.name + ".md")
        if shown not in self.made:
            self.made.add(shown)
            if path.suffix in STATIC:
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, self.folder / name)
            elif path.is_dir():
                self.write(shown, self.listing(path))
            else:
                self.write(shown, source(path))
        return shown

    def listing(self, folder):
        lines = [heading(folder)]
        for path in sorted(folder.iterdir()):
            if not path.name.startswith("."):
                lines.append(f"- [{path.name}]({relative(self.shown(path), folder.relative_to(ROOT))})")
        return "\n".join(lines) + "\n"


def relative(path, folder):
    path, folder = PurePosixPath(path), PurePosixPath(folder)
    up = 0
    while not path.is_relative_to(folder):
        folder = folder.parent
        up += 1
    return "../" * up + str(path.relative_to(folder))


def heading(path):
    return f"---\nsearch:\n  exclude: true\n---\n\n# {path.relative_to(ROOT).as_posix()}\n"


def source(path):
    text = path.read_text(encoding="utf-8")
    fence = "`" * (3 + max((len(run) for run in re.findall("`{3,}", text)), default=0))
    return f"{heading(path)}\n{fence}{LANGUAGES.get(path.suffix, 'text')}\n{text.rstrip()}\n{fence}\n"


def outside_code(text, change):
    """Changes what is neither in a fenced block nor in a code span."""
    lines, fence = [], None
    for line in text.split("\n"):
        mark = FENCE.match(line)
        if fence is None and mark:
            fence = mark.group(1)
        elif fence is not None:
            if mark and mark.group(1).startswith(fence) and not line.strip(" `~"):
                fence = None
        else:
            spans = []
            line = CODE_SPAN.sub(lambda span: spans.append(span.group()) or "\0", line)
            line = change(line)
            for span in spans:
                line = line.replace("\0", span, 1)
        lines.append(line)
    return "\n".join(lines)


def reindented(text):
    """Gives what belongs to a list item four spaces for each level, and lists and tables a blank line before them."""
    out = []
    # Of each open item: the column of its content in the page, and here.
    items = []
    fence = None
    previous = ""
    page = text.split("\n")
    for number, line in enumerate(page):
        if not line.strip():
            out.append("")
            previous = line
            continue
        indent = len(line) - len(line.lstrip(" "))
        depth = len(items)
        if fence is None:
            while items and indent < items[-1][0]:
                items.pop()
        column, here = items[-1] if items else (0, 0)
        line = " " * (here + max(indent - column, 0)) + line.lstrip(" ")
        mark = FENCE.match(line)
        if fence is not None:
            if mark and mark.group(1).startswith(fence) and not line.strip(" `~"):
                fence = None
        elif mark and indent - column < 4:
            fence = mark.group(1)
        elif indent - column < 4:
            item = ITEM.match(line)
            if item:
                # A list that interrupts a paragraph.
                if previous.strip() and depth == 0:
                    out.append("")
                items.append((indent + len(item.group(2)) + len(item.group(3)), here + 4))
            elif previous.strip() and TABLE_RULE.match("".join(page[number + 1 : number + 2])):
                out.append("")
        out.append(line)
        previous = line
    return "\n".join(out)


def main():
    folder = Path(sys.argv[1])
    site = Site(folder)
    for path in pages():
        site.page(path)
    if site.broken:
        sys.exit("Links lead to nothing:\n  " + "\n  ".join(site.broken))


if __name__ == "__main__":
    main()
