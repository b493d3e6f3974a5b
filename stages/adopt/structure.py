"""What could be made of texts that are nearly all different: the part of them that repeats, in words for a person."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

MOST = 2_000
"""Texts that are looked at."""
ALMOST_ALL = 0.9
KINDS, REPEATED = 50, 0.2
"""Distinct parts, also as a share of the texts, up to which a part is one that repeats."""
OFTEN, FEWEST = 0.05, 10
"""Share and number of the texts a word recurs in."""
SHOWN = 3
UNITS = "d|days?|h|hrs?|hours?|m|mins?|minutes?|s|secs?|seconds?|y|years?|months?|w|weeks?|ft|in|lbs?|oz|st"
SHAPES = {
    r"[^@\s]+@[^@\s]+\.[^@\s]+": "They are e-mail addresses: the part behind the @ may matter; make a column of it.",
    r"(?:https?|ftp)://\S+": "They are addresses of pages: the host may matter; make a column of it.",
    r"[\[{].*[\]}]": "They hold lists or fields: make a column of each that matters.",
    rf"(?:\d+(?:\.\d+)?\s*(?:{UNITS})[\s,]*){{2,}}": "They are amounts in parts, as 1h 30min: make them a number.",
    r"\(?[-+]?\d+(?:\.\d+)?°?\s?[,;/xX×]\s?[-+]?\d+(?:\.\d+)?°?\)?": "They are pairs: make a column of each number.",
}  # fmt: skip
PARTS = {
    "first part": re.compile(r"([^\W_]+?)(?=[\W_]|(?<=[^\W\d_])\d)"),
    "last part": re.compile(r".*(?:[\W_]|(?<=\d)(?=[^\W\d_]))([^\W_]+)\W*"),
}
"""What stands before the first sign or digit, and behind the last."""
WORD = re.compile(r"\b[^\W\d_]{2,}\b")


def describe_repeated_part(texts: Sequence[str]) -> str:
    """A sentence on what repeats in the texts and what to do about it, or none where nothing does."""
    some = texts[:: max(1, len(texts) // MOST)]
    if not some:
        return ""
    for shape, said in SHAPES.items():
        fits = [text for text in some if re.fullmatch(shape, text, re.DOTALL | re.IGNORECASE)]
        if len(fits) >= ALMOST_ALL * len(some):
            return said
    for name, pattern in PARTS.items():
        found = [match[1] for text in some if (match := pattern.match(text))]
        kinds = Counter(found)
        if len(found) >= ALMOST_ALL * len(some) and 1 < len(kinds) <= min(KINDS, REPEATED * len(some)):
            return f"Their {name} repeats ({_listed(kinds)}): if it matters, make a column of it."
    words = Counter(word for text in some for word in set(WORD.findall(text)))
    often = Counter({word: count for word, count in words.items() if max(FEWEST, OFTEN * len(some)) <= count})
    if len(often) > 1:
        return f"Words recur in them ({_listed(often)}): make a column of those that matter."
    return ""


def _listed(kinds: Counter[str]) -> str:
    usual = sorted(kinds, key=lambda part: (-kinds[part], part))
    return ", ".join(f"'{part}'" for part in usual[:SHOWN]) + (", …" if len(usual) > SHOWN else "")
