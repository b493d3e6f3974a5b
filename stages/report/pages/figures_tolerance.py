"""Section 4 of a number: how many predictions are near enough, how far off the others are, and to which side."""

from __future__ import annotations

from reportlab.platypus import Flowable

from stages.pdf.charts import Chart, Ticks, percent_axis, write
from stages.pdf.layout import Sheet, columns, table
from stages.pdf.placing import Box, pick_free
from stages.pdf.style import BLUE, GREY, HALF, LOOKS, MUTED, WIDTH
from stages.report.findings.comparison import NAMES
from stages.report.findings.decision_rule_regression import Correction, RegressionRule, SideShare
from stages.report.findings.plots import CorrectionPoint, Plots, TolerancePoint
from stages.report.findings.report import Forms
from stages.report.pages import figures as shared
from stages.wording.numbers import DASH, percent, shown

HEIGHT = 280.0
"""Of the one curve; two of them share it."""
TOP = 1.2
"""What the axis of costs reaches up to, in terms of the candidate's dearest: a baseline may cost much more."""


def exhibits(sheet: Sheet, forms: Forms, found: RegressionRule, plots: Plots) -> list[list[Flowable]]:
    """The curve, and beside each other how far off and to which side."""
    made = []
    height = HEIGHT if not found.correction else HEIGHT * 0.62
    if any(row.tolerance > 0 for row in plots.tolerance):  # else every prediction is exact
        chart = _curve(found, plots.tolerance, forms, height)
        made.append(sheet.exhibit(found.curve_title, chart, found.curve_about))
    if about := found.correction:
        chart = _correction(about, plots.correction, forms, height)
        made.append(sheet.exhibit(about.title, chart, about.about, about.note))
    unit = f" Amounts in {forms.unit}." if forms.unit else ""
    tables = []
    if found.levels:
        tables.append(
            sheet.exhibit(found.levels_title, _levels(found, forms), f"Largest error of a share of predictions.{unit}")
        )
    if found.sides:
        tables.append(
            sheet.exhibit(
                found.sides_title,
                _sides(found, forms),
                f"Share of predictions, and by how much.{unit}",
                found.sides_note,
            )
        )
    return [*made, [columns(*tables, widths=[HALF] * len(tables))]] if len(tables) == 2 else [*made, *tables]


def _curve(found: RegressionRule, rows: list[TolerancePoint], forms: Forms, height: float) -> Chart:
    scale = forms.error.scale
    on, part, lines = shared.curves([(row.model, row.tolerance * scale, row.share) for row in rows], height)
    most = max((row.tolerance * scale for row in rows), default=1.0) or 1.0
    name = f"Error of at most{', ' + forms.unit if forms.unit else ''}"
    part.set(xlim=(0, most), ylim=(0, 1.02), xlabel=name)
    for level in found.levels:
        x = level.tolerance * scale
        part.plot([x, x], [0, level.share], color=GREY, linewidth=0.8, dashes=(3, 2))
        part.plot(x, level.share, "o", color=BLUE, markersize=5, markeredgecolor="white")
        write(
            part, x + 0.008 * most, _free_height(x, level.share, lines, most, height), percent(level.share), MUTED, 7.6
        )
    if found.tolerance is not None and found.tolerance * scale <= most:
        x = found.tolerance * scale
        part.plot([x, x], [0, 1.0], color=BLUE, linewidth=1.2)
        below = max((level.share for level in found.levels if level.tolerance * scale < x), default=0.0)
        write(part, x + 0.01 * most, 0.97 if below < 0.7 else 0.16,
              f"tolerance {shown(found.tolerance, forms.error)}", BLUE, 8, bold=True, ground=True)  # fmt: skip
    part.xaxis.set_major_formatter(Ticks())
    part.yaxis.set_major_formatter(percent_axis)
    ends = [(ys[-1], NAMES[model], LOOKS[model][1], model == "candidate") for model, (_, ys) in lines.items()]
    shared.end_labels(part, ends, height - 38)
    told = "; ".join(f"{percent(level.share)} within {shown(level.tolerance, forms.error)}" for level in found.levels)
    return Chart(on, f"{found.curve_title}: {told or 'all alike'}.")


