"""Page 2: rows in and out, the outcome over time, what is missing, the data sheet and the known limits."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from reportlab.platypus import Flowable

from stages.findings.numbers import MINUS, count, percent
from stages.pdf.charts import Chart, axes, bare, figure, percent_axis, write
from stages.pdf.flowables import Gap
from stages.pdf.layout import Sheet, columns, say, table
from stages.pdf.style import BLUE, BLUE_MID, HALF, INK, RUST, SLATE, TICK_SIZE, WIDTH
from stages.pdf.text import shorten

Facts = dict[str, Any]
SHADES = {"train": BLUE, "validation": "#3F7FC0", "test": BLUE_MID}
PERIODS = 24
"""More periods than this get no number of their own."""


def page(sheet: Sheet, facts: Facts, _curves: Facts) -> list[Flowable]:
    """The flowables of page 2. What has no data has no exhibit."""
    found, many = facts["data"], facts["about"]["unit"]["many"]
    parts = sheet.head(found["title"], found["lead"])
    parts += [*sheet.exhibit("Rows in, rows out", _flow(found, many)), Gap(10, 20)]
    if found["outcome"]:
        about = f"Share of {many} per period that {facts['about']['outcome']['phrase']}. Dashed: mean of each part."
        parts += [*sheet.exhibit(found["outcome_title"], _outcome(found), about), Gap(10, 20)]
    parts.append(columns(_missing(sheet, found), sheet.exhibit("Data sheet", _sheet(found))))
    if found["limits"]:
        parts += [Gap(10, 20), *sheet.exhibit("Known limits", _limits(found))]
    return parts


def _flow(found: Facts, many: str) -> Chart:
    """Received, less each reason, leaves what is used: bars on one scale."""
    total, reasons = found["rows_in"], found["reasons"]
    height = 14.5 * (len(reasons) + 2) + 14
    on = figure(WIDTH, height)
    part = axes(on, 156, 2, 2, 2)
    part.barh(0, total, height=0.64, color=SLATE, linewidth=0)
    _name(part, 0, "Received", bold=True)
    write(part, total * 0.992, -0.03, f"{count(total)} {many}", "white", bold=True, side="right")
    left = total
    for row, reason in enumerate(reasons, 1):
        left -= reason["rows"]
        part.barh(-row, reason["rows"], left=left, height=0.64, color=RUST, linewidth=0)
        _name(part, -row, shorten(reason["reason"], 38))
        text = f"{MINUS}{count(reason['rows'])} ({percent(reason['share'], 1)})"
        if left < total * 0.3:
            write(part, left + reason["rows"] + total * 0.008, -row, text, RUST)
        else:
            write(part, left - total * 0.008, -row, text, RUST, side="right")
    _used(part, found, -len(reasons) - 1)
    part.set(xlim=(0, total), ylim=(-len(reasons) - 2.2, 0.45))
    bare(part)
    told = ", ".join(f"{reason['reason']} {count(reason['rows'])}" for reason in reasons) or "none"
    return Chart(on, f"{count(total)} {many} received; set aside: {told}; used {count(found['rows_out'])}.")


def _used(part: Axes, found: Facts, row: int) -> None:
    """The bar of used rows, cut into the three parts; a part too narrow for its number shows it below alone."""
    _name(part, row, "Used", bold=True)
    start = 0
    for split in found["splits"]:
        part.barh(row, split["rows"], left=start, height=0.64, color=SHADES[split["split"]], linewidth=0)
        middle, share = start + split["rows"] / 2, split["rows"] / found["rows_in"]
        if share > 0.11:
            write(part, middle, row - 0.03, count(split["rows"]), "white", bold=True, side="center")
            under = f"{split['name']}: {split['when']}" if split["when"] and share > 0.2 else split["name"]
            write(part, middle, row - 0.5, under, size=7.6, side="center", level="top")
        start += split["rows"]
        part.plot([start, start], [row - 0.32, row + 0.32], color="white", linewidth=1)


def _name(part: Axes, row: float, name: str, bold: bool = False) -> None:
    write(part, -0.012, row, name, bold=bold, side="right", outside=True)


def _outcome(found: Facts) -> Chart:
    """The positive share by period, coloured by part."""
    rows = found["outcome"]
    on = figure(WIDTH, 124)
    part = axes(on, 30, 20, 2, 14)
    top = max(row["rate"] for row in rows) * 1.12 or 1.0
    for split in found["splits"]:
        places = [number for number, row in enumerate(rows) if row["split"] == split["split"]]
        if not places:
            continue
        part.bar(places, [rows[place]["rate"] for place in places], 0.72, color=SHADES[split["split"]], linewidth=0)
        ends = [places[0] - 0.45, places[-1] + 0.45]
        part.plot(ends, [split["rate"]] * 2, color=INK, linewidth=0.9, dashes=(3, 2))
        title = f"{split['name']} {percent(split['rate'])}"
        write(part, places[0] - 0.4, top * 1.03, title, bold=True, level="bottom")
    if len(rows) <= PERIODS:
        for number, row in enumerate(rows):
            write(part, number, row["rate"] / 2, percent(row["rate"]), "white", side="center")
    step = -(-len(rows) // 12)
    part.set_xticks(range(0, len(rows), step), [row["name"] for row in rows][::step], fontsize=TICK_SIZE)
    part.set(xlim=(-0.6, len(rows) - 0.4), ylim=(0, top))
    part.tick_params(axis="x", length=0)
    part.locator_params(axis="y", nbins=5)
    part.yaxis.set_major_formatter(percent_axis)
    told = ", ".join(f"{row['name']} {percent(row['rate'])}" for row in rows[:PERIODS])
    return Chart(on, f"{found['outcome_title']}. {told}.")


def _missing(sheet: Sheet, found: Facts) -> list[Flowable]:
    if not found["missing"]:
        return sheet.exhibit("No input has missing values", say("Every input is known in every row.", "muted"))
    rows = [[shorten(row["label"]), percent(row["share"], 1), _bar(row["share"])] for row in found["missing"]]
    note = (
        f"{count(found['complete'])} inputs are complete. A missing value is kept as missing; the model learns from it."
    )
    body = table(["Input", "Missing", ""], rows, [124, 46, HALF - 170], right=[1], padding=2.6, strong=False)
    return sheet.exhibit("Inputs with missing values", body, note=note)


def _bar(share: float) -> Flowable:
    on = figure(HALF - 180, 7)
    part = axes(on, 0, 0, 0, 0)
    part.barh(0, 1, color="#E6EBF0", linewidth=0)
    part.barh(0, share, color=BLUE_MID, linewidth=0)
    part.set(xlim=(0, 1), ylim=(-0.4, 0.4))
    bare(part)
    return Chart(on, f"{percent(share, 1)} missing")


def _sheet(found: Facts) -> Flowable:
    rows = [[row["item"], shorten(row["value"], 150)] for row in found["sheet"]]
    return table(["Item", "Value"], rows, [66, HALF - 66], padding=2.6)


def _limits(found: Facts) -> Flowable:
    rows = [[shorten(row[key], 130) for key in ("limit", "means", "action")] for row in found["limits"]]
    return table(
        ["Limit", "What it means for you", "What is done about it"], rows, [140, 184, WIDTH - 324], padding=2.6
    )
