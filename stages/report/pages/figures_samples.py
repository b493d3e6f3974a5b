"""Page 7's table of rows as the service answered them, for each task."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reportlab.platypus import Flowable

from stages.pdf.flowables import Interval, Mark, Risk
from stages.pdf.layout import Sheet, marked, table
from stages.pdf.style import BLUE
from stages.pdf.text import bold, colored, safe
from stages.wording.numbers import percent, shown
from stages.wording.vocabulary import inside, sentence, shorten

Facts = dict[str, Any]
Rows = list[list[str | Flowable]]
MOVED = {"binary": "risk", "multiclass": "likeliest class's probability", "regression": "prediction"}
"""What the reasons are reasons of."""


def samples(sheet: Sheet, facts: Facts) -> list[Flowable]:
    """Answers with their main reasons and what happened."""
    head, rows, told = SAMPLES[facts["about"]["task"]](facts)
    unit = "points" if facts["about"]["task"] != "regression" else facts["about"]["forms"]["unit"]
    heads = ["Case", head, f"Main reasons{', ' + unit if unit else ''}", "What happened", "Call"]
    note = (
        f"Reasons: how far each input's value moves the {MOVED[facts['about']['task']]}, against the mean over that "
        "input's values in training, all else as it is. They are not causes."
    )
    body = table(heads, rows, [54, 104, 184, 103, 54], padding=2.4)
    return sheet.exhibit("As served", body, f"Hold-out rows answered by the service itself. {told}", note)


def _binary(facts: Facts) -> tuple[str, Rows, str]:
    """Risk against the usual share."""
    usual, threshold = facts["accuracy"]["rate"], facts["accuracy"]["threshold"]
    one = facts["about"]["warning"]["one"]
    rows: Rows = [
        [
            sample["kind"],
            Risk(sample["risk"], usual, threshold),
            marked(_reasons(sample), "cell muted"),
            f"{sentence(one) if sample['warned'] else 'No ' + one}; {sample['was']}",
            _right(sample),
        ]
        for sample in facts["served"]["samples"]
    ]
    return "Risk", rows, f"Tick: the usual share, {percent(usual)}."


def _multiclass(facts: Facts) -> tuple[str, Rows, str]:
    """The likeliest classes with their probabilities."""
    rows: Rows = [
        [
            sample["kind"],
            marked(_guesses(sample), "cell muted"),
            marked(_reasons(sample), "cell muted"),
            f"was {sample['actual']}",
            _right(sample),
        ]
        for sample in facts["served"]["samples"]
    ]
    return "Likeliest classes", rows, "Right and wrong ones."


def _guesses(sample: Facts) -> str:
    first, *rest = [f"{guess['name']}: {percent(guess['probability'])}" for guess in sample["guesses"]]
    return f"{colored(bold(first), BLUE)}<br/>{safe('; '.join(rest))}" if rest else colored(bold(first), BLUE)


def _regression(facts: Facts) -> tuple[str, Rows, str]:
    """The prediction in its interval, and where the actual value lay."""
    samples = facts["served"]["samples"]
    values = facts["about"]["forms"]["value"]
    drawn = [sample[key] for sample in samples for key in ("predicted", "actual", "low", "high")]
    typical = facts["served"]["typical"]
    known = [typical, *(value for value in drawn if value is not None)]
    rows: Rows = [
        [
            sample["kind"],
            Interval({**sample, "typical": typical}, min(known), max(known), shown(sample["predicted"], values)),
            marked(_reasons(sample), "cell muted"),
            f"{sentence(sample['told'])}; was {sample['was']}",
            Mark("met" if sample["inside"] else "failed", "Inside" if sample["inside"] else "Outside")
            if sample["inside"] is not None
            else "",
        ]
        for sample in samples
    ]
    unit = facts["about"]["forms"]["unit"]
    name = f", {unit}" if unit else ""
    line = "Line: its interval; dot" if any(sample["low"] is not None for sample in samples) else "Dot"
    about = f"{line}: predicted; tick: actual; grey: typical in training. "
    about += "Close: off by no more than half of all predictions are; far: by more."
    return f"Prediction{name}", rows, about


SAMPLES: dict[str, Callable[[Facts], tuple[str, Rows, str]]] = {
    "binary": _binary,
    "multiclass": _multiclass,
    "regression": _regression,
}
"""Each task's head of the answers, its rows, and what they show."""


def _right(sample: Facts) -> Mark:
    return Mark("met" if sample["right"] else "failed", "Right" if sample["right"] else "Wrong")


def _reasons(sample: Facts) -> str:
    told = [
        f"{inside(reason['label'])}{is_} {shorten(reason['value'], 20)} ({reason['told']})"
        for reason in sample["reasons"]
        for is_ in [" =" if reason["label"][-1:].isdigit() else ""]
    ]
    return safe("; ".join(told)) or "none found"
