"""Section 7: what users will see, what to watch once it is live, and what is known not to hold."""

from __future__ import annotations

import msgspec

from stages.contracts.evaluation import AnyEvaluation, BinaryEvaluation, RegressionEvaluation
from stages.contracts.served_rows import ServedRow
from stages.model.psi import STRONG
from stages.report.findings import comparison
from stages.report.findings.comparison import SPOKEN
from stages.report.findings.inputs import Inputs
from stages.report.findings.samples import Samples, samples
from stages.report.findings.shift import reading
from stages.report.findings.weekly import weekly
from stages.wording.numbers import count, plain, plural
from stages.wording.params import Limit
from stages.wording.vocabulary import sentence

LIMITS = 6


class Signal(msgspec.Struct, frozen=True):
    """What to watch: the bound from which to act, what this test saw of it, and what to do then."""

    signal: str
    when: str
    seen: str
    then: str


class Served(msgspec.Struct, frozen=True):
    """All that section 7 shows; `usual` is the positive class's share, or the median of a number, in training."""

    title: str
    lead: str
    samples: Samples
    usual: float | None
    watch: list[Signal]
    limits: list[Limit]
    more_limits: int


def served(inputs: Inputs) -> Served | None:
    """Return what section 7 shows; nothing for a refused candidate, which was not served."""
    if inputs.served is None or inputs.manifest is None:
        return None
    found = samples(inputs)
    if not found:
        return None
    return Served(
        title=_title(inputs),
        lead=_lead(inputs, found),
        samples=found,
        usual=_usual(inputs.evaluation, inputs.served.rows[0]),
        watch=_watch(inputs, len(inputs.served.rows)),
        limits=inputs.params.limits[:LIMITS],
        more_limits=max(0, len(inputs.params.limits) - LIMITS),
    )


def _title(inputs: Inputs) -> str:
    found = inputs.evaluation
    what = {
        "binary": f"a {inputs.words.speech.risk}, the usual one beside it, and the main reasons",
        "multiclass": "the likeliest classes, their probabilities, and the main reasons",
        "regression": "a value, the interval it should lie in, and the main reasons",
    }[found.task]
    if isinstance(found, RegressionEvaluation) and found.interval_share is None:
        what = "a value, and the main reasons for it"
    return f"What users will see: {what}"


def _lead(inputs: Inputs, found: Samples) -> str:
    rows = plural(len(found), inputs.words.one, inputs.words.many)
    if inputs.evaluation.task == "regression":
        mistakes = "the nearest and the farthest prediction of all among them"
    else:
        wrong = sum(not row.right for row in found)
        mistakes = f"{plural(wrong, 'mistake', 'mistakes')} among them" if wrong else "none of them a mistake"
    return (
        f"{sentence(rows)} of the hold-out as the service itself answered, drawn at random within each kind of "
        f"outcome, {mistakes}. Each answer equals the one that was scored."
    )


def _usual(found: AnyEvaluation, row: ServedRow) -> float | None:
    if isinstance(found, RegressionEvaluation):
        return found.target["train"].median
    if isinstance(found, BinaryEvaluation):
        return row.explanation.usual if row.explanation else found.rate["train"]
    return None


def _watch(inputs: Inputs, answered: int) -> list[Signal]:
    alert, rows, weeks = inputs.alert, inputs.plots.shift, weekly(inputs)
    back = "roll back to the model in use" if comparison.champion(inputs).version else "stop the service"
    strong = sum(reading(row) == "strong" for row in rows)
    found = [
        Signal(
            signal="Service",
            when=f"More than {plain(alert.share * 100)}% of at least {count(alert.min_requests)} requests fail "
            f"within {_duration(alert.window_s)}; the service raises this alert itself",
            seen=f"{count(answered)} of {count(answered)} sample answers as scored",
            then=f"Read logs/api.log; {back}",
        ),
        Signal(
            signal="Inputs",
            when=f"An input's shift against training (PSI) is above {STRONG}",
            seen=f"{count(strong)} of {count(len(rows))} inputs in the hold-out",
            then="Find out why; retrain if scores fall, too",
        ),
    ]
    if weeks is None:
        return found
    return [
        *found,
        Signal(
            signal="Level",
            when="A week's mean prediction is off by more than the worst one here",
            seen=f"Worst week: {weeks.worst.said}" if weeks.worst.off else "No week off",
            then="Retrain on newer rows, or correct the level",
        ),
        Signal(
            signal=comparison.measure(inputs, comparison.task(inputs).primary).label,
            when=f"Two weeks running no better than {SPOKEN[weeks.other]}",
            seen=f"{count(weeks.behind)} of {count(weeks.whole)} whole weeks",
            then="Retrain, and decide anew",
        ),
    ]


def _duration(seconds: float) -> str:
    return f"{plain(seconds / 60)} minutes" if seconds > 60 else f"{plain(seconds)} seconds"
