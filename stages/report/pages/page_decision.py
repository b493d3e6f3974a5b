"""Page 1: enough to decide. Verdict, key numbers, what is asked, the comparison, the gates."""

from __future__ import annotations

from matplotlib.lines import Line2D
from reportlab.lib.colors import HexColor
from reportlab.platypus import Flowable, Spacer

from stages.pdf.charts import Chart, axes, bare, figure, write
from stages.pdf.flowables import Box, Gap, Heading, Mark
from stages.pdf.layout import Sheet, columns, marked, panel, say, table
from stages.pdf.style import BLUE, GUTTER, HALF, INK, LOOKS, MUTED, PAGE_HEIGHT, RULE, RUST, STYLES, TEAL, WIDTH
from stages.pdf.text import NO_BREAK, bold, colored, link, no_widow, safe
from stages.report.findings.comparison import NAMES
from stages.report.findings.decision import Decision, KeyNumber
from stages.report.findings.estimate import Item
from stages.report.findings.plots import Plots
from stages.report.findings.report import About, ReportFacts
from stages.report.pages.estimate import estimate
from stages.wording.numbers import percent, shown, shown_span, signed
from stages.wording.vocabulary import shorten

GATES = 9
ABOUT = 66.0
"""The width of what a point is about."""
AGAINST = {"champion": "Against what there is today", "baseline": "Against the best simple rule"}
WORD_COLORS = {
    "better": TEAL,
    "worse": RUST,
    "as promised": TEAL,
    "too narrow": RUST,
    "too wide": RUST,
    "not everywhere": RUST,
}


def page(sheet: Sheet, facts: ReportFacts, _plots: Plots) -> list[Flowable]:
    """The flowables of page 1."""
    found, about = facts.decision, facts.about
    return [
        sheet.anchor(),
        columns(
            say(_eyebrow(about), "eyebrow"), say(about.status.upper(), "stamp"), widths=[380, WIDTH - 380 - GUTTER]
        ),
        Gap(8, 14),
        Heading(safe(found.title), STYLES["verdict"]),
        Spacer(0, 8),
        say(no_widow(found.lead), "lead"),
        Gap(5, 12),
        *(part for point in found.points for part in _point(point)),
        Gap(6, 16),
        _key_numbers(found),
        Gap(10, 40),
        columns(
            [_asked(facts), *estimate(found.estimate)],
            sheet.exhibit(AGAINST[found.reference], _comparison(found), found.compared_on),
        ),
        Gap(8, 36),
        *(sheet.exhibit("Gates", _gates(found), note=found.note) if found.gates else []),
        Gap(6, 20),
        _contents(facts),
    ]


def _eyebrow(about: About) -> str:
    parts = ["MODEL REVIEW", shorten(about.title, 44).upper()]
    if about.model:
        parts.append(f"MODEL {about.model}")
    return f"{NO_BREAK}{NO_BREAK}·{NO_BREAK} ".join(parts)


def _point(point: Item) -> list[Flowable]:
    """What it is about, and a sentence."""
    text = say(no_widow(point.value), "body")
    return [columns(say(point.item, "strong"), text, widths=[ABOUT, WIDTH - ABOUT - 6], gutter=6), Spacer(0, 2)]


def _key_numbers(found: Decision) -> Flowable:
    gap = 12.0
    width = (WIDTH - 3 * gap) / 4
    labels = [say(shorten(number.label, 44), "key label") for number in found.key_numbers]
    heights = [label.wrap(width, PAGE_HEIGHT)[1] for label in labels]
    made = columns(
        *(
            [label, Spacer(0, max(heights) - height), *_key_number(number, percent(found.confidence))]
            for label, height, number in zip(labels, heights, found.key_numbers, strict=True)
        ),
        widths=[width] * 4,
        gutter=gap,
    )
    lines = [("LINEABOVE", (column, 0), (column, 0), 1.6, HexColor(BLUE), "butt") for column in (0, 2, 4, 6)]
    made.setStyle([*lines, ("TOPPADDING", (0, 0), (-1, -1), 5)])
    return made


