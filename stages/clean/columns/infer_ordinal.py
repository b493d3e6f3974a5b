"""Texts that have an order: the well-known scales, grades, and ranges of numbers such as 18-24 or 10+ years."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from stages.clean.columns.parsing import BETWEEN_LEVELS

MOST = 60
"""Levels a scale may have: more distinct texts need not be asked about."""

SCALES = [
    ["low", "medium", "high"],
    ["low", "moderate", "high"],
    ["low", "normal", "high"],
    ["low", "average", "high"],
    ["low", "mid", "high"],
    ["low", "med", "high"],
    ["small", "medium", "large"],
    ["bad", "average", "good"],
    ["bad", "good"],
    ["mild", "moderate", "severe"],
    ["very low", "low", "medium", "high", "very high"],
    ["very low", "low", "moderate", "high", "very high"],
    ["very low", "low", "normal", "high", "very high"],
    ["very low", "low", "average", "high", "very high"],
    ["very low", "low", "mid", "high", "very high"],
    ["low", "med", "high", "vhigh"],
    ["small", "med", "big"],
    ["tiny", "small", "medium", "large", "huge"],
    ["xxs", "xs", "s", "m", "l", "xl", "xxl", "xxxl"],
    ["extra small", "small", "medium", "large", "extra large"],
    ["small", "medium", "big"],
    ["short", "medium", "long"],
    ["short", "medium", "tall"],
    ["never", "rarely", "sometimes", "often", "always"],
    ["never", "seldom", "sometimes", "frequently", "always"],
    ["never", "rarely", "sometimes", "usually", "always"],
    ["no", "sometimes", "frequently", "always"],
    ["never", "yearly", "quarterly", "monthly", "weekly", "daily"],
    ["very poor", "poor", "fair", "good", "very good", "excellent"],
    ["very poor", "poor", "average", "good", "very good", "excellent"],
    ["terrible", "bad", "ok", "good", "great"],
    ["very bad", "bad", "average", "good", "very good"],
    ["worse", "same", "better"],
    ["fair", "good", "very good", "premium", "ideal"],
    ["poor", "fair", "good", "excellent"],
    ["po", "fa", "ta", "gd", "ex"],
    ["strongly disagree", "disagree", "neutral", "agree", "strongly agree"],
    ["strongly disagree", "disagree", "neither agree nor disagree", "agree", "strongly agree"],
    ["very dissatisfied", "dissatisfied", "neutral", "satisfied", "very satisfied"],
    ["very unlikely", "unlikely", "neutral", "likely", "very likely"],
    ["negative", "neutral", "positive"],
    ["none", "mild", "moderate", "severe"],
    ["none", "minor", "moderate", "major"],
    ["none", "low", "medium", "high"],
    ["minor", "moderate", "major", "critical"],
    ["low", "medium", "high", "critical"],
    ["first", "second", "third", "fourth", "fifth"],
    ["1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th", "10th", "11th", "12th"],
    ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"],
    ["beginner", "intermediate", "advanced", "expert"],
    ["junior", "middle", "senior"],
    ["bronze", "silver", "gold", "platinum", "diamond"],
    ["basic", "standard", "premium"],
    ["little", "moderate", "quite rich", "rich"],
    ["young", "adult", "senior"],
    ["cold", "cool", "mild", "warm", "hot"],
    ["i1", "si2", "si1", "vs2", "vs1", "vvs2", "vvs1", "if"],
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
    ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
    ["mon", "tues", "wed", "thurs", "fri", "sat", "sun"],
    ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
     "december"],
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    ["jan", "feb", "mar", "apr", "may", "june", "july", "aug", "sept", "oct", "nov", "dec"],
    ["preschool", "1st-4th", "5th-6th", "7th-8th", "9th", "10th", "11th", "12th", "hs-grad", "some-college",
     "assoc-voc", "assoc-acdm", "bachelors", "masters", "prof-school", "doctorate"],
    ["primary", "secondary", "tertiary"],
    ["high school", "college", "bachelor", "master", "phd"],
]  # fmt: skip
"""In lower case, lowest first."""
GRADED = {"grade", "grades", "rating", "class", "score", "rank", "tier", "band"}
NUMBER = r"[$€£]?\s*(\d[\d,]*(?:\.\d+)?)\s*([kKmM](?![A-Za-z]))?"
RANGE = re.compile(
    rf"[\[(]?\s*(?P<under><=?|under|less than|up to|below)?\s*(?P<over>>=?|over|more than|above)?\s*{NUMBER}"
    rf"(?:\s*(?:-|–|—|to|,)\s*{NUMBER})?\s*(?P<up>\+|and over|or more|and above|or over)?\s*[\])]?"
    r"\s*(?P<unit>[A-Za-z%]*)\.?\s*(?P<more>\+)?",
    re.IGNORECASE,
)


class Order(NamedTuple):
    """The levels, lowest first, and what kind of scale they are."""

    levels: list[str]
    said: str


def infer_order(name: str, texts: Collection[str]) -> Order | None:
    """The order of the distinct texts when all are of one scale; None when there is none."""
    if len(texts) < 2 or any(BETWEEN_LEVELS in text for text in texts):
        return None
    return _scale(sorted(texts)) or _grades(name, sorted(texts)) or _ranges(sorted(texts))


def _scale(texts: Sequence[str]) -> Order | None:
    """The shortest known scale that holds all texts, its levels spelled as they are where they occur."""
    spelled = {text.lower(): text for text in texts}
    plain = {key.replace("-", " ").replace("_", " "): text for key, text in spelled.items()}
    for known in (spelled, plain):
        fits = [scale for scale in SCALES if set(scale) >= known.keys()]
        letters = all(len(key) == 1 for key in known) and not known.keys() >= {"s", "m", "l"}
        if fits and len(known) == len(texts) and not letters:
            scale = min(fits, key=len)
            first = next(iter(known.values()))
            like = str.upper if all(t.isupper() for t in texts) else str.title if first.istitle() else str
            return Order([known.get(level, like(level)) for level in scale], "levels of a scale")
    return None


def _grades(name: str, texts: Sequence[str]) -> Order | None:
    """Letters with + and - (A+ is above A), or letters with digits (A1 to G5), best last."""
    tokens = set(re.split(r"[^a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower()))
    signed = all(re.fullmatch(r"[A-F][+-]?", text) for text in texts)
    if signed and (tokens & GRADED or any(len(text) == 2 for text in texts)):
        place = {"+": 0, "": 1, "-": 2}
        return Order(sorted(texts, key=lambda t: (t[0], place[t[1:]]), reverse=True), "grades")
    if tokens & GRADED and all(re.fullmatch(r"[A-G]\d?", text) for text in texts):
        return Order(sorted(texts, reverse=True), "grades")
    return None


def _ranges(texts: Sequence[str]) -> Order | None:
    """Ranges of numbers of one unit that do not overlap, at least one of them with two ends or an open one."""
    ends, units, ranges = {}, set(), 0
    for text in texts:
        found = RANGE.fullmatch(text.strip())
        if found is None:
            return None
        low = _amount(found[3], found[4] or "")
        high = _amount(found[5], found[6] or "") if found[5] else low
        opened = bool(found["up"] or found["more"] or found["over"])
        if high < low or (found[5] and high == low and not opened) or (found["under"] and found[5]):
            return None
        ranges += bool(found[5] or opened or found["under"])
        ends[text] = (-1.0, low) if found["under"] else (low + 0.5 if found["over"] else low, 1e30 if opened else high)
        units.add(found["unit"].lower().rstrip("s"))
    order = sorted(texts, key=lambda text: ends[text])
    apart = all(ends[one][1] <= ends[two][0] + 0.5 for one, two in itertools.pairwise(order))
    if not ranges or 2 * ranges < len(texts) - 10 or len(units - {""}) > 1 or not apart:
        return None
    return Order(order, "ranges of numbers")


def _amount(digits: str, letter: str) -> float:
    return float(digits.replace(",", "")) * {"": 1.0, "k": 1e3, "m": 1e6}[letter.lower()]
