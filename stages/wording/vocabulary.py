"""The words of a report: what the section `report` of params.yaml says, and what stands in where it says nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from msgspec.structs import asdict, replace

from stages.wording.numbers import plain
from stages.wording.params import Column, Report, Warn

STEM = 5
"""Letters that an abbreviated word keeps."""
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

    def group(self, column: str, kind: str, value: str) -> str:
        """A group's value as people write it: 5, not 5.0, and yes, not True; a range with its unit."""
        if kind == "boolean":
            return {"true": "yes", "false": "no"}.get(value.lower(), value)
        value = value.removesuffix(".0")
        unit = self.unit(column)
        return f"{value} {unit}".replace(" %", "%") if unit and value != "missing" else value

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
    """Each name in at most `longest` characters: its words abbreviated, or cut where they would not be told apart."""
    return abbreviate_all(names, lambda text: len(text) <= longest)


def abbreviate_all(names: Iterable[str], fits: Callable[[str], bool]) -> dict[str, str]:
    """Each name as it fits: abbreviated, else cut at its end, or in its middle where its end tells it from another."""
    short = {name: abbreviate(name, fits) for name in names}
    seen = Counter(short.values())
    return {name: text if seen[text] == 1 else _cut_middle(name, fits) for name, text in short.items()}


def abbreviate(name: str, fits: Callable[[str], bool]) -> str:
    """The name with its longest words abbreviated as far as it takes; one of a single word is cut."""
    if fits(name):
        return name
    words = name.replace("_", " ").split()
    while len(words) > 1 and not fits(" ".join(words)):
        place = max(range(len(words)), key=lambda at: len(words[at]))
        if len(words[place]) <= STEM + 1:
            break
        words[place] = f"{words[place][:STEM]}."
    text = " ".join(words)
    while text and not fits(text):
        text = text.rstrip("…")[:-1].rstrip() + "…" if text.rstrip("…") else ""
    return text


def _cut_middle(name: str, fits: Callable[[str], bool]) -> str:
    """The name cut in its middle."""
    longest = len(name)
    text = name
    while longest > 3 and not fits(text):
        longest -= 1
        tail = longest // 2
        text = f"{name[: longest - 1 - tail].rstrip()}…{name[-tail:].lstrip()}"
    return text


def a(word: str) -> str:
    """The word with its article: a warning, an alarm."""
    return f"an {word}" if word[:1].lower() in "aeiou" else f"a {word}"


def inside(label: str) -> str:
    """A label inside a sentence: without its capital, unless it has others or is nothing else."""
    return label[:1].lower() + label[1:] if label[1:] and label[1:] == label[1:].lower() else label


def sentence(text: str) -> str:
    """The text with a capital at its start, the rest as it is."""
    return text[:1].upper() + text[1:]
