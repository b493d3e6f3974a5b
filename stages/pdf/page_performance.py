"""Page 3: ranking, calibration, every measure with its interval, and what becomes of a thousand rows."""

from __future__ import annotations

import math
from typing import Any, Literal

from matplotlib.axes import Axes
from reportlab.platypus import Flowable, Spacer

from stages.findings.comparison import NAMES
from stages.findings.numbers import DASH, count, fixed, percent, span
from stages.pdf.charts import Chart, axes, bare, figure, percent_axis, write
from stages.pdf.flowables import Gap
from stages.pdf.layout import Sheet, columns, marked, panel, say, table
from stages.pdf.page_decision import LOOKS
from stages.pdf.style import (
    BLUE,
    BLUE_MID,
    BLUE_PALE,
    GREY,
    HALF,
    INK,
    MUTED,
    PANEL,
    RUST,
    RUST_PALE,
    WIDTH,
)
from stages.pdf.text import bold, no_widow, safe, shorten

Facts = dict[str, Any]
FEW = 0.01
"""Below this recall a handful of rows decides the precision."""
QUARTERS = [0, 0.25, 0.5, 0.75, 1]


def page(sheet: Sheet, facts: Facts, curves: Facts) -> list[Flowable]:
    """The flowables of page 3."""
    found, about = facts["performance"], facts["about"]
    cases, others, warnings = about["outcome"]["cases"], about["outcome"]["others"], about["warning"]["many"]
    confidence = percent(facts["decision"]["confidence"])
    ranking = columns(
        sheet.exhibit(
            shorten(f"{cases[:1].upper()}{cases[1:]} caught, by {warnings} that were not needed", 58),
            _roc(found, curves["roc"], f"{shorten(others)} with a {about['warning']['one']}"),
            "Each point of a line is one possible threshold.",
        ),
        sheet.exhibit(
            f"How often a {about['warning']['one']} is right",
            _precision(found, curves["precision_recall"], cases, about["unit"]["many"]),
            f"Share of {warnings} that are right (vertical).",
        ),
    )
    trust = sheet.exhibit(
        found["calibration_title"],
        _calibration(found),
        f"Observed share (vertical) in ten groups, by predicted risk. Lines: {confidence} interval.",
    )
    measures = _measures(sheet, found, confidence)
    if found["honesty"]:
        measures += [Spacer(0, 9), _honesty(found["honesty"])]
    return [
        *sheet.head(found["title"], found["lead"]),
        ranking,
        Gap(9, 20),
        columns(trust, measures),
        Gap(9, 20),
        *sheet.exhibit(
            found["thousand"]["title"],
            _thousand(found["thousand"], cases, others),
            f"With a {about['warning']['one']} from a risk of {percent(found['threshold'])} on.",
        ),
    ]


def _measures(sheet: Sheet, found: Facts, confidence: str) -> list[Flowable]:
    """Every measure: the candidate with its interval, the model in use and the baseline on the same rows."""
    models = [
        model for model in ("champion", "baseline") if any(row[model]["value"] is not None for row in found["measures"])
    ]
    widths = [HALF - 66 - 44 * len(models), 66.0, *[44.0] * len(models)]
    rows: list[list[str | Flowable]] = [
        [shorten(row["label"], 36), _with_interval(row), *(_number(row, model) for model in models)]
        for row in found["measures"]
    ]
    heads = ["", "Candidate", *({"champion": "In use", "baseline": "Baseline"}[model] for model in models)]
    body = table(heads, rows, widths, right=range(1, len(heads)), padding=1.7, strong=False)
    return sheet.exhibit(
        "All measures on the hold-out", body, note=f"* lower is better. Small figures: {confidence} interval."
    )


def _number(row: Facts, model: str) -> str:
    value = row[model]["value"]
    return DASH if value is None else fixed(value * row["scale"], row["digits"])


