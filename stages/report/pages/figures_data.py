"""Section 2's figures: rows in and out, the outcome over time, and how a number is distributed."""

from __future__ import annotations

from matplotlib.axes import Axes
from reportlab.platypus import Flowable

from stages.pdf.charts import Chart, Ticks, axes, bare, figure, write
from stages.pdf.fonts import SANS, width
from stages.pdf.layout import table
from stages.pdf.style import BLUE, BLUE_MID, INK, MUTED, RUST, SLATE, TICK_SIZE, WIDTH
from stages.report.findings.data import Data
from stages.report.findings.target_summary import Distribution, PartSpread
from stages.wording.numbers import MINUS, Form, count, percent, plain, shown
from stages.wording.vocabulary import shorten

SHADES = {"train": BLUE, "validation": "#3F7FC0", "test": BLUE_MID}
PERIODS = 24
"""More periods than this get no number of their own."""


def flow(found: Data, many: str) -> Chart:
    """Received, less each reason, leaves what is used: bars on one scale."""
    total, reasons = found.rows_in, found.reasons
    height = 14.5 * (len(reasons) + 2) + 14
    on = figure(WIDTH, height)
    part = axes(on, 156, 2, 2, 2)
    part.barh(0, total, height=0.64, color=SLATE, linewidth=0)
    _name(part, 0, "Received", bold=True)
    write(part, total * 0.992, -0.03, f"{count(total)} {many}", "white", bold=True, side="right")
    left = total
    for row, reason in enumerate(reasons, 1):
        left -= reason.rows
        part.barh(-row, reason.rows, left=left, height=0.64, color=RUST, linewidth=0)
        _name(part, -row, shorten(reason.reason, 38))
        text = f"{MINUS}{count(reason.rows)} ({percent(reason.share, 1)})"
        room = (WIDTH - 158) / total  # points for each row of data
        if left * room > width(text, SANS, 8) + 6:
            write(part, left - 4 / room, -row, text, RUST, side="right")
        elif (total - left - reason.rows) * room > width(text, SANS, 8) + 6:
            write(part, left + reason.rows + 4 / room, -row, text, RUST)
        else:
            write(part, left + reason.rows - 4 / room, -row, text, "white", side="right")
    _used(part, found, -len(reasons) - 1)
    part.set(xlim=(0, total), ylim=(-len(reasons) - 2.2, 0.45))
    bare(part)
    told = ", ".join(f"{reason.reason} {count(reason.rows)}" for reason in reasons) or "none"
    return Chart(on, f"{count(total)} {many} received; set aside: {told}; used {count(found.rows_out)}.")


def _used(part: Axes, found: Data, row: int) -> None:
    """The bar of used rows, cut into the three parts; a part too narrow for its number shows it below alone."""
    _name(part, row, "Used", bold=True)
    narrow = min(split.rows for split in found.splits) < 0.11 * found.rows_in
    start = 0
    for split in found.splits:
        part.barh(row, split.rows, left=start, height=0.64, color=SHADES[split.split], linewidth=0)
        middle, share = start + split.rows / 2, split.rows / found.rows_in
        if not narrow:
            write(part, middle, row - 0.03, count(split.rows), "white", bold=True, side="center")
            under = f"{split.name}: {split.when}" if split.when and share > 0.2 else split.name
            write(part, middle, row - 0.5, under, size=7.6, side="center", level="top")
        start += split.rows
        part.plot([start, start], [row - 0.32, row + 0.32], color="white", linewidth=1)
    if narrow:
        told = "; ".join(f"{split.name} {count(split.rows)}" for split in found.splits)
        write(part, 0, row - 0.5, told, size=7.6, level="top")


def _name(part: Axes, row: float, name: str, bold: bool = False) -> None:
    write(part, -0.012, row, name, bold=bold, side="right", outside=True)


