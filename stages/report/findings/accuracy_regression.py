"""Section 3 of a number: predicted against actual, how errors spread, and whether the intervals hold."""

from __future__ import annotations

import msgspec

from stages.report.findings import comparison
from stages.report.findings.accuracy import Accuracy, metrics_table, table_note, table_title, title
from stages.report.findings.amounts import amounts
from stages.report.findings.inputs import Inputs
from stages.report.findings.naive_estimates import naive_estimates
from stages.report.findings.plots import CalibrationGroup, ErrorGroup
from stages.report.findings.scores_summary import (
    NOT_EVERYWHERE,
    clear_bias,
    holds_too_few,
    judge_coverage,
    promised_share,
)
from stages.wording.numbers import Form, percent

WIDER = 1.5
"""A group's errors spread wide where they are so many times those of the narrowest."""


class Quantiles(msgspec.Struct, frozen=True):
    """Which quantiles of the errors are drawn, and the share between the outer ones."""

    low: float = 0.1
    middle: float = 0.5
    high: float = 0.9
    inside: float = 0.8


class RegressionAccuracy(Accuracy, frozen=True, kw_only=True):
    """What section 3 shows of a number."""

    unit: str
    value_form: Form
    error_form: Form
    explained_title: str
    errors: list[ErrorGroup]
    errors_quantiles: Quantiles
    errors_title: str
    promised: float
    calibration: list[CalibrationGroup]
    calibration_title: str


def accuracy(inputs: Inputs) -> RegressionAccuracy:
    """Return what section 3 shows."""
    form = amounts(inputs)
    return RegressionAccuracy(
        title=title(inputs),
        lead=_lead(inputs),
        measures=metrics_table(inputs),
        measures_title=table_title(inputs),
        measures_note=table_note(inputs),
        honesty=naive_estimates(inputs),
        baseline=comparison.baseline(inputs),
        group_confidence=inputs.evaluation.slice_confidence,
        unit=form.name,
        value_form=form.form(error=False),
        error_form=form.form(),
        explained_title=_explained(inputs),
        errors=inputs.plots.errors,
        errors_quantiles=Quantiles(),
        errors_title=_errors_title(inputs.plots.errors),
        promised=promised_share(inputs),
        calibration=inputs.plots.calibration,
        calibration_title=_calibration_title(inputs),
    )


def _lead(inputs: Inputs) -> str:
    """The usual error, where errors are widest, and the level."""
    write, scores = amounts(inputs).write, inputs.regression.candidate
    told = f"Half of its predictions are less than {write(scores['median_ae'])} off, half are more."
    if amounts(inputs).is_zero(scores["median_ae"]):
        told = "Half of its predictions are exact."
    widest = _widest(inputs.plots.errors)
    if widest:
        group, where = widest
        told += (
            f" Its errors are widest among its {where} predictions (about {write(group.predicted, error=False)}): "
            f"four in five are from {_sided(inputs, group.p10)} to {_sided(inputs, group.p90)}."
        )
    bias = clear_bias(inputs)
    return f"{told} On average it predicts {_sided(inputs, bias)}." if bias is not None else told


def _sided(inputs: Inputs, error: float) -> str:
    """An error in words: €500 too low."""
    return f"{amounts(inputs).write(abs(error))} too {'low' if error < 0 else 'high'}"


def _widest(groups: list[ErrorGroup]) -> tuple[ErrorGroup, str] | None:
    """The group whose errors spread most and where it stands, unless all spread alike."""
    if len(groups) < 2:
        return None
    spread = [group.p90 - group.p10 for group in groups]
    widest = spread.index(max(spread))
    if spread[widest] <= WIDER * min(spread):
        return None
    third = len(groups) / 3
    return groups[widest], "lowest" if widest < third else "highest" if widest >= 2 * third else "middle"


def _errors_title(groups: list[ErrorGroup]) -> str:
    widest = _widest(groups)
    return f"Errors are widest among the {widest[1]} predictions" if widest else "Errors are about as wide everywhere"


def _explained(inputs: Inputs) -> str:
    share = comparison.score(inputs, "candidate", "r2")
    if share is None:
        return "Predicted against actual"
    if share <= 0:
        return f"It explains nothing of what differs between {inputs.words.many}"
    digits = 1 if 0.99 < share < 1 else 0
    part = percent(min(share, 0.999) if digits else share, digits)
    return f"It explains {part} of what differs between {inputs.words.many}"


def _calibration_title(inputs: Inputs) -> str:
    """Whether the intervals hold what they promise: over all rows, then for small and large predictions alike."""
    groups, share = inputs.plots.calibration, promised_share(inputs)
    if not groups:
        return ""
    word, held = judge_coverage(inputs), comparison.score(inputs, "candidate", "coverage")
    intervals = f"Its {percent(share)} intervals hold"
    if word == NOT_EVERYWHERE:
        few = [group for group in groups if holds_too_few(group.observed, group.high, share)]
        least = min(few, key=lambda group: group.observed)
        about = amounts(inputs).write(least.predicted, error=False)
        return f"{intervals} only {percent(least.observed)} where it predicts about {about}"
    if word == "as promised":
        return f"{intervals} what they promise" + (", for small and large predictions" if len(groups) > 1 else "")
    only = "only " if word == "too narrow" else ""
    return f"{intervals} {only}{percent(held)} of the {inputs.words.many}"
