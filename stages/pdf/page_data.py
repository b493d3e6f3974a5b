"""Page 2: rows in and out, the outcome over time, what is missing, the data sheet and the known limits."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter
from reportlab.platypus import Flowable, Spacer

from stages.findings.numbers import MINUS, count, percent, plain, plural, shown
from stages.findings.wording import sentence, shorten
from stages.pdf.charts import Chart, axes, bare, figure, write
from stages.pdf.flowables import Gap
from stages.pdf.fonts import SANS, width
from stages.pdf.layout import Sheet, columns, say, table
from stages.pdf.style import BLUE, BLUE_MID, HALF, INK, RUST, SLATE, TICK_SIZE, WIDTH

Facts = dict[str, Any]
SHADES = {"train": BLUE, "validation": "#3F7FC0", "test": BLUE_MID}
PERIODS = 24
"""More periods than this get no number of their own."""
REASONS = 6


def page(sheet: Sheet, facts: Facts, _curves: Facts) -> list[Flowable]:
    """The flowables of page 2. What has no data has no exhibit."""
    found, many = facts["data"], facts["about"]["unit"]["many"]
    parts = sheet.head(found["title"], found["lead"])
    parts += [*sheet.exhibit("Rows in, rows out", _flow(found, many)), Gap(10, 20)]
    if found["outcome"]:
        parts += [*sheet.exhibit(found["outcome_title"], _outcome(found), found["outcome_about"]), Gap(10, 20)]
    if found["distribution"]:
        spread = found["distribution"]
        parts += [*sheet.exhibit(spread["title"], _distribution(spread), spread["about"]), Gap(10, 20)]
    left = [*_classes(sheet, found["classes"]), *_missing(sheet, found)]
    right = sheet.exhibit("Data sheet", _sheet(found))
    beside = len(found["sheet"]) + 3 * len(found["left_out"]) <= _rows(found)
    if found["left_out"] and beside:
        right += [Spacer(0, 14), *sheet.exhibit(*_left_out(found["left_out"], HALF))]
    parts.append(columns(left, right))
    if found["left_out"] and not beside:
        parts += [Gap(10, 20), *sheet.exhibit(*_left_out(found["left_out"], WIDTH))]
    if found["notes"]:
        parts += [Gap(10, 20), *sheet.exhibit("Look at these", _notes(found["notes"]))]
    if found["limits"]:
        parts += [Gap(10, 20), *sheet.exhibit("Known limits", _limits(found))]
    return parts


def _rows(found: Facts) -> int:
    """About how many lines the left column has."""
    return len(found["missing"]) + (len(found["classes"]["rows"]) + 3 if found["classes"] else 0) + 1


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
        room = (WIDTH - 158) / total  # points for each row of data
        if left * room > width(text, SANS, 8) + 6:
            write(part, left - 4 / room, -row, text, RUST, side="right")
        elif (total - left - reason["rows"]) * room > width(text, SANS, 8) + 6:
            write(part, left + reason["rows"] + 4 / room, -row, text, RUST)
        else:
            write(part, left + reason["rows"] - 4 / room, -row, text, "white", side="right")
    _used(part, found, -len(reasons) - 1)
    part.set(xlim=(0, total), ylim=(-len(reasons) - 2.2, 0.45))
    bare(part)
    told = ", ".join(f"{reason['reason']} {count(reason['rows'])}" for reason in reasons) or "none"
    return Chart(on, f"{count(total)} {many} received; set aside: {told}; used {count(found['rows_out'])}.")


def _used(part: Axes, found: Facts, row: int) -> None:
    """The bar of used rows, cut into the three parts; a part too narrow for its number shows it below alone."""
    _name(part, row, "Used", bold=True)
    narrow = min(split["rows"] for split in found["splits"]) < 0.11 * found["rows_in"]
    start = 0
    for split in found["splits"]:
        part.barh(row, split["rows"], left=start, height=0.64, color=SHADES[split["split"]], linewidth=0)
        middle, share = start + split["rows"] / 2, split["rows"] / found["rows_in"]
        if not narrow:
            write(part, middle, row - 0.03, count(split["rows"]), "white", bold=True, side="center")
            under = f"{split['name']}: {split['when']}" if split["when"] and share > 0.2 else split["name"]
            write(part, middle, row - 0.5, under, size=7.6, side="center", level="top")
        start += split["rows"]
        part.plot([start, start], [row - 0.32, row + 0.32], color="white", linewidth=1)
    if narrow:
        told = "; ".join(f"{split['name']} {count(split['rows'])}" for split in found["splits"])
        write(part, 0, row - 0.5, told, size=7.6, level="top")


def _name(part: Axes, row: float, name: str, bold: bool = False) -> None:
    write(part, -0.012, row, name, bold=bold, side="right", outside=True)


def _outcome(found: Facts) -> Chart:
    """The outcome's level by period, coloured by part."""
    rows, form = found["outcome"], found["outcome_form"]
    scale = form["scale"]
    levels = [row["rate"] * scale for row in rows]
    on = figure(WIDTH, 124)
    low, high = min(0.0, *levels), max(0.0, *levels)
    room = (high - low) or 1.0
    part = axes(on, 16.0 + 4.0 * max(len(_tick(value, form)) for value in (low, high)), 20, 2, 14)
    for split in found["splits"]:
        places = [number for number, row in enumerate(rows) if row["split"] == split["split"]]
        if not places:
            continue
        color = SHADES[split["split"]]
        part.bar(places, [levels[place] for place in places], 0.72, color=color, linewidth=0)
        if split["level"] is not None:
            ends = [places[0] - 0.45, places[-1] + 0.45]
            part.plot(ends, [split["level"] * scale] * 2, color=INK, linewidth=0.9, dashes=(3, 2))
        title = f"{split['name']} {shown(split['level'], form)}"
        write(part, places[0] - 0.4, high + room * 0.15, title, bold=True, level="bottom")
    labels = [shown(row["rate"], form) for row in rows]
    if len(rows) <= PERIODS and max(width(label, SANS, 8) for label in labels) < 0.66 * (WIDTH - 40) / len(rows):
        for place, (level, label) in enumerate(zip(levels, labels, strict=True)):
            if abs(level) > 0.1 * room:
                write(part, place, level / 2, label, "white", side="center")
    step = -(-len(rows) // 12)
    part.set_xticks(range(0, len(rows), step), [row["name"] for row in rows][::step], fontsize=TICK_SIZE)
    part.set(xlim=(-0.6, len(rows) - 0.4), ylim=(low - 0.12 * room * (low < 0), high + 0.12 * room))
    part.tick_params(axis="x", length=0)
    part.locator_params(axis="y", nbins=5)
    part.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value, form)))
    told = ", ".join(f"{row['name']} {label}" for row, label in zip(rows[:PERIODS], labels, strict=False))
    return Chart(on, f"{found['outcome_title']}. {told}.")


