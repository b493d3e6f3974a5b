"""The words of a report: what `params.yaml` says under `report`, and what stands in where it says nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stages.params import Params


class Unit(Params, frozen=True):
    """What one row is."""

    one: str = "row"
    many: str = "rows"


class Outcome(Params, frozen=True):
    """How the positive class is spoken of; by default through the target's own name and class."""

    positive: str = ""
    phrase: str = ""
    cases: str = ""
    others: str = ""


class Warn(Params, frozen=True):
    """What a positive prediction is called, and the two ways of being wrong."""

    one: str = "alarm"
    many: str = "alarms"
    miss: str = "missed case"
    false_alarm: str = "false alarm"


class Limit(Params, frozen=True):
    """A known limit: what it is, what it means for the reader, what is done about it."""

    limit: str
    means: str
    action: str


class Column(Params, frozen=True):
    """How a column is shown: its name, its unit, and whether 515 means 5:15."""

    label: str = ""
    unit: str = ""
    clock: bool = False


class Report(Params, frozen=True):
    """The section `report`."""

    title: str = "Model review"
    author: str = "the pipeline"
    language: str = "en-GB"
    source: str = ""
    licence: str = ""
    one_row: str = ""
    personal_data: str = ""
    unit: Unit = Unit()
    outcome: Outcome = Outcome()
    warning: Warn = Warn()
    limits: list[Limit] = []
    columns: dict[str, Column] = {}


class Words:
    """The words for one target."""

    def __init__(self, params: Report, target: Mapping[str, Any]) -> None:
        is_positive = f"{target['name']} = {target['positive']}"
        self.one, self.many = params.unit.one, params.unit.many
        self.positive = params.outcome.positive or f"with {is_positive}"
        self.phrase = params.outcome.phrase or f"has {is_positive}"
        self.cases = params.outcome.cases or f"{self.many} with {is_positive}"
        self.others = params.outcome.others or f"other {self.many}"
        self.warning = params.warning
        self.columns = params.columns

    def label(self, column: str) -> str:
        """The column's name for people: as given, else its own without underscores."""
        given = self.columns[column].label if column in self.columns else ""
        return given or sentence(column.replace("_", " "))

    def value(self, column: str, value: Any) -> str:
        """A value with its unit, a clock time as 5:15."""
        shown = self.columns.get(column, Column())
        if value is None:
            return "missing"
        if isinstance(value, bool) or not isinstance(value, int | float):
            return str(value)
        if shown.clock:
            return f"{int(value) // 100:02d}:{int(value) % 100:02d}"
        number = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4g}"
        return f"{number} {shown.unit}".strip().replace(" %", "%")


def sentence(text: str) -> str:
    """The text with a capital at its start, the rest as it is."""
    return text[:1].upper() + text[1:]
