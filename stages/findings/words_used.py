"""The terms a reader may not know, as far as this report uses them."""

from __future__ import annotations

from stages.findings import comparison
from stages.findings.estimate import crossed
from stages.findings.inputs import Inputs, Row
from stages.findings.numbers import percent
from stages.findings.wording import a

OWN = {
    "binary": {
        "AUC": "chance that of two {many}, one {positive} and one not, the first gets the higher risk",
        "Average precision": "share of right {warnings}, over all thresholds",
        "Brier score": "mean squared distance of risk and outcome",
    },
    "multiclass": {
        "Macro F1": "agreement with each class, every class counting alike",
        "Balanced accuracy": "share found of each class, every class counting alike",
        "Log loss": "how improbable the model held what came",
    },
    "regression": {
        "MAE": "mean absolute error",
        "R²": "share of what differs between {many} that is explained",
        "Bias": "mean of predicted less actual",
    },
}


def words(inputs: Inputs) -> list[Row]:
    """Terms and meanings."""
    task, found = inputs.evaluation["task"], inputs.evaluation
    said = {"many": inputs.words.many, "positive": inputs.words.positive, "warnings": inputs.words.warning.many}
    terms = {term: meaning.format(**said) for term, meaning in OWN[task].items()}
    sure = percent(comparison.confidence(inputs))
    terms["Interval"] = f"range that would hold the value in {sure} of tests like this one"
    if found["block"] not in ("", "row"):
        terms["Block"] = f"{inputs.words.many} of one {found['block'].replace('_', ' ')}, resampled together"
    if crossed(inputs):
        terms["Cross-validation"] = "each row is scored by models that were not fitted on it"
    else:
        terms["Hold-out"] = f"{inputs.words.many} kept apart for this test"
    terms["Baseline"] = a("rule that needs no model")
    if inputs.plots["shift"]:
        terms["PSI"] = "how far an input's distribution moved"
    terms["Gate"] = "rule fixed before training"
    return [{"word": word, "meaning": meaning} for word, meaning in terms.items()]
