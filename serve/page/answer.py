"""The answer to one row as a person reads it: a number, a sentence that says what is usual, a scale, reasons, notes."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from serve.page import number_format
from serve.page.fields import Field
from serve.page.vocabulary import Language
from stages.contracts.manifest import Manifest, TrainingProfile
from stages.explain.attribution import MOST

CLASSES = 3


@dataclass(frozen=True)
class Mark:
    """A mark on a scale: where (0 to 1), what it says, of which kind."""

    at: float
    text: str
    kind: str


@dataclass(frozen=True)
class Bar:
    """One bar of a list: how long (0 to 1, or −1 to 1), what stands beside it, and where its own usual mark is."""

    label: str
    detail: str
    length: float
    text: str
    usual: float | None = None


@dataclass(frozen=True)
class Answer:
    """All that is shown. `short` is the whole in a few words, for small places and for ears."""

    big: str
    verdict: str
    sentence: str
    short: str
    warn: bool = False
    fill: tuple[float, float] | None = None
    dot: float | None = None
    marks: list[Mark] = field(default_factory=list)
    ends: tuple[str, str] | None = None
    classes: list[Bar] = field(default_factory=list)
    since: str = ""
    reasons: list[Bar] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Teller:
    """Says what one model's numbers mean."""

    def __init__(self, manifest: Manifest, facts: TrainingProfile, language: Language, fields: Sequence[Field]) -> None:
        self._manifest = manifest
        self._facts = facts
        self._language = language
        self._fields = {field.name: field for field in fields}
        self._unit = language.unit(manifest.target.name)
        quantiles = facts.usual.quantiles
        self._spread = quantiles[-1] - quantiles[0] if quantiles else 0.0

    def about(self, numbers: Sequence[float]) -> int:
        """Which of the model's numbers the answer is about: of several classes the likeliest one's."""
        return numbers.index(max(numbers)) if self._manifest.task == "multiclass" else 0

    def tell(
        self,
        numbers: Sequence[float],
        typical: Sequence[float] | None,
        reasons: Mapping[str, float],
        values: Mapping[str, Any],
    ) -> Answer:
        """The answer; `typical` are the numbers for typical values, None where these are they."""
        say = {"binary": self._chance, "multiclass": self._classes, "regression": self._number}
        told: dict[str, Any] = say[self._manifest.task](list(numbers))
        since = "" if typical is None else self._since(list(numbers), list(typical))
        return Answer(**told, since=since, reasons=self._reasons(reasons, values), notes=self.notes(values))

    def _chance(self, numbers: list[float]) -> dict[str, Any]:
        """A warning from the threshold on; the usual chance and the threshold marked on the scale."""
        share, rule = numbers[0], self._manifest.threshold or 0.0
        usual = self._facts.usual.shares.get(str(self._manifest.target.positive))
        warn, big = share >= rule, number_format.chance(share)
        named = self._language.warning
        verdict = f"{named[:1].upper()}{named[1:]}." if warn else f"No {named}."
        marks = [Mark(rule, f"{named} from {number_format.chance(rule)}", "rule")]
        sentence = ""
        if usual:
            marks.append(Mark(usual, f"usual {number_format.chance(usual)}", "usual"))
            sentence = (
                f"The usual chance is {number_format.chance(usual)}; this is {number_format.ratio(share, usual)}."
            )
        return {"big": big, "verdict": verdict, "sentence": sentence, "warn": warn, "fill": (0.0, share),
                "marks": marks, "ends": ("0%", "100%"), "short": f"{big}, {verdict.rstrip('.').lower()}"}  # fmt: skip

    def _classes(self, numbers: list[float]) -> dict[str, Any]:
        """The likeliest classes, each with its usual share."""
        names, usual = self._manifest.target.classes, self._facts.usual.shares
        order = sorted(range(len(numbers)), key=lambda place: -numbers[place])[:CLASSES]
        best, chance = names[order[0]], numbers[order[0]]
        sentence = f"Its chance is {number_format.chance(chance)}."
        if usual.get(best):
            sentence = (
                f"Its chance is {number_format.chance(chance)}. The usual share of this class is "
                f"{number_format.chance(usual[best])}; this is {number_format.ratio(chance, usual[best])}."
            )
        bars = [
            Bar(names[place], "", numbers[place], number_format.chance(numbers[place]), usual.get(names[place]))
            for place in order
        ]
        return {"big": best, "verdict": "", "sentence": sentence, "classes": bars,
                "short": f"{best}, {number_format.chance(chance)}"}  # fmt: skip

    def _number(self, numbers: list[float]) -> dict[str, Any]:
        """The number between the usual ones, with its interval."""
        value, quantiles, interval = numbers[0], self._facts.usual.quantiles, self._manifest.interval
        around = (value - interval.below, value + interval.above) if interval else None
        spread = self._spread or (around[1] - around[0] if around else 0.0)
        big, said = self._amount(value, spread), []
        middle = quantiles[len(quantiles) // 2] if quantiles else None
        if middle is not None:
            step = number_format.number(abs(value - middle), spread)
            how = f"{self._with_unit(step)} {'higher' if value > middle else 'lower'}" if _moves(step) else "the same"
            said.append(f"Typical is {self._amount(middle, spread)}; this is {how}.")
        if around and interval:
            ends = " and ".join(number_format.number(end, spread) for end in around)
            said.append(f"{round(interval.share * 100)} of 100 such values lie between {self._with_unit(ends)}.")
        told: dict[str, Any] = {"big": big, "verdict": "", "sentence": " ".join(said), "short": big}
        seen = [value, *(around or ()), *(quantiles[:1] + quantiles[-1:])]
        low, high = min(seen), max(seen)
        return told | (_line(value, middle, around, (low, high), spread) if high > low else {})

    def _since(self, numbers: list[float], typical: list[float]) -> str:
        """How far the answer moved from that for typical values."""
        if self._manifest.task == "regression":
            step = number_format.difference(numbers[0] - typical[0], self._spread)
            usual = self._amount(typical[0], self._spread)
            return f"{self._with_unit(step)} since typical values ({usual})." if _moves(step) else ""
        now, before = self.about(numbers), self.about(typical)
        if now != before:
            return f"For typical values it is {self._manifest.target.classes[before]}."
        if abs(numbers[now] - typical[now]) < 0.005:
            return ""
        step = number_format.points(numbers[now] - typical[now], fine=False)
        return f"{step} since typical values ({number_format.chance(typical[now])})."

    def _reasons(self, reasons: Mapping[str, float], values: Mapping[str, Any]) -> list[Bar]:
        """The inputs that move the answer most, but for those that hardly do."""
        best = list(reasons.items())[:MOST]
        largest = max((abs(change) for _, change in best), default=0.0)
        if not largest:
            return []
        number = self._manifest.task == "regression"
        fine = largest < 0.03
        made = []
        for name, change in best:
            text = (
                self._with_unit(number_format.difference(change, self._spread))
                if number
                else number_format.points(change, fine)
            )
            if _moves(text):
                shown = self._fields[name]
                made.append(Bar(shown.label, shown.said(values[name]), change / largest, text))
        return made

    def notes(self, values: Mapping[str, Any]) -> list[str]:
        """What the model has not seen the like of, and what is unusual."""
        said = []
        for name, asked in self._fields.items():
            value = values[name]
            if value is None:
                continue
            if _beyond(asked, value):
                said.append(f"{asked.label}: {asked.said(value)} is beyond all the model has seen "
                            f"({asked.said(asked.low)} to {asked.said(asked.high)}).")  # fmt: skip
            elif asked.usual and not asked.usual[0] <= value <= asked.usual[1]:
                said.append(f"{asked.label}: {asked.said(value)} is outside the usual range.")
            elif asked.options and isinstance(value, str) and value not in asked.options:
                said.append(f"{asked.label}: the model does not know '{value[:60]}' and takes it as not known.")
        return said

    def _amount(self, value: float, spread: float) -> str:
        return self._with_unit(number_format.number(value, spread))

    def _with_unit(self, text: str) -> str:
        return f"{text} {self._unit}".strip().replace(" %", "%")


def _line(
    value: float, middle: float | None, around: tuple[float, float] | None, ends: tuple[float, float], spread: float
) -> dict[str, Any]:
    """The number, its interval and the typical one as places between two ends."""
    low, high = ends

    def at(number: float) -> float:
        return (number - low) / (high - low)

    told: dict[str, Any] = {
        "dot": at(value),
        "ends": (number_format.number(low, spread), number_format.number(high, spread)),
    }
    if around:
        told["fill"] = (at(around[0]), at(around[1]))
    if middle is not None:
        told["marks"] = [Mark(at(middle), f"typical {number_format.number(middle, spread)}", "usual")]
    return told


def _beyond(asked: Field, value: Any) -> bool:
    """Whether the model has seen nothing of the kind. Moments have no upper end: what is asked for is yet to come."""
    if asked.low is None:
        return False
    if isinstance(value, datetime.date):
        return bool(value.isoformat()[:19] < str(asked.low)[:19])
    return not asked.low <= value <= asked.high


def _moves(step: str) -> bool:
    """Whether a difference is one, as it is written."""
    return any(letter in "123456789" for letter in step)


__all__ = ["Answer", "Bar", "Mark", "Teller"]
