"""Section 8: where the report came from, how to make it again, its words, and the record of the decision."""

from __future__ import annotations

from reportlab.platypus import Flowable, Spacer

from stages.pdf.flowables import Anchor, Box, Gap, Line
from stages.pdf.layout import Sheet, columns, panel, say, table
from stages.pdf.style import GUTTER, INK, WIDTH
from stages.pdf.text import no_widow
from stages.report.findings.estimate import Item
from stages.report.findings.plots import Plots
from stages.report.findings.report import ReportFacts
from stages.report.findings.sign_off import Command, SignOff
from stages.report.pages.notes import explain
from stages.wording.vocabulary import shorten

CONDITIONS = 5
LEFT = 330.0
"""The width of the left column; hashes stand in it."""
LONGEST = 300
"""Characters of an assumption."""
BLANK = "\N{NO-BREAK SPACE}"
RIGHT = WIDTH - LEFT - GUTTER


def page(sheet: Sheet, facts: ReportFacts, _plots: Plots) -> list[Flowable]:
    """The flowables of section 8."""
    found = facts.sign
    return [
        *sheet.head(found.title, found.lead),
        columns(
            sheet.exhibit("Where this came from", _provenance(found)),
            sheet.exhibit("Make it again", _commands(found.commands)),
            widths=[LEFT, RIGHT],
        ),
        Gap(10, 22),
        *([] if facts.served else [*explain(sheet, found, LONGEST), Gap(12, 26)]),
        *([*sheet.exhibit("What happens next", _next(found.next)), Gap(12, 26)] if facts.decision.options else []),
        *([Anchor("sign-off", "Decision record", level=1)] if facts.decision.options else []),
        _record(facts),
    ]


def _provenance(found: SignOff) -> Flowable:
    """What was read and how it was set; each hash on a line of its own, under what it is of."""
    rows: list[list[str | Flowable]] = []
    if found.model:
        rows.append(["Model", [say(found.model_about, "cell"), say(found.model, "code")]])
    for table_ in found.tables:
        text = f"{shorten(table_.table, 30)}: {table_.about}"
        rows.append(["Data", [say(text, "cell"), say(table_.sha256, "code")]])
    rows.append(["Package lock", [say("requirements.txt", "cell"), say(found.lock, "code")]])
    rows += [[row.item, shorten(row.value, 160)] for row in found.settings]
    return table(["Item", "What, and its SHA-256"], rows, [62, LEFT - 62], padding=2.0)


def _commands(rows: list[Command]) -> Flowable:
    parts: list[Flowable] = []
    for row in rows:
        parts += [say(row.command, "code"), say(no_widow(row.does), "note"), Spacer(0, 2.5)]
    return panel(parts[:-1], RIGHT, padding=7)


def _next(rows: list[Item]) -> Flowable:
    """What happens next; what nobody has said is filled in by hand."""
    body = [[row.item, shorten(row.value, 200) or BLANK] for row in rows]
    return table(["Question", "Answer"], body, [90, WIDTH - 90], padding=2.4)


def _record(facts: ReportFacts) -> Flowable:
    """The boxes, the conditions with owner and date, the signatures, and how it is recorded."""
    found, inner = facts.sign, WIDTH - 22
    if not facts.decision.options:
        text = say(facts.decision.no_choice, "body")
        return panel([say("Nothing to sign", "heading"), Spacer(0, 3), text], WIDTH, 11)
    options = [option.choice for option in facts.decision.options]
    boxes = [columns(Box(), say(choice, "strong"), widths=[10, 118], gutter=5) for choice in options]
    parts: list[Flowable] = [
        say(f"Decision record: model {facts.about.model}", "heading"),
        Spacer(0, 5),
        columns(*boxes, widths=[133, 133, 133], gutter=20),
        Spacer(0, 6),
        _conditions(found.conditions, inner),
        Spacer(0, 6),
    ]
    number = len(found.signatures)
    width = (inner - 14 * (number - 1)) / number
    lines = [
        [say(shorten(role, 40), "strong"), *(part for name in ("Name", "Signature", "Date")
                                             for part in (Spacer(0, 14), Line(INK), Spacer(0, 1), say(name, "note")))]
        for role in found.signatures
    ]  # fmt: skip
    commands = [row.command for row in found.record] + ["make publish"]
    parts += [
        columns(*lines, widths=[width] * number, gutter=14),
        Spacer(0, 7),
        say(
            "To record it, run one of the first three; it writes decision, name, conditions and the SHA-256 of this "
            "file to reports/approval.yaml. The last stamps a copy of this very file, and refuses any other.",
            "note",
        ),
        Spacer(0, 3),
        *(say(command, "code") for command in commands),
    ]
    return panel(parts, WIDTH, padding=11)


def _conditions(conditions: list[str], inner: float) -> Flowable:
    """The open gates; room for one more by hand."""
    rows = [[shorten(text, 130), "", ""] for text in conditions[:CONDITIONS]]
    if len(conditions) > CONDITIONS:
        rows.append([f"{len(conditions) - CONDITIONS} more under sign in report.json", "", ""])
    rows.append([BLANK, "", ""])
    return table(["Condition", "Owner", "Due"], rows, [inner - 190, 120, 70], padding=3.4, strong=False)
