"""Page 2: where the rows came from, which were set aside and why, what is missing, and the known limits."""

from __future__ import annotations

import msgspec

from stages.findings.inputs import Inputs, Row
from stages.findings.numbers import count, listed, month, percent, plural
from stages.findings.wording import sentence

SPLITS = {"train": "Train", "validation": "Validate", "test": "Hold-out"}
REASONS = 5
COLUMNS = 8
NAMES = 8
LIMITS = 5


def data(inputs: Inputs) -> Row:
    """All that page 2 shows."""
    clean = inputs.clean
    total = clean["rows_in"]
    aside = total - clean["rows_out"]
    outcome = [dict(row, name=month(row["period"])) for row in inputs.plots["outcome"]]
    return {
        "title": _title(inputs, aside),
        "lead": _lead(inputs, aside),
        "rows_in": total,
        "rows_out": clean["rows_out"],
        "reasons": _reasons(clean["set_aside"], total),
        "splits": [
            {
                "split": split,
                "name": name,
                "rows": inputs.evaluation["rows"][split],
                "rate": inputs.evaluation["rate"][split],
                "when": _when(outcome, split),
            }
            for split, name in SPLITS.items()
        ],
        "outcome": outcome,
        "outcome_title": _outcome_title(inputs, outcome),
        "missing": _missing(inputs),
        "complete": sum(not clean["missing"].get(name) for name in _inputs(inputs)),
        "sheet": _sheet(inputs, outcome),
        "limits": [msgspec.to_builtins(limit) for limit in inputs.params.limits[:LIMITS]],
    }


def _title(inputs: Inputs, aside: int) -> str:
    many = inputs.words.many
    if not aside:
        return f"All {count(inputs.clean['rows_in'])} {many} could be used"
    used = percent(inputs.clean["rows_out"] / inputs.clean["rows_in"], 1)
    return f"{used} of the {many} could be used; each of the rest has a stated reason"


def _lead(inputs: Inputs, aside: int) -> str:
    words, rates = inputs.words, inputs.evaluation["rate"]
    kept = (
        f"{count(aside)} of {count(inputs.clean['rows_in'])} {words.many} were set aside; each is kept, with its file, "
        "line and reason. "
        if aside
        else ""
    )
    return (
        f"{kept}The share {words.positive} is {percent(rates['train'])} in the {words.many} it was trained on, "
        f"{percent(rates['validation'])} in those that set its size and {percent(rates['test'])} in the hold-out."
    )


def _reasons(aside: dict[str, int], total: int) -> list[Row]:
    """The largest reasons, the rest as one. Reasons nobody met are left out."""
    found = sorted(((rows, reason) for reason, rows in aside.items() if rows), key=lambda item: (-item[0], item[1]))
    shown = [(sentence(reason), rows) for rows, reason in found[:REASONS]]
    if rest := found[REASONS:]:
        shown.append((f"Other ({plural(len(rest), 'reason', 'reasons')})", sum(rows for rows, _ in rest)))
    return [{"reason": reason, "rows": rows, "share": rows / total} for reason, rows in shown]


def _when(outcome: list[Row], split: str) -> str:
    names = [row["name"] for row in sorted(outcome, key=lambda row: str(row["period"])) if row["split"] == split]
    return "" if not names else names[0] if names[0] == names[-1] else f"{names[0]} to {names[-1]}"


def _outcome_title(inputs: Inputs, outcome: list[Row]) -> str:
    if not outcome:
        return ""
    least, most = (pick(outcome, key=lambda row: float(row["rate"])) for pick in (min, max))
    return (
        f"The share {inputs.words.positive} runs from {percent(least['rate'])} ({least['name']}) "
        f"to {percent(most['rate'])} ({most['name']})"
    )


def _missing(inputs: Inputs) -> list[Row]:
    """The inputs with most values missing."""
    shares = inputs.clean["missing"]
    found = sorted((name for name in _inputs(inputs) if shares.get(name)), key=lambda name: (-shares[name], name))
    return [{"column": name, "label": inputs.words.label(name), "share": shares[name]} for name in found[:COLUMNS]]


def _inputs(inputs: Inputs) -> list[str]:
    return [column["name"] for column in inputs.schema["columns"] if column["role"] == "input"]


def _sheet(inputs: Inputs, outcome: list[Row]) -> list[Row]:
    """The data sheet; an item nobody filled in is left out."""
    params, target = inputs.params, inputs.schema["target"]
    periods = sorted(str(row["period"]) for row in outcome)
    items = {
        "Source": params.source,
        "Licence": params.licence,
        "One row is": params.one_row,
        "Period": f"{month(periods[0])} to {month(periods[-1])}" if periods else "",
        "Outcome": f"{target['name']}: {' or '.join(target['classes'])}"
        + (f" ({target['definition']})" if target.get("definition") else ""),
        "Joined": "; ".join(
            f"{table} ({percent(found['matched'] / max(1, found['matched'] + found['unmatched']), 1)} matched)"
            for table, found in sorted(inputs.clean["joins"].items())
        ),
        "Inputs": f"{len(_inputs(inputs))} columns",
        "Not inputs": _left_out(inputs),
        "Personal data": params.personal_data,
    }
    return [{"item": item, "value": value} for item, value in items.items() if value]


def _left_out(inputs: Inputs) -> str:
    """Columns of the main table that the model does not see: known only afterwards, identifiers, or said elsewhere."""
    source = {
        column for file in inputs.raw["files"] if file["table"] == inputs.schema["table"] for column in file["columns"]
    }
    names = sorted(source - set(_inputs(inputs)))
    shown = names[:NAMES] + ([f"{len(names) - NAMES} more"] if len(names) > NAMES else [])
    return listed(shown) if shown else ""
