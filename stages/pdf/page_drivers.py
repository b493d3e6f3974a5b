"""Page 4: what drives the model, its answers as served, where the report came from, and the sign-off."""

from __future__ import annotations

from typing import Any

from reportlab.platypus import Flowable, Spacer

from stages.findings.numbers import DASH, count, shown, signed
from stages.findings.wording import shorten
from stages.pdf.charts import Chart, axes, bare, figure, write
from stages.pdf.flowables import Anchor, Box, Gap, Line
from stages.pdf.fonts import MONO
from stages.pdf.layout import Sheet, columns, marked, measured, panel, say, table
from stages.pdf.samples import samples
from stages.pdf.style import BLUE, HALF, INK, MUTED, SMALLEST, WIDTH
from stages.pdf.text import fitting

Facts = dict[str, Any]
CONDITIONS = 3
GROUPS = {"binary": ("AUC", "Gap"), "multiclass": ("Right, %", "Gap"), "regression": ("MAE", "Bias")}
"""What a group's score and the gap of its level are called."""


def page(sheet: Sheet, facts: Facts, _curves: Facts) -> list[Flowable]:
    """The flowables of page 4."""
    found = facts["drivers"]
    parts = sheet.head(found["title"], found["lead"])
    shown = [exhibit for exhibit in (_importance(sheet, found), _groups(sheet, facts)) if exhibit]
    if shown:
        parts += [columns(*shown, widths=[HALF] * 2 if len(shown) == 2 else [WIDTH]), Gap(8, 20)]
    if facts["samples"]:
        parts += [*samples(sheet, facts), Gap(8, 20)]
    parts += [*sheet.exhibit("Where this came from", _provenance(facts["provenance"])), Gap(9, 22)]
    return [*parts, Anchor("sign-off", "Sign-off", level=1), _sign_off(facts)]


def _importance(sheet: Sheet, found: Facts) -> list[Flowable]:
    rows = found["importance"]
    if not rows or all(row["high"] <= 0 for row in rows):
        return []
    more = f" The first {len(rows)} of {found['inputs']}." if found["inputs"] > len(rows) else ""
    about = f"{found['importance_about']} when it is shuffled; line: lowest to highest.{more}"
    return sheet.exhibit(found["importance_title"], _bars(found, HALF if found["groups"] else WIDTH), about)


def _bars(found: Facts, wide: float) -> Chart:
    rows, form = found["importance"], found["importance_form"]
    on = figure(wide, 12.6 * len(rows) + 4)
    right = 16.0 + 4.0 * max(len(shown(row["value"], form)) for row in rows)
    part = axes(on, 106, 2, right, 2)
    top = max(row["high"] for row in rows)
    for place, row in enumerate(rows):
        part.barh(-place, max(0.0, row["value"]), height=0.66, color=BLUE, linewidth=0)
        part.plot([max(0.0, row["low"]), max(0.0, row["high"])], [-place, -place], color=INK, linewidth=0.9)
        write(part, -106 / (wide - 106 - right), -place, fitting(row["label"], 102, 8), outside=True)
        write(part, max(0.0, row["high"]) + top * 0.03, -place, shown(row["value"], form), MUTED)
    part.set(xlim=(0, top), ylim=(-len(rows) + 0.4, 0.5))
    bare(part)
    told = "; ".join(f"{row['label']} {shown(row['value'], form)}" for row in rows)
    return Chart(on, f"{found['importance_about']} when an input is shuffled: {told}.")


def _groups(sheet: Sheet, facts: Facts) -> list[Flowable]:
    """The groups where the candidate does worst."""
    found = facts["drivers"]
    if not found["groups"]:
        return []
    score, gap = GROUPS[facts["about"]["task"]]
    level = found["gap_form"]
    rows: list[list[str | Flowable]] = [
        [
            shorten(f"{row['column']} {row['value']}", 44),
            count(row["rows"]),
            measured(row["score"], found["score_form"]),
            DASH if row["gap"] is None else signed(row["gap"] * level["scale"], level["digits"]),
        ]
        for row in found["groups"]
    ]
    body = table(["Group", "Rows", score, gap], rows, [HALF - 166, 46, 76, 44], (1, 2, 3), 1.7, strong=False)
    chance = "Among many groups one or two look odd by chance."
    return sheet.exhibit(found["groups_title"], body, f"{found['groups_about']}.", f"{found['gap_note']} {chance}")


def _provenance(found: Facts) -> Flowable:
    rows: list[list[str | Flowable]] = []
    if found["model"]:
        rows.append(["Model", found["model_about"], _hash(found["model"])])
    rows += [
        [f"Data: {shorten(table_['table'], 16)}", table_["about"], _hash(table_["sha256"])]
        for table_ in found["tables"]
    ]
    rows.append(["Package lock", "requirements.txt", _hash(found["lock"])])
    return table(["What", "", "Version or SHA-256"], rows, [80, 152, WIDTH - 232], padding=2.2)


def _hash(digits: str) -> Flowable:
    return say(digits, "code")


def _sign_off(facts: Facts) -> Flowable:
    inner = WIDTH - 22
    if not facts["decision"]["options"]:
        return panel([say("Sign-off", "heading"), Spacer(0, 3), say(facts["decision"]["no_choice"], "body")], WIDTH, 11)
    options = [option["choice"] for option in facts["decision"]["options"]]
    boxes = [columns(Box(), say(choice, "strong"), widths=[10, 118], gutter=5) for choice in options]
    parts: list[Flowable] = [
        say(f"Sign-off: model {facts['about']['model']}", "heading"),
        Spacer(0, 5),
        columns(*boxes, widths=[133, 133, 133], gutter=20),
        Spacer(0, 5),
    ]
    if facts["decision"]["conditions"]:
        rows = [[shorten(text, 130), "", ""] for text in facts["decision"]["conditions"][:CONDITIONS]]
        parts += [
            table(["Condition", "Owner", "Due"], rows, [inner - 170, 110, 60], padding=3.2, strong=False),
            Spacer(0, 4),
        ]
    lines = [[Spacer(0, 24), Line(INK), Spacer(0, 2), say(name, "note")] for name in ("Name", "Signature", "Date")]
    width = (inner - 28) / 3
    code = f'<font face="{MONO}" size="{SMALLEST + 0.4}">'
    parts += [
        columns(*lines, widths=[width] * 3, gutter=14),
        Spacer(0, 6),
        marked(
            f'Record it with {code}make approve BY="your name"</font>, adding {code}DECISION=conditions</font> or '
            f"{code}DECISION=reject</font> for the other two. It writes the decision, your name and the SHA-256 of "
            "this file into reports/approval.yaml; once approved, the candidate is the model in use.",
            "note",
        ),
    ]
    return panel(parts, WIDTH, padding=11)
