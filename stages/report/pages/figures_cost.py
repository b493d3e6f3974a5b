"""Section 4 of two classes: the cost of wrong calls wherever the line is drawn, and other places to draw it."""

from __future__ import annotations

import math

from reportlab.platypus import Flowable

from stages.pdf.charts import Chart, Ticks, percent_axis, write
from stages.pdf.layout import Sheet, marked, table
from stages.pdf.placing import Box
from stages.pdf.style import BLUE, GREY, LOOKS, MUTED, WIDTH
from stages.pdf.text import bold, colored, safe
from stages.report.findings.comparison import NAMES
from stages.report.findings.decision_rule_binary import BinaryRule, digits
from stages.report.findings.plots import CostPoint, Plots
from stages.report.findings.report import About
from stages.report.pages import figures as shared
from stages.wording.metrics import PER
from stages.wording.numbers import count, percent, plain
from stages.wording.vocabulary import a, sentence, shorten

HEIGHT = 208.0


def exhibits(sheet: Sheet, about: About, found: BinaryRule, plots: Plots) -> list[list[Flowable]]:
    """The curve and the table."""
    assumed = found.costs.assumed
    curve = _savings(about, found) if found.savings else None if assumed else _curve(about, found, plots.cost)
    return [
        *([sheet.exhibit(found.curve_title, curve, found.curve_about)] if curve else []),
        sheet.exhibit(
            "Other places to draw the line",
            _thresholds(about, found),
            f"Per {count(PER)} {about.unit.many}.",
            found.hindsight,
        ),
    ]


def _curve(about: About, found: BinaryRule, rows: list[CostPoint]) -> Chart:
    on, part, lines = shared.curves(
        [(row.model, row.threshold, row.cost) for row in rows if row.threshold <= found.to], HEIGHT
    )
    ends = {"always": found.always, "never": found.never}
    own, lowest, to = found.cost, found.lowest, found.to
    drawn = [value for _, ys in lines.values() for value in ys] + [found.always, found.never]
    low, high = min(drawn), max(drawn)
    room = (high - low) or 1.0
    part.set(xlim=(0, to), ylim=(low - 0.26 * room, high + 0.06 * room))
    part.set_xlabel(f"{sentence(about.outcome.risk)} from which on to {about.outcome.act}")
    for cost in ends.values():
        part.plot([0, to], [cost] * 2, color=GREY, linewidth=0.8, dashes=(3, 2))
    part.plot([found.threshold] * 2, [low - 0.26 * room, own], color=BLUE, linewidth=1.0)
    part.plot(found.threshold, own, "o", color=BLUE, markersize=6, markeredgecolor="white", markeredgewidth=1)
    right = found.threshold <= 0.6 * to
    x = found.threshold + (0.012 if right else -0.012) * to
    text = f"rule: from {digits(found.threshold)} on, cost {count(own)}"
    write(part, x, low - 0.2 * room, text, BLUE, 8, bold=True, side="left" if right else "right", ground=True)
    if lowest.threshold != found.threshold:
        part.plot(lowest.threshold, lowest.cost, "o", color="white", markersize=5.5, markeredgecolor=BLUE)
        text = f"lowest in hindsight: {count(lowest.cost)} at {digits(lowest.threshold)}"
        part.plot([lowest.threshold, x], [lowest.cost, low - 0.1 * room], color=BLUE, linewidth=0.6)
        write(part, x, low - 0.1 * room, text, BLUE, 7.8, side="left" if right else "right", ground=True)
    part.xaxis.set_major_formatter(percent_axis)
    part.yaxis.set_major_formatter(Ticks())
    part.locator_params(axis="y", nbins=6)
    size = WIDTH - 34 - 66, HEIGHT - 38
    words = low - 0.26 * room, low + 0.02 * room
    taken = [Box(0.0, words[0], to, words[1])]
    taken += [Box(0.0, cost - 0.02 * room, to, cost + 0.02 * room) for cost in ends.values()]
    stem = 0.02 * to
    taken.append(Box(found.threshold - stem, words[0], found.threshold + stem, own + 0.02 * room))
    left = shared.line_labels(part, lines, size, taken)
    labels = [(lines[model][1][-1], NAMES[model], LOOKS[model][1], model == "candidate") for model in left]
    labels += [(cost, f"{level} {about.outcome.act}: {count(cost)}", MUTED, False) for level, cost in ends.items()]
    shared.end_labels(part, labels, HEIGHT - 38)
    told = f"at the rule {count(own)}, lowest in hindsight {count(lowest.cost)} at {digits(lowest.threshold)}"
    return Chart(on, f"{found.curve_title}: {told}, always {count(found.always)}, never {count(found.never)}.")


