"""The scores in a sentence or two, as page 1 begins: the candidate, and what it is held against."""

from __future__ import annotations

from stages.contracts.evaluation import Part, RegressionEvaluation
from stages.report.findings import comparison
from stages.report.findings.amounts import amounts
from stages.report.findings.comparison import SPOKEN
from stages.report.findings.estimate import begin_summary, beside, is_cross_validated
from stages.report.findings.inputs import Inputs
from stages.wording.metrics import PER
from stages.wording.numbers import count, fixed, listed, nothing, percent
from stages.wording.vocabulary import a

NOT_EVERYWHERE = "not everywhere"
"""What is said of intervals that hold too few rows of some group of predictions."""
LITTLE = 0.05
"""A share that is less by no more is as promised, however sure it is."""


def summarize_scores(inputs: Inputs) -> str:
    """What was tested and how well the candidate did, in the words of its task."""
    does = {"binary": _binary, "multiclass": _multiclass, "regression": _regression}[inputs.evaluation.task]
    return f"{begin_summary(inputs)}, the candidate {does(inputs)}"


def promised_share(inputs: Inputs) -> float:
    """The share of rows that the intervals of a regression should hold."""
    found = inputs.evaluation
    return (found.interval_share if isinstance(found, RegressionEvaluation) else None) or 0.8


def judge_coverage(inputs: Inputs) -> str:
    """Return in a word whether the intervals hold the share they promise: over all rows, and, where they do, in each
    group of rising prediction.
    """
    share, found = promised_share(inputs), comparison.scores(inputs, "candidate", "coverage")
    if found.low is None or found.high is None:
        return "not compared"
    if found.high < share:
        return "too narrow"
    if any(holds_too_few(group.observed, group.high, share) for group in inputs.plots.calibration):
        return NOT_EVERYWHERE
    return "too wide" if found.low > share else "as promised"


def holds_too_few(held: float | None, high: float | None, share: float) -> bool:
    """Whether intervals hold clearly fewer rows than they promise, and not only a little fewer."""
    return held is not None and high is not None and high < share and held < share - LITTLE


def clear_bias(inputs: Inputs) -> float | None:
    """The mean signed error of a regression, where its interval leaves out 0."""
    bias, ends = comparison.score(inputs, "candidate", "bias"), inputs.regression.interval.get("bias")
    if bias is None or ends is None or ends.low is None or ends.high is None or ends.low <= 0 <= ends.high:
        return None
    return bias


def _binary(inputs: Inputs) -> str:
    words, scores = inputs.words, inputs.binary.candidate
    ranked = f"reaches an AUC of {fixed(scores['auc'], 3)}{_other(inputs, 'reaches')}."
    rule = f"a {words.speech.risk} of {percent(inputs.binary.threshold)}"
    if scores["precision"] is None or scores["recall"] is None or not scores["recall"]:
        none = f"it {words.speech.raises}s no {words.warning.one}"
        if _warned(inputs):
            none = f"none of its {words.warning.many} is right"
        return f"{ranked} With {a(words.warning.one)} from {rule} on, {none}."
    return (
        f"{ranked} With {a(words.warning.one)} from {rule} on ({_write_share(_warned(inputs))} of all {words.many}), "
        f"it {words.speech.catches} {percent(scores['recall'])} of the {words.cases}, and "
        f"{percent(scores['precision'])} of its {words.warning.many} are right.{_saved(inputs)}"
    )


def _warned(inputs: Inputs) -> float:
    """The share of rows that the candidate calls positive."""
    calls = inputs.binary.confusion
    return (calls.tp + calls.fp) / (calls.tp + calls.fp + calls.fn + calls.tn)


def _write_share(share: float) -> str:
    """A share in points, of a small one with as many decimals as it takes to be none of 0."""
    digits = next((digits for digits in range(3) if not nothing(percent(share, digits))), 2) if share else 0
    return percent(share, digits)


