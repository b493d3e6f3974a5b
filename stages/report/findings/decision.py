"""Page 1: the verdict, the four key numbers against what there is today, and the gates."""

from __future__ import annotations

from stages.report.findings import comparison
from stages.report.findings.amounts import amounts
from stages.report.findings.comparison import SPOKEN, baseline, confidence
from stages.report.findings.data import notes
from stages.report.findings.estimate import crossed, estimate, where
from stages.report.findings.inputs import Inputs, Row
from stages.report.findings.scored import promised, scored
from stages.report.findings.verdict import gates, verdict, why
from stages.wording.metrics import PER, Metric
from stages.wording.numbers import count, percent, plain, plural, shown
from stages.wording.vocabulary import a, sentence

DIRECTIONS = {"more": "higher is better", "less": "lower is better", "near": ""}
NO_CHOICE = {
    "failed": "A candidate that misses a required gate is not saved and cannot be approved.",
    "same": "This model is already the one in use. The next candidate that differs asks for a decision.",
}
"""Where there is nothing to sign, why."""


def decision(inputs: Inputs) -> Row:
    """All that page 1 shows."""
    found, task = verdict(inputs), comparison.task(inputs)
    return {
        **found,
        "lead": " ".join(_lead(inputs)),
        "champion": comparison.champion(inputs),
        "reference": comparison.reference(inputs),
        "key_numbers": [_key_number(inputs, comparison.measure(inputs, key)) for key in _keys(inputs)],
        "compared": [_compared(inputs, comparison.measure(inputs, key)) for key in task.compared],
        "compared_on": _compared_on(inputs),
        "estimate": estimate(inputs),
        "gates": gates(inputs),
        "options": _options(inputs, found),
        "no_choice": _no_choice(inputs, found["case"]),
        "note": _note(inputs),
        "per": PER,
        "confidence": confidence(inputs),
    }


def label(inputs: Inputs, measure: Metric) -> str:
    """What a key number is called, in the words of the data where there are any."""
    words = inputs.words
    given = {
        "auc": "Ranking quality, AUC",
        "recall": sentence(f"{words.cases} caught") if words.named else "Cases caught (recall)",
        "precision": sentence(f"{words.warning.many} that are right"),
        "cost": f"Cost per {count(PER)} {words.many}",
        "accuracy": "Right class (accuracy)",
        "coverage": f"Inside the {percent(promised(inputs))} interval",
    }
    text = given.get(measure.key, measure.label)
    unit = amounts(inputs).name if measure.kind == "error" else ""
    return f"{text}, {unit}" if unit else text


def _keys(inputs: Inputs) -> list[str]:
    """The task's key measures. Two guesses hold one of two classes; without intervals there is no coverage."""
    instead = {}
    if len(inputs.schema["target"]["classes"]) <= 2:
        instead["top2_accuracy"] = "balanced_accuracy"
    if comparison.score(inputs, "candidate", "coverage") is None:
        instead["coverage"] = "rmse"
    return [instead.get(key, key) for key in comparison.task(inputs).key]


def _key_number(inputs: Inputs, measure: Metric) -> Row:
    against, form = comparison.reference(inputs), comparison.form(inputs, measure.key)
    digits = comparison.task(inputs).decimals if measure.kind == "share" else form["digits"]
    return {
        "metric": measure.key,
        "label": label(inputs, measure),
        **comparison.scores(inputs, "candidate", measure.key),
        "form": {**form, "digits": digits},
        "points": measure.kind == "share",
        "against": _promise(inputs)
        if measure.key == "coverage"
        else {
            "model": SPOKEN[against],
            **comparison.difference(inputs, measure.key, against),
            "form": {**form, "unit": ""},
        },
    }


def _promise(inputs: Inputs) -> Row:
    """An interval is held against the share it promises: more inside is too wide, fewer too narrow."""
    found, share = comparison.scores(inputs, "candidate", "coverage"), promised(inputs)
    low, high = found["low"], found["high"]
    known = found["value"] is not None and low is not None and high is not None
    return {
        "model": f"the promised {percent(share)}",
        "value": found["value"] - share if known else None,
        "low": None,
        "high": None,
        "word": "not compared"
        if not known
        else "as promised"
        if low <= share <= high
        else "too narrow"
        if high < share
        else "too wide",
        "form": {"digits": 1, "scale": 100, "unit": ""},
    }


