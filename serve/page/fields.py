"""The form's fields, made from the manifest: what each is called, which values it takes, what is typical of it."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass, field
from typing import Any

from serve.page import number_format
from serve.page.option_order import ordered
from serve.page.vocabulary import Language, sentence
from stages.contracts.manifest import Input, InputProfile, Manifest, TrainingProfile

FIRST = 12
"""Inputs shown at once, the most important ones; the others wait under "More inputs"."""
MOST_OPTIONS = 200
"""A longer list is not chosen from but typed into, with suggestions."""
YES_NO = {"true": "yes", "false": "no"}
STEPS = 100
"""About how many steps a slider has."""


@dataclass(frozen=True)
class Slider:
    """The ends and the step of a slider, as its attributes have them."""

    low: str
    high: str
    step: str
    at: str


@dataclass(frozen=True)
class Field:
    """One input of the model as a field. `key` is its name in the form: a column's own may be any text."""

    key: str
    name: str
    label: str
    unit: str
    kind: str
    needed: bool
    group: str
    typical: Any
    text: str
    hint: str
    low: Any = None
    high: Any = None
    usual: tuple[Any, Any] | None = None
    spread: float = 0.0
    options: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    slider: Slider | None = None

    def typed(self, value: Any) -> str:
        """A value as it stands in the field."""
        if value is None:
            return ""
        if self.kind == "choice":
            return str(self.options.index(as_text(value))) if as_text(value) in self.options else ""
        if self.kind == "clock":
            return clock(value)
        if self.kind in ("number", "integer"):
            return number_format.plain(value, self.spread)
        return str(value).removesuffix("Z") if self.kind == "time" else str(value)

    def said(self, value: Any, rounded: bool = False) -> str:
        """A value for people, with its unit: as somebody typed it, or rounded as the column's values tell apart."""
        if value is None:
            return "not known"
        if isinstance(value, datetime.date):
            value = value.isoformat()[: 16 if self.kind == "time" else 10]
        if self.kind == "clock":
            return clock(value)
        if self.kind in ("number", "integer"):
            number = number_format.number(value, self.spread) if rounded else number_format.typed(value)
            return f"{number} {self.unit}".strip().replace(" %", "%")
        text = as_text(value)
        if isinstance(value, bool):
            return YES_NO[text]
        return text.replace("T", " ").removesuffix("Z") if self.kind == "time" else text


@dataclass(frozen=True)
class Group:
    """Fields that belong together."""

    title: str
    fields: list[Field]


def fields(manifest: Manifest, facts: TrainingProfile, language: Language, joins: dict[str, str]) -> list[Field]:
    """One field an input, the most important first; `joins` names the table of each input that is joined."""
    places = {column.name: place for place, column in enumerate(manifest.inputs)}
    codes = manifest.features.codes
    return [
        _field(places[seen.name], manifest.inputs[places[seen.name]], seen, codes.get(seen.name, {}), language, joins)
        for seen in facts.inputs
    ]


def grouped(made: list[Field]) -> tuple[list[Group], list[Group]]:
    """The fields in groups: those shown at once, and the others. A few too many are all shown."""
    cut = FIRST if len(made) > FIRST + 2 else len(made)
    return _groups(made[:cut]), _groups(made[cut:])


def as_text(value: Any) -> str:
    """A value as the options have it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def clock(value: float) -> str:
    """515 as 05:15."""
    return f"{int(value) // 100:02d}:{int(value) % 100:02d}"


def minutes(value: float) -> int:
    """515 as the 315th minute of the day."""
    return int(value) // 100 * 60 + int(value) % 100


def _groups(made: list[Field]) -> list[Group]:
    found: dict[str, list[Field]] = {}
    for one in made:
        found.setdefault(one.group, []).append(one)
    return [Group(title, members) for title, members in found.items()]


def _field(
    place: int, column: Input, seen: InputProfile, codes: dict[str, int], language: Language, joins: dict[str, str]
) -> Field:
    kind = _kind(column, codes, language)
    counted = kind in ("number", "integer", "clock")
    low, high = (column.low, column.high) if counted or kind in ("date", "time") else (None, None)
    spread = _spread(low, high)
    options = _options(column, codes) if kind in ("choice", "suggested") else []
    needed = not column.nullable
    usual = (seen.quantiles[0], seen.quantiles[-1]) if counted and seen.quantiles else None
    if usual and usual[0] == usual[1] and seen.missing == 0 and low != high:
        usual = None  # one value is no range to stay in
    when = kind in ("clock", "date", "time")
    group = sentence(joins.get(column.name, "when" if when else language.one).replace("_", " "))
    bare = Field(f"f{place}", column.name, language.label(column.name), language.unit(column.name), kind, needed,
                 group, seen.typical, "", "", low, high, usual, spread, options,
                 [YES_NO[text] for text in options] if column.type == "boolean" else options)  # fmt: skip
    text = bare.typed(seen.typical)
    slider = None
    if isinstance(low, float) and isinstance(high, float):
        slider = _slider(kind, low, high, seen.quantiles[len(seen.quantiles) // 2] if seen.quantiles else low)
    return Field(**{**bare.__dict__, "text": text, "hint": _hint(bare), "slider": slider})


def _kind(column: Input, codes: dict[str, int], language: Language) -> str:
    if column.type in ("number", "integer"):
        return "clock" if language.is_clock(column.name) else column.type
    if column.type == "boolean" or column.levels:
        return "choice"
    if codes:
        return "choice" if len(codes) <= MOST_OPTIONS else "suggested"
    return column.type if column.type in ("date", "time") else "text"


def _options(column: Input, codes: dict[str, int]) -> list[str]:
    if column.type == "boolean":
        return ["true", "false"]
    return list(column.levels) or ordered(codes)


def _spread(low: Any, high: Any) -> float:
    return high - low if isinstance(low, float) and isinstance(high, float) and math.isfinite(high - low) else 0.0


def _hint(made: Field) -> str:
    if made.kind in ("date", "time"):
        return "in UTC" if made.kind == "time" else ""
    said = []
    if made.low is not None and made.high is not None:
        said.append(_span(made, made.low, made.high))
        if made.usual and made.usual != (made.low, made.high):
            said.append(f"usual {_span(made, *made.usual)}")
    return "; ".join(said)


def _span(made: Field, low: float, high: float) -> str:
    ends = [clock(end) if made.kind == "clock" else number_format.number(end, made.spread) for end in (low, high)]
    return " to ".join(ends) if ends[0] != ends[1] else ends[0]


def _slider(kind: str, low: float, high: float, middle: float) -> Slider | None:
    """Round steps within the range of the training rows; of a range too small or too large for them, none."""
    if kind == "clock":
        return Slider(str(minutes(low) // 5 * 5), str(minutes(high)), "5", str(minutes(middle)))
    step = _step(high - low) if 0 < high - low < 1e15 else 0.0
    step = max(1.0, step) if kind == "integer" else step
    if not step or high - low < step or max(abs(low), abs(high)) / step > 1e12:
        return None
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    digits = max(0, -math.floor(math.log10(step)))
    return Slider(*(f"{number:.{digits}f}" for number in (first * step, last * step, step, middle)))


def _step(spread: float) -> float:
    """1, 2 or 5 times a power of ten: about a hundredth of the spread."""
    wanted = spread / STEPS
    power = 10.0 ** math.floor(math.log10(wanted))
    return next(power * by for by in (1, 2, 5, 10) if power * by >= wanted * 0.999)