def _free_height(x: float, share: float, lines: shared.Lines, most: float, height: float) -> float:
    """Return where beside its dashed line, low down if it can be, a level's label is on no curve."""
    wide, tall = 30.0 / WIDTH * most, 9.0 / height
    heights = [0.05 + 0.03 * step for step in range(30) if 0.05 + 0.03 * step < max(0.06, share - tall)]
    boxes = [Box(x, at - tall / 2, x + wide, at + tall / 2) for at in heights]
    return heights[pick_free(boxes, [list(zip(xs, ys, strict=True)) for xs, ys in lines.values()])]


def _correction(about: Correction, rows: list[CorrectionPoint], forms: Forms, height: float) -> Chart:
    """What errors cost wherever the predictions are moved to, as they are and at the lowest."""
    form, own, scale = about.form, about.own, forms.error.scale
    most = max(abs(row.correction * scale) for row in rows) or 1.0
    top = TOP * max(own, *(row.cost for row in rows if row.model == "candidate")) or 1.0
    points = [(row.model, row.correction * scale, row.cost) for row in rows if row.cost <= top]
    on, part, lines = shared.curves(points, height)
    name = f"Added to every prediction{', ' + forms.unit if forms.unit else ''}"
    part.set(xlim=(-most, most), ylim=(0, top), xlabel=name)
    part.plot([0, 0], [0, own], color=BLUE, linewidth=1.0)
    part.plot(0, own, "o", color=BLUE, markersize=6, markeredgecolor="white", markeredgewidth=1)
    told = f"as predicted: {shown(about.own, form)}"
    lowest, gap = about.lowest, 0.024 * most
    before = lowest is not None and lowest.correction > 0
    write(part, -gap if before else gap, 0.07 * top, told, BLUE, 8, bold=True, side="right" if before else "left",
          ground=True)  # fmt: skip
    if lowest is not None:
        at, cost = lowest.correction * scale, lowest.cost
        part.plot([at, at], [0, cost], color=GREY, linewidth=0.8, dashes=(3, 2))
        part.plot(at, cost, "o", color="white", markersize=5.5, markeredgecolor=BLUE)
        text = f"lowest in hindsight: {shown(lowest.cost, form)}"
        after = at < (0.4 if before else -0.4) * most
        write(part, at + (gap if after else -gap), (0.07 if after == before else 0.19) * top, text, BLUE, 7.8,
              side="left" if after else "right", ground=True)  # fmt: skip
        told += f"; {text} at {shown(lowest.correction, forms.error)}"
    for axis in (part.xaxis, part.yaxis):
        axis.set_major_formatter(Ticks())
    ends = [
        (ys[-1], NAMES[model], LOOKS[model][1], model == "candidate")
        if xs[-1] >= most
        else (top, f"{NAMES[model]}, above", LOOKS[model][1], False)
        for model, (xs, ys) in lines.items()
    ]
    shared.end_labels(part, ends, height - 38)
    return Chart(on, f"{about.title}: {told}.")


def _levels(found: RegressionRule, forms: Forms) -> Flowable:
    rows = [[row.what, shown(row.tolerance, forms.error), percent(row.other)] for row in found.levels]
    other = f"{NAMES[found.reference]} within"
    return table(["Of the candidate's", "Off by at most", other], rows, [HALF - 156, 84, 72], (1, 2), 2.8)


def _sides(found: RegressionRule, forms: Forms) -> Flowable:
    def side(at: SideShare | None) -> list[str]:
        return [percent(at.share), shown(at.mean, forms.error)] if at else [DASH, DASH]

    rows = [[row.name, *side(row.high), *side(row.low)] for row in found.sides]
    heads = ["", "Too high", "by", "Too low", "by"]
    wide = (HALF - 70) / 4
    return table(heads, rows, [70, *[wide] * 4], (1, 2, 3, 4), 2.8)
