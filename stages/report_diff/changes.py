"""What changed between two reports, found in their numbers and titles and not in how they are laid out.

`report.json` is walked as it is: numbers carry their interval and form along, and entries of lists are matched by what
they are called. Told is what a reviewer can judge: verdict, gates and measures with their intervals, titles, data,
settings, and of inputs and groups those that changed beyond chance. Prose and the points of figures are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from stages.review.changes import list_leaves
from stages.wording.numbers import DASH, Form, measured, plain, shown, shown_span, signed

SECTIONS = ("Verdict", "Params", "Gates", "Numbers", "Titles", "Data")
LAYOUT = {"outline", "samples", "page", "points", "form", "direction", "digits", "scale", "mark", "word", "commands",
          "dictionary", "against", "compared", "measured", "left_out", "more_limits", "typical"}  # fmt: skip
"""What only serves to set a page, or says again what stands elsewhere."""
UNSAID = ("gates", "measures", "candidate", "key_numbers", "result")
"""What goes without saying on the way to a number."""
MANY = ("drivers", "fails")
"""Pages with a number for each input or group: only what is clear of those is told."""
PROSE = ("lead", "note", "notes", "text", "about", "seen", "means", "when", "no_choice", "compared_on", "reason")
NAMES = ("label", "name", "item", "table", "metric", "model", "column", "class", "period", "kind", "gate", "cell",
         "key", "limit", "choice", "title", "reason", "group", "threshold", "value")  # fmt: skip
"""What tells an entry of a list from the others, the best first."""
COUNT = "rows"
"""A count, which never has the form of what is measured beside it."""


@dataclass(frozen=True)
class Fact:
    """A value of the report with its interval, and that of its paired difference, where it has them."""

    value: Any
    low: float | None = None
    high: float | None = None
    paired: tuple[float, float] | None = None
    form: Form | None = None
    shown: str | None = None
    """How the report itself writes it, where it says that."""

    @property
    def number(self) -> bool:
        """Whether it is one."""
        return isinstance(self.value, int | float) and not isinstance(self.value, bool)


@dataclass(frozen=True)
class Change:
    """One line of the comparison: texts of before and now, and what to make of it."""

    section: str
    what: str
    before: str
    now: str
    reading: str = ""

    @property
    def clear(self) -> bool:
        """Whether it is more than chance may do."""
        return "clear" in self.reading


def compare(
    before: Any, now: Any, params_before: Any, params_now: Any, differences: Mapping[Any, Mapping[str, Any]]
) -> list[Change]:
    """All changes, by section. Pure: the four values are those of `report.json` and of `params.yaml`; `differences` of
    each metric's paired comparison on the rows that both predicted, if there is one.
    """
    facts = dict(_facts(now))
    # The same number stands on several pages and in gates: it is known by its value and interval.
    numbers = [(row["metric"], row) for row in now["decision"]["key_numbers"]]
    numbers += [(row["metric"], row["candidate"]) for row in now["accuracy"]["measures"]]
    paired = {
        (number["value"], number["low"], number["high"]): (less["low"], less["high"])
        for metric, number in numbers
        if (less := differences.get(metric, {})).get("low") is not None
    }
    facts = {path: replace(fact, paired=paired.get((fact.value, fact.low, fact.high))) for path, fact in facts.items()}
    found = list(_changes(dict(_facts(before)), facts))
    old, new = dict(list_leaves(params_before)), dict(list_leaves(params_now))
    found += [
        Change("Params", key, old.get(key, DASH), new.get(key, DASH))
        for key in dict.fromkeys([*old, *new])
        if old.get(key) != new.get(key)
    ]
    return sorted(found, key=lambda change: SECTIONS.index(change.section))


def _changes(before: dict[tuple[str, ...], Fact], now: dict[tuple[str, ...], Fact]) -> Iterator[Change]:
    told: set[tuple[str, str]] = set()
    seen: set[tuple[str, ...]] = set()
    for path in dict.fromkeys([*before, *now]):
        old, new = before.get(path), now.get(path)
        texts, named = _texts(old, new), path
        if texts == (DASH, DASH):
            continue
        if old is None or new is None:  # one line for a whole entry that only one report has
            named = _entry(path, now if new is None else before)
            if named in seen:
                continue
        elif (old.value, old.low, old.high) == (new.value, new.low, new.high) or (
            texts in told and old.number  # the same number on another page
        ):
            continue
        change = Change(_section(path), _named(named), *texts, _reading(old, new))
        if change.section != "Numbers" or _worth_telling(path, old, new, change):
            told.add(texts)
            if None in (old, new):
                seen.add(named)
            yield change


def _entry(path: tuple[str, ...], other: dict[tuple[str, ...], Fact]) -> tuple[str, ...]:
    """The highest part of the way to a value that the other report does not have."""
    for end in range(2, len(path)):
        if not any(known[:end] == path[:end] for known in other):
            return path[:end]
    return path


def _worth_telling(path: tuple[str, ...], old: Fact | None, new: Fact | None, change: Change) -> bool:
    """Whether a number has an interval to be judged by and, where there are many of its kind, changed beyond chance."""
    if not all(fact is None or (fact.number and fact.low is not None) for fact in (old, new)):
        return False
    return path[0] not in MANY or change.clear or not (old and new)


def _texts(old: Fact | None, new: Fact | None) -> tuple[str, str]:
    """Both values as the reports show them; with more figures where those are the same."""
    shown_both = (_text(old, True), _text(new, True))
    return shown_both if shown_both[0] != shown_both[1] else (_text(old, False), _text(new, False))


def _text(fact: Fact | None, rounded: bool) -> str:
    if fact is None or fact.value is None:
        return DASH
    if not fact.number:
        return str(fact.value)
    if rounded and fact.shown:
        return fact.shown
    if not rounded or not fact.form:
        return measured(fact.value, fact.low, fact.high) if rounded and fact.low is not None else plain(fact.value)
    interval = f" ({shown_span(fact.low, fact.high, fact.form)})" if fact.low is not None else ""
    return shown(fact.value, fact.form) + interval


def _reading(old: Fact | None, new: Fact | None) -> str:
    """Which way a number went, and whether that is more than noise: by the paired interval, where both models predicted
    the rows of both reports; on other rows it holds another difference.

    Else two intervals that are apart tell two numbers apart, and two that meet tell nothing.
    """
    if old is None or new is None or old.value is None or new.value is None:
        return "new" if old is None or old.value is None else "gone"
    if not (old.number and new.number):
        return ""
    way = "up" if new.value > old.value else "down" if new.value < old.value else "same value"
    if old.form and new.form:
        less = signed((new.value - old.value) * new.form.scale, new.form.digits)
        way = f"{way}, {less}" if any(figure in less for figure in "123456789") else way
    if new.paired and new.paired[0] <= new.value - old.value <= new.paired[1]:
        return f"{way}: {'clear' if _excludes_0(new.paired) else 'may be chance'} (paired interval)"
    if None in (old.low, old.high, new.low, new.high):
        return way
    apart = new.low > old.high or new.high < old.low  # type: ignore[operator]
    return f"{way}: {'clear' if apart else 'no paired comparison'}"


def _excludes_0(interval: tuple[float, float]) -> bool:
    return interval[0] > 0 or interval[1] < 0


def _facts(value: Any, path: tuple[str, ...] = (), form: Any = None) -> Iterator[tuple[tuple[str, ...], Fact]]:
    """Every value of a report by the names on the way to it."""
    if isinstance(value, dict):
        own = value.get("form", form)
        if isinstance(value.get("value"), int | float) and {"low", "high"} <= value.keys():
            yield (
                path,
                Fact(
                    value["value"],
                    value["low"],
                    value["high"],
                    form=_form(own),
                    shown=value.get("measured"),
                ),
            )
            value = {key: item for key, item in value.items() if key not in ("value", "low", "high")}
        for key, item in value.items():
            if (
                key in LAYOUT
                or key.endswith("form")
                or (_is_prose(key) and not isinstance(item, dict))
                or item in (path[-1:] or ("",))
            ):
                continue
            yield from _facts(item, (*path, key), None if _counts(key, item) else value.get(f"{key}_form", own))
    elif isinstance(value, list):
        if all(isinstance(item, dict) for item in value):
            for number, item in enumerate(value, 1):
                yield from _facts(item, (*path, _name(item, number)), form)
        else:
            yield path, Fact(", ".join(map(str, value)))
    else:
        yield path, Fact(value, form=_form(form))


def _form(form: Any) -> Form | None:
    whole = isinstance(form, dict) and form.keys() >= {"digits", "scale", "unit"}
    return msgspec.convert(form, Form) if whole else None


def _counts(key: str, item: Any) -> bool:
    return key == COUNT and isinstance(item, int | float)


def _name(item: dict[str, Any], number: int) -> str:
    """What an entry of a list is called: by column and value where it is a group, else by the first name it has."""
    if {"column", "value"} <= item.keys() and isinstance(item["value"], str):
        return f"{item['column']} {item['value']}"
    return str(next((item[key] for key in NAMES if isinstance(item.get(key), str)), number))


def _is_prose(key: str) -> bool:
    return key in PROSE or key.endswith(tuple(f"_{name}" for name in PROSE))


def _section(path: tuple[str, ...]) -> str:
    if "gates" in path:
        return "Gates"
    if path[-1] == "title" or path[-1].endswith("_title"):
        return "Verdict" if path[0] == "decision" else "Titles"
    if path[0] in ("data", "provenance"):
        return "Data"
    if path[0] == "about" or path[:2] in (("decision", "advice"), ("decision", "case"), ("decision", "champion")):
        return "Verdict"
    return "Verdict" if path[:2] == ("decision", "conditions") else "Numbers"


def _named(path: tuple[str, ...]) -> str:
    """The way to a value, for people; the page it stands on is said only of its title."""
    kept = path[1:] if len(path) > 2 or path[-1] != "title" else path
    parts = [part.replace("_", " ") for part in kept if part not in UNSAID]
    return " · ".join([parts[0][:1].upper() + parts[0][1:], *parts[1:]])
