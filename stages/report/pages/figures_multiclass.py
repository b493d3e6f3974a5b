"""Section 3 of several classes: each class against the rest, what is taken for what, and confidence."""

from __future__ import annotations

import math

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from reportlab.platypus import Flowable

from stages.pdf.charts import Chart, axes, bare, figure, write
from stages.pdf.layout import Sheet, say
from stages.pdf.style import BLUE, BLUE_MID, BLUE_PALE, HALF, INK, MUTED, PANEL, RUST, RUST_PALE, TICK_SIZE
from stages.pdf.text import fitting, names_fitting
from stages.report.findings.accuracy_multiclass import Confusion, MulticlassAccuracy, ShownClass
from stages.report.findings.report import ReportFacts
from stages.report.pages import figures as shared
from stages.report.pages.figures import Promise
from stages.wording.numbers import fixed, percent

Exhibit = list[Flowable]
SLANT = 0.77
"""How far a slanted name reaches to the right, as a share of its length."""
WIDE = 6
"""Cells of a larger matrix are too narrow for a sign behind their figures."""
NAME = 84.0
"""The width of class names beside a chart."""
RIGHT = ((0.75, BLUE, "white"), (0.5, "#3F7FC0", "white"), (0.25, BLUE_MID, "white"), (0.0, BLUE_PALE, INK))
WRONG = (
    (0.5, RUST, "white"),
    (0.25, "#DFA287", INK),
    (0.1, "#EDC8B5", INK),
    (0.02, RUST_PALE, INK),
    (0.0, PANEL, MUTED),
)
"""From which share on a cell of the matrix has which ground and ink: on the diagonal, and off it."""


def figures(sheet: Sheet, facts: ReportFacts, found: MulticlassAccuracy) -> tuple[Exhibit, Exhibit, Exhibit]:
    """Each class against the rest, what is taken for what, and confidence."""
    confidence, many = percent(facts.decision.confidence), facts.about.unit.many
    size = len(found.confusion.names)
    unit = ", in %" if size > WIDE else ""
    height = max(128.0, min(204.0, 20.0 * size + 44))
    return (
        _told_apart(sheet, found, confidence, height),
        sheet.exhibit(
            found.confusion.title,
            _confusion(found.confusion, height),
            f"Of the {many} of each actual class (row), the share given each answer (column){unit}.",
        ),
        sheet.exhibit(
            found.calibration_title,
            shared.shares(
                [Promise(row.predicted, row.observed, row.low, row.high) for row in found.calibration],
                "Confidence in the likeliest class",
                "Confidence against the share that was right, in groups",
                bars=found.histogram,
                many=many,
            ),
            f"Share that was right (vertical) in ten groups, by confidence. Lines: "
            f"{percent(found.group_confidence)} interval.",
        ),
    )


def _told_apart(sheet: Sheet, found: MulticlassAccuracy, confidence: str, height: float) -> Exhibit:
    """A chart; a sentence where all classes are told from the rest about equally well."""
    if found.all_perfect:
        least = fixed(math.floor(1000 * min(row.auc for row in found.classes if row.auc is not None)) / 1000, 3)
        return sheet.exhibit(found.classes_title, say(f"Each has an AUC of at least {least} against the rest.", "body"))
    about = f"AUC of each class against the rest. Line: {confidence} interval. {found.classes_shown}".rstrip()
    return sheet.exhibit(found.classes_title, _classes(found.classes, height), about)


def _classes(rows: list[ShownClass], height: float) -> Chart:
    on = figure(HALF, height)
    part = axes(on, NAME, 20, 34, 4)
    ends = [end for row in rows for end in (row.auc, row.low, row.high) if end is not None]
    low = min([0.9, *ends]) - 0.02
    names = names_fitting([row.name for row in rows], NAME - 6, 8)
    for place, (row, name) in enumerate(zip(rows, names, strict=True)):
        write(part, -NAME / (HALF - NAME - 34), -place, name, MUTED if row.low is None else INK, outside=True)
        if row.low is not None and row.high is not None:
            part.plot([row.low, row.high], [-place, -place], color=BLUE_MID, linewidth=1.4)
        if row.auc is not None:
            part.plot(row.auc, -place, "o", color=BLUE, markersize=5, markeredgecolor="white")
        write(part, 1.03, -place, fixed(row.auc, 3), INK, outside=True)
    part.set(xlim=(low, 1.0), ylim=(-len(rows) + 0.4, 0.6), yticks=[])
    part.grid(visible=True, axis="x")
    part.locator_params(axis="x", nbins=4)
    part.tick_params(axis="x", labelsize=TICK_SIZE)
    told = "; ".join(f"{row.name} {fixed(row.auc, 3)}" for row in rows)
    return Chart(on, f"AUC of each class against the rest: {told}.")


def _confusion(found: Confusion, height: float) -> Chart:
    """Cells shaded by share; figures on the diagonal and on the largest mistakes, on all where there is room."""
    names, shares = found.names, found.shares
    size = len(names)
    left, top = 66.0, 12.0 if size <= 4 else 34.0
    on = figure(HALF, height)
    right = 2.0 if size <= 4 else 26.0
    part = axes(on, left, 2, right, top)
    wide = (HALF - left - right) / size
    small = 8.0 if size <= WIDE else TICK_SIZE
    shown = names_fitting(names, left - 5, small)
    above = names_fitting(names, wide - 3 if size <= 4 else 44.0, 8 if size <= 4 else TICK_SIZE)
    for row, line in enumerate(shares):
        write(part, -left / (HALF - left - right), -row, shown[row], INK, small, outside=True)
        for column, share in enumerate(line):
            _cell(
                part, row, column, share, small if (row, column) in found.named or row == column or size <= 4 else 0.0
            )
    for column, name in enumerate(above):
        _column(part, column, name, size, right + (size - column - 0.5) * wide)
    part.set(xlim=(-0.5, size - 0.5), ylim=(-size + 0.5, 0.5))
    bare(part)
    hits = "; ".join(f"{name} {percent(shares[at][at])}" for at, name in enumerate(names))
    wrong = "; ".join(f"{names[row]} as {names[column]} {percent(shares[row][column])}" for row, column in found.named)
    return Chart(on, f"{found.title}. Right: {hits}. Largest mistakes: {wrong or 'none'}.")


def _cell(part: Axes, row: int, column: int, share: float, size: float) -> None:
    steps = RIGHT if row == column else WRONG
    ground, ink = next((ground, ink) for least, ground, ink in steps if share >= least)
    part.add_patch(
        Rectangle((column - 0.5, -row - 0.5), 1, 1, facecolor=ground, edgecolor="white", linewidth=1.0, zorder=1)
    )
    if size:
        write(
            part,
            column,
            -row,
            percent(share) if size > TICK_SIZE else fixed(share * 100, 0),
            ink,
            size,
            bold=row == column,
            side="center",
        )


def _column(part: Axes, column: int, name: str, size: int, room: float) -> None:
    """The name above its column, slanted where columns are narrow; `room` is left up to the figure's edge."""
    if size <= 4:
        write(part, column, 0.56, name, INK, 8, side="center", level="bottom")
        return
    part.text(
        column - 0.15,
        0.56,
        fitting(name, min(44.0, room / SLANT - 4), TICK_SIZE),
        color=INK,
        fontsize=TICK_SIZE,
        rotation=40,
        rotation_mode="anchor",
        ha="left",
        va="bottom",
    )
