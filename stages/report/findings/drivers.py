"""Section 6: what the model leans on, and how its predictions move with it."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from stages.contracts.metric_key import MetricKey
from stages.report.findings import comparison
from stages.report.findings.dependence import Adjusted, Panels, adjusted, panels
from stages.report.findings.inputs import Inputs
from stages.report.findings.plots import Importance
from stages.wording.numbers import Form, count, fixed, listed, percent
from stages.wording.vocabulary import apart, inside, shorten

SHOWN = 12
LEAST = 0.005
"""Share of what is lost below which a table is not named."""
NAMED = 6
"""Names in a sentence; of more the rest is counted."""
LOSSES = {
    "binary": ("How much ranking is lost without each input", "AUC falls by", "Fall in AUC"),
    "multiclass": ("How much accuracy is lost without each input", "accuracy falls by", "Fall in accuracy, in points,"),
    "regression": ("How much less is explained without each input", "R² falls by", "Fall in R²"),
}
"""What shuffling an input costs: title of the exhibit, verb, axis."""


class ImportantInput(msgspec.Struct, frozen=True):
    """What is lost without an input, from the least to the most over the shuffles."""

    column: str
    value: float
    low: float
    high: float
    label: str
    table: str


class TableShare(msgspec.Struct, frozen=True):
    """What a table's inputs are worth together, of all that is lost."""

    table: str
    share: float


class Drivers(msgspec.Struct, frozen=True):
    """All that section 6 shows: the first of so many `inputs`, and the names of those of no use."""

    title: str
    lead: str
    importance: list[ImportantInput]
    importance_form: Form
    importance_title: str
    importance_about: str
    tables: list[TableShare]
    inputs: int
    unused: list[str]
    how_to_read: list[str]
    panels: Panels | None
    adjusted: Adjusted | None


def drivers(inputs: Inputs) -> Drivers | None:
    """Return what the model leans on; nothing where no input could be shuffled."""
    found = sorted(inputs.plots.importance, key=lambda row: (-row.value, row.column))
    if not found or all(row.high <= 0 for row in found):
        return None
    unused = [inputs.words.label(row.column) for row in found if row.low <= 0]
    shares, losses = _by_table(inputs, found), LOSSES[inputs.evaluation.task]
    key: MetricKey = "r2" if inputs.evaluation.task == "regression" else comparison.task(inputs).primary
    return Drivers(
        title=_title(inputs, found, shares),
        lead=_lead(found, unused),
        importance=[
            ImportantInput(
                row.column, row.value, row.low, row.high, inputs.words.label(row.column), _table(inputs, row.column)
            )
            for row in found[:SHOWN]
        ],
        importance_form=replace(comparison.form(inputs, key), unit=""),
        importance_title=losses[0],
        importance_about=losses[2],
        tables=shares,
        inputs=len(found),
        unused=unused,
        how_to_read=_how_to_read(inputs, found, unused, shares),
        panels=panels(inputs),
        adjusted=adjusted(inputs),
    )


def _table(inputs: Inputs, column: str) -> str:
    """The table an input, or what it is derived from, comes from; the main one where it is made of several."""
    main = inputs.schema.table
    sources = {one.name: one.source or main for one in inputs.schema.columns}
    derive = inputs.manifest.features.derive if inputs.manifest else []
    made_of = {step.name: step.of for step in derive}
    found = {sources.get(name, main) for name in made_of.get(column, [column])}
    return found.pop() if len(found) == 1 else main


def _by_table(inputs: Inputs, found: list[Importance]) -> list[TableShare]:
    """What each table's inputs are worth together, of all that is lost, the main table first; one table is none."""
    worth = {inputs.schema.table: 0.0}
    for row in found:
        table = _table(inputs, row.column)
        worth[table] = worth.get(table, 0.0) + max(0.0, row.value)
    total = sum(worth.values())
    rows = [TableShare(table, value / total) for table, value in worth.items() if value > LEAST * total]
    return rows if len(rows) > 1 else []


def _title(inputs: Inputs, found: list[Importance], shares: list[TableShare]) -> str:
    if found[0].low <= 0:
        return "No single input matters much on its own"
    first, task, lost = inputs.words.label(found[0].column), inputs.evaluation.task, found[0].value
    joined = [row for row in shares if row.table != inputs.schema.table]
    if joined:
        most = max(joined, key=lambda row: row.share)
        return (
            f"{shorten(first, 40)} matters most; {shorten(most.table.replace('_', ' '), 20)} makes up "
            f"{percent(most.share)} of the importance"
        )
    how_much = f"{fixed(lost * 100, 1)} points" if task == "multiclass" else fixed(lost, 3)
    return f"{shorten(first, 40)} matters most: without it {LOSSES[task][1]} {how_much}"


def _lead(found: list[Importance], unused: list[str]) -> str:
    told = ["These are patterns the model uses, not causes: changing an input need not change the outcome."]
    if unused and len(unused) < len(found):
        verb = "is" if len(unused) == 1 else "are"
        told.append(f"{count(len(unused))} of its {count(len(found))} inputs {verb} of no measurable use.")
    return " ".join(told)


def _how_to_read(inputs: Inputs, found: list[Importance], unused: list[str], shares: list[TableShare]) -> list[str]:
    """What a reader must know of shuffling: its meaning, what moves together, what is of no use, what colours mean."""
    told = [
        "Shuffling an input breaks its link to the outcome. The more is lost, the more the model leans on it. The line "
        "runs from the least to the most over the shuffles."
    ]
    pairs = inputs.plots.related
    if pairs:
        short = apart([inputs.words.label(row.column) for row in found], 22)
        both = [[inputs.words.label(name) for name in (pair.column, pair.other)] for pair in pairs]
        short |= apart({name for two in both for name in two if name not in short}, 22)
        names = [
            f"{inside(short[one])} and {inside(short[other])} (correlation {fixed(pair.correlation, 2)})"
            for pair, (one, other) in zip(pairs[:3], both, strict=False)
        ]
        told.append(f"Inputs that move together share their importance, so read as one: {'; '.join(names)}.")
    if unused and len(unused) < len(found):
        names = [inside(name) for name in apart(unused[:NAMED], 22).values()]
        more = [f"{len(unused) - NAMED} more"] if len(unused) > NAMED else []
        told.append(
            f"No measurable use: {listed([*names, *more])}. {'It' if len(unused) == 1 else 'They'} could be left out."
        )
    if shares:
        split = [f"{shorten(row.table.replace('_', ' '), 20)} {percent(row.share)}" for row in shares]
        told.append(f"By table: {', '.join(split)} of what is lost in all.")
    return told
