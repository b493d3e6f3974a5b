"""Page 7's table of rows as the service answered them, for each task."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reportlab.platypus import Flowable

from stages.findings.numbers import percent, shown
from stages.findings.wording import inside, sentence, shorten
from stages.pdf.flowables import Interval, Mark, Risk
from stages.pdf.layout import Sheet, marked, table
from stages.pdf.style import BLUE
from stages.pdf.text import bold, colored, safe

Facts = dict[str, Any]
Rows = list[list[str | Flowable]]


def samples(sheet: Sheet, facts: Facts) -> list[Flowable]:
    """Answers with the inputs that matter most and what happened."""
    head, rows, told = SAMPLES[facts["about"]["task"]](facts)
    body = table(["", head, "Inputs that matter most", "What happened", ""], rows, [54, 104, 184, 103, 54], padding=2.4)
    return sheet.exhibit("As served", body, f"Hold-out rows answered by the service itself, {told}")


def _binary(facts: Facts) -> tuple[str, Rows, str]:
    """Risk against the usual share."""
    usual, threshold = facts["accuracy"]["rate"], facts["accuracy"]["threshold"]
    one = facts["about"]["warning"]["one"]
    rows: Rows = [
        [
            sample["kind"],
            Risk(sample["risk"], usual, threshold),
            marked(_inputs(sample), "cell muted"),
            f"{sentence(one) if sample['warned'] else 'No ' + one}; {_happened(sample, facts)}",
            _right(sample),
        ]
        for sample in facts["served"]["samples"]
    ]
    return "Risk", rows, f"one of each kind. Tick: the usual share, {percent(usual)}."


def _multiclass(facts: Facts) -> tuple[str, Rows, str]:
    """The likeliest classes with their probabilities."""
    rows: Rows = [
        [
            sample["kind"],
            marked(_guesses(sample), "cell muted"),
            marked(_inputs(sample), "cell muted"),
            f"was {sample['actual']}",
            _right(sample),
        ]
        for sample in facts["served"]["samples"]
    ]
    return "Likeliest classes", rows, "right and wrong."


def _guesses(sample: Facts) -> str:
    first, *rest = [f"{guess['name']} {percent(guess['probability'])}" for guess in sample["guesses"]]
    return f"{colored(bold(first), BLUE)}<br/>{safe('; '.join(rest))}" if rest else colored(bold(first), BLUE)


def _regression(facts: Facts) -> tuple[str, Rows, str]:
    """The prediction in its interval, and where the actual value lay."""
    values = facts["about"]["forms"]["value"]
    drawn = [sample[key] for sample in facts["served"]["samples"] for key in ("predicted", "actual", "low", "high")]
    known = [value for value in drawn if value is not None]
    rows: Rows = [
        [
            sample["kind"],
            Interval(sample, min(known), max(known), shown(sample["predicted"], values)),
            marked(_inputs(sample), "cell muted"),
            f"{sentence(sample['told'])}; was {shown(sample['actual'], values)}",
            Mark("met" if sample["inside"] else "failed", "Inside" if sample["inside"] else "Outside")
            if sample["inside"] is not None
            else _right(sample),
        ]
        for sample in facts["served"]["samples"]
    ]
    unit = facts["about"]["forms"]["unit"]
    name = f", {unit}" if unit else ""
    return f"Prediction{name}", rows, "close and far. Line: its interval; dot: predicted; tick: actual."


SAMPLES: dict[str, Callable[[Facts], tuple[str, Rows, str]]] = {
    "binary": _binary,
    "multiclass": _multiclass,
    "regression": _regression,
}
"""Each task's head of the answers, its rows, and what they show."""


def _right(sample: Facts) -> Mark:
    return Mark("met" if sample["right"] else "failed", "Right" if sample["right"] else "Wrong")


def _inputs(sample: Facts) -> str:
    return "; ".join(
        safe(f"{inside(shorten(part['label'], 24))} {shorten(part['value'], 20)}") for part in sample["inputs"]
    )


def _happened(sample: Facts, facts: Facts) -> str:
    positive = shorten(facts["about"]["outcome"]["positive"], 30)
    return f"was {positive}" if sample["happened"] else f"was not {positive}"
