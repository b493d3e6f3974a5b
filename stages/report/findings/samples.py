"""Section 7: hold-out rows the service was asked, its answers and their reasons, mistakes as plainly as successes."""

from __future__ import annotations

import msgspec

from stages.contracts.manifest import Manifest
from stages.contracts.served_rows import ServedRow
from stages.report.findings.amounts import amounts
from stages.report.findings.inputs import Inputs
from stages.report.findings.plots import Importance
from stages.wording.explanation import count_digits, label_reason, name_part, round_explanation
from stages.wording.numbers import Form, fixed, nothing, signed
from stages.wording.vocabulary import apart, inside, sentence, shorten

SHOWN = 5
"""Rows that are shown."""
KINDS = {
    "binary": {"caught": 1, "missed": 1, "false alarm": 1, "left alone": 1},
    "multiclass": {"right": 2, "wrong": 2},
    "regression": {"close": 2, "far": 2},
}
"""Each task's kinds of outcome, in the order shown, and how many of each there are at least."""
GUESSES = 3
LABEL = 24
"""Characters of an input's name among the reasons."""
NAME = 18
"""Characters of a class name in a narrow column."""


class Reason(msgspec.Struct, frozen=True):
    """An input's value, or the part of a date, and how far it moves the answer: as a number, and as it is told."""

    label: str
    value: str
    step: float
    told: str


class Reasons(msgspec.Struct, frozen=True):
    """From what is usual to the answer: as they are told, the numbers add up. `rest` is what all else moves."""

    usual: str
    main: list[Reason]
    rest: str


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of any task: what kind of outcome it was, and whether it was right."""

    kind: str
    right: bool
    reasons: Reasons | None
    warnings: int


class BinarySample(Sample, frozen=True, kw_only=True):
    """The risk, whether it was warned of, and what happened."""

    risk: float
    warned: bool
    was: str


class Guess(msgspec.Struct, frozen=True):
    """A class and its probability."""

    name: str
    probability: float


class MulticlassSample(Sample, frozen=True, kw_only=True):
    """The likeliest classes, and the actual one."""

    prediction: str
    guesses: list[Guess]
    actual: str


class RegressionSample(Sample, frozen=True, kw_only=True):
    """The value and its interval, the actual one, and whether that lay inside."""

    predicted: float
    actual: float
    low: float | None
    high: float | None
    error: float
    told: str
    was: str
    inside: bool | None


Samples = list[BinarySample] | list[MulticlassSample] | list[RegressionSample]


def samples(inputs: Inputs) -> Samples:
    """The rows and answers with their main reasons."""
    task = inputs.evaluation.task
    rows = _chosen(inputs.served.rows, KINDS[task]) if inputs.served and inputs.manifest else []
    if task == "binary":
        return [_binary(inputs, row) for row in rows]
    if task == "multiclass":
        return [_multiclass(inputs, row) for row in rows]
    return [_regression(inputs, row) for row in rows]


def _reasons(inputs: Inputs, row: ServedRow) -> Reasons | None:
    """The inputs that move the answer most, in points or in the target's unit; None where there are none."""
    if row.explanation is None:
        return None
    is_number = inputs.evaluation.task == "regression"
    form = amounts(inputs).form() if is_number else Form(count_digits(row.explanation), 100)
    words = inputs.words
    short = apart([words.label(name) for name in row.inputs], LABEL)
    rounded = round_explanation(row.explanation, form.scale, form.digits)
    main = []
    for reason, step in rounded.steps:
        value = row.inputs[reason.input]
        label = label_reason(reason, short[words.label(reason.input)], row.explanation)
        said = name_part(value, reason.part) if reason.part and value else words.value(reason.input, value)
        main.append(Reason(label, said, reason.step, signed(step, form.digits)))
    rest = signed(rounded.rest, form.digits) if rounded.rest else ""
    return Reasons(fixed(rounded.usual, form.digits), main, rest) if main else None


def _binary(inputs: Inputs, row: ServedRow) -> BinarySample:
    positive = inputs.schema.target.positive
    assert positive is not None
    assert row.probabilities is not None
    words = inputs.words
    kinds = {"caught": words.speech.caught, "missed": words.warning.miss, "false alarm": words.warning.false_alarm}
    return BinarySample(
        kind=sentence(kinds.get(row.kind, row.kind)),
        risk=row.probabilities[positive],
        warned=row.prediction == positive,
        was=_was(inputs, str(row.actual)),
        right=row.prediction == row.actual,
        reasons=_reasons(inputs, row),
        warnings=len(row.warnings),
    )


def _was(inputs: Inputs, actual: str) -> str:
    """What happened: late, not late, or in the words of the data where there are no better ones."""
    words = inputs.words
    if not inputs.params.outcome.positive:
        return f"{shorten(inside(words.target), 20)} was {shorten(actual, 20)}"
    return f"was {'' if actual == inputs.schema.target.positive else 'not '}{shorten(words.positive, 30)}"


def _multiclass(inputs: Inputs, row: ServedRow) -> MulticlassSample:
    assert row.probabilities is not None
    short = apart(inputs.schema.target.classes, NAME)
    guesses = sorted(row.probabilities.items(), key=lambda item: (-item[1], item[0] != row.prediction, item[0]))
    return MulticlassSample(
        kind=sentence(row.kind),
        prediction=short[str(row.prediction)],
        guesses=[Guess(short[name], share) for name, share in guesses[:GUESSES]],
        actual=short[str(row.actual)],
        right=row.prediction == row.actual,
        reasons=_reasons(inputs, row),
        warnings=len(row.warnings),
    )


def _regression(inputs: Inputs, row: ServedRow) -> RegressionSample:
    predicted, actual = float(row.prediction), float(row.actual)
    low, high = row.interval or (None, None)
    off = amounts(inputs).write(abs(predicted - actual))
    return RegressionSample(
        kind=sentence(row.kind),
        predicted=predicted,
        actual=actual,
        low=low,
        high=high,
        error=predicted - actual,
        told=f"{off} too {'high' if predicted > actual else 'low'}" if not nothing(off) else "as predicted",
        was=amounts(inputs).write(actual, error=False),
        right=row.kind == "close",
        inside=None if low is None or high is None else low <= actual <= high,
        reasons=_reasons(inputs, row),
        warnings=len(row.warnings),
    )


def order(manifest: Manifest, importance: list[Importance]) -> list[str]:
    """The service's inputs, those behind the most important features first."""
    made_of = {step.name: step.of for step in manifest.features.derive}
    ranked = sorted(importance, key=lambda row: (-row.value, row.column))
    names = [name for row in ranked for name in made_of.get(row.column, [row.column])]
    asked = [column.name for column in manifest.inputs]
    return [name for name in dict.fromkeys(names + asked) if name in asked]


def _chosen(rows: list[ServedRow], kinds: dict[str, int]) -> list[ServedRow]:
    """The first rows of every kind and, up to as many as are shown, the first of those left; kind by kind."""
    errors = [abs(float(row.prediction) - row.actual) for row in rows if not isinstance(row.actual, str)]
    if errors:  # the nearest and the farthest before others
        ends = min(errors), max(errors)
        ordered = sorted(zip(errors, rows, strict=True), key=lambda one: one[0] not in ends)
        rows = [row for _, row in ordered]
    first = [row for kind, number in kinds.items() for row in [row for row in rows if row.kind == kind][:number]]
    rest = [row for row in rows if row not in first]
    return sorted([*first, *rest[: max(0, SHOWN - len(first))]], key=lambda row: [*kinds].index(row.kind))
