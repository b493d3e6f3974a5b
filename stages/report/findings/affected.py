"""Who is affected: groups of persons, how often each is acted on, how well it is served, and whether that differs."""

from __future__ import annotations

from stages.report.findings.amounts import amounts
from stages.report.findings.breakdown import Breakdown
from stages.report.findings.inputs import Inputs
from stages.report.findings.plots import SensitiveGroup
from stages.wording.numbers import DASH, Form, count, listed, percent, shown, shown_span, signed, span
from stages.wording.vocabulary import inside, sentence, shorten

SHARE = Form(0, 100, "%")


def affected(inputs: Inputs) -> Breakdown | None:
    """Return the table; nothing where no column was named as one that tells of persons."""
    rows = inputs.plots.sensitive
    if not rows:
        return None
    sure = percent(inputs.evaluation.slice_confidence)
    heads = ["Group", sentence(inputs.words.many), *_heads(inputs), "Interval", "Less the others", "Interval"]
    return Breakdown(
        title=_title(inputs),
        about=f"{_about(inputs)} Differences are to all {inputs.words.many} of another value; intervals are {sure}.",
        heads=heads,
        rows=[_row(inputs, row) for row in rows],
    )


def describe_difference(inputs: Inputs) -> str:
    """Return the largest difference to a group's disadvantage that is clear, as a sentence; nothing where none is."""
    sign = 1 if inputs.evaluation.task == "regression" else -1
    clear = [row for row in inputs.plots.sensitive if _is_clear(row, sign)]
    if not clear:
        return ""
    worst = max(clear, key=lambda row: sign * (row.difference or 0.0))
    own, others = worst.score or 0.0, (worst.score or 0.0) - (worst.difference or 0.0)
    where = f"{inside(shorten(inputs.words.label(worst.column)))} is {_value(inputs, worst)}"
    if inputs.evaluation.task == "regression":
        write = amounts(inputs).write
        return f"Where {where} it is off by {write(own)}, elsewhere by {write(others)}"
    if inputs.evaluation.task == "multiclass":
        return f"Where {where} {percent(own)} are right, elsewhere {percent(others)}"
    words = inputs.words
    return f"Where {where} it {words.speech.catches} {percent(own)} of the {words.short}, elsewhere {percent(others)}"


def _title(inputs: Inputs) -> str:
    columns = dict.fromkeys(inside(shorten(inputs.words.label(row.column), 20)) for row in inputs.plots.sensitive)
    return describe_difference(inputs) or f"No group by {listed([*columns])} is clearly worse off than the others"


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
