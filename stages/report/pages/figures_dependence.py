"""Section 6's charts of how predictions move: a panel for each main input, and one category with all else equal."""

from __future__ import annotations

from matplotlib.axes import Axes

from stages.pdf.charts import Chart, Ticks, axes, figure, write
from stages.pdf.fonts import SANS, width
from stages.pdf.style import BLUE, GREY, INK, MUTED, RULE, SLATE, TICK_SIZE, WIDTH
from stages.pdf.text import fitting, names_fitting
from stages.report.findings.dependence import Adjusted, Panel, Panels
from stages.wording.numbers import Form, plain, shown

HEIGHT = 126.0
TENTHS = [tenth / 10 for tenth in range(1, 10)]
NAME = 150.0
"""Room for a category's name, at most."""
EDGE = 10.0
"""Room for half of the number at the end of the last panel."""


def panels(found: Panels) -> Chart:
    """Curves on one vertical scale; small ticks at the bottom mark tenths of the rows."""
    form, shown_ = found.form, found.columns
    scale = form.scale
    values = [point.predicted * scale for column in shown_ for point in column.points] + [found.level * scale]
    low, high = min(values), max(values)
    room = (high - low) or 1.0
    low, high = low - 0.1 * room, high + 0.12 * room
    if scale == 100 and low < 0.35 * high:
        low = 0.0
    left = 14.0 + 4.0 * max(len(_tick(value, form)) for value in (low, high))
    on = figure(WIDTH, HEIGHT)
    gap = 14.0
    wide = (WIDTH - left - EDGE - gap * (len(shown_) - 1)) / max(4, len(shown_)) if len(shown_) > 1 else WIDTH * 0.5
    for number, column in enumerate(shown_):
        start = left + number * (wide + gap)
        part = axes(on, start, 30, WIDTH - start - wide, 16)
        points = column.points
        xs = [point.value for point in points]
        part.plot(xs, [point.predicted * scale for point in points], color=BLUE, linewidth=1.8)
        part.plot([xs[0], xs[-1]], [found.level * scale] * 2, color=GREY, linewidth=0.8, dashes=(3, 2))
        for tenth in TENTHS:
            at = next((point.value for point in points if point.share >= tenth - 1e-9), None)
            if at is not None:
                part.plot([at, at], [low, low + 0.035 * (high - low)], color=INK, linewidth=0.7)
        span = (xs[-1] - xs[0]) or 1.0
        part.set(xlim=(xs[0] - 0.02 * span, xs[-1] + 0.02 * span), ylim=(low, high))
        part.locator_params(axis="y", nbins=5)
        part.yaxis.set_major_formatter(Ticks(form.unit))
        if number:
            part.tick_params(axis="y", labelleft=False)
        _numbers(part, column, wide)
        write(part, 0.0, high + 0.05 * (high - low), fitting(column.label, wide - 2, 8), bold=True, level="bottom",
              outside=True)  # fmt: skip
    told = "; ".join(
        f"{column.label} from {shown(column.points[0].predicted, form)} at {column.points[0].text} to "
        f"{shown(column.points[-1].predicted, form)} at {column.points[-1].text}"
        for column in shown_
    )
    return Chart(on, f"{found.title}: {told}.")


def _numbers(part: Axes, column: Panel, wide: float) -> None:
    """The values along a panel: three or so, by their names where they have some."""
    points, kind = column.points, column.kind
    if kind in ("clock_minutes", "weekday", "month", "boolean", "days"):
        if kind == "clock_minutes":
            hours = [hour for hour in range(0, 25, 4) if points[0].value <= 60 * hour <= points[-1].value]
            part.set_xticks([60 * hour for hour in hours], [f"{hour}:00" for hour in hours])
        else:
            step = max(1, -(-len(points) // (3 if kind == "days" else 4)))
            part.set_xticks([point.value for point in points[::step]], [point.text for point in points[::step]])
    else:
        part.locator_params(axis="x", nbins=3, integer=kind == "integer")
        part.xaxis.set_major_formatter(Ticks(year=True))
    part.set_xlabel(fitting(column.unit, wide, 8))
    part.tick_params(axis="x", labelsize=TICK_SIZE)


def _tick(value: float, form: Form) -> str:
    return f"{plain(float(f'{value:.3g}'))}{form.unit}"


def adjusted(found: Adjusted) -> Chart:
    """What came, hollow, joined with what is predicted were all rows like that, filled."""
    rows, form = found.rows, found.form
    scale = form.scale
    on = figure(WIDTH, 13.6 * len(rows) + 32)
    names = names_fitting([row.value for row in rows], NAME - 6, 8)
    left = max(width(name, SANS, 8) for name in names) + 12
    part = axes(on, left, 18, 10, 14)
    for place, (row, name) in enumerate(zip(rows, names, strict=True)):
        raw, equal = row.observed * scale, row.predicted * scale
        part.plot([raw, equal], [-place, -place], color=RULE, linewidth=2.2)
        part.plot(raw, -place, "o", color="white", markersize=4.6, markeredgecolor=SLATE, markeredgewidth=0.9)
        part.plot(equal, -place, "o", color=BLUE, markersize=5.2, markeredgecolor="white")
        write(part, -left / (WIDTH - left - 10), -place, name, outside=True)
    ends = [level * scale for row in rows for level in (row.observed, row.predicted)]
    room = (max(ends) - min(ends)) or 1.0
    first = rows[0]
    beside = [0.05 + (0.13 if abs(end - edge) < 0.13 * room else 0.0) for edge, end in (
        (min(ends), min(first.observed, first.predicted) * scale),
        (max(ends), max(first.observed, first.predicted) * scale))]  # fmt: skip
    part.set(xlim=(min(ends) - beside[0] * room, max(ends) + beside[1] * room), ylim=(-len(rows) + 0.4, 0.6), yticks=[])
    right, near = sorted([("as observed", first.observed, MUTED), ("all else equal", first.predicted, BLUE)],
                         key=lambda one: -one[1])  # fmt: skip
    begin = max(right[1] * scale, near[1] * scale + 0.02 * room)
    write(part, begin, 0.75, right[0], right[2], 7.6, side="left", level="bottom")
    write(part, near[1] * scale, 0.75, near[0], near[2], 7.6, side="right", level="bottom")
    part.grid(visible=True, axis="x")
    part.locator_params(axis="x", nbins=6)
    part.xaxis.set_major_formatter(Ticks(form.unit))
    part.tick_params(axis="x", labelsize=TICK_SIZE)
    told = "; ".join(f"{row.value} {shown(row.observed, form)} and {shown(row.predicted, form)}" for row in rows)
    return Chart(on, f"{found.title}. Observed and with all else equal: {told}.")
