"""Section 3 of a number: predicted against actual, errors by size of prediction, and interval coverage."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter
from reportlab.platypus import Flowable

from stages.pdf.charts import Chart, Ticks, axes, figure
from stages.pdf.layout import Sheet
from stages.pdf.style import BLUE, BLUE_MID, BLUE_PALE, GREY, HALF, TICK_SIZE
from stages.report.findings.accuracy_regression import RegressionAccuracy
from stages.report.findings.plots import Plots, Square
from stages.report.findings.report import ReportFacts
from stages.wording.numbers import percent, plain, shown
from stages.wording.vocabulary import shorten

Exhibit = list[Flowable]
SHADES = (BLUE_PALE, "#9CC1E3", BLUE_MID, "#3F7FC0", BLUE)
"""From few rows in a square to many."""


def figures(
    sheet: Sheet, facts: ReportFacts, found: RegressionAccuracy, plots: Plots
) -> tuple[Exhibit, Exhibit, Exhibit]:
    """Predicted against actual, errors by size of the prediction, and the intervals' coverage."""
    many = facts.about.unit.many
    unit = f", {found.unit}" if found.unit else ""
    return (
        sheet.exhibit(
            found.explained_title,
            _squares(plots.actual_predicted, found, unit),
            f"Actual (vertical) against predicted{unit}. Darker: more {many}.",
        ),
        sheet.exhibit(
            found.errors_title,
            _errors(found, unit),
            f"Predicted less actual{unit}, by tenth of the prediction. Bar: the middle 80%; dot: median.",
        ),
        sheet.exhibit(
            found.calibration_title,
            _coverage(found, unit),
            f"Share of {many} inside their interval, by {_parts(found)} of the prediction. Line: "
            f"{percent(found.group_confidence)} interval; dashed: the {percent(found.promised)} promised.",
        )
        if found.calibration
        else [],
    )


def _squares(squares: list[Square], found: RegressionAccuracy, unit: str) -> Chart:
    """Rows in squares of predicted and actual, one scale on both sides."""
    on = figure(HALF, 190)
    scale = found.value_form.scale
    points = [(row.predicted * scale, row.actual * scale, row.rows) for row in squares]
    both = [value for point in points for value in point[:2]] or [0.0, 1.0]
    step = _step([point[:2] for point in points])
    low, high = min(both) - step, max(both) + step
    part = axes(on, _margin(low, high), 30, 8, 6)
    most = max((rows for _, _, rows in points), default=1.0)
    for x, y, rows in points:
        shade = SHADES[min(len(SHADES) - 1, int(len(SHADES) * (rows / most) ** 0.5))]
        part.add_patch(Rectangle((x - step / 2, y - step / 2), step, step, facecolor=shade, linewidth=0, zorder=2))
    part.plot([low, high], [low, high], color=GREY, linewidth=0.8, dashes=(3, 2), zorder=3)
    part.set(xlim=(low, high), ylim=(low, high), xlabel=f"Predicted{shorten(unit, 24)}")
    _ticks(part, 4)
    return Chart(on, f"Actual against predicted in {len(points)} squares: {found.explained_title}.")


def _step(points: list[tuple[float, float]]) -> float:
    """The side of a square: the least distance between the middles of two."""
    gaps = []
    for axis in (0, 1):
        values = sorted({point[axis] for point in points})
        gaps += [later - earlier for earlier, later in pairwise(values)]
    return min((gap for gap in gaps if gap > 0), default=1.0)


def _errors(found: RegressionAccuracy, unit: str) -> Chart:
    """The middle 80% of the errors of each group of predictions, with the median."""
    on = figure(HALF, 190)
    scale, groups = found.error_form.scale, found.errors
    ends = [end * scale for group in groups for end in (group.p10, group.p90)] or [0.0]
    low, high = min(0.0, *ends), max(0.0, *ends)
    room = (high - low) or 1.0
    part = axes(on, _margin(low, high), 30, 8, 6)
    part.axhline(0, color=GREY, linewidth=0.8, dashes=(3, 2))
    for place, group in enumerate(groups):
        bottom, middle, top = (at * scale for at in (group.p10, group.p50, group.p90))
        part.plot([place, place], [bottom, top], color=BLUE_MID, linewidth=7, solid_capstyle="butt")
        part.plot(place, middle, "o", color=BLUE, markersize=4.6, markeredgecolor="white", markeredgewidth=0.8)
    labels = _label_groups(part, [group.predicted for group in groups], found, unit)
    part.set_ylim(low - room * 0.05, high + room * 0.05)
    part.locator_params(axis="y", nbins=5)
    part.yaxis.set_major_formatter(Ticks())
    told = "; ".join(
        f"at {label} from {shown(group.p10, found.error_form)} to {shown(group.p90, found.error_form)}"
        for label, group in zip(labels, groups, strict=True)
    )
    return Chart(on, f"{found.errors_title}. The middle 80% of errors: {told}.")


def _coverage(found: RegressionAccuracy, unit: str) -> Chart:
    """The share of rows inside their interval in each group of predictions, beside the share promised."""
    on = figure(HALF, 190)
    groups = found.calibration
    part = axes(on, 30, 30, 8, 6)
    part.axhline(found.promised, color=GREY, linewidth=0.8, dashes=(3, 2))
    for place, group in enumerate(groups):
        if group.low is not None and group.high is not None:
            part.plot([place, place], [group.low, group.high], color=BLUE, linewidth=1.2)
        part.plot(place, group.observed, "o", color=BLUE, markersize=4.6, markeredgecolor="white", markeredgewidth=0.8)
    labels = _label_groups(part, [group.predicted for group in groups], found, unit)
    least = min((end for group in groups for end in (group.low, group.observed) if end is not None), default=0.0)
    part.set_ylim(max(0.0, min(least, found.promised) - 0.05), 1.02)
    part.locator_params(axis="y", nbins=5)
    part.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    told = "; ".join(f"at {label} {percent(group.observed)}" for label, group in zip(labels, groups, strict=True))
    return Chart(on, f"{found.calibration_title}. Share inside the interval: {told}.")


def _parts(found: RegressionAccuracy) -> str:
    """What the groups of predictions are called."""
    return "tenth" if len(found.calibration) == 10 else "part"


def _label_groups(part: Axes, predicted: list[float], found: RegressionAccuracy, unit: str) -> list[str]:
    """The groups' mean predictions below the axis, as many as there is room for; gives all of them."""
    labels = [shown(value, found.value_form) for value in predicted]
    every = 1 if len(labels) * max(map(len, labels), default=1) <= 44 else 3
    part.set_xticks(range(0, len(labels), every), labels[::every], fontsize=TICK_SIZE)
    part.set_xlim(-0.6, len(labels) - 0.4)
    part.set_xlabel(f"Mean prediction of the group{shorten(unit, 20)}")
    part.tick_params(axis="x", length=0)
    return labels


def _margin(low: float, high: float) -> float:
    """Room for the numbers beside an axis that runs from one to the other."""
    return 16.0 + 4.0 * max(len(plain(float(f"{value:.2g}"))) for value in (low, high))


def _ticks(part: Any, number: int) -> None:
    part.locator_params(nbins=number)
    for axis in (part.xaxis, part.yaxis):
        axis.set_major_formatter(Ticks())
