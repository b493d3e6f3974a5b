"""What was found of a table, as a person reads it on a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from stages.adopt.assumptions import list_choices
from stages.adopt.proposal import Proposal
from stages.adopt.roles import Decision
from stages.clean.columns.labels import SPELLED
from stages.ingest.csv.reader import Table

WIDTH = 120
NAME, KIND, EXAMPLES = 24, 22, 44
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", "whitespace": "columns parted by blanks"}
PLACES = ("drop", "ids", "drop_leaks")
ROLES = {"leak": "LEAK, dropped", "drop": "dropped", "id": "identifier", "input": "input", "target": "TARGET"}


def summarize(proposal: Proposal, tables: Mapping[str, Table], ragged: int) -> str:
    """Files and how they are written, the target, a line for each column, and what should be looked at."""
    goal = proposal.target
    said: list[str] = []
    for name, table in tables.items():
        said.append(f"{name}: {_dialect(table)}")
        said += [textwrap.fill(note, WIDTH, initial_indent="  ", subsequent_indent="  ") for note in table.notes]
    said.append(
        f"{proposal.rows:,} rows, {len(proposal.decisions)} columns" + (f", {ragged:,} ragged rows" if ragged else "")
    )
    said.append(f"target {goal.name}: {goal.task}: {goal.reason}")
    if goal.positive is not None:
        said.append(f"positive class '{goal.positive}': {goal.positive_reason}")
    said += ["", f"{'column':{NAME}} {'type':{KIND}} {'role':13} {'missing':>7} {'values':>9}  examples"]
    said += [_column(one) for one in proposal.decisions]
    reasons = [f"{one.name}: {one.reason}" for one in proposal.decisions if one.role in ("drop", "id", "leak")]
    back = f"to use one of them, take its line out of {', '.join(f'clean.{place}' for place in PLACES)} in params.yaml"
    said += _section(f"Not inputs, and why ({back})", reasons)
    merged = [one for one in proposal.decisions if one.finding.reason.startswith(SPELLED)]
    said += _section("Spellings taken for one label", [f"{one.name}: {one.finding.reason}" for one in merged])
    said += _section("Missing values", _missing(proposal))
    said += _section("Look at these", [str(doubt) for doubt in proposal.doubts])
    choices = [f"{about}: {choice}" for about, choice in list_choices(proposal).items()]
    said += _section("Chosen for you (the report says so of each until its line is out of report.assumed)", choices)
    return "\n".join(said)


def _dialect(table: Table) -> str:
    """How a file is written, as far as a person may doubt it."""
    found = table.dialect
    said = [found.encoding, DELIMITERS.get(found.delimiter, f"delimiter {found.delimiter!r}")]
    return ", ".join([*said, *([] if found.header else ["no header line"])])


def _column(one: Decision) -> str:
    examples = ", ".join(text if len(text) <= 20 else text[:19] + "…" for text in one.examples)
    kind = _cut(one.finding.spec, KIND)
    missing = f"{one.missing:.1%}" if one.missing else "–"
    return (
        f"{_cut(one.name, NAME):{NAME}} {kind:{KIND}} {ROLES[one.role]:13} {missing:>7} {one.distinct:>9,}  "
        f"{_cut(examples, EXAMPLES)}"
    )


def _missing(proposal: Proposal) -> list[str]:
    everywhere = [f"'{text}'" for text in proposal.missing if text]
    said = [f"in any column: blank{''.join(f', {text}' for text in everywhere)}"]
    for name, texts in proposal.missing_in.items():
        said.append(f"in {name} only: {', '.join(repr(text) for text in texts[:8])}")
    return said


def _section(title: str, items: list[str]) -> list[str]:
    if not items:
        return []
    lines = [textwrap.fill(item, WIDTH, initial_indent="  - ", subsequent_indent="    ") for item in items]
    return ["", f"{title}:", *lines]


def _cut(text: str, width: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= width else f"{flat[: width - 1]}…"