def _key_number(number: KeyNumber, confidence: str) -> list[Flowable]:
    form, against = number.form, number.against
    versus = f"vs {safe(against.model.removeprefix('the '))}: "
    verdict = colored(bold(against.word), WORD_COLORS.get(against.word, MUTED))
    if against.value is not None:
        points = f"{NO_BREAK}points" if number.points else ""
        versus = f"{signed(against.value * against.form.scale, against.form.digits)}{points} {versus}"
    return [
        say(shown(number.value, form), "key value"),
        Spacer(0, 2),
        say(f"{confidence} interval {shown_span(number.low, number.high, form)}", "key note"),
        marked(versus, "key note"),
        marked(verdict, "key note"),
    ]


def _asked(facts: ReportFacts) -> Flowable:
    found = facts.decision
    parts: list[Flowable] = [say("What you are asked to decide", "heading"), Spacer(0, 4)]
    if not found.options:
        return panel([*parts, say(f"Nothing. {found.no_choice}", "body")], HALF)
    for option in found.options:
        text = [say(option.choice, "strong"), say(no_widow(option.means), "muted")]
        parts += [columns(Box(), text, widths=[10, HALF - 34], gutter=6), Spacer(0, 7)]
    last = facts.outline[-1]
    parts.append(
        marked(f"Record it in {link(f'section {last.number}', last.key, BLUE)}. Nothing is approved before.", "muted")
    )
    return panel(parts, HALF)


def _comparison(found: Decision) -> Chart:
    height, left, right = 172.0, 72.0, 34.0
    on = figure(HALF, height)
    half = height / 2
    for number, compared in enumerate(found.compared):
        models = compared.models
        part = axes(on, left, height - half * (number + 1) + 8, right, half * number + 22)
        ends = [end for model in models for end in (model.low, model.high, model.value) if end is not None]
        low, high = min(ends), max(ends)
        low, high = (low, high) if low < high else (low - 0.5, high + 0.5)
        room = high - low
        for row, model in enumerate(models):
            line, ink, thick, dot = LOOKS[model.model]
            first = model.model == "candidate"
            if model.low is not None and model.high is not None:
                part.plot([model.low, model.high], [-row, -row], color=line, linewidth=thick)
                for end in (model.low, model.high):
                    part.plot([end, end], [-row - 0.16, -row + 0.16], color=line, linewidth=0.9)
            part.plot(model.value, -row, "o", color=line, markersize=dot, markeredgecolor="white")
            write(part, -left / (HALF - left - right), -row, NAMES[model.model], ink, bold=first, outside=True)
            end = model.value if model.high is None else max(model.high, model.value)
            write(part, end + room * 0.03, -row, shown(model.value, compared.form), ink, bold=first)
        part.set(xlim=(low - room * 0.06, high + room * 0.06), ylim=(-len(models) + 0.4, 0.6))
        bare(part)
        top = height - half * number
        on.text(0, (top - 11) / height, compared.label, fontsize=8, fontweight="bold", color=INK)
        on.text(1, (top - 11) / height, compared.direction, fontsize=7.6, ha="right", color=MUTED)
        on.add_artist(Line2D([0, 1], [(top - 15) / height] * 2, color=RULE, linewidth=0.6))
    told = "; ".join(
        f"{compared.label}: "
        + ", ".join(f"{NAMES[model.model]} {shown(model.value, compared.form)}" for model in compared.models)
        for compared in found.compared
    )
    return Chart(on, f"Dots with intervals. {told}.")


def _gates(found: Decision) -> Flowable:
    rows: list[list[str | Flowable]] = [
        [
            shorten(gate.name, 40),
            "Required" if gate.level == "must" else "Should",
            shorten(gate.rule, 120),
            gate.measured,
            Mark(gate.mark, gate.word),
        ]
        for gate in found.gates[:GATES]
    ]
    if rest := found.gates[GATES:]:
        rows.append([f"{len(rest)} more in report.json", "", "", "", ""])
    return table(["Gate", "Level", "Rule", "Measured", "Result"], rows, [110, 42, 172, 101, 74], padding=2.6)


def _contents(facts: ReportFacts) -> Flowable:
    places = [link(f"{entry.name}{NO_BREAK}{entry.number}", entry.key, BLUE) for entry in facts.outline[1:]]
    missing = f" Not in it: {safe('; '.join(facts.left_out))}." if facts.left_out else ""
    text = f"{bold('In this report')}{NO_BREAK}{NO_BREAK} " + f"{NO_BREAK}·{NO_BREAK} ".join(places) + missing
    return marked(text, "muted")
