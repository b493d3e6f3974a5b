"""The answer to one row as a person reads it: a number, a sentence that says what is usual, a scale, reasons, notes."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from serve.page import number_format
from serve.page.fields import Field
from serve.page.vocabulary import Language
from serve.scoring.formatting import place_interval
from stages.contracts.explanation import Explanation
from stages.contracts.manifest import Manifest, TrainingProfile
from stages.wording.explanation import ALL_ELSE, count_digits, label_reason, name_part, round_explanation
from stages.wording.numbers import decimals, fixed, nothing

MAX_CLASSES = 3


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
    """All that is shown. `reasons` lead from `start` to the answer; `short` says the whole in a few words."""

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
    start: str = ""
    reasons: list[Bar] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Teller:
    """Says what one model's numbers mean."""

    def __init__(self, manifest: Manifest, facts: TrainingProfile, language: Language, fields: Sequence[Field]) -> None:
        self._manifest = manifest
        self._facts = facts
        self._language = language
        self._fields = {field.name: field for field in fields}
        self._find_ends = place_interval(manifest.interval) if manifest.interval else None
        self._unit = language.unit(manifest.target.name)
        quantiles = facts.usual.quantiles
        self._spread = quantiles[-1] - quantiles[0] if quantiles else 0.0

    def about(self, numbers: Sequence[float]) -> int:
        """Return the index of the number that the answer is about: of several classes the likeliest one's."""
        return numbers.index(max(numbers)) if self._manifest.task == "multiclass" else 0

    def tell(
        self,
        numbers: Sequence[float],
        typical: Sequence[float] | None,
        explanation: Explanation | None,
        values: Mapping[str, Any],
    ) -> Answer:
        """Return the answer; `typical` are the numbers for typical values, None where these are they."""
        describe = {
            "binary": self._describe_chance,
            "multiclass": self._describe_classes,
            "regression": self._describe_number,
        }
        parts: dict[str, Any] = describe[self._manifest.task](list(numbers))
        since = "" if typical is None else self._describe_change(list(numbers), list(typical))
        start, bars = self._make_reason_bars(explanation, values) if explanation else ("", [])
        return Answer(**parts, since=since, start=start, reasons=bars, notes=self.list_notes(values))

    def _describe_chance(self, numbers: list[float]) -> dict[str, Any]:
        """Return a warning from the threshold on; the usual chance and the threshold marked on the scale."""
        share, threshold = numbers[0], self._manifest.threshold or 0.0
        usual = self._facts.usual.shares.get(str(self._manifest.target.positive))
        warn, big = share >= threshold, number_format.chance(share)
        warning = self._language.warning
        verdict = f"{warning[:1].upper()}{warning[1:]}." if warn else f"No {warning}."
        marks = [Mark(threshold, f"{warning} from {number_format.chance(threshold)}", "rule")]
        sentence = ""
        if usual:
            marks.append(Mark(usual, f"usual {number_format.chance(usual)}", "usual"))
            risk, ratio = self._language.words.speech.risk, number_format.ratio(share, usual)
            sentence = f"The usual {risk} is {number_format.chance(usual)}; this is {ratio}."
        return {"big": big, "verdict": verdict, "sentence": sentence, "warn": warn, "fill": (0.0, share),
                "marks": marks, "ends": ("0%", "100%"), "short": f"{big}, {verdict.rstrip('.').lower()}"}  # fmt: skip

    def _describe_classes(self, numbers: list[float]) -> dict[str, Any]:
        """Return the likeliest classes, each with its usual share."""
        names, usual = self._manifest.target.classes, self._facts.usual.shares
        order = sorted(range(len(numbers)), key=lambda place: -numbers[place])[:MAX_CLASSES]
        best, probability = names[order[0]], numbers[order[0]]
        sentence = f"Its chance is {number_format.chance(probability)}."
        if usual.get(best):
            sentence = (
                f"Its chance is {number_format.chance(probability)}. The usual share of this class is "
                f"{number_format.chance(usual[best])}; this is {number_format.ratio(probability, usual[best])}."
            )
        bars = [
            Bar(names[place], "", numbers[place], number_format.chance(numbers[place]), usual.get(names[place]))
            for place in order
        ]
        return {"big": best, "verdict": "", "sentence": sentence, "classes": bars,
                "short": f"{best}, {number_format.chance(probability)}"}  # fmt: skip

    def _describe_number(self, numbers: list[float]) -> dict[str, Any]:
        """Return the number between the usual ones, with its interval."""
        value, quantiles, interval = numbers[0], self._facts.usual.quantiles, self._manifest.interval
        interval_ends = self._find_ends(value) if self._find_ends else None
        spread = self._spread or (interval_ends[1] - interval_ends[0] if interval_ends else 0.0)
        big, sentences = self._format_amount(value, spread), []
        middle = quantiles[len(quantiles) // 2] if quantiles else None
        if middle is not None:
            step = number_format.number(abs(value - middle), spread)
            comparison = "the same"
            if not nothing(step):
                comparison = f"{self._with_unit(step)} {'higher' if value > middle else 'lower'}"
            sentences.append(f"Typical is {self._format_amount(middle, spread)}; this is {comparison}.")
        if interval_ends and interval:
            ends = " and ".join(number_format.number(end, spread) for end in interval_ends)
            sentences.append(f"{round(interval.share * 100)} of 100 such values lie between {self._with_unit(ends)}.")
        parts: dict[str, Any] = {"big": big, "verdict": "", "sentence": " ".join(sentences), "short": big}
        shown_values = [value, *(interval_ends or ()), *(quantiles[:1] + quantiles[-1:])]
        low, high = min(shown_values), max(shown_values)
        return parts | (_place_on_scale(value, middle, interval_ends, (low, high), spread) if high > low else {})

    def _describe_change(self, numbers: list[float], typical: list[float]) -> str:
        """Return how far the answer moved from that for typical values."""
        if self._manifest.task == "regression":
            step = number_format.difference(numbers[0] - typical[0], self._spread)
            usual = self._format_amount(typical[0], self._spread)
            return f"{self._with_unit(step)} since typical values ({usual})." if not nothing(step) else ""
        now, before = self.about(numbers), self.about(typical)
        if now != before:
            return f"For typical values it is {self._manifest.target.classes[before]}."
        if abs(numbers[now] - typical[now]) < 0.005:
            return ""
        step = number_format.points(numbers[now] - typical[now], fine=False)
        return f"{step} since typical values ({number_format.chance(typical[now])})."

    def _make_reason_bars(self, explanation: Explanation, values: Mapping[str, Any]) -> tuple[str, list[Bar]]:
        """Return what is usual, and the bars from there: one for each main reason, one for all else."""
        is_number = self._manifest.task == "regression"
        digits = min(decimals(self._spread or abs(explanation.value)), 12) if is_number else count_digits(explanation)
        rounded = round_explanation(explanation, 1 if is_number else 100, digits)
        if not rounded.steps:
            return "", []
        steps = []
        for reason, step in rounded.steps:
            shown, value = self._fields[reason.input], values[reason.input]
            said = name_part(value.isoformat(), reason.part) if reason.part and value else shown.said(value)
            steps.append((label_reason(reason, shown.label, explanation), said, step))
        if rounded.rest:
            steps.append((ALL_ELSE, "", rounded.rest))
        longest = max(abs(step) for *_, step in steps)
        bars = [Bar(label, said, step / longest, self._write_step(step, digits)) for label, said, step in steps]
        return self._write_start(explanation, rounded.usual, rounded.value, digits), bars

    def _write_step(self, step: float, digits: int) -> str:
        if self._manifest.task == "regression":
            return self._with_unit(number_format.signed_step(step, digits))
        return number_format.points(step / 100, bool(digits))

    def _write_start(self, explanation: Explanation, usual: float, value: float, digits: int) -> str:
        """Return whence the reasons lead whither, as both are rounded; a chance that is small is none of 0."""
        if self._manifest.task == "regression":
            ends = (self._with_unit(number_format.rounded(end, digits)) for end in (usual, value))
            return "From the mean, {}, to {}:".format(*ends)
        start, end = (f"{fixed(share, digits)}%" for share in (usual, value))
        if nothing(end) and explanation.value > 0:
            end = number_format.chance(explanation.value)
        return f"From the usual {start} to {end}:"

    def list_notes(self, values: Mapping[str, Any]) -> list[str]:
        """Return what the model has not seen the like of, and what is unusual."""
        notes = []
        for name, shown in self._fields.items():
            value = values[name]
            if value is None:
                continue
            if _is_beyond(shown, value):
                low, high = (shown.said(end, rounded=True) for end in (shown.low, shown.high))
                notes.append(f"{shown.label}: {shown.said(value)} is beyond all the model has seen ({low} to {high}).")
            elif shown.usual and not shown.usual[0] <= value <= shown.usual[1]:
                notes.append(f"{shown.label}: {shown.said(value)} is outside the usual range.")
            elif shown.options and isinstance(value, str) and value not in shown.options:
                notes.append(f"{shown.label}: the model does not know '{value[:60]}' and takes it as not known.")
        return notes

    def _format_amount(self, value: float, spread: float) -> str:
        return self._with_unit(number_format.number(value, spread))

    def _with_unit(self, text: str) -> str:
        return f"{text} {self._unit}".strip().replace(" %", "%")


def _place_on_scale(
    value: float,
    middle: float | None,
    interval_ends: tuple[float, float] | None,
    ends: tuple[float, float],
    spread: float,
) -> dict[str, Any]:
    """Return the number, its interval and the typical one as places between two ends."""
    low, high = ends

    def place(number: float) -> float:
        return (number - low) / (high - low)

    parts: dict[str, Any] = {
        "dot": place(value),
        "ends": (number_format.number(low, spread), number_format.number(high, spread)),
    }
    if interval_ends:
        parts["fill"] = (place(interval_ends[0]), place(interval_ends[1]))
    if middle is not None:
        parts["marks"] = [Mark(place(middle), f"typical {number_format.number(middle, spread)}", "usual")]
    return parts


def _is_beyond(shown: Field, value: Any) -> bool:
    """Return whether the model has seen nothing of the kind. Times have no upper end: what is asked is yet to come."""
    if shown.low is None:
        return False
    if isinstance(value, datetime.date):
        return bool(value.isoformat()[:19] < str(shown.low)[:19])
    return not shown.low <= value <= shown.high


__all__ = ["Answer", "Bar", "Mark", "Teller"]
