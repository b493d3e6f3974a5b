"""Section 5's two small charts: the score and the level, week by week."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stages.pdf.charts import Chart, Ticks, axes, figure
from stages.pdf.style import BLUE, HALF, INK, LOOKS, RUST_PALE, TICK_SIZE
from stages.report.findings.comparison import NAMES
from stages.report.findings.plots import ModelName
from stages.report.findings.weekly import ShownWeek, Weekly
from stages.report.pages import figures as shared
from stages.wording.numbers import Form, plain, shown

HEIGHT = 112.0, 200.0
"""Below many groups, and below few."""
RIGHT = 58.0


def score(found: Weekly, height: float) -> Chart:
    """The candidate's score and the other's."""
    weeks, scale = found.weeks, found.score_form.scale
    own = [(place, week.candidate * scale) for place, week in enumerate(weeks)]
    other = [(place, week.other * scale) for place, week in enumerate(weeks) if week.other is not None]
    on, part = _axes(weeks, found.score_form, height, [value for _, value in own + other])
    ends = []
    lines: tuple[tuple[ModelName, list[tuple[int, float]]], ...] = ((found.other, other), ("candidate", own))
    for model, values in lines:
        if values:
            color, ink, thick, _ = LOOKS[model]
            first = model == "candidate"
            part.plot(*zip(*values, strict=True), color=color, linewidth=1.9 if first else thick)
            ends.append((values[-1][1], NAMES[model], ink, first))
    shared.end_labels(part, ends, height - 26, 1.03)
    told = "; ".join(f"{week.name} {shown(week.candidate, found.score_form)}" for week in weeks)
    return Chart(on, f"{found.score_title}: {told}.")


def level(found: Weekly, height: float) -> Chart:
    """What came and what was predicted, the gap shaded."""
    weeks, form = found.weeks, found.level_form
    came, said = [week.observed * form.scale for week in weeks], [week.predicted * form.scale for week in weeks]
    on, part = _axes(weeks, form, height, came + said)
    places = range(len(weeks))
    part.fill_between(places, came, said, color=RUST_PALE, linewidth=0)
    part.plot(places, came, color=INK, linewidth=1.4)
    part.plot(places, said, color=BLUE, linewidth=1.9)
    shared.end_labels(
        part, [(came[-1], "happened", INK, False), (said[-1], "predicted", BLUE, True)], height - 26, 1.03
    )
    told = "; ".join(f"{week.name} {shown(week.predicted, form)} predicted, {shown(week.observed, form)} came"
                     for week in weeks)  # fmt: skip
    return Chart(on, f"{found.level_title}: {told}.")


def _axes(weeks: list[ShownWeek], form: Form, height: float, values: list[float]) -> tuple[Figure, Axes]:
    on = figure(HALF, height)
    low, high = min(values), max(values)
    room = (high - low) or 1.0
    left = 14.0 + 4.0 * max(len(_tick(value, form)) for value in (low, high))
    part = axes(on, left, 20, RIGHT, 6)
    part.set(xlim=(-0.2, len(weeks) - 0.8), ylim=(low - 0.12 * room, high + 0.12 * room))
    part.locator_params(axis="y", nbins=4)
    part.yaxis.set_major_formatter(Ticks(form.unit))
    step = max(1, -(-len(weeks) // 3))
    names = [" ".join(week.name.split()[:2]) for week in weeks]
    part.set_xticks(range(0, len(weeks), step), names[::step], fontsize=TICK_SIZE)
    return on, part


def _tick(value: float, form: Form) -> str:
    return f"{plain(float(f'{value:.3g}'))}{form.unit}"
