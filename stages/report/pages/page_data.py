"""Section 2: rows in and out, the outcome over time, what is missing or has shifted, and the data sheet."""

from __future__ import annotations

from typing import NamedTuple

from reportlab.platypus import Flowable, Spacer

from stages.pdf.flowables import Gap
from stages.pdf.layout import Sheet, columns, marked, say, table
from stages.pdf.style import FOOT, HALF, PAGE_HEIGHT, RUST, TOP, WIDTH
from stages.pdf.text import bold, colored, fitting, names_fitting
from stages.report.findings.data import Data, Note
from stages.report.findings.dictionary import LeftOutColumns
from stages.report.findings.estimate import Item
from stages.report.findings.plots import Plots
from stages.report.findings.report import ReportFacts
from stages.report.findings.shift import Shift
from stages.report.findings.target_summary import Classes
from stages.report.pages.figures_data import distribution, flow, outcome
from stages.wording.numbers import count, percent, plural
from stages.wording.vocabulary import sentence, shorten

FEWEST = 3
"""Fewer lines than this are no table."""
LINE, AROUND = 14.8, 64.0
"""The height of a line of a table, and of what stands around a table."""
BETWEEN = 14.0
"""White space between two exhibits of a column."""
FILL = 0.9
"""How far down the page the list of inputs may reach."""


class Measure(NamedTuple):
    """How much a page shows: lines of its tables, the height of its chart, and characters of what users wrote."""

    missing: int
    reasons: int
    notes: int
    chart: float
    text: int


MEASURES = (
    Measure(12, 6, 4, 140, 150),
    Measure(10, 6, 4, 124, 150),
    Measure(8, 4, 3, 108, 150),
    Measure(5, 3, 2, 92, 150),
    Measure(4, 3, 2, 92, 70),
)
"""Tried in turn until the page holds all."""


def page(sheet: Sheet, facts: ReportFacts, _plots: Plots) -> list[Flowable]:
    """The flowables of section 2."""
    room = PAGE_HEIGHT - FOOT - TOP
    for measure in MEASURES:
        fresh = Sheet(sheet.number, sheet.key, sheet.name)
        parts = _parts(fresh, facts, measure)
        used = sum(part.wrap(WIDTH, PAGE_HEIGHT)[1] for part in parts)
        if used <= room:
            break
    return parts + _dictionary(fresh, facts.data, used)


def _parts(sheet: Sheet, facts: ReportFacts, measure: Measure) -> list[Flowable]:
    """What section 2 shows. What has no data has no exhibit."""
    found, many = facts.data, facts.about.unit.many
    parts = sheet.head(found.title, found.lead)
    parts += [*sheet.exhibit("Rows in, rows out", flow(found, many)), Gap(10, 20)]
    if found.outcome:
        chart = outcome(found, measure.chart)
        parts += [*sheet.exhibit(found.outcome_title, chart, found.outcome_about), Gap(10, 20)]
    if spread := found.distribution:
        parts += [*sheet.exhibit(spread.title, distribution(spread), spread.about), Gap(10, 20)]
    parts += _columns(sheet, found, measure)
    if found.notes:
        parts += [Gap(10, 20), *sheet.exhibit("Look at these", _notes(found.notes, measure.notes))]
    return parts


def _columns(sheet: Sheet, found: Data, measure: Measure) -> list[Flowable]:
    """What is missing beside the data sheet; the columns that are no inputs stand where they take the least room."""
    left = [*_classes(sheet, found.classes), *_missing(sheet, found.shift, measure.missing)]
    right = sheet.exhibit("Data sheet", _sheet(found.sheet, measure.text))
    if not found.left_out:
        return [columns(left, right)]
    trial = Sheet(sheet.number, sheet.key, sheet.name)
    narrow, wide = (
        _height(trial.exhibit(*_left_out(found.left_out, room, measure.reasons)), room) for room in (HALF, WIDTH)
    )
    heights = _height(left, HALF), _height(right, HALF)
    under = {
        "right": max(heights[0], heights[1] + BETWEEN + narrow),
        "left": max(heights[0] + BETWEEN + narrow, heights[1]),
        "both": max(heights) + 2 * BETWEEN + wide,
    }
    place = min(under, key=lambda side: under[side])
    exhibit = sheet.exhibit(*_left_out(found.left_out, WIDTH if place == "both" else HALF, measure.reasons))
    if place == "both":
        return [columns(left, right), Gap(10, 20), *exhibit]
    side = left if place == "left" else right
    side += [Spacer(0, BETWEEN), *exhibit]
    return [columns(left, right)]