def _with_interval(row: Facts) -> Flowable:
    low, high = (row["candidate"][end] for end in ("low", "high"))
    known = low is not None and high is not None
    interval = span(low * row["scale"], high * row["scale"], row["digits"]) if known else DASH
    small = f'<font size="7" color="{MUTED}">{safe(interval)}</font>'
    return marked(f"{bold(_number(row, 'candidate'))}<br/>{small}", "cell muted right")


def _honesty(found: Facts) -> Flowable:
    return panel([say(found["title"], "heading"), Spacer(0, 2), say(no_widow(found["text"]), "body")], HALF, bar=True)


def _lines(part: Axes, rows: list[Facts], x: str, y: str) -> None:
    """Each model's curve, the candidate's last and so on top."""
    for model in reversed(LOOKS):
        points = [(row[x], row[y]) for row in rows if row["model"] == model]
        if points:
            color, _, thick, _ = LOOKS[model]
            part.plot(*zip(*points, strict=True), color=color, linewidth=2.0 if model == "candidate" else thick)


def _key(part: Axes, found: Facts, metric: str, digits: int, x: float, y: float) -> None:
    """The models' names with their values, in the colours of their lines, where the lines do not run."""
    for number, curve in enumerate(found["curves"]):
        _, ink, _, _ = LOOKS[curve["model"]]
        color = LOOKS[curve["model"]][0]
        at = y - number * 0.068
        part.plot([x - 0.07, x - 0.02], [at + 0.018] * 2, color=color, linewidth=2.2 if number == 0 else 1.4)
        text = f"{NAMES[curve['model']]} {fixed(curve[metric], digits)}"
        write(part, x, at, text, ink, 8.2, bold=number == 0, level="baseline")


def _rule(part: Axes, x: float | None, y: float | None, side: Literal["left", "right"]) -> None:
    if x is None or y is None:
        return
    part.plot(x, y, "o", color=BLUE, markersize=6, markeredgecolor="white", markeredgewidth=1)
    near = x - 0.03 if side == "right" else x + 0.03
    write(part, near, y + 0.03, "threshold", BLUE, 7.8, side=side, level="baseline")


def _square(part: Axes, label: str) -> None:
    part.set(xlim=(0, 1), ylim=(0, 1.005), xticks=QUARTERS, yticks=QUARTERS, xlabel=label)
    part.xaxis.set_major_formatter(percent_axis)
    part.yaxis.set_major_formatter(percent_axis)


def _roc(found: Facts, rows: list[Facts], alarmed: str) -> Chart:
    on = figure(HALF, 190)
    part = axes(on, 30, 30, 8, 6)
    part.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, dashes=(3, 2))
    _lines(part, rows, "fpr", "tpr")
    rule = found["rule"]
    _rule(part, rule["false_alarm_share"], rule["recall"], "right")
    _key(part, found, "auc", 3, 0.58, 0.21)
    _square(part, f"Share of {alarmed}")
    told = ", ".join(f"{NAMES[curve['model']]} AUC {fixed(curve['auc'], 3)}" for curve in found["curves"])
    return Chart(on, f"ROC curves: {told}.")


def _precision(found: Facts, rows: list[Facts], cases: str, many: str) -> Chart:
    on = figure(HALF, 190)
    part = axes(on, 30, 30, 8, 6)
    rate = found["rate"]
    part.plot([0, 1], [rate, rate], color=GREY, linewidth=0.8, dashes=(3, 2))
    write(part, 0.02, rate - 0.02, f"all {shorten(many, 20)}: {percent(rate)}", MUTED, 7.5, level="top")
    _lines(part, [row for row in rows if row["recall"] >= FEW], "recall", "precision")
    rule = found["rule"]
    _rule(part, rule["recall"], rule["precision"], "left")
    write(part, 0.36, 0.95, "Average precision", MUTED, 7.6, level="top")
    _key(part, found, "average_precision", 3, 0.43, 0.83)
    _square(part, f"Share of {shorten(cases)} caught")
    told = ", ".join(
        f"{NAMES[curve['model']]} average precision {fixed(curve['average_precision'], 3)}" for curve in found["curves"]
    )
    return Chart(on, f"Precision and recall: {told}.")


