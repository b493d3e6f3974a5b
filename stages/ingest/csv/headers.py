"""Whether a table's first record names its columns, and what the columns are called."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from stages.ingest.csv.missing import WORDS

MISSING = {*WORDS, "", "none", "unknown"}
NUMBER = re.compile(
    r"[-+(]?\s?[$€£¥]?\s?[-+]?(\d+|\d{1,3}([ ,.'\u00a0\u202f]\d{3})+)?([.,]\d*)?(?<=[\d.,])([eEdD][-+]?\d+)?\s?[%$€£)]?"
)
DATE = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ]\d{1,2}([:.]\d{2}){1,2}([.,]\d+)?\s?([AaPp][Mm]|Z|[-+]\d{2}:?\d{2}|UTC)?)?"
    r"|\d{1,2}([:.]\d{2}){1,2}([.,]\d+)?\s?([AaPp][Mm])?"
    r"|\d{1,2}[ -][A-Za-z]{3,9}\.?[ -,]\d{2,4}.{0,12}|[A-Za-z]{3,9}\.? \d{1,2}, \d{4}.{0,12}"
)
LONGEST = 60
"""Characters of a number or date at most."""
CELLS = 20_000
"""Cells looked at to tell a header."""
BOOLEAN = {"true", "false", "yes", "no", "t", "f", "y", "n"}
WHOLE = re.compile(r"\s*\d{1,6}\s*")
NAME = re.compile(r"[^\W\d][\w .:()/%°\[\]?#&+*²³'’-]{0,79}")
LEGEND = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[_. ][A-Za-z0-9]+)+|[A-Z][a-z]+|[A-Z]{2,}|[a-z]{3,}|id|no|x|y|z", re.ASCII)


class Verdict(NamedTuple):
    """Whether the first record is a header, and what is doubtful about that."""

    header: bool
    doubt: str = ""


def judge_cell(cell: str) -> str:
    """What a cell looks like: missing, number, date, boolean or text."""
    return "text" if len(cell) > LONGEST else _kind(cell)


@lru_cache(1 << 14)
def _kind(cell: str) -> str:
    text = cell.strip()
    if text.lower() in MISSING:
        return "missing"
    if text.lower() in ("inf", "-inf", "infinity", "-infinity") or NUMBER.fullmatch(text):
        return "number"
    if DATE.fullmatch(text):
        return "date"
    return "boolean" if text.lower() in BOOLEAN else "text"


def judge_header(records: Sequence[Sequence[str]]) -> Verdict:
    """Whether the first of the records (all of a table's width) names the columns of the others."""
    first, rest = records[0], records[1:]
    if not rest:
        header = all(judge_cell(cell) in ("text", "boolean", "missing") for cell in first) and any(
            judge_cell(cell) == "text" for cell in first
        )
        return Verdict(header)
    if not first[0].strip() and len(first) > 1 and all(row[0].strip() for row in rest[:20]) and len(rest) > 1:
        return Verdict(True)  # the blank corner of a table with names at its left
    if _numbered(first, rest):
        return Verdict(True, "the first line is taken for a header, as its numbers follow each other")
    seen = rest[: max(5, CELLS // len(first))]
    votes = [_vote(cell, [row[place] for row in seen]) for place, cell in enumerate(first[: CELLS // 5])]
    if len(set(map(str.strip, first)) - {""}) < sum(1 for cell in first if cell.strip()) * 0.8:
        votes.append(-1.0)  # names differ from each other
    total = sum(votes)
    strong = max(map(abs, votes), default=0) >= 2
    if total < 0:
        return Verdict(False, "" if strong else "the first line is taken for values, as its texts stand below, too")
    if strong:
        return Verdict(True)
    sure = total >= 1.5 or (total >= 0.5 and all(NAME.fullmatch(cell.strip()) for cell in first))
    said = "it is not clear whether the first line names the columns: it is taken for a header"
    return Verdict(True, "" if sure else said)


def _vote(cell: str, below: list[str]) -> float:
    """How much a column speaks for a header (above zero) or against one."""
    head, kinds = judge_cell(cell), Counter(judge_cell(value) for value in below)
    kinds.pop("missing", None)
    count = sum(kinds.values())
    if head == "missing" or not count:
        return 0.0
    usual, times = kinds.most_common(1)[0]
    if usual in ("number", "date") and times >= 0.8 * count:
        return -2.0 if head in ("number", "date") else 2.0
    if head in ("number", "date"):
        return -2.0 if kinds[head] >= 0.1 * count else -0.5
    return _text_vote(cell.strip(), [value.strip() for value in below if judge_cell(value) != "missing"])


def _text_vote(cell: str, below: list[str]) -> float:
    """The same for a column of texts: a name does not come again among few values that do."""
    if cell in below:
        return -1.0
    distinct = set(below)
    lengths = {len(value) for value in distinct}
    vote = 0.0
    if len(below) >= 2 * len(distinct):  # values repeat, but this one does not
        vote += min(1.0, len(below) / len(distinct) / 10 + 0.3)
    if len(lengths) == 1 and len(cell) not in lengths and len(below) > 2:
        vote += 0.5
    if NAME.fullmatch(cell) and LEGEND.fullmatch(cell) and not any(" " in value for value in (cell,)):
        vote += 0.2
    elif not NAME.fullmatch(cell):
        vote -= 0.5
    return vote


def _numbered(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Years or positions as names: whole numbers, one after the other, unlike those below."""

    def steps(row: Sequence[str]) -> set[int]:
        numbers = [int(cell) for cell in row if WHOLE.fullmatch(cell)]
        years = all(1500 <= number <= 2100 for number in numbers)
        found = {after - before for before, after in pairwise(numbers)} if len(numbers) >= 3 else set()
        return found if found == {1} or (years and found in ({2}, {4}, {5}, {10})) else set()

    others = [cell for cell in first if not WHOLE.fullmatch(cell)]
    if len(others) > 0.5 * len(first) or any(judge_cell(cell) in ("number", "date") for cell in others):
        return False
    return bool(steps(first)) and not any(steps(row) for row in rest[:5])


def name_columns(header: Sequence[str]) -> tuple[list[str], list[str]]:
    """The columns' names, each once, and what was changed."""
    names: list[str] = []
    said: list[str] = []
    taken = {tidy_cell(cell) for cell in header}
    for place, cell in enumerate(header, 1):
        name = tidy_cell(cell)
        if not name:
            name = _free(f"column_{place}", {*taken, *names})
            said.append(f"column {place} has no name in the header and is called '{name}'")
        elif name in names:
            name = _free(name, {*taken, *names})
            said.append(f"column {place} is a second '{tidy_cell(cell)}' and is called '{name}'")
        names.append(name)
    return names, said


def tidy_cell(cell: str) -> str:
    """A header cell without marks, blanks around it or line breaks in it."""
    return re.sub(r"\s*[\r\n\t]+\s*", " ", cell.replace("\ufeff", "")).strip()


def _free(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    return next(f"{name}_{number}" for number in range(2, len(taken) + 3) if f"{name}_{number}" not in taken)