def _height(parts: list[Flowable], room: float) -> float:
    return float(sum(part.wrap(room, PAGE_HEIGHT)[1] for part in parts))


def _classes(sheet: Sheet, found: Classes | None) -> list[Flowable]:
    """Each class's share in each part."""
    if not found:
        return []
    names = names_fitting([row.name for row in found.rows], HALF - 146, 8.3)
    rows = [
        [name, *(percent(share, 1) for share in (row.train, row.validation, row.test))]
        for name, row in zip(names, found.rows, strict=True)
    ]
    body = table(["Class", "Train", "Validate", "Hold-out"], rows, [HALF - 138, 46, 46, 46], (1, 2, 3), 2.2, False)
    return [*sheet.exhibit(found.title, body), Spacer(0, 14)]


def _missing(sheet: Sheet, shift: Shift, most: int) -> list[Flowable]:
    """The inputs that are missing or shifted most: shares in either part, the index and its reading."""
    if not shift.inputs:
        return []
    if not shift.rows:
        told = f"All {count(shift.inputs)} inputs are known in every row, and none shifted by more than a little."
        return sheet.exhibit(shift.title, say(told, "body"))
    names = names_fitting([row.label for row in shift.rows[:most]], HALF - 158, 8.3)
    rows: list[list[str | Flowable]] = [
        [
            name,
            percent(row.missing, 1),
            f"{row.psi:.2f}",
            marked(colored(bold(row.reading), RUST), "cell") if row.reading == "strong" else row.reading,
        ]
        for name, row in zip(names, shift.rows, strict=False)
    ]
    others = shift.inputs - shift.notable
    more = f" The first {len(rows)} of {shift.notable}." if shift.notable > len(rows) else ""
    rest = f" The other {plural(others, 'input is', 'inputs are')} neither." if others else ""
    body = table(["Input", "Missing", "Shift", "Reading"], rows, [HALF - 152, 48, 42, 62], (1, 2), 2.2, strong=False)
    about = f"Missing in training; shift of the hold-out (PSI).{more}{rest}"
    return sheet.exhibit(shift.title, body, about, shift.note)


def _sheet(items: list[Item], longest: int) -> Flowable:
    rows = [[row.item, shorten(row.value, longest)] for row in items]
    return table(["Item", "Value"], rows, [66, HALF - 66], padding=2.6)


def _left_out(found: list[LeftOutColumns], wide: float, most: int) -> tuple[str, Flowable]:
    """Columns that are no inputs, by reason."""
    total = sum(row.columns for row in found)
    shown_, rest = (found, []) if len(found) <= most else (found[: most - 1], found[most - 1 :])
    rows = [[shorten(row.reason, 90), count(row.columns), shorten(row.names, 130)] for row in shown_]
    if rest:
        names = f"see left_out in report.json ({plural(len(rest), 'reason', 'reasons')})"
        rows.append(["Other reasons", count(sum(row.columns for row in rest)), names])
    body = table(
        ["Reason", "Columns", "Which"], rows, [0.38 * wide, 46, 0.62 * wide - 46], right=(1,), padding=2.2, strong=False
    )
    return f"{sentence(plural(total, 'column is not an input', 'columns are not inputs'))}", body


def _notes(found: list[Note], most: int) -> Flowable:
    """What a reader should doubt, the last line saying how much more there is."""
    cut = found if len(found) <= most else found[: most - 1]
    rows = [[row.about, shorten(row.note, 220)] for row in cut]
    if len(cut) < len(found):
        rows.append([f"{count(len(found) - len(cut))} more", "see notes in report.json"])
    return table(["What", "Why"], rows, [80, WIDTH - 80], padding=2.4)


def _dictionary(sheet: Sheet, found: Data, used: float) -> list[Flowable]:
    """What training saw of the inputs, as many as the page has room for."""
    most = int((FILL * PAGE_HEIGHT - TOP - used - AROUND) / LINE)
    rows = [[fitting(row.label, 150, 8.3), row.type, shorten(row.seen, 76)] for row in found.dictionary]
    if not rows or most < min(FEWEST, len(rows)):
        return []
    about = f"The first {min(most, len(rows))} of {found.inputs}, those that matter most."
    body = table(["Input", "Type", "Seen in training"], rows[:most], [160, 56, WIDTH - 216], padding=2.2, strong=False)
    return [Gap(10, 20), *sheet.exhibit("The inputs", body, about if found.inputs > min(most, len(rows)) else "")]
