"""`make history`: every decision about a model, what it was about, and which one is in use."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import msgspec

from stages import leftovers
from stages.approve.decision import Decision
from stages.approve.history import find_taken_back, find_used, read_history
from stages.core.errors import PipelineError
from stages.model.champion import read_pointer
from stages.transaction.committed import describe_disagreement
from stages.transaction.repository import GitError, read_at
from stages.wording.numbers import DASH, Form, shown, shown_span

REPORT = Path("reports/report.json")
HEADS = ("Version", "Decided", "By", "Decision", "Model", "Data", "Score", "Now")


def describe(decision: Decision, now: str) -> tuple[str, ...]:
    """Return a decision's line of the table: the data's period and the score are those of the report that was read."""
    try:
        report = json.loads(read_at(decision.commit, REPORT))
        number = report["decision"]["key_numbers"][0]
        form = msgspec.convert(number["form"], Form)
        score = f"{number['label']} {shown(number['value'], form)} ({shown_span(number['low'], number['high'], form)})"
        period = next((line["value"] for line in report["data"]["sheet"] if line["item"] == "Period"), DASH)
    except (GitError, ValueError, LookupError, TypeError):  # of a commit that is not here, or an older form
        score = period = DASH
    if decision.decision == "rollback":
        score = period = "as approved"
    why = decision.note or decision.conditions
    decided = f"{decision.decision}: {why}" if why else decision.decision
    return (decision.version or DASH, decision.when[:10], decision.by, decided, decision.model, period, score, now)


def describe_all(history: list[Decision], version: str | None) -> list[tuple[str, ...]]:
    """Return the table's lines, the latest decision first."""
    used, gone = find_used(history, version), find_taken_back(history)
    lines = []
    for one in reversed(history):
        now = "in use" if one is used else "taken back" if one.model in gone and one.decision != "reject" else ""
        lines.append(describe(one, now))
    return lines


def write_table(lines: list[tuple[str, ...]]) -> str:
    """Return the lines as a table in Markdown."""
    cells = [HEADS, *[tuple(" ".join(cell.replace("|", "/").split()) for cell in line) for line in lines]]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADS))]
    rows = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in cells
    ]
    return "\n".join([rows[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *rows[1:]])


def main() -> None:
    """The command line."""
    argparse.ArgumentParser("make history", description="Show every decision about a model.").parse_args()
    try:
        leftovers.recover()
        history, named = read_history(), read_pointer().version
        print(write_table(describe_all(history, named)) if history else "Nothing was decided yet.")
        if named and not find_used(history, named):
            print(f"model/champion.json names {named}, about which nothing was decided here.", file=sys.stderr)
        if told := describe_disagreement():
            print(told, file=sys.stderr)
    except PipelineError as error:
        sys.exit(f"history: {error}")


if __name__ == "__main__":
    main()
