"""Section 3 of two classes: ROC, precision and recall, and calibration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from matplotlib.axes import Axes
from reportlab.platypus import Flowable

from stages.pdf.charts import Chart, axes, figure, percent_axis, write
from stages.pdf.layout import Sheet
from stages.pdf.placing import Box, pick_free
from stages.pdf.style import BLUE, BLUE_PALE, GREY, HALF, LOOKS, MUTED
from stages.report.findings.accuracy_binary import BinaryAccuracy
from stages.report.findings.comparison import NAMES
from stages.report.findings.plots import ModelName, Plots
from stages.report.findings.report import ReportFacts
from stages.report.pages import figures as shared
from stages.report.pages.figures import Promise
from stages.wording.numbers import fixed, percent
from stages.wording.vocabulary import a, sentence, shorten

Exhibit = list[Flowable]
Points = list[tuple[ModelName, float, float]]
"""The curves' points, each with the model it is of."""
Line = list[tuple[float, float]]
FEW = 0.01
"""Below this recall a handful of rows decides the precision."""
QUARTERS = [0, 0.25, 0.5, 0.75, 1]

KEY_STEP = 0.068
"""From line to line of a key, in data."""
WORD, RATE = 0.2, 0.45
"""Width of the threshold's name, and of what is said of all rows, in data."""


def figures(sheet: Sheet, facts: ReportFacts, found: BinaryAccuracy, plots: Plots) -> tuple[Exhibit, Exhibit, Exhibit]:
    """ROC, precision and recall, and calibration."""
    about = facts.about
    cases, others, warnings = about.outcome.short, about.outcome.others, about.warning.many
    confidence = percent(facts.decision.confidence)
    return (
        sheet.exhibit(
            shorten(f"{sentence(cases)} {about.outcome.caught}, by {warnings} that were not needed", 58),
            _roc(found, plots, f"{shorten(others)} with {a(about.warning.one)}"),
            f"Each point of a line is one possible threshold. Band: {confidence} interval.",
        ),
        sheet.exhibit(
            f"How often {a(about.warning.one)} is right",
            _precision(found, plots, f"{shorten(cases)} {about.outcome.caught}", about.unit.many),
            f"Share of {warnings} that are right (vertical).",
        ),
        sheet.exhibit(
            found.calibration_title,
            shared.shares(
                [Promise(row.predicted, row.observed, row.low, row.high) for row in found.calibration],
                f"Predicted {about.outcome.risk}",
                "Predicted against observed share in groups",
                zero=True,
                bars=found.histogram,
                many=about.unit.many,
            ),
            f"Observed share (vertical) in ten groups, by predicted {about.outcome.risk}. Lines: "
            f"{percent(found.group_confidence)} interval.",
        ),
    )


def _lines(part: Axes, curve: Iterable[tuple[ModelName, float, float]]) -> None:
    """Each model's curve, the candidate's last and so on top."""
    by_model = list(curve)
    for model in reversed(NAMES):
        points = [(x, y) for name, x, y in by_model if name == model]
        if points:
            color, _, thick, _ = LOOKS[model]
            part.plot(*zip(*points, strict=True), color=color, linewidth=2.0 if model == "candidate" else thick)


def _key(part: Axes, values: Mapping[ModelName, float | None], x: float, y: float) -> None:
    """The models' names with their values, in the colours of their lines, where the lines do not run."""
    for number, (model, value) in enumerate(values.items()):
        color, ink, _, _ = LOOKS[model]
        at = y - number * KEY_STEP
        part.plot([x - 0.07, x - 0.02], [at + 0.018] * 2, color=color, linewidth=2.2 if number == 0 else 1.4)
        write(part, x, at, f"{NAMES[model]} {fixed(value, 3)}", ink, 8.2, bold=number == 0, level="baseline")


def _free_spot(points: Points, lines: int, taken: Sequence[Box]) -> tuple[float, float]:
    """Where the key of so many lines stands: the first place where no curve runs, and nothing else stands."""
    low = 0.05 + KEY_STEP * (lines - 1)
    spots = [(x, low + step * 0.06) for step in range(14) for x in (0.43, 0.1, 0.27)]
    boxes = [Box(x - 0.09, y - low, x + 0.48, y + 0.14) for x, y in spots]
    return spots[pick_free(boxes, _split_curves(points), taken)]


