"""Who is affected: groups of persons, how often each is acted on, how well it is served, and whether that differs."""

from __future__ import annotations

from stages.report.findings.amounts import amounts
from stages.report.findings.breakdown import Breakdown
from stages.report.findings.inputs import Inputs
from stages.report.findings.plots import SensitiveGroup
from stages.wording.numbers import DASH, Form, count, listed, percent, shown, shown_span, signed, span
from stages.wording.vocabulary import inside, sentence, shorten

SHARE = Form(0, 100, "%")
MOST = 14
"""Groups shown."""


def affected(inputs: Inputs) -> Breakdown | None:
    """Return the table; nothing where no column was named as one that tells of persons."""
    rows = _shown(inputs)
    if not rows:
        return None
    sure = percent(inputs.evaluation.slice_confidence)
    heads = ["Group", sentence(inputs.words.many), *_heads(inputs), "Interval", "Less the others", "Interval"]
    rest = len(inputs.plots.sensitive) - len(rows)
    more = f" {count(rest)} more are in metrics/plots/sensitive.csv." if rest else ""
    return Breakdown(
        title=_title(inputs),
        about=f"{_about(inputs)} The others: all of another value. Intervals: {sure}.{more}",
        heads=heads,
        rows=[_row(inputs, row) for row in rows],
    )


def describe_difference(inputs: Inputs) -> str:
    """Return the largest difference to a group's disadvantage that is clear, as a sentence; nothing where none is."""
    sign = _sign(inputs)
    clear = [row for row in inputs.plots.sensitive if _is_clear(row, sign)]
    if not clear:
        return ""
    worst = max(clear, key=lambda row: sign * (row.difference or 0.0))
    own, others = _write_apart(inputs, worst.score or 0.0, (worst.score or 0.0) - (worst.difference or 0.0))
    where = f"{inside(shorten(inputs.words.label(worst.column)))} is {shorten(_value(inputs, worst))}"
    if inputs.evaluation.task == "regression":
        return f"Where {where} it is off by {own} on average, elsewhere by {others}"
    if inputs.evaluation.task == "multiclass":
        return f"Where {where} {own} of the answers are right, elsewhere {others}"
    words = inputs.words
    return f"Where {where} it {words.speech.catches} {own} of the {words.short}, elsewhere {others}"


def _write_apart(inputs: Inputs, own: float, others: float) -> tuple[str, str]:
    """Both numbers, a share with as many decimals as tell it from the other one."""
    if inputs.evaluation.task == "regression":
        return amounts(inputs).write(own), amounts(inputs).write(others)
    digits = next((digits for digits in range(3) if percent(own, digits) != percent(others, digits)), 3)
    return percent(own, digits), percent(others, digits)


def _title(inputs: Inputs) -> str:
    if differs := describe_difference(inputs):
        return differs
    rows, words = inputs.plots.sensitive, inputs.words
    columns = listed([*dict.fromkeys(inside(shorten(words.label(row.column), 20)) for row in rows)])
    if all(row.difference is None for row in rows):
        return f"Too little is known to compare groups by {columns}"
    worse = {
        "binary": f"{words.speech.caught} less often",
        "multiclass": "right less often",
        "regression": "further off",
    }
    return f"No group by {columns} is clearly {worse[inputs.evaluation.task]} than the others"


def _shown(inputs: Inputs) -> list[SensitiveGroup]:
    """All groups of few; of many those that differ clearly, then the largest, in their order."""
    rows = inputs.plots.sensitive
    order = sorted(range(len(rows)), key=lambda at: (not _is_clear(rows[at], _sign(inputs)), -rows[at].rows, at))
    return [rows[at] for at in sorted(order[:MOST])]


def _sign(inputs: Inputs) -> int:
    """What a difference to a group's disadvantage is: of an error upwards."""
    return 1 if inputs.evaluation.task == "regression" else -1


def _is_clear(row: SensitiveGroup, sign: int) -> bool:
    low, high = row.difference_low, row.difference_high
    return low is not None and high is not None and (low > 0 if sign > 0 else high < 0)


def _heads(inputs: Inputs) -> list[str]:
    words = inputs.words
    return {
        "binary": [sentence(words.warning.many), sentence(f"{words.short} {words.speech.caught}")],
        "multiclass": ["Right"],
        "regression": ["Mean error"],
    }[inputs.evaluation.task]


def _about(inputs: Inputs) -> str:
    words = inputs.words
    return {
        "binary": f"{sentence(words.warning.many)}: share of all; {words.speech.caught}: share of the {words.short}.",
        "multiclass": "Right: share of the answers.",
        "regression": "Mean error: how far predictions are off, without sign.",
    }[inputs.evaluation.task]


def _row(inputs: Inputs, row: SensitiveGroup) -> list[str]:
    name = f"{shorten(inputs.words.label(row.column), 20)}: {shorten(_value(inputs, row), 24)}"
    acted = [percent(row.acted)] if inputs.evaluation.task == "binary" else []
    form = amounts(inputs).form() if inputs.evaluation.task == "regression" else SHARE
    less = DASH if row.difference is None else signed(row.difference * form.scale, form.digits)
    low, high = (None if end is None else end * form.scale for end in (row.difference_low, row.difference_high))
    return [name, count(row.rows), *acted, shown(row.score, form), shown_span(row.low, row.high, form), less,
            span(low, high, form.digits)]  # fmt: skip


def _value(inputs: Inputs, row: SensitiveGroup) -> str:
    return inputs.words.group(row.column, inputs.schema.types.get(row.column, ""), row.value)
