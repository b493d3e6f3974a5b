"""Figures that more than one task has: promised against observed shares, and a bar of a thousand rows."""

from __future__ import annotations

import math
from typing import Any

from stages.findings.numbers import count, percent
from stages.pdf.charts import Chart, axes, bare, figure, percent_axis, write
from stages.pdf.fonts import SANS, width
from stages.pdf.style import BLUE, BLUE_MID, BLUE_PALE, GREY, HALF, INK, MUTED, PANEL, RUST, RUST_PALE, WIDTH
from stages.pdf.text import fitting

Facts = dict[str, Any]
HEIGHT = 246.0
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


def shares(points: list[Facts], promised: str, label: str, words: str, zero: bool = False) -> Chart:
    """Observed shares (vertical) with their intervals against those under the key `promised`, from 0 on if `zero`."""
    on = figure(HALF, HEIGHT)
    part = axes(on, 30, 30, 8, 6)
    ends = [value for point in points for key in (promised, "observed", "low", "high") if (value := point[key])]
    top = min(1.02, max([0.05, *ends]) * 1.05)
    low = max(0.0, math.floor(min(ends, default=0.0) * 10 - 0.5) / 10) if not zero else 0.0
    part.plot([low, top], [low, top], color=GREY, linewidth=0.8, dashes=(3, 2))
    write(part, *_clear_place(points, promised, low, top), "perfect", MUTED, 7.5, side="center")
    for point in points:
        if point["low"] is not None and point["high"] is not None:
            part.plot([point[promised]] * 2, [point["low"], point["high"]], color=BLUE_MID, linewidth=1.1)
    known = [point for point in points if point["observed"] is not None]
    xs, ys = ([point[key] for point in known] for key in (promised, "observed"))
    part.plot(xs, ys, "o-", color=BLUE, markersize=4.4, linewidth=1.2, markeredgecolor="white", markeredgewidth=0.6)
    part.set(xlim=(low, top), ylim=(low, top), xlabel=label)
    part.locator_params(nbins=5)
    part.xaxis.set_major_formatter(percent_axis)
    part.yaxis.set_major_formatter(percent_axis)
    told = "; ".join(f"{percent(point[promised])} against {percent(point['observed'])}" for point in known)
    return Chart(on, f"{words}: {told}.")


def _clear_place(points: list[Facts], promised: str, low: float, top: float) -> tuple[float, float]:
    """Beside the diagonal, where no point and no interval is near."""
    drawn = [
        (point[promised], point[key])
        for point in points
        for key in ("observed", "low", "high")
        if point[key] is not None
    ]
    room = top - low
    sides = [
        (low + at * room, low + (at + aside) * room)
        for at in (0.2, 0.35, 0.5, 0.65, 0.8, 0.88)
        for aside in (0.09, -0.09)
    ]
    return max(sides, key=lambda place: min((math.dist(place, point) for point in drawn), default=top))


def _named(cell: Facts, total: float) -> bool:
    """Whether there is room for a part's number and name."""
    return (
        bool(cell["rows"] > LEAST * total) and cell["rows"] / total * WIDTH > float(width(cell["name"], SANS, 7.6)) + 4
    )


def unlabelled(found: Facts) -> str:
    """The parts too narrow for a label, as a sentence."""
    total = sum(cell["rows"] for cell in found["parts"]) or 1.0
    told = [f"{cell['name']} {count(cell['rows'])}" for cell in found["parts"] if not _named(cell, total)]
    return f"Too narrow to name: {', '.join(told)}." if told else ""


def thousand(found: Facts, above: tuple[float, str, str] | None = None) -> Chart:
    """One bar of a thousand rows; `above`: a line at so many rows, with what stands left and right of it."""
    on = figure(WIDTH, 52 if above else 36)
    part = axes(on, 0, 2, 0, 2)
    total = sum(cell["rows"] for cell in found["parts"]) or 1.0
    start = 0.0
    for cell in found["parts"]:
        ground, ink = LOOKS[cell["cell"]]
        part.barh(0, cell["rows"], left=start, height=1, color=ground, linewidth=0)
        if cell["rows"] > LEAST * total:
            middle = start + cell["rows"] / 2
            write(part, middle, 0.14, count(cell["rows"]), ink, 12, bold=True, side="center")
            if _named(cell, total):
                write(part, middle, -0.27, cell["name"], ink, 7.6, side="center")
        start += cell["rows"]
    if above:
        line, left, right = above
        part.plot([line, line], [-0.6, 0.98], color=INK, linewidth=0.9)
        gap = 0.006 * total
        write(part, line - gap, 0.62, fitting(left, line / total * WIDTH - 6, 8), side="right", level="bottom")
        write(part, line + gap, 0.62, fitting(right, (1 - line / total) * WIDTH - 6, 8), level="bottom")
    part.set(xlim=(0, total), ylim=(-0.6, 1.0 if above else 0.55))
    bare(part)
    told = ", ".join(f"{cell['name']} {count(cell['rows'])}" for cell in found["parts"])
    return Chart(on, f"{found['title']}: {told}.")
