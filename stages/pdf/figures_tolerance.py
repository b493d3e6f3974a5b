"""Page 4 of a number: how many predictions are near enough, how far off the others are, and to which side."""

from __future__ import annotations

from typing import Any

from matplotlib.ticker import FuncFormatter
from reportlab.platypus import Flowable

from stages.findings.comparison import NAMES
from stages.findings.numbers import percent, plain, shown
from stages.pdf import figures as shared
from stages.pdf.charts import Chart, percent_axis, write
from stages.pdf.layout import Sheet, columns, table
from stages.pdf.style import BLUE, GREY, HALF, LOOKS, MUTED

Facts = dict[str, Any]
HEIGHT = 280.0


def exhibits(sheet: Sheet, facts: Facts, curves: Facts) -> list[list[Flowable]]:
    """The curve, and beside each other how far off and to which side."""
    found, forms = facts["rule"], facts["about"]["forms"]
    made = []
    if any(row["tolerance"] > 0 for row in curves["tolerance"]):  # else every prediction is exact
        chart = _curve(found, curves["tolerance"], forms)
        made.append(sheet.exhibit(found["curve_title"], chart, found["curve_about"]))
    unit = f", {forms['unit']}" if forms["unit"] else ""
    tables = []
    if found["levels"]:
        tables.append(sheet.exhibit(found["levels_title"], _levels(found, forms, unit)))
    if found["sides"]:
        tables.append(sheet.exhibit(found["sides_title"], _sides(found, forms, unit)))
    return [*made, [columns(*tables, widths=[HALF] * len(tables))]] if len(tables) == 2 else [*made, *tables]


def _curve(found: Facts, rows: list[Facts], forms: Facts) -> Chart:
    scale = forms["error"]["scale"]
    scaled = [{**row, "tolerance": row["tolerance"] * scale} for row in rows]
    on, part, lines = shared.curves(scaled, "tolerance", "share", HEIGHT)
    most = max((row["tolerance"] for row in scaled), default=1.0) or 1.0
    name = f"Error of at most{', ' + forms['unit'] if forms['unit'] else ''}"
    part.set(xlim=(0, most), ylim=(0, 1.02), xlabel=name)
    for level in found["levels"]:
        x = level["tolerance"] * scale
        part.plot([x, x], [0, level["share"]], color=GREY, linewidth=0.8, dashes=(3, 2))
        part.plot(x, level["share"], "o", color=BLUE, markersize=5, markeredgecolor="white")
        write(part, x + 0.008 * most, 0.05, percent(level["share"]), MUTED, 7.6)
    if found["tolerance"] is not None and found["tolerance"] * scale <= most:
        x = found["tolerance"] * scale
        part.plot([x, x], [0, 1.0], color=BLUE, linewidth=1.2)
        write(part, x + 0.01 * most, 0.16, f"tolerance {shown(found['tolerance'], forms['error'])}", BLUE, 8, bold=True)
    part.xaxis.set_major_formatter(FuncFormatter(lambda value, _: plain(float(f"{value:.6g}"))))
    part.yaxis.set_major_formatter(percent_axis)
    ends = [(ys[-1], NAMES[model], LOOKS[model][1], model == "candidate") for model, (_, ys) in lines.items()]
    shared.end_labels(part, ends, HEIGHT - 38)
    told = "; ".join(
        f"{percent(level['share'])} within {shown(level['tolerance'], forms['error'])}" for level in found["levels"]
    )
    return Chart(on, f"{found['curve_title']}: {told or 'all alike'}.")


def _levels(found: Facts, forms: Facts, unit: str) -> Flowable:
    rows = [[row["what"], shown(row["tolerance"], forms["error"]), percent(row["other"])] for row in found["levels"]]
    other = f"{NAMES[found['reference']]} within"
    return table(["Of the candidate's", f"Off by at most{unit}", other], rows, [HALF - 156, 84, 72], (1, 2), 2.8)


def _sides(found: Facts, forms: Facts, unit: str) -> Flowable:
    def side(row: Facts, key: str) -> list[str]:
        at = row.get(key) or {"share": None, "mean": None}
        return [percent(at["share"]), shown(at["mean"], forms["error"])]

    rows = [[row["name"], *side(row, "high"), *side(row, "low")] for row in found["sides"]]
    heads = ["", "Too high", f"by{unit}", "Too low", f"by{unit}"]
    wide = (HALF - 70) / 4
    return table(heads, rows, [70, *[wide] * 4], (1, 2, 3, 4), 2.8)
