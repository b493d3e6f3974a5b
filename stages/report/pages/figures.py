"""Figures that more than one task has: promised against observed shares, bars of a thousand rows, curves."""

from __future__ import annotations

import math

import msgspec
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from msgspec.structs import astuple

from stages.pdf.charts import Chart, axes, bare, figure, percent_axis, write
from stages.pdf.fonts import SANS, width
from stages.pdf.placing import Box, pick_free
from stages.pdf.style import BLUE, BLUE_MID, BLUE_PALE, GREY, HALF, INK, MUTED, PANEL, RUST, RUST_PALE, SLATE, WIDTH
from stages.pdf.style import LOOKS as MODELS
from stages.pdf.text import fitting
from stages.report.findings.comparison import NAMES
from stages.report.findings.decision_rule import Cell, ClassRows, Thousand
from stages.report.findings.plots import Bin, ModelName
from stages.wording.metrics import PER
from stages.wording.numbers import count, percent

Lines = dict[ModelName, tuple[list[float], list[float]]]
"""The points of each model's curve."""
HEIGHT = 250.0
SMALL = 7.5
"""Size of a name beside its line."""
HISTOGRAM = 34.0
"""Height of the bars below, that say how many rows lie where."""
NAME = 62.0
"""Room for a model's name beside its bar."""
LEAST = 0.05
"""Share of a thousand rows from which a part is wide enough for its number."""
LOOKS = {
    "tp": (BLUE, "white"),
    "fn": (RUST_PALE, RUST),
    "fp": (BLUE_PALE, INK),
    "tn": (PANEL, MUTED),
    "first": (BLUE, "white"),
    "second": (BLUE_PALE, INK),
    "wrong": (RUST_PALE, RUST),
}
"""Ground and ink of each part of a thousand rows."""
OTHER_LOOKS = {
    model: LOOKS | {"tp": strong, "first": strong, "fp": ("#DDE2E7", INK), "second": ("#DDE2E7", INK)}
    for model, strong in (("champion", (SLATE, "white")), ("baseline", ("#B9C2CA", INK)))
}
"""Those of the model in use, and of the baseline."""


class Promise(msgspec.Struct, frozen=True):
    """A share that was promised, and the one observed with its interval."""

    promised: float
    observed: float
    low: float | None
    high: float | None


def shares(
    points: list[Promise], label: str, words: str, zero: bool = False, bars: list[Bin] | None = None, many: str = ""
) -> Chart:
    """Observed shares (vertical) with their intervals against the promised ones, from 0 on if `zero`; below how many
    rows lie where, if `bars` are given.
    """
    on = figure(HALF, HEIGHT)
    part = axes(on, 30, 30 + (HISTOGRAM if bars else 0), 8, 6)
    ends = [value for point in points for value in astuple(point) if value]
    top = min(1.02, max([0.05, *ends]) * 1.05)
    low = max(0.0, math.floor(min(ends, default=0.0) * 10 - 0.5) / 10) if not zero else 0.0
    part.plot([low, top], [low, top], color=GREY, linewidth=0.8, dashes=(3, 2))
    write(part, *_clear_place(points, low, top, "perfect"), "perfect", MUTED, SMALL, side="center")
    for point in points:
        if point.low is not None and point.high is not None:
            part.plot([point.promised] * 2, [point.low, point.high], color=BLUE_MID, linewidth=1.1)
    xs, ys = [point.promised for point in points], [point.observed for point in points]
    part.plot(xs, ys, "o-", color=BLUE, markersize=4.4, linewidth=1.2, markeredgecolor="white", markeredgewidth=0.6)
    part.set(xlim=(low, top), ylim=(low, top), xlabel=label)
    part.locator_params(nbins=5)
    part.xaxis.set_major_formatter(percent_axis)
    part.yaxis.set_major_formatter(percent_axis)
    if bars:
        _histogram(axes(on, 30, 30, 8, HEIGHT - 30 - HISTOGRAM + 4), part, bars, many, label)
    told = "; ".join(f"{percent(point.promised)} against {percent(point.observed)}" for point in points)
    return Chart(on, f"{words}: {told}.")


