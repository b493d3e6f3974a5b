"""Page 1: the verdict, the four key numbers against what there is today, and the gates."""

from __future__ import annotations

from stages.findings import comparison
from stages.findings.comparison import METRICS, SPOKEN, confidence
from stages.findings.inputs import Inputs, Row
from stages.findings.numbers import count, fixed, percent, plural
from stages.findings.verdict import gates, verdict, why
from stages.findings.wording import sentence

COMPARED = {"auc": "higher is better", "cost": "lower is better"}
PER = 1000
"""Costs and counts are told for so many rows."""
NO_CHOICE = {
    "failed": "Nothing: a candidate that misses a required gate is not saved and cannot be approved. The model saved "
    "before it, if there is one, stays as it was.",
    "same": "Nothing: this model is already the one in use. The next candidate that differs asks for a decision.",
}
"""Where there is nothing to sign, why."""


def decision(inputs: Inputs) -> Row:
    """All that page 1 shows."""
    found = verdict(inputs)
    return {
        **found,
        "lead": " ".join(_lead(inputs)),
        "champion": comparison.champion(inputs),
        "reference": comparison.reference(inputs),
        "key_numbers": [_key_number(inputs, metric, label) for metric, label in _labels(inputs).items()],
        "compared": [
            {
                "metric": metric,
                "label": "Ranking quality (AUC)" if metric == "auc" else f"Cost per {count(PER)} {inputs.words.many}",
                "direction": direction,
                "digits": METRICS[metric].digits,
                "models": _dots(inputs, metric),
            }
            for metric, direction in COMPARED.items()
        ],
        "gates": gates(inputs),
        "options": _options(inputs, found),
        "no_choice": NO_CHOICE.get(found["case"], ""),
        "note": _note(inputs),
        "per": PER,
        "confidence": confidence(inputs),
    }


def _labels(inputs: Inputs) -> dict[str, str]:
    words = inputs.words
    return {
        "auc": "Ranking quality, AUC",
        "recall": sentence(f"{words.cases} caught"),
        "precision": sentence(f"{words.warning.many} that are right"),
        "cost": f"Cost per {count(PER)} {words.many}",
    }


def _key_number(inputs: Inputs, metric: str, label: str) -> Row:
    against = comparison.reference(inputs)
    return {
        "metric": metric,
        "label": label,
        **comparison.scores(inputs, "candidate", metric),
        "against": {"model": SPOKEN[against], **comparison.difference(inputs, metric, against)},
    }


def _dots(inputs: Inputs, metric: str) -> list[Row]:
    rows = [{"model": model, **comparison.scores(inputs, model, metric)} for model in SPOKEN]
    return [row for row in rows if row["value"] is not None]


def _lead(inputs: Inputs) -> list[str]:
    words, scores = inputs.words, inputs.evaluation["candidate"]
    against = comparison.reference(inputs)
    told = [
        f"Tested on {count(inputs.evaluation['rows']['test'])} {words.many} that played no part in its training, the "
        f"candidate reaches an AUC of {fixed(scores['auc'], 2)}; {SPOKEN[against]} reaches "
        f"{fixed(comparison.score(inputs, against, 'auc'), 2)} on the same {words.many}.",
        _alert(inputs, scores),
    ]
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
        points = plural(len(open_), "point needs", "points need")
        told.append(f"{sentence(points)} your judgement: {why(open_[:4])}.")
    else:
        told.append("It meets every gate that applies.")
    return told


def _alert(inputs: Inputs, scores: Row) -> str:
    words = inputs.words
    if scores["precision"] is None or scores["recall"] is None or not scores["recall"]:
        return f"At the threshold of {percent(inputs.evaluation['threshold'])} it raises no right {words.warning.one}."
    return (
        f"With a {words.warning.one} from a risk of {percent(inputs.evaluation['threshold'])} on, it catches "
        f"{percent(scores['recall'])} of the {words.cases}, and {percent(scores['precision'])} of its "
        f"{words.warning.many} are right."
    )


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


def _note(inputs: Inputs) -> str:
    found = inputs.evaluation
    resampled = (
        f"{count(found['blocks'])} whole blocks (one per {found['block'].replace('_', ' ')}), because "
        f"{inputs.words.many} of one block are alike"
        if found["block"]
        else f"single {inputs.words.many}"
    )
    return (
        f"Intervals are {percent(confidence(inputs))} and resample {resampled}. Differences are taken on the same "
        f"{inputs.words.many}. A required gate that the whole interval does not meet forbids approval; where another "
        "one is not met or undecided, it is your call."
    )
