"""Section 7's table of rows as the service answered them, for each task."""

from __future__ import annotations

from msgspec.structs import asdict
from reportlab.platypus import Flowable

from stages.pdf.flowables import Interval, Mark, Risk
from stages.pdf.layout import Sheet, marked, table
from stages.pdf.style import BLUE
from stages.pdf.text import bold, colored, safe
from stages.report.findings.accuracy_binary import BinaryAccuracy
from stages.report.findings.report import About, Forms, ReportFacts
from stages.report.findings.samples import BinarySample, MulticlassSample, RegressionSample, Sample
from stages.report.findings.served import Served
from stages.wording.explanation import ALL_ELSE
from stages.wording.numbers import percent, shown
from stages.wording.vocabulary import inside, sentence, shorten

Rows = list[list[str | Flowable]]
START = {"regression": "the mean", "multiclass": "the class's usual share"}
MOVED = {"multiclass": "likeliest class's probability", "regression": "prediction"}
"""What the reasons are reasons of."""


def samples(sheet: Sheet, facts: ReportFacts, found: Served) -> list[Flowable]:
    """Answers with their main reasons and what happened."""
    task, forms = facts.about.task, facts.about.forms
    if isinstance(facts.accuracy, BinaryAccuracy):
        head, rows, told = _binary(facts.accuracy, facts.about, found)
    elif forms is None:
        head, rows, told = _multiclass(found)
    else:
        head, rows, told = _regression(forms, found)
    unit = forms.unit if forms else "points"
    heads = ["Case", head, f"Main reasons{', ' + unit if unit else ''}", "What happened", "Call"]
    note = (
        f"Reasons lead from {START.get(task, 'the usual share')} in training to the "
        f"{MOVED.get(task, facts.about.outcome.risk)} and add up to it (Shapley values). They are not causes."
    )
    body = table(heads, rows, [54, 104, 184, 103, 54], padding=2.4)
    return sheet.exhibit("As served", body, f"Hold-out rows answered by the service itself. {told}", note)


def _binary(accuracy: BinaryAccuracy, about: About, found: Served) -> tuple[str, Rows, str]:
    """Risk against the usual share."""
    rows: Rows = [
        [
            sample.kind,
            Risk(sample.risk, found.usual or 0.0, accuracy.threshold),
            marked(_reasons(sample), "cell muted"),
            f"{sentence(about.warning.one) if sample.warned else 'No ' + about.warning.one}; {sample.was}",
            _right(sample),
        ]
        for sample in found.samples
        if isinstance(sample, BinarySample)
    ]
    return sentence(about.outcome.risk), rows, f"Tick: the usual share, {percent(found.usual)}."


def _multiclass(found: Served) -> tuple[str, Rows, str]:
    """The likeliest classes with their probabilities."""
    rows: Rows = [
        [
            sample.kind,
            marked(_guesses(sample), "cell muted"),
            marked(_reasons(sample), "cell muted"),
            f"was {sample.actual}",
            _right(sample),
        ]
        for sample in found.samples
        if isinstance(sample, MulticlassSample)
    ]
    return "Likeliest classes", rows, "Right and wrong ones."


def _guesses(sample: MulticlassSample) -> str:
    first, *rest = [f"{guess.name}: {percent(guess.probability)}" for guess in sample.guesses]
    return f"{colored(bold(first), BLUE)}<br/>{safe('; '.join(rest))}" if rest else colored(bold(first), BLUE)


def _regression(forms: Forms, found: Served) -> tuple[str, Rows, str]:
    """The prediction in its interval, and where the actual value lay."""
    samples = [sample for sample in found.samples if isinstance(sample, RegressionSample)]
    drawn = [value for one in samples for value in (one.predicted, one.actual, one.low, one.high)]
    known = [value for value in (found.usual, *drawn) if value is not None]
    rows: Rows = [
        [
            sample.kind,
            Interval(
                {**asdict(sample), "typical": found.usual},
                min(known),
                max(known),
                shown(sample.predicted, forms.value),
            ),
            marked(_reasons(sample), "cell muted"),
            f"{sentence(sample.told)}; was {sample.was}",
            Mark("met" if sample.inside else "failed", "Inside" if sample.inside else "Outside")
            if sample.inside is not None
            else "",
        ]
        for sample in samples
    ]
    name = f", {forms.unit}" if forms.unit else ""
    line = "Line: its interval; dot" if any(sample.low is not None for sample in samples) else "Dot"
    about = f"{line}: predicted; tick: actual; grey: typical in training. "
    about += "Close: off by no more than half of all predictions are; far: by more."
    return f"Prediction{name}", rows, about


def _right(sample: Sample) -> Mark:
    return Mark("met" if sample.right else "failed", "Right" if sample.right else "Wrong")


def _reasons(sample: Sample) -> str:
    if sample.reasons is None:
        return "none found"
    told = [
        f"{inside(reason.label)}{is_} {shorten(reason.value, 20)} ({reason.told})"
        for reason in sample.reasons.main
        for is_ in [" =" if reason.label[-1:].isdigit() else ""]
    ]
    rest = [f"{inside(ALL_ELSE)} ({sample.reasons.rest})"] if sample.reasons.rest else []
    return safe(f"From {sample.reasons.usual}: {'; '.join([*told, *rest])}")
