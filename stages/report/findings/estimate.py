"""How the scores were estimated: on rows held out, or, where the table is small, by repeated cross-validation."""

from __future__ import annotations

from stages.report.findings import comparison
from stages.report.findings.inputs import Inputs, Row
from stages.wording.numbers import count, plural
from stages.wording.vocabulary import sentence


def crossed(inputs: Inputs) -> bool:
    """Whether the scores come from cross-validation."""
    return bool(inputs.evaluation.get("estimate", {}).get("by") == "cross-validation")


def beside(inputs: Inputs) -> str:
    """What stands beside the candidate on the very rows its scores come from: in cross-validation the baseline, as the
    model in use may have learnt from any of them.
    """
    return "baseline" if crossed(inputs) else comparison.reference(inputs)


def scored(inputs: Inputs) -> int:
    """The number of rows the scores come from."""
    found = inputs.evaluation
    return int(found["estimate"]["rows"] if crossed(inputs) else found["rows"]["test"])


def tested(inputs: Inputs) -> str:
    """How a sentence on the scores begins."""
    many = inputs.words.many
    if crossed(inputs):
        return f"Over {count(scored(inputs))} {many}, each predicted by models that had not seen it"
    return f"Tested on {count(scored(inputs))} {many} that played no part in its training"


def where(inputs: Inputs) -> str:
    """Where the scores come from, after `on the` or `in the`."""
    return "cross-validation" if crossed(inputs) else "hold-out"


def during(inputs: Inputs) -> str:
    """The rows the scores come from, at the beginning of a sentence."""
    return "In cross-validation" if crossed(inputs) else "Over the hold-out"


def estimate(inputs: Inputs) -> Row:
    """What a reader must know of cross-validation; nothing where the scores are those of the hold-out."""
    if not crossed(inputs):
        return {}
    found, many = inputs.evaluation["estimate"], inputs.words.many
    folds, repeats = int(found["folds"]), int(found["repeats"])
    held = inputs.evaluation["rows"]["test"]
    rows = [
        {"item": sentence(many), "value": f"{count(found['rows'])}, each scored in every repeat"},
        {"item": "Folds", "value": f"{folds}: fitted on {folds - 1}, scored on the one left out, in turn"},
        {"item": "Repeats", "value": f"{repeats}, cut anew each time" if repeats > 1 else "1"},
        {"item": "Why", "value": f"The hold-out of {plural(held, inputs.words.one, many)} alone would tell too little"},
    ]
    if comparison.champion(inputs)["state"] == "compared":
        value = f"Compared on the hold-out alone, {plural(held, inputs.words.one, many)}"
        rows.append({"item": "Model in use", "value": value})
    return {
        "title": f"Estimated by {folds}-fold cross-validation",
        "folds": folds,
        "repeats": repeats,
        "rows": found["rows"],
        "table": rows,
    }