def outcome(found: Data, height: float) -> Chart:
    """The outcome's level by period, coloured by part."""
    rows, form = found.outcome, found.outcome_form
    scale = form.scale
    levels = [row.rate * scale for row in rows]
    on = figure(WIDTH, height)
    low, high = min(0.0, *levels), max(0.0, *levels)
    room = (high - low) or 1.0
    part = axes(on, 16.0 + 4.0 * max(len(_tick(value, form)) for value in (low, high)), 20, 2, 14)
    for split in found.splits:
        places = [number for number, row in enumerate(rows) if row.split == split.split]
        if not places:
            continue
        color = SHADES[split.split]
        part.bar(places, [levels[place] for place in places], 0.72, color=color, linewidth=0)
        ends = [places[0] - 0.45, places[-1] + 0.45]
        part.plot(ends, [split.level * scale] * 2, color=INK, linewidth=0.9, dashes=(3, 2))
        title = f"{split.name} {shown(split.level, form)}"
        write(part, places[0] - 0.4, high + room * 0.15, title, bold=True, level="bottom")
    labels = [shown(row.rate, form) for row in rows]
    means = {split.split: split.level for split in found.splits}
    if len(rows) <= PERIODS and max(width(label, SANS, 8) for label in labels) < 0.66 * (WIDTH - 40) / len(rows):
        for place, (level, label) in enumerate(zip(levels, labels, strict=True)):
            mean = means[rows[place].split]
            if abs(level) > 0.1 * room:
                near = abs(level / 2 - mean * scale) < 0.06 * room
                write(part, place, level * (0.25 if near else 0.5), label, "white", side="center")
            elif not 0 <= mean * scale < 0.14 * room:
                write(part, place, max(level, 0.0) + 0.02 * room, label, MUTED, side="center", level="bottom")
    step = -(-len(rows) // 12)
    part.set_xticks(range(0, len(rows), step), [row.name for row in rows][::step], fontsize=TICK_SIZE)
    part.set(xlim=(-0.6, len(rows) - 0.4), ylim=(low - 0.12 * room * (low < 0), high + 0.12 * room))
    part.tick_params(axis="x", length=0)
    part.locator_params(axis="y", nbins=5)
    part.yaxis.set_major_formatter(Ticks(form.unit))
    told = ", ".join(f"{row.name} {label}" for row, label in zip(rows[:PERIODS], labels, strict=False))
    return Chart(on, f"{found.outcome_title}. {told}.")


def _tick(value: float, form: Form) -> str:
    return f"{plain(float(f'{value:.6g}'))}{form.unit}"


def distribution(found: Distribution) -> Flowable:
    """Mean, median and the middle 80% of the target in each part, with the three drawn on one scale."""
    form, rows = found.form, found.rows
    low, high = min(row.low for row in rows), max(row.high for row in rows)
    body: list[list[str | Flowable]] = [
        [
            row.name,
            count(row.rows),
            *(shown(value, form) for value in (row.low, row.median, row.mean, row.high)),
            _range(row, low, high),
        ]
        for row in rows
    ]
    heads = ["Part", "Rows", "10% below", "Median", "Mean", "10% above", "From 10% to 90%; dot: median, tick: mean"]
    return table(heads, body, [54, 46, 58, 58, 58, 58, WIDTH - 332], right=range(1, 6), padding=2.4)


def _range(row: PartSpread, low: float, high: float) -> Flowable:
    on = figure(WIDTH - 346, 9)
    part = axes(on, 4, 0, 4, 0)
    part.plot([row.low, row.high], [0, 0], color=BLUE_MID, linewidth=2.4)
    part.plot([row.mean, row.mean], [-0.4, 0.4], color=INK, linewidth=0.9)
    part.plot(row.median, 0, "o", color=BLUE, markersize=5, markeredgecolor="white")
    room = (high - low) or 1.0
    part.set(xlim=(low - 0.01 * room, high + 0.01 * room), ylim=(-0.5, 0.5))
    bare(part)
    return Chart(on, f"{row.name}: from the 10th to the 90th percentile")
