"""Labels and their other spellings: `Yes = YES = yes | No = no`, as the format of a category says it.

Two texts are spellings of one label where they differ in case, blanks or punctuation only. What a format names is a
value in that column, even where its text means missing in others: `category NA` of a column of countries.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterable, Mapping, Sequence

BETWEEN_LABELS, SAME_LABEL = " | ", " = "
BLANKS = re.compile(r"(?<!\d)[\s_]+|[\s_]+(?!\d)")
"""Blanks that are not between two digits."""
MARKS = re.compile(r"(?<=[^\W\d])[-.:'’]+(?=\w)|(?<=\w)[-.:'’]+(?=[^\W\d])|(?<=[\w)])[.,;:]+$")
"""Marks between letters, between a letter and a digit, or at the end: never those of 1.5, -1, A+, B-, <5 or A,B.

A hyphen may stand for a blank, as in semi-urban; a question mark says that somebody was not sure.
"""
SPELLED = "spellings of one label: "
"""How the reason of a column begins whose labels are in several spellings."""
SHOWN = 5
CODE = 2
"""Letters of texts that case may tell apart."""
QUOTED = re.compile(r"([\"'])(.*)\1")


@functools.lru_cache(maxsize=100_000)
def strip_spelling(text: str) -> str:
    """The text without what spellings of one label may differ in: case, blanks, punctuation."""
    inner = QUOTED.fullmatch(text.strip())
    folded = BLANKS.sub("", (inner[2] if inner else text).strip().casefold())
    return MARKS.sub("", folded) or folded


def parse_spellings(form: str) -> dict[str, list[str]]:
    """Each label that a category's format names, with its other spellings."""
    named = [[text.strip() for text in part.split(SAME_LABEL)] for part in form.split(BETWEEN_LABELS)]
    return {label: others for label, *others in named} if form else {}


def write_form(spellings: Mapping[str, Sequence[str]]) -> str:
    """The format that `parse_spellings` reads."""
    return BETWEEN_LABELS.join(SAME_LABEL.join([label, *others]) for label, others in spellings.items())


def can_be_named(text: str) -> bool:
    """Whether a format can hold the text."""
    padded = f" {text} "
    return text.strip() != "" and not any(sign in padded for sign in (BETWEEN_LABELS, SAME_LABEL))


def check(form: str) -> None:
    """Raise ValueError, saying what is wrong, unless the format names labels, each spelling once."""
    named = [
        (strip_spelling(text), label) for label, others in parse_spellings(form).items() for text in (label, *others)
    ]
    labels = dict(named)
    if "" in labels or form.count(BETWEEN_LABELS) >= len(parse_spellings(form)):
        raise ValueError(f"'{form}' names an empty label, or one twice: write Yes = YES = yes | No = no.")
    double = next((label for key, label in named if labels[key] != label), None)
    if double is not None:
        raise ValueError(
            f"'{form}': '{double}' and '{labels[strip_spelling(double)]}' differ in case or punctuation only."
        )


@functools.lru_cache
def map_labels(form: str) -> dict[str, str]:
    """The label of each bare spelling that the format names."""
    return {strip_spelling(text): label for label, others in parse_spellings(form).items() for text in (label, *others)}


def find_variants(counts: Iterable[tuple[str, int]]) -> list[dict[str, int]]:
    """Of texts with their rows the labels in several spellings: the rows of each, the one to take for the label first.

    It is the most frequent one of those that end in no mark, in the case (yes, Yes or YES) of most rows of all labels.
    """
    groups: dict[str, dict[str, int]] = {}
    for text, count in sorted(counts, key=lambda pair: (-pair[1], pair[0])):
        if can_be_named(text):
            groups.setdefault(strip_spelling(text), {})[text] = int(count)
    several = [group for group in groups.values() if len(group) > 1]
    usual = _usual_case(pair for group in several for pair in group.items())
    return [dict(sorted(group.items(), key=lambda pair: (*_oddity(pair[0], usual), -pair[1]))) for group in several]


def describe_groups(groups: Sequence[Mapping[str, int]]) -> str:
    """A sentence that lists the spellings of each label with their rows."""
    return SPELLED + "; ".join(map(list_spellings, groups[:SHOWN])) + ("; …" if len(groups) > SHOWN else "")


def list_spellings(group: Mapping[str, int]) -> str:
    """The spellings of one label with their rows."""
    return ", ".join(f"'{text}' ({count:,})" for text, count in group.items())


def are_codes(group: Collection[str]) -> bool:
    """Whether the spellings of one label are rather codes that differ: m and M, A1 and a-1, mW and MW.

    Those are labels of one or two letters, those with a digit unless they differ in a mark at their end only, and those
    with capitals within a word.
    """
    if any(len(strip_spelling(text)) <= CODE for text in group):
        return True
    if any(letter.isdigit() for text in group for letter in text):
        return len({text.strip(".,;:'\" ") for text in group}) > 1
    return any(_case(word) == "other" for text in group for word in re.findall(r"[^\W\d_]+", text))


def _oddity(text: str, usual: str) -> tuple[bool, bool]:
    return text[-1] in ".,;:'\"", _case(text) != usual


def _usual_case(rows: Iterable[tuple[str, int]]) -> str:
    found: dict[str, int] = {}
    for text, count in rows:
        found[_case(text)] = found.get(_case(text), 0) + count
    return max(sorted(found), key=lambda case: found[case], default="")


def _case(text: str) -> str:
    cases = {"lower": text.islower(), "upper": text.isupper() and len(text) > 1, "title": text.istitle()}
    return next((name for name, is_so in cases.items() if is_so), "other")
