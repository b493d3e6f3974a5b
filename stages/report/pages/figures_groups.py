"""Section 5's large chart: each group's score with its interval, and how far its level is off."""

from __future__ import annotations

import math
from typing import Literal

from matplotlib.axes import Axes

from stages.pdf.charts import Chart, Ticks, axes, bare, figure, write
from stages.pdf.fonts import SANS, width
from stages.pdf.style import BLUE, BLUE_MID, INK, MUTED, RULE, RUST, SLATE, TICK_SIZE, WIDTH
from stages.pdf.text import fitting, names_fitting
from stages.report.findings.weaknesses import Group, Weaknesses, families
from stages.wording.numbers import Form, count, shown, signed

NAME, ROWS, LEVEL = 0.0, 148.0, 190.0
"""Where the columns of words stand: the group's name, its rows and level (both by their right ends), in points."""
SCORE, GAP = (204.0, 372.0), (388.0, WIDTH)
"""From where to where the two charts reach."""
HEAD, TICKS = 24.0, 14.0


def groups(found: Weaknesses) -> Chart:
    """One line for each group, below the name of its family."""
    lines: list[Group | str] = []
    for family, members in families(found.groups):
        lines += [family, *members]
    step = max(10.2, min(14.5, 366.0 / len(lines)))
    on = figure(WIDTH, step * len(lines) + HEAD + TICKS)
    words = axes(on, 0, TICKS, 0, HEAD)
    score = axes(on, SCORE[0], TICKS, WIDTH - SCORE[1], HEAD)
    gap = axes(on, GAP[0], TICKS, 0, HEAD)
    for part in (words, score, gap):
        part.set_ylim(-len(lines) + 0.5, 0.5)
    words.set_xlim(0, WIDTH)
    bare(words)
    _heads(words, found)
    limits = _limits(found)
    values = names_fitting([line.value for line in found.groups], 100, 8)
    names = dict(zip((id(line) for line in found.groups), values, strict=True))
    for place, line in enumerate(lines):
        if isinstance(line, str):
            write(words, NAME, -place, fitting(line, 190, 8), bold=True)
            continue
        write(words, NAME + 8, -place, names[id(line)])
        write(words, ROWS, -place, count(line.rows), side="right")
        write(words, LEVEL, -place, shown(line.level, found.level_form), side="right")
        _score(score, line, -place, limits)
    _gaps(gap, lines, found.gap_form)
    _axis(score, found, limits)
    told = "; ".join(
        f"{line.column} {line.value}: {shown(line.score.value, found.score_form)}"
        + (", weak" if line.weak else "")
        + (", level off" if line.off else "")
        for line in found.groups
    )
    return Chart(on, f"{found.score} by group: {told}.")


def _heads(words: Axes, found: Weaknesses) -> None:
    top = 0.5 + 0.62
    for x, text, side in (
        (NAME, "Group", "left"),
        (ROWS, "Rows", "right"),
        (LEVEL, found.level, "right"),
        (SCORE[0], found.score, "left"),
        (GAP[0], found.gap_name, "left"),
    ):
        write(words, x, top, text, MUTED, 7.8, bold=True, side=side)  # type: ignore[arg-type]
    words.plot([0, WIDTH], [0.62, 0.62], color=INK, linewidth=0.8, clip_on=False)


def _score(part: Axes, line: Group, y: float, limits: tuple[float, float]) -> None:
    """Filled: the candidate with its interval, which ends at the edge, a diamond where it is weak. Hollow: what it is
    held against.
    """
    score, weak = line.score, line.weak
    if score.low is not None and score.high is not None:
        ends = max(score.low, limits[0]), min(score.high, limits[1])
        part.plot(ends, [y, y], color=RUST if weak else BLUE_MID, linewidth=1.1)
    if line.other:
        part.plot(line.other.value, y, "o", color="white", markersize=4, markeredgecolor=SLATE, markeredgewidth=0.8)
    if score.value is not None:
        look = ("D", RUST, 5.0) if weak else ("o", BLUE, 5.0)
        part.plot(score.value, y, look[0], color=look[1], markersize=look[2], markeredgecolor="white",
                  markeredgewidth=0.7)  # fmt: skip


def _limits(found: Weaknesses) -> tuple[float, float]:
    """The ends of the scores' axis: every score lies between them, and of an interval what is near."""
    ends = [group.score.value for group in found.groups if group.score.value is not None]
    ends += [group.other.value for group in found.groups if group.other]
    ends += [found.whole] if found.whole is not None else []
    room = (max(ends) - min(ends)) or abs(max(ends)) or 1.0
    least = 0.0 if min(ends) >= 0 else -math.inf  # no score starts below 0 where none lies there
    lows = [group.score.low for group in found.groups if group.score.low is not None]
    highs = [group.score.high for group in found.groups if group.score.high is not None]
    left = max(least, min(ends) - 0.5 * room, min([*ends, *lows]) - 0.03 * room)
    return left, min(max(ends) + 0.5 * room, max([*ends, *highs]) + 0.03 * room)


def _axis(part: Axes, found: Weaknesses, limits: tuple[float, float]) -> None:
    if found.whole is not None:
        low, high = part.get_ylim()
        part.plot([found.whole] * 2, [low, high], color=BLUE, linewidth=0.9, dashes=(2, 2), zorder=1)
    part.set_xlim(*limits)
    part.set_yticks([])
    part.grid(visible=False, axis="y")
    part.grid(visible=True, axis="x", color=RULE)
    part.locator_params(axis="x", nbins=4)
    form = found.score_form
    ticks = [float(tick) for tick in part.get_xticks()]
    low, high = part.get_xlim()
    inside = [tick for tick in ticks if low <= tick <= high]
    part.set_xticks(inside, Ticks(scale=form.scale).format_ticks(inside))
    part.tick_params(axis="x", labelsize=TICK_SIZE)


def _gaps(part: Axes, lines: list[Group | str], form: Form) -> None:
    """A bar to the left where the prediction is too low, to the right where it is too high."""
    values = [line.gap.value * form.scale for line in lines if not isinstance(line, str)]
    low, high = min([0.0, *values]) < 0, max([0.0, *values]) > 0
    half = (GAP[1] - GAP[0]) * (0.5 if low and high else 0.8)
    label = 6 + max([8.0, *(width(signed(value, form.digits), SANS, 7.6) for value in values)])
    most = max([1e-12, *(abs(value) for value in values)]) * half / max(10.0, half - label)
    part.set_xlim(-most if low else -0.25 * most, most if high or not low else 0.25 * most)
    top = part.get_ylim()
    part.plot([0, 0], [top[0], top[1]], color=INK, linewidth=0.9)
    for place, line in enumerate(lines):
        if isinstance(line, str):
            continue
        value = line.gap.value * form.scale
        part.barh(-place, value, height=0.62, color=RUST if line.off else BLUE_MID, linewidth=0)
        side: Literal["left", "right"] = "right" if value < 0 else "left"
        x, ink = value + (-0.03 if value < 0 else 0.03) * most, RUST if line.off else MUTED
        write(part, x, -place, signed(value, form.digits), ink, 7.6, bold=line.off, side=side)
    bare(part)
    if low:
        write(part, -0.03 * most, top[0] - 0.6, "too low", MUTED, 7.4, side="right")
    if high:
        write(part, 0.03 * most, top[0] - 0.6, "too high", MUTED, 7.4)