def _compared(inputs: Inputs, measure: Metric) -> Row:
    rows = [{"model": model, **comparison.scores(inputs, model, measure.key)} for model in SPOKEN]
    title = "Ranking quality (AUC)" if measure.key == "auc" else label(inputs, measure)
    return {
        "metric": measure.key,
        "label": title,
        "direction": DIRECTIONS[measure.better],
        "form": comparison.form(inputs, measure.key),
        "models": [row for row in rows if row["value"] is not None],
    }


def _compared_on(inputs: Inputs) -> str:
    """What the dots and lines are, and which of them comes from other rows."""
    text = f"Dot: {where(inputs)}. Line: {percent(confidence(inputs))} interval."
    if crossed(inputs) and comparison.champion(inputs)["state"] == "compared":
        text += " Model in use: hold-out."
    return text


def _lead(inputs: Inputs) -> list[str]:
    told = [scored(inputs)]
    if crossed(inputs) and comparison.champion(inputs)["state"] == "compared":
        told.append(_on_hold_out(inputs))
    state = comparison.champion(inputs)
    if state["state"] == "none":
        told.append("There is no model in use yet to compare it with.")
    elif state["state"] == "incomparable":
        told.append(f"It cannot be compared with the model in use: {state['reason'].rstrip('.')}.")
    failed = [gate for gate in gates(inputs) if gate["mark"] == "failed"]
    open_ = [gate for gate in gates(inputs) if gate["mark"] == "open"]
    if failed:
        told.append(f"It misses {plural(len(failed), 'required gate', 'required gates')}: {why(failed[:4])}.")
    elif open_:
        points = plural(len(open_), "gate needs", "gates need")
        told.append(f"{sentence(points)} your judgement: {why(open_[:4])}.")
    else:
        told.append("It meets every gate that applies.")
    if doubts := notes(inputs):
        told.append(f"Before you decide, read {plural(len(doubts), 'doubt', 'doubts')} about the data on page 2.")
    return told


def _on_hold_out(inputs: Inputs) -> str:
    """The rows that the model in use has not learnt from, either: the comparison is made on them alone."""
    measure = comparison.measure(inputs, comparison.task(inputs).primary)
    form, unit = comparison.form(inputs, measure.key), ""
    if measure.kind == "error":
        unit = f" {amounts(inputs).name}".rstrip()
    own, other = (shown(value, form) + unit for value in comparison.alike(inputs, "champion", measure.key))
    rows = plural(inputs.evaluation["rows"]["test"], inputs.words.one, inputs.words.many)
    return f"On the {rows} of the hold-out: {measure.label} {own}, the model in use {other}."


def _options(inputs: Inputs, found: Row) -> list[Row]:
    """The choices there are; none for a candidate that was refused or is in use already."""
    if found["case"] in NO_CHOICE:
        return []
    stays = comparison.champion(inputs)["version"] is not None
    otherwise = "The model in use keeps serving." if stays else "There is still no approved model."
    return [
        {
            "choice": "Approve",
            "means": "The candidate becomes the model in use. What is served is marked as approved.",
        },
        {
            "choice": "Approve with conditions",
            "means": "As above, and each open point gets an owner and a date beside your signature.",
        },
        {"choice": "Do not approve", "means": f"{otherwise} Nothing is published."},
    ]


def _no_choice(inputs: Inputs, case: str) -> str:
    """Why there is nothing to decide, and what serves meanwhile."""
    told = NO_CHOICE.get(case, "")
    if case != "failed":
        return told
    return told + (" The model in use keeps serving." if comparison.champion(inputs)["version"] else "")


def _note(inputs: Inputs) -> str:
    found, many = inputs.evaluation, inputs.words.many
    block = "" if found["block"] == "row" else found["block"].replace("_", " ")
    resampled = (
        f"{count(found['blocks'])} whole blocks (one per {block}), because {many} of one block are alike"
        if block
        else f"single {many}"
    )
    return (
        f"Intervals are {percent(confidence(inputs))} and resample {resampled}. Differences are taken on the same "
        f"{many}.{_terms(inputs)} A required gate that the whole interval does not meet forbids approval"
        + ("; where another one is not met or undecided, it is your call." if found["passed"] else ".")
    )


def _terms(inputs: Inputs) -> str:
    """What the cost is made of, what the outcome is, and what the baseline is."""
    words, costs = inputs.words, inputs.evaluation.get("costs")
    told = ""
    if costs:
        told += (
            f" Cost: {plain(costs['miss'])} for {a(words.warning.miss)}, {plain(costs['false_alarm'])} for "
            f"{a(words.warning.false_alarm)}."
        )
    if words.said:
        told += f" {sentence(words.positive)}: {words.phrase}."
    return f"{told} {baseline(inputs)}"
