"""Page 3 of a number: predicted against actual, how errors spread, and whether the intervals hold what they promise."""

from __future__ import annotations

from stages.report.findings import comparison
from stages.report.findings.amounts import amounts
from stages.report.findings.inputs import Inputs, Row
from stages.wording.numbers import percent

WIDER = 1.5
"""A group's errors spread wide where they are so many times those of the narrowest."""


def lead(inputs: Inputs) -> str:
    """The usual error, where errors are widest, and the level."""
    said, scores = amounts(inputs).said, inputs.evaluation["candidate"]
    told = f"Half of its predictions are less than {said(scores['median_ae'])} off, half are more."
    if amounts(inputs).nothing(scores["median_ae"]):
        told = "Half of its predictions are exact."
    widest = _widest(inputs.plots["errors"])
    if widest:
        group, where = widest
        told += (
            f" Its errors are widest among its {where} predictions (about {said(group['predicted'], error=False)}): "
            f"four in five are from {_sided(inputs, group['p10'])} to {_sided(inputs, group['p90'])}."
        )
    bias, interval = scores.get("bias"), inputs.evaluation["interval"].get("bias")
    if bias is not None and interval and not interval["low"] <= 0 <= interval["high"]:
        told += f" On average it predicts {said(abs(bias))} too {'high' if bias > 0 else 'low'}."
    return told


def findings(inputs: Inputs) -> Row:
    """What the figures show."""
    form = amounts(inputs)
    return {
        "unit": form.name,
        "value_form": form.form(error=False),
        "error_form": form.form(),
        "explained_title": _explained(inputs),
        "errors": inputs.plots["errors"],
        "errors_quantiles": {"low": 0.1, "middle": 0.5, "high": 0.9, "inside": 0.8},
        "errors_title": _errors_title(inputs.plots["errors"]),
        "calibration": inputs.plots["calibration"],
        "calibration_title": _calibration_title(inputs),
    }


def _sided(inputs: Inputs, error: float) -> str:
    """An error in words: €500 too low."""
    return f"{amounts(inputs).said(abs(error))} too {'low' if error < 0 else 'high'}"


def _widest(groups: list[Row]) -> tuple[Row, str] | None:
    """The group whose errors spread most and where it stands, unless all spread alike."""
    known = [group for group in groups if group["p10"] is not None and group["p90"] is not None]
    if len(known) < 2:
        return None
    spread = [group["p90"] - group["p10"] for group in known]
    widest = spread.index(max(spread))
    if spread[widest] <= WIDER * min(spread):
        return None
    third = len(known) / 3
    return known[widest], "lowest" if widest < third else "highest" if widest >= 2 * third else "middle"


def _errors_title(groups: list[Row]) -> str:
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
    """Judged where the service gives its interval; else over all shares."""
    points = inputs.plots["calibration"]
    if not points:
        return ""
    promised = inputs.evaluation.get("interval_share") or 0.8
    point = min(points, key=lambda row: abs(row["nominal"] - promised))
    if point["low"] is None or point["high"] is None or point["low"] <= point["nominal"] <= point["high"]:
        return f"Its {percent(point['nominal'])} intervals hold what they promise"
    few = "only " if point["observed"] < point["nominal"] else ""
    return (
        f"Its {percent(point['nominal'])} intervals hold {few}{percent(point['observed'])} of the {inputs.words.many}"
    )
