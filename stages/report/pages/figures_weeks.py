"""Page 5's two small charts: the score and the level, week by week."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes

from stages.pdf.charts import Chart, Ticks, axes, figure
from stages.pdf.style import BLUE, HALF, INK, LOOKS, RUST_PALE, TICK_SIZE
from stages.report.findings.comparison import NAMES
from stages.report.pages import figures as shared
from stages.wording.numbers import plain, shown

Facts = dict[str, Any]
HEIGHT = 112.0, 200.0
"""Below many groups, and below few."""
RIGHT = 58.0


def score(found: Facts, height: float) -> Chart:
    """The candidate's score and the other's."""
    weeks, form = found["weeks"], found["score_form"]
    on, part = _axes(
        weeks, form, height, [week[key] for week in weeks for key in ("candidate", "other") if week[key] is not None]
    )
    ends = []
    for model, key in ((found["other"], "other"), ("candidate", "candidate")):
        color, ink, thick, _ = LOOKS[model]
        values = [(place, week[key] * form["scale"]) for place, week in enumerate(weeks) if week[key] is not None]
        if values:
            part.plot(*zip(*values, strict=True), color=color, linewidth=1.9 if key == "candidate" else thick)
            ends.append((values[-1][1], NAMES[model], ink, key == "candidate"))
    shared.end_labels(part, ends, height - 26, 1.03)
    told = "; ".join(f"{week['name']} {shown(week['candidate'], form)}" for week in weeks)
    return Chart(on, f"{found['score_title']}: {told}.")


def level(found: Facts, height: float) -> Chart:
    """What came and what was predicted, the gap shaded."""
    weeks, form = found["weeks"], found["level_form"]
    on, part = _axes(weeks, form, height, [week[key] for week in weeks for key in ("observed", "predicted")])
    places = range(len(weeks))
    came, said = ([week[key] * form["scale"] for week in weeks] for key in ("observed", "predicted"))
    part.fill_between(places, came, said, color=RUST_PALE, linewidth=0)
    part.plot(places, came, color=INK, linewidth=1.4)
    part.plot(places, said, color=BLUE, linewidth=1.9)
    shared.end_labels(
        part, [(came[-1], "happened", INK, False), (said[-1], "predicted", BLUE, True)], height - 26, 1.03
    )
    told = "; ".join(f"{week['name']} {shown(week['predicted'], form)} predicted, {shown(week['observed'], form)} came"
                     for week in weeks)  # fmt: skip
    return Chart(on, f"{found['level_title']}: {told}.")


def _axes(weeks: list[Facts], form: Facts, height: float, values: list[float]) -> tuple[Any, Axes]:
    on = figure(HALF, height)
    scaled = [value * form["scale"] for value in values] or [0.0, 1.0]
    low, high = min(scaled), max(scaled)
    room = (high - low) or 1.0
    left = 14.0 + 4.0 * max(len(_tick(value, form)) for value in (low, high))
    part = axes(on, left, 20, RIGHT, 6)
    part.set(xlim=(-0.2, len(weeks) - 0.8), ylim=(low - 0.12 * room, high + 0.12 * room))
    part.locator_params(axis="y", nbins=4)
    part.yaxis.set_major_formatter(Ticks(form["unit"]))
    step = max(1, -(-len(weeks) // 3))
    names = [" ".join(week["name"].split()[:2]) for week in weeks]
    part.set_xticks(range(0, len(weeks), step), names[::step], fontsize=TICK_SIZE)
    return on, part


def _tick(value: float, form: Facts) -> str:
    return f"{plain(float(f'{value:.3g}'))}{form['unit']}"