def _savings(about: About, found: BinaryRule) -> Chart:
    """What is saved by the ratio of the costs, on a scale on which double and half are as far."""
    on, part, lines = shared.curves([(row.model, math.log2(row.ratio), row.saved) for row in found.savings], HEIGHT)
    values = [row.saved for row in found.savings]
    low, high = min(0.0, *values), max(0.05, *values)
    room = high - low
    part.axhline(0, color=GREY, linewidth=0.8, dashes=(3, 2))
    part.set(xlim=(-4.3, 4.3), ylim=(low - 0.06 * room, high + 0.12 * room))
    part.set_xticks(range(-4, 5), [f"{2**step}" if step >= 0 else f"1/{2**-step}" for step in range(-4, 5)])
    part.set_xlabel(f"{sentence(a(about.warning.miss))} counts so many times {a(about.warning.false_alarm)}")
    part.yaxis.set_major_formatter(percent_axis)
    part.locator_params(axis="y", nbins=6)
    left = shared.line_labels(part, lines, (WIDTH - 34 - 66, HEIGHT - 38), [Box(-4.3, -0.02 * room, 4.3, 0.02 * room)])
    labels = [(lines[model][1][-1], NAMES[model], LOOKS[model][1], model == "candidate") for model in left]
    shared.end_labels(part, labels, HEIGHT - 38)
    own = [row for row in found.savings if row.model == "candidate"]
    best = max(own, key=lambda row: row.saved)
    return Chart(
        on, f"{found.curve_title}: at most {percent(best.saved)}, where a miss counts {_ratio(best.threshold)}."
    )


def _ratio(threshold: float) -> str:
    """How many times a false alarm a missed case costs where a line is best drawn there: 4 times, 1/3."""
    ratio = (1 - threshold) / threshold
    return f"{plain(float(f'{ratio:.2g}'))}×" if ratio >= 1 else f"1/{plain(float(f'{1 / ratio:.2g}'))}"


def _thresholds(about: About, found: BinaryRule) -> Flowable:
    many, one = about.warning.many, about.warning.one
    heads = [
        f"{sentence(a(one))} from",
        shorten(sentence(many), 14),
        shorten(f"{sentence(about.outcome.short)} {about.outcome.caught}", 22),
        shorten(f"{sentence(many)} right", 18),
        "Missed",
        shorten(sentence(f"{about.warning.false_alarm}s"), 20),
        "Miss counts" if found.costs.assumed else "Cost",
    ]
    rows: list[list[str | Flowable]] = []
    for row in found.thresholds:
        what = {"rule": "rule", "lowest": "hindsight"}.get(row.what, "")
        name = f"{digits(row.threshold)}" + (f" ({what})" if what else "")
        cells = [count(row.warnings), percent(row.recall), percent(row.precision)]
        cells += [count(row.missed), count(row.needless)]
        cells.append(_ratio(row.threshold) if found.costs.assumed else count(row.cost))
        if row.what == "rule":
            rows.append([marked(colored(bold(text), BLUE), "cell" if at == 0 else "cell right")
                         for at, text in enumerate([name, *cells])])  # fmt: skip
        else:
            rows.append([marked(safe(name), "cell"), *cells])
    wide = (WIDTH - 96) / 6
    return table(heads, rows, [96, *[wide] * 6], right=range(1, 7), padding=2.6, strong=False)
