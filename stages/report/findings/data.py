"""Section 2: where the rows came from, which were set aside and why, what is missing or has shifted, and doubts."""

from __future__ import annotations

import msgspec
from msgspec.structs import asdict

from stages.report.findings.dictionary import DictionaryEntry, LeftOutColumns, dictionary, left_out
from stages.report.findings.estimate import Item
from stages.report.findings.inputs import Inputs
from stages.report.findings.shift import Shift, shift
from stages.report.findings.target_summary import TargetSummary, describe_levels, target_summary
from stages.wording.numbers import count, listed, percent, plural
from stages.wording.vocabulary import apart, inside, sentence, shorten

REASONS = 5
CLASSES = 6


class Reason(msgspec.Struct, frozen=True):
    """Rows set aside for a reason, and their share of all."""

    reason: str
    rows: int
    share: float


class Note(msgspec.Struct, frozen=True):
    """What a reader should doubt."""

    about: str
    note: str


class Data(TargetSummary, frozen=True, kw_only=True):
    """All that section 2 shows."""

    title: str
    lead: str
    rows_in: int
    rows_out: int
    reasons: list[Reason]
    inputs: int
    shift: Shift
    dictionary: list[DictionaryEntry]
    sheet: list[Item]
    left_out: list[LeftOutColumns]
    notes: list[Note]


def data(inputs: Inputs) -> Data:
    """Return what section 2 shows."""
    clean, target = inputs.clean, target_summary(inputs)
    total = clean.rows_in
    aside = total - clean.rows_out
    return Data(
        **asdict(target),
        title=_title(inputs, aside),
        lead=_lead(inputs, aside),
        rows_in=total,
        rows_out=clean.rows_out,
        reasons=_reasons(clean.set_aside, total),
        inputs=len(inputs.schema.inputs),
        shift=shift(inputs),
        dictionary=dictionary(inputs),
        sheet=_sheet(inputs, target.period),
        left_out=left_out(inputs),
        notes=notes(inputs),
    )


def _title(inputs: Inputs, aside: int) -> str:
    many = inputs.words.many
    if not aside:
        return f"All {count(inputs.clean.rows_in)} {many} could be used"
    used = percent(inputs.clean.rows_out / inputs.clean.rows_in, 1)
    return f"{used} of the {many} could be used; each of the rest has a stated reason"


def _lead(inputs: Inputs, aside: int) -> str:
    words = inputs.words
    was, is_ = ("was", "it is") if aside == 1 else ("were", "each is")
    kept = (
        f"{count(aside)} of {count(inputs.clean.rows_in)} {words.many} {was} set aside; {is_} kept, with its file, "
        "line and reason. "
        if aside
        else ""
    )
    return kept + describe_levels(inputs)


def _reasons(aside: dict[str, int], total: int) -> list[Reason]:
    """The largest reasons, the rest as one. Reasons nobody met are left out."""
    found = sorted(((rows, reason) for reason, rows in aside.items() if rows), key=lambda item: (-item[0], item[1]))
    most = REASONS if len(found) > REASONS + 1 else len(found)
    shown = [(sentence(reason), rows) for rows, reason in found[:most]]
    if rest := found[most:]:
        shown.append((f"Other ({plural(len(rest), 'reason', 'reasons')})", sum(rows for rows, _ in rest)))
    return [Reason(reason, rows, rows / total) for reason, rows in shown]


def _sheet(inputs: Inputs, period: str) -> list[Item]:
    """The data sheet; an item nobody filled in is left out."""
    params = inputs.params
    items = {
        "Source": params.source,
        "Licence": params.licence,
        "One row is": params.one_row,
        "Period": period,
        "Outcome": _target(inputs),
        "Joined": "; ".join(
            f"{table} ({percent(found.matched / max(1, found.matched + found.unmatched), 1)} matched)"
            for table, found in sorted(inputs.clean.joins.items())
        ),
        "Inputs": sentence(plural(len(inputs.schema.inputs), "column", "columns")),
        "Personal data": params.personal_data or _personal(inputs),
    }
    return [Item(item, value) for item, value in items.items() if value]


def _personal(inputs: Inputs) -> str:
    """What stands in where nobody has said it, of a table whose columns tell of persons."""
    names = dict.fromkeys(inside(inputs.words.label(row.column)) for row in inputs.plots.sensitive)
    return f"Nobody has said; {listed([*names])} may tell of persons" if names else ""


def _target(inputs: Inputs) -> str:
    """The outcome's column, what it may be, and how it was made."""
    target = inputs.schema.target
    name, classes = shorten(target.name, 40), target.classes
    if not classes:
        return f"{name}: a number"
    most = CLASSES if len(classes) > CLASSES + 1 else len(classes)
    shown = [*apart(classes, 20).values()][:most]
    more = [f"{len(classes) - most} more classes"] if len(classes) > most else []
    definition = inputs.words.phrase if inputs.words.said else target.definition
    text = " or ".join(shown) if len(classes) == 2 else listed([*shown, *more])
    return f"{name}: {text}" + (f" ({definition})" if definition else "")


def notes(inputs: Inputs) -> list[Note]:
    """What a reader should doubt: columns that alone tell the answer, and files that differ from the others."""
    leaks = [
        Note("May leak", f"{inputs.words.label(name)} alone tells the outcome almost perfectly")
        for name in inputs.train.suspected_leaks
    ]
    return leaks + [Note("Files differ", text) for text in inputs.clean.drift]
