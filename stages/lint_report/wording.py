"""Words that no reader should meet: what a program says where it has no answer, and a title's last word left alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from stages.lint_report.document import Finding, Paper, Sheet, Word

NOTHING = {"nan", "NaN", "NaT", "None", "null", "inf", "Infinity", "<NA>", "undefined"}
PLACEHOLDERS = (
    (re.compile(r"(?<!\w)(\d[\d.]*[eE][+-]|\d(\.\d+)?[eE](?=\d{1,3}\b))\d"), "a number with an exponent"),  # no hash
    (re.compile(r"\{[\w.:!]*\}|\[\]|%[sdr]\b|%\(\w+\)"), "an unfilled template"),
    (re.compile(r"\b(TODO|TBD|FIXME|XXX|[Ll]orem)\b"), "a note of who wrote it"),
    (re.compile(r"<[\w.]+ object at|0x[0-9a-f]{6,}"), "a program's object"),
    (re.compile(r"\b\d*\.\d*[1-9]\d{7,}"), "a number that was not rounded"),
)
SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+")
FILE = re.compile(r"[\w-]+(/[\w.-]+)+|[\w-]+\.(json|yaml|csv|gz|pdf|txt|parquet|lock|zip|tsv)")
TRIM = "().,:;%“”‘’'\"…"


def check(paper: Paper) -> Iterator[Finding]:
    """Every placeholder, and every title whose last line is one word."""
    for sheet in paper.sheets:
        for word in sheet.words:
            wrong = name_placeholder(word.text.strip(TRIM), paper.names, code=word.tag == "Code" or "Mono" in word.font)
            if wrong:
                yield Finding(sheet.number, "placeholder", f"'{word.text}': {wrong}")
        yield from _lonely(sheet)
    for element in paper.elements:
        for text in str(element.get("/Alt", "")).split():
            wrong = name_placeholder(text.strip(TRIM), paper.names)
            if wrong:
                yield Finding(0, "placeholder", f"'{text}' in an alternative text: {wrong}")


def name_placeholder(word: str, names: frozenset[str] = frozenset(), code: bool = False) -> str:
    """What kind of placeholder the word is; empty where it is none. `names` and file names are what they are."""
    if word in names or FILE.fullmatch(word):
        return ""
    if word in NOTHING:
        return "what a program says for nothing"
    if code:  # commands and hashes
        return ""
    for pattern, what in PLACEHOLDERS:
        if pattern.search(word):
            return what
    return "a name that only a program would give" if SNAKE.fullmatch(word) else ""


def _lonely(sheet: Sheet) -> Iterator[Finding]:
    """A title is set so that its lines come out about equally long."""
    titles = [word for word in sheet.words if word.tag in ("H1", "H2")]
    for _, title in groupby(titles, lambda word: (word.tag, word.size)):
        lines = [list(line) for _, line in groupby(title, _line)]
        if len(lines) > 1 and len(lines[-1]) == 1:
            yield Finding(sheet.number, "last word alone", f"'{lines[-1][0].text}' of a title")


def _line(word: Word) -> int:
    return round(word.bottom)