def _calibration(found: Facts) -> Chart:
    on = figure(HALF, 246)
    part = axes(on, 30, 30, 8, 6)
    groups = found["calibration"]
    top = (
        max([0.05, *(group[key] for group in groups for key in ("predicted", "observed", "high") if group[key])]) * 1.05
    )
    part.plot([0, top], [0, top], color=GREY, linewidth=0.8, dashes=(3, 2))
    write(part, *_clear_place(groups, top), "perfect", MUTED, 7.5, side="center")
    for group in groups:
        if group["low"] is not None and group["high"] is not None:
            part.plot([group["predicted"]] * 2, [group["low"], group["high"]], color=BLUE_MID, linewidth=1.1)
    xs, ys = ([group[key] for group in groups] for key in ("predicted", "observed"))
    part.plot(xs, ys, "o-", color=BLUE, markersize=4.4, linewidth=1.2, markeredgecolor="white", markeredgewidth=0.6)
    part.set(xlim=(0, top), ylim=(0, top), xlabel="Predicted risk")
    part.locator_params(nbins=5)
    part.xaxis.set_major_formatter(percent_axis)
    part.yaxis.set_major_formatter(percent_axis)
    told = "; ".join(f"{percent(group['predicted'])} against {percent(group['observed'])}" for group in groups)
    return Chart(on, f"Predicted against observed share in groups: {told}.")


def _clear_place(groups: list[Facts], top: float) -> tuple[float, float]:
    """Beside the diagonal, where no point and no interval is near."""
    drawn = [
        (group["predicted"], group[key])
        for group in groups
        for key in ("observed", "low", "high")
        if group[key] is not None
    ]
    sides = [(at * top, (at + aside) * top) for at in (0.2, 0.35, 0.5, 0.65, 0.8, 0.88) for aside in (0.09, -0.09)]
    return max(sides, key=lambda place: min((math.dist(place, point) for point in drawn), default=top))


def _thousand(found: Facts, cases: str, others: str) -> Chart:
    """One bar of a thousand rows, the positive ones left of the line."""
    on = figure(WIDTH, 52)
    part = axes(on, 0, 2, 0, 2)
    looks = {"tp": (BLUE, "white"), "fn": (RUST_PALE, RUST), "fp": (BLUE_PALE, INK), "tn": (PANEL, MUTED)}
    total = sum(cell["rows"] for cell in found["parts"]) or 1.0
    start = 0.0
    for cell in found["parts"]:
        ground, ink = looks[cell["cell"]]
        part.barh(0, cell["rows"], left=start, height=1, color=ground, linewidth=0)
        if cell["rows"] > 0.05 * total:
            middle = start + cell["rows"] / 2
            write(part, middle, 0.14, count(cell["rows"]), ink, 12, bold=True, side="center")
            if cell["rows"] > 0.11 * total or len(cell["name"]) < 8:
                write(part, middle, -0.27, cell["name"], ink, 7.6, side="center")
        start += cell["rows"]
    line = found["positive"]["rows"]
    part.plot([line, line], [-0.6, 0.98], color=INK, linewidth=0.9)
    gap = 0.006 * total
    write(part, line - gap, 0.62, f"{count(found['positive']['rows'])} {shorten(cases)}", side="right", level="bottom")
    write(part, line + gap, 0.62, f"{count(found['negative']['rows'])} {shorten(others)}", level="bottom")
    part.set(xlim=(0, total), ylim=(-0.6, 1.0))
    bare(part)
    told = ", ".join(f"{cell['name']} {count(cell['rows'])}" for cell in found["parts"])
    return Chart(on, f"{found['title']}: {told}.")