def _histogram(below: Axes, part: Axes, bars: list[Bin], many: str, label: str) -> None:
    """Bars under the main axes, on the same scale; the numbers of the horizontal axis stand below them."""
    part.set_xlabel("")
    part.tick_params(axis="x", labelbottom=False, length=0)
    part.spines["bottom"].set_visible(False)
    low, high = part.get_xlim()
    for bar in bars:
        wide = bar.high - bar.low
        if bar.rows and bar.low >= low - 1e-9 and bar.high <= high + wide:
            below.bar(bar.low + wide / 2, bar.rows, wide * 0.9, color=BLUE_PALE, linewidth=0)
    most = max(bar.rows for bar in bars) or 1
    below.set(xlim=part.get_xlim(), ylim=(0, most * 1.1), yticks=[], xlabel=label)
    below.locator_params(axis="x", nbins=5)
    below.xaxis.set_major_formatter(percent_axis)
    right = sum(bar.rows for bar in bars[: len(bars) // 2]) > sum(bar.rows for bar in bars[len(bars) // 2 :])
    name = fitting(many, 70, 7.5)
    write(below, 0.99 if right else 0.01, most * 0.8, name, MUTED, 7.5, side="right" if right else "left", outside=True)


def _clear_place(points: list[Promise], low: float, top: float, word: str) -> tuple[float, float]:
    """Beside the diagonal, where neither the curve nor an interval is; the middle of the word's foot."""
    room, inner = top - low, HALF - 38
    wide, tall = float(width(word, SANS, SMALL)) / inner * room / 2, SMALL / (HEIGHT - 36) * room
    lines = [[(point.promised, point.observed) for point in points], [(low, low), (top, top)]]
    lines += [
        [(point.promised, point.low), (point.promised, point.high)]
        for point in points
        if point.low is not None and point.high is not None
    ]
    spots = [
        (low + at * room, low + (at + aside) * room)
        for aside in (0.05, -0.05, 0.09, -0.09, 0.15, -0.15)
        for at in (0.8, 0.65, 0.5, 0.35, 0.2)
    ]
    boxes = [Box(x - wide, y - tall / 2, x + wide, y + tall) for x, y in spots]
    return spots[pick_free(boxes, lines)]


def thousand(found: Thousand) -> Chart:
    """A bar of a thousand rows for each model; where the outcome has two classes, a line between them."""
    models = found.models
    height, top = 36.0, 14.0 if found.positive else 0.0
    on = figure(WIDTH, height * len(models) + top)
    left = NAME
    part = axes(on, left, 0, 0, top)
    wide = WIDTH - left
    for row, model in enumerate(models):
        looks = OTHER_LOOKS.get(model.model, LOOKS)
        ink, bold = (BLUE, True) if model.model == "candidate" else (MUTED, False)
        write(part, -left / wide, -row, model.name, ink, bold=bold, outside=True)
        start = 0.0
        for cell in model.parts:
            ground, ink = looks[cell.cell]
            part.barh(-row, cell.rows, left=start, height=0.84, color=ground, linewidth=0)
            if cell.rows > LEAST * PER:
                named = _named(cell, wide)
                middle = start + cell.rows / 2
                write(part, middle, -row + (0.13 if named else 0), count(cell.rows), ink, 12, bold=True, side="center")
                if named:
                    write(part, middle, -row - 0.25, cell.name, ink, 7.6, side="center")
            start += cell.rows
    if found.positive and found.negative:
        _divide(part, found.positive, found.negative, len(models), wide)
    part.set(xlim=(0, PER), ylim=(-len(models) + 0.5, 0.5))
    bare(part)
    told = "; ".join(
        f"{model.name}: " + ", ".join(f"{cell.name} {count(cell.rows)}" for cell in model.parts) for model in models
    )
    return Chart(on, f"{found.title}. {told}.")


def _divide(part: Axes, positive: ClassRows, negative: ClassRows, models: int, wide: float) -> None:
    """A line between the rows of either class, their number and name on its two sides."""
    line = positive.rows
    part.plot([line, line], [-models + 0.5, 0.92], color=INK, linewidth=0.9, clip_on=False)
    gap = 0.006 * PER
    for rows, left in ((positive, True), (negative, False)):
        text = fitting(f"{count(rows.rows)} {rows.name}", rows.rows / PER * wide - 6, 8)
        write(part, line - gap if left else line + gap, 0.56, text, side="right" if left else "left", level="bottom")


def _named(cell: Cell, wide: float) -> bool:
    """Whether there is room for a part's name under its number."""
    return bool(cell.rows / PER * wide > float(width(cell.name, SANS, 7.6)) + 4)


def unlabelled(found: Thousand) -> str:
    """The parts too narrow for a label, as a sentence."""
    wide = WIDTH - NAME
    told = [
        f"{cell.name} {count(cell.rows)} ({model.name.lower()})"
        for model in found.models
        for cell in model.parts
        if cell.rows <= LEAST * PER or not _named(cell, wide)
    ]
    return f"Not named, as too narrow: {', '.join(told)}." if told else ""


def curves(points: list[tuple[ModelName, float, float]], height: float) -> tuple[Figure, Axes, Lines]:
    """A full-width chart of one curve for each model, the candidate's on top; its points by model."""
    on = figure(WIDTH, height)
    part = axes(on, 34, 30, 66, 8)
    lines: Lines = {}
    for model in reversed(NAMES):
        xs = [x for name, x, _ in points if name == model]
        ys = [y for name, _, y in points if name == model]
        if xs:
            color, _, thick, _ = MODELS[model]
            part.plot(xs, ys, color=color, linewidth=2.0 if model == "candidate" else thick)
            lines[model] = xs, ys
    return on, part, lines


def line_labels(part: Axes, lines: Lines, size: tuple[float, float], taken: list[Box]) -> list[ModelName]:
    """Each model's name beside its own line, above or below, where no line and nothing `taken` is near; `size` are the
    axes' width and height in points, boxes are in data. Gives the models without a place.
    """
    (left, right), (low, high) = part.get_xlim(), part.get_ylim()
    across, up = (right - left) / size[0], (high - low) / size[1]
    taken, without = [*taken], []
    for model, (xs, ys) in reversed(lines.items()):
        wide = float(width(NAMES[model], SANS, 7.8)) + 6
        best = (0.0, Box(0.0, 0.0, 0.0, 0.0))
        for step in range(4, 37):
            x = left + step / 40 * (right - left)
            box_x = x, x + wide * across
            near = [y for at, y in zip(xs, ys, strict=True) if box_x[0] <= at <= box_x[1]]
            for bottom in (max(near) + 2 * up, min(near) - 12 * up) if near and box_x[1] <= right else ():
                box = Box(box_x[0], bottom, box_x[1], bottom + 10 * up)
                room = _clearance(box, {name: line for name, line in lines.items() if name != model}, up)
                if low < bottom and box.top < high and not any(map(box.meets, taken)):
                    best = max(best, (min(room, 30.0), box), key=lambda one: one[0])
        if best[0] < 4:
            without.append(model)
        else:
            box = best[1]
            taken.append(box)
            color = MODELS[model][1]
            write(
                part,
                box.left + 3 * across,
                (box.bottom + box.top) / 2,
                NAMES[model],
                color,
                7.8,
                bold=model == "candidate",
            )
    return without


def _clearance(box: Box, lines: Lines, up: float) -> float:
    """How far, in points, the nearest of the lines passes above or below the box; 0 where one crosses it."""
    gaps = [
        max(box.bottom - y, y - box.top, 0.0) / up
        for xs, ys in lines.values()
        for x, y in zip(xs, ys, strict=True)
        if box.left <= x <= box.right
    ]
    return min(gaps, default=30.0)


def end_labels(part: Axes, places: list[tuple[float, str, str, bool]], height: float, x: float = 1.01) -> None:
    """Words right of the axes at their heights in data, moved apart where they would touch; `height` in points."""
    low, high = part.get_ylim()
    apart = 10.0 / height * (high - low)
    highest = high
    for at, text, ink, bold in sorted(places, key=lambda place: -place[0]):
        at = min(at, highest)
        write(part, x, at, text, ink, 7.8, bold=bold, outside=True)
        highest = at - apart