def _saved(inputs: Inputs) -> str:
    """What its calls cost beside those that need no model: none at all, one for every row, and the baseline's."""
    if not comparison.knows_costs(inputs):
        return ""
    found, calls, words = inputs.binary, inputs.binary.confusion, inputs.words
    own, other = found.candidate["cost"], found.baseline["cost"]
    rows = calls.tp + calls.fp + calls.fn + calls.tn
    never, always = (PER * part / rows for part in (found.costs.miss * (calls.tp + calls.fn),
                                                    found.costs.false_alarm * (calls.fp + calls.tn)))  # fmt: skip
    if own is None or other is None or not min(never, always, other) > 0:
        return ""
    told = [
        f"{_compare(own, cost)} than {what} ({count(cost)})"
        for what, cost in ((f"no {words.warning.one} at all", never), (f"one for every {words.one}", always),
                           ("the baseline", other))
    ]  # fmt: skip
    return f" Its wrong calls cost {count(own)} per {count(PER)} {words.many}: {listed(told)}."


def _compare(own: float, other: float) -> str:
    """How much less or more it is, as a share of the other."""
    return f"{percent(abs(other - own) / other)} {'less' if own <= other else 'more'}"


def _multiclass(inputs: Inputs) -> str:
    scores = inputs.multiclass.candidate
    told = f"names the right class for {percent(scores['accuracy'], 1)}{_other(inputs, 'does so for')}."
    if len(inputs.schema.target.classes) > 2:
        told += f" Its two likeliest answers hold the right one for {percent(scores['top2_accuracy'], 1)}."
    return told


def _regression(inputs: Inputs) -> str:
    scores, write = inputs.regression.candidate, amounts(inputs).write
    half = (
        "Half of its predictions are exact"
        if amounts(inputs).is_zero(scores["median_ae"])
        else f"Half of its errors are below {write(scores['median_ae'])}"
    )
    told = f"is off by {write(scores['mae'])} on average{_other(inputs, 'is off by')}. {half}"
    if scores.get("coverage") is None:
        return f"{told}."
    held = f"{percent(scores['coverage'])} of the {inputs.words.many}"
    if judge_coverage(inputs) == NOT_EVERYWHERE:
        held += f", but {percent(scores['worst_coverage'])} where they hold least"
    return (
        f"{told}, and its {percent(promised_share(inputs))} intervals hold {held}.{_relative(inputs)}{_level(inputs)}"
    )


def _relative(inputs: Inputs) -> str:
    """The usual error as a share of the value, of values that are all above 0."""
    found = inputs.regression.relative
    if found is None or nothing(percent(found.median, 1)):
        return ""
    return (
        f" Of the value, half of its predictions are at most {percent(found.median, 1)} off, and "
        f"{percent(found.within)} are within {percent(found.tolerance)}."
    )


def _level(inputs: Inputs) -> str:
    """Whether predictions are off as a whole, and by how much of the mean."""
    bias, found = clear_bias(inputs), inputs.regression
    if bias is None:
        return ""
    parts: tuple[Part, ...] = ("train", "validation", "test") if is_cross_validated(inputs) else ("test",)
    mean = sum(found.target[part].mean * found.rows[part] for part in parts) / sum(found.rows[part] for part in parts)
    share = f", {percent(abs(bias / mean), 1)} of the mean" if found.relative else ""
    return f" As a whole it predicts {amounts(inputs).write(abs(bias))} too {'low' if bias < 0 else 'high'}{share}."


def _other(inputs: Inputs, does: str) -> str:
    """What the model in use, or else the baseline, does on the same rows; of cross-validation only the baseline."""
    against = beside(inputs)
    value = comparison.score(inputs, against, comparison.task(inputs).primary)
    if value is None:
        return ""
    return f"; {SPOKEN[against]} {does} {comparison.write_primary(inputs, value)} on the same {inputs.words.many}"
