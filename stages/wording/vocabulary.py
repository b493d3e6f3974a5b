"""The words of a report: what the section `report` of params.yaml says, and what stands in where it says nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from msgspec.structs import asdict, replace

from stages.wording.numbers import plain
from stages.wording.params import Column, Report, Warn

LONGEST = 28
"""Characters of a name in a sentence."""
SENTENCE = 60
"""From so many characters on a text is more than a name."""


class Speech(NamedTuple):
    """What goes with an outcome of a kind: the name of its probability, what becomes of the rows that have it, what a
    positive prediction does, and what it is called.
    """

    risk: str
    caught: str
    catches: str
    act: str
    raises: str
    warning: Warn


SPEECH = {
    "harm": Speech("risk", "caught", "catches", "warn", "raise", Warn("alarm", "alarms", "missed case", "false alarm")),
    "benefit": Speech("chance", "found", "finds", "pick", "make", Warn("pick", "picks", "missed case", "wrong pick")),
    "neutral": Speech(
        "probability", "found", "finds", "flag", "raise", Warn("flag", "flags", "missed case", "wrong flag")
    ),
}


class Words:
    """The words for one target. Those of a positive class are used for two classes only."""

    def __init__(self, params: Report, target: str, positive: str | None) -> None:
        self.columns = params.columns
        self.one, self.many = params.unit.one, params.unit.many
        self.target = self.label(target)
        self.speech = SPEECH[params.outcome.kind]
        said = {name: value for name, value in asdict(params.warning).items() if value}
        self.warning = replace(self.speech.warning, **said)
        is_positive = f"{shorten(target)} = {shorten(str(positive))}"
        self.positive = params.outcome.positive or f"with {is_positive}"
        self.phrase = params.outcome.phrase or f"has {is_positive}"
        self.cases = params.outcome.cases or f"{self.many} with {is_positive}"
        self.others = params.outcome.others or f"other {self.many}"
        self.named = bool(params.outcome.cases)
        self.said = bool(params.outcome.phrase and params.outcome.positive and positive is not None)
        self.short = self.cases if self.named else "cases"

    def label(self, column: str) -> str:
        """The column's name for people: as given, else its own without underscores."""
        given = self.columns[column].label if column in self.columns else ""
        return given or sentence(column.replace("_", " "))

    def value(self, column: str, value: Any) -> str:
        """A value with its unit, a clock time as 5:15."""
        shown = self.columns.get(column, Column())
        if value is None:
            return "missing"
        if isinstance(value, bool):
            return "yes" if value else "no"
        if not isinstance(value, int | float):
            return str(value)
        if shown.clock:
            return f"{int(value) // 100:02d}:{int(value) % 100:02d}"
        number = plain(value)
        if len(number) == len("1,974") and number[1] == ",":
            number = number.replace(",", "")  # as likely a year as an amount
        return f"{number} {shown.unit}".strip().replace(" %", "%")

    def unit(self, column: str) -> str:
        """The column's unit, or nothing."""
        return self.columns[column].unit if column in self.columns else ""


def shorten(text: str, longest: int = LONGEST) -> str:
    """The text cut at `longest` characters, an ellipsis among them; a sentence at a word."""
    if len(text) <= longest:
        return text
    cut = text[: longest - 1].rstrip()
    space = cut.rfind(" ")
    if longest >= SENTENCE and text[len(cut) : len(cut) + 1].strip() and space > longest * 0.7:
        cut = cut[:space].rstrip()  # a sentence ends at a word
    return cut + "…"


def apart(names: Iterable[str], longest: int = LONGEST) -> dict[str, str]:
    """Each name cut at `longest` characters: at its end, or in its middle where its end tells it from another."""
    ends = {name: shorten(name, longest) for name in names}
    seen = Counter(ends.values())
    return {name: end if seen[end] == 1 else middle(name, longest) for name, end in ends.items()}


def middle(name: str, longest: int) -> str:
    """The name cut in its middle."""
    if len(name) <= longest:
        return name
    tail = longest // 2
    return f"{name[: longest - 1 - tail].rstrip()}…{name[-tail:].lstrip()}"


def a(word: str) -> str:
    """The word with its article: a warning, an alarm."""
    return f"an {word}" if word[:1].lower() in "aeiou" else f"a {word}"


def inside(label: str) -> str:
    """A label inside a sentence: without its capital, unless it has others or is nothing else."""
    return label[:1].lower() + label[1:] if label[1:] and label[1:] == label[1:].lower() else label


def sentence(text: str) -> str:
    """The text with a capital at its start, the rest as it is."""
    return text[:1].upper() + text[1:]
