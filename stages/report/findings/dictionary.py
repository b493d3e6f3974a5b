"""What the inputs are and what training saw of them, and which columns are no inputs and why."""

from __future__ import annotations

import re

import msgspec

from stages.contracts.manifest import Input
from stages.report.findings.inputs import Inputs
from stages.report.findings.samples import order
from stages.wording.numbers import listed, plural
from stages.wording.vocabulary import apart, sentence, shorten

NAMES = 6
VALUES = 4
MOST = 20
"""Inputs listed at most."""
KEPT = "Kept to find a row again"
"""Why an identifier without a stated reason is no input."""


class DictionaryEntry(msgspec.Struct, frozen=True):
    """An input's type, and what training saw of it."""

    label: str
    type: str
    seen: str


class LeftOutColumns(msgspec.Struct, frozen=True):
    """Columns the model does not see for one reason: how many, and the first names."""

    reason: str
    columns: int
    names: str


def dictionary(inputs: Inputs) -> list[DictionaryEntry]:
    """Each input's type and what training saw of it, the most important first; nothing for a refused candidate."""
    if inputs.manifest is None:
        return []
    names = order(inputs.manifest, inputs.plots.importance)
    columns = sorted(inputs.manifest.inputs, key=lambda column: names.index(column.name))
    codes = inputs.manifest.features.codes
    return [
        DictionaryEntry(
            inputs.words.label(column.name), column.type, _seen(inputs, column, list(codes.get(column.name, {})))
        )
        for column in columns[:MOST]
    ]


def left_out(inputs: Inputs) -> list[LeftOutColumns]:
    """Columns the model does not see, counted by reason; reasons that differ in a value or a number count as one."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, reason in [*_dropped(inputs), *_identifiers(inputs)]:
        found.setdefault(re.sub(r"'[^']*'|\d[\d,.]*", "…", reason), []).append((name, reason))
    rows = [
        LeftOutColumns(
            sentence(alike if len({reason for _, reason in members}) > 1 else members[0][1]),
            len(members),
            _named([name for name, _ in members]),
        )
        for alike, members in found.items()
    ]
    return sorted(rows, key=lambda row: (-row.columns, row.reason))


def _dropped(inputs: Inputs) -> list[tuple[str, str]]:
    """The reason without the name of the parameter that says so."""
    return [
        (column.name, re.sub(r" \(clean\.\w+\)$", "", column.reason).rstrip(".")) for column in inputs.schema.left_out
    ]


def _identifiers(inputs: Inputs) -> list[tuple[str, str]]:
    """A stated reason stands before that of the column's type."""
    columns = [column for column in inputs.schema.columns if column.role == "id"]
    return [(column.name, column.reason.split("; ")[0] if "; " in column.reason else KEPT) for column in columns]


def _named(names: list[str]) -> str:
    """The first names of a list that may be long."""
    shown = [*apart(names[:NAMES]).values()]
    shown = [name.replace("_", " ") for name in shown]
    return listed(shown + ([f"{len(names) - NAMES} more"] if len(names) > NAMES else []))


def _seen(inputs: Inputs, column: Input, categories: list[str]) -> str:
    if column.low is not None:
        low, high = (inputs.words.value(column.name, end) for end in (column.low, column.high))
        return f"{low} to {high}" if low != high else low
    if column.levels:
        return " < ".join(shorten(level, 20) for level in column.levels)
    if column.type == "boolean":
        return "yes or no"
    shown = [*apart(categories[:VALUES], 24).values()]
    more = [f"{len(categories) - VALUES} more"] if len(categories) > VALUES else []
    return f"{sentence(plural(len(categories), 'value', 'values'))}: {listed([*shown, *more])}" if shown else ""