def _tick(value: float, form: Facts) -> str:
    return f"{plain(float(f'{value:.6g}'))}{form['unit']}"


def _distribution(found: Facts) -> Flowable:
    """Mean, median and the middle 80% of the target in each part, with the three drawn on one scale."""
    form, rows = found["form"], found["rows"]
    low, high = min(row["low"] for row in rows), max(row["high"] for row in rows)
    body: list[list[str | Flowable]] = [
        [
            row["name"],
            count(row["rows"]),
            *(shown(row[key], form) for key in ("low", "median", "mean", "high")),
            _range(row, low, high),
        ]
        for row in rows
    ]
    heads = ["Part", "Rows", "10% below", "Median", "Mean", "10% above", "From 10% to 90%; dot: median, tick: mean"]
    return table(heads, body, [54, 46, 58, 58, 58, 58, WIDTH - 332], right=range(1, 6), padding=2.4)


def _range(row: Facts, low: float, high: float) -> Flowable:
    on = figure(WIDTH - 346, 9)
    part = axes(on, 4, 0, 4, 0)
    part.plot([row["low"], row["high"]], [0, 0], color=BLUE_MID, linewidth=2.4)
    part.plot([row["mean"], row["mean"]], [-0.4, 0.4], color=INK, linewidth=0.9)
    part.plot(row["median"], 0, "o", color=BLUE, markersize=5, markeredgecolor="white")
    room = (high - low) or 1.0
    part.set(xlim=(low - 0.01 * room, high + 0.01 * room), ylim=(-0.5, 0.5))
    bare(part)
    return Chart(on, f"{row['name']}: from the 10th to the 90th percentile")


def _classes(sheet: Sheet, found: Facts) -> list[Flowable]:
    """Each class's share in each part."""
    if not found:
        return []
    keys = ("train", "validation", "test")
    rows = [[shorten(row["name"], 26), *(percent(row[key], 1) for key in keys)] for row in found["rows"]]
    body = table(["Class", "Train", "Validate", "Hold-out"], rows, [HALF - 138, 46, 46, 46], (1, 2, 3), 2.2, False)
    return [*sheet.exhibit(found["title"], body), Spacer(0, 14)]


def _missing(sheet: Sheet, found: Facts) -> list[Flowable]:
    if not found["missing"]:
        known = "The input is" if found["inputs"] == 1 else f"All {count(found['inputs'])} inputs are"
        return sheet.exhibit("No input has missing values", say(f"{known} known in every row.", "muted"))
    rows = [[shorten(row["label"]), percent(row["share"], 1), _bar(row["share"])] for row in found["missing"]]
    complete = "No input is" if not found["complete"] else plural(found["complete"], "input is", "inputs are")
    more = found["inputs"] - found["complete"] - len(rows)
    others = f" {sentence(plural(more, 'more has', 'more have'))} a smaller share missing." if more else ""
    note = f"{sentence(complete)} complete.{others} A missing value is kept as missing; the model learns from it."
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


def _left_out(found: list[Facts], wide: float) -> tuple[str, Flowable]:
    """Columns that are no inputs, by reason."""
    total = sum(row["columns"] for row in found)
    shown_, rest = (found, []) if len(found) <= REASONS else (found[: REASONS - 1], found[REASONS - 1 :])
    rows = [[shorten(row["reason"], 90), count(row["columns"]), shorten(row["names"], 130)] for row in shown_]
    if rest:
        names = f"see left_out in report.json ({plural(len(rest), 'reason', 'reasons')})"
        rows.append(["Other reasons", count(sum(row["columns"] for row in rest)), names])
    body = table(
        ["Reason", "Columns", "Which"], rows, [0.38 * wide, 46, 0.62 * wide - 46], right=(1,), padding=2.2, strong=False
    )
    return f"{sentence(plural(total, 'column is no input', 'columns are no inputs'))}", body


def _notes(found: list[Facts]) -> Flowable:
    rows = [[row["about"], shorten(row["note"], 220)] for row in found]
    return table(["What", "Why"], rows, [80, WIDTH - 80], padding=2.4)


def _limits(found: Facts) -> Flowable:
    rows = [[shorten(row[key], 130) for key in ("limit", "means", "action")] for row in found["limits"]]
    return table(
        ["Limit", "What it means for you", "What is done about it"], rows, [140, 184, WIDTH - 324], padding=2.6
    )