def _rule(part: Axes, x: float | None, y: float | None, lines: list[Line]) -> Box | None:
    """Draw the threshold's point, its name beside it where none of the lines runs. Returns the room that both take."""
    if x is None or y is None:
        return None
    part.plot(x, y, "o", color=BLUE, markersize=6, markeredgecolor="white", markeredgewidth=1)
    spots: list[tuple[float, float, Literal["left", "right"]]] = [
        (x + aside * sign, y + up, "left" if sign > 0 else "right")
        for aside in (0.03, 0.08)
        for up in (0.03, -0.09, 0.09, -0.16)
        for sign in (-1, 1)
    ]
    starts = [near if side == "left" else near - WORD for near, _, side in spots]
    boxes = [Box(start, up - 0.02, start + WORD, up + 0.06) for start, (_, up, _) in zip(starts, spots, strict=True)]
    edges = [Box(-1, -1, 0, 2), Box(1, -1, 2, 2), Box(-1, 1, 2, 2), Box(-1, -1, 2, 0)]
    place = pick_free(boxes, lines, edges)
    near, above, side = spots[place]
    write(part, near, above, "threshold", BLUE, 7.8, side=side, level="baseline")
    box = boxes[place]
    return Box(min(box.left, x - 0.02), min(box.bottom, y - 0.02), max(box.right, x + 0.02), max(box.top, y + 0.02))


def _split_curves(points: Points) -> list[Line]:
    return [[(x, y) for name, x, y in points if name == model] for model in NAMES]


def _square(part: Axes, label: str) -> None:
    part.set(xlim=(0, 1), ylim=(0, 1.005), xticks=QUARTERS, yticks=QUARTERS, xlabel=label)
    part.xaxis.set_major_formatter(percent_axis)
    part.yaxis.set_major_formatter(percent_axis)


def _roc(found: BinaryAccuracy, plots: Plots, alarmed: str) -> Chart:
    on = figure(HALF, 190)
    part = axes(on, 30, 30, 8, 6)
    known = [(row.fpr, row.low, row.high) for row in plots.band if row.low is not None and row.high is not None]
    if known:
        at, low, high = zip(*known, strict=True)
        part.fill_between(at, low, high, color=BLUE_PALE, linewidth=0)
    part.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, dashes=(3, 2))
    points = [(row.model, row.fpr, row.tpr) for row in plots.roc]
    _lines(part, points)
    lines = [*_split_curves(points), [(0.0, 0.0), (1.0, 1.0)]]
    _rule(part, found.rule.false_alarm_share, found.rule.recall, lines)
    write(part, 0.51, 0.33, "AUC", MUTED, 7.6, level="top")
    _key(part, {curve.model: curve.auc for curve in found.curves}, 0.58, 0.21)
    _square(part, f"Share of {alarmed}")
    told = ", ".join(f"{NAMES[curve.model]} AUC {fixed(curve.auc, 3)}" for curve in found.curves)
    return Chart(on, f"ROC curves: {told}.")


def _precision(found: BinaryAccuracy, plots: Plots, caught: str, many: str) -> Chart:
    on = figure(HALF, 190)
    part = axes(on, 30, 30, 8, 6)
    rate = found.rate
    part.plot([0, 1], [rate, rate], color=GREY, linewidth=0.8, dashes=(3, 2))
    points = [(row.model, row.recall, row.precision) for row in plots.precision_recall if row.recall >= FEW]
    _lines(part, points)
    ground = [Box(0.0, rate - 0.09, RATE, rate - 0.01), Box(0.0, rate + 0.01, RATE, rate + 0.09),
              Box(0.98 - RATE, rate - 0.09, 0.98, rate - 0.01)]  # fmt: skip
    named = ground[pick_free(ground, _split_curves(points))]
    said = f"all {shorten(many, 20)}: {percent(rate)}"
    write(part, named.left + 0.02, named.bottom + 0.02, said, MUTED, 7.5, level="baseline")
    lines = [*_split_curves(points), [(0.0, rate), (1.0, rate)]]
    spot = _rule(part, found.rule.recall, found.rule.precision, lines)
    taken = [named, Box(0.0, rate - 0.01, 1.0, rate + 0.01), *([spot] if spot else [])]
    x, y = _free_spot(points, len(found.curves), taken)
    write(part, x - 0.07, y + 0.12, "Average precision", MUTED, 7.6, level="top")
    _key(part, {curve.model: curve.average_precision for curve in found.curves}, x, y)
    _square(part, f"Share of {caught}")
    told = ", ".join(
        f"{NAMES[curve.model]} average precision {fixed(curve.average_precision, 3)}" for curve in found.curves
    )
    return Chart(on, f"Precision and recall: {told}.")
