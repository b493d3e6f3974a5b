"""The terms a reader may not know, as far as this report uses them."""

from __future__ import annotations

import msgspec

from stages.contracts.evaluation import RegressionEvaluation
from stages.report.findings import comparison
from stages.report.findings.estimate import is_cross_validated
from stages.report.findings.inputs import Inputs
from stages.wording.numbers import percent
from stages.wording.vocabulary import a

OWN = {
    "binary": {
        "AUC": "chance that of two {many}, one {positive} and one not, the first gets the higher {risk}",
        "Average precision": "share of right {warnings}, over all thresholds",
        "Log loss": "mean penalty: the less probable what came was held to be, the larger",
        "Calibration error": "mean gap of predicted and observed share over ten groups",
        "Brier score": "mean squared distance of {risk} and outcome",
    },
    "multiclass": {
        "AUC": "chance that of two {many}, one of the class and one not, the first is held likelier to be of it",
        "Confidence": "probability given to the likeliest class",
        "Macro F1": "mean over the classes of the balance of found and right when named",
        "Balanced accuracy": "share found of each class, every class counting alike",
        "Log loss": "mean penalty: the less probable what came was held to be, the larger",
    },
    "regression": {
        "MAE": "mean absolute error",
        "Root mean square error": "like the mean error, but large errors count more",
        "R²": "share of what differs between {many} that is explained",
        "Bias": "mean of predicted less actual",
    },
}


class Term(msgspec.Struct, frozen=True):
    """A term and its meaning."""

    word: str
    meaning: str


def glossary(inputs: Inputs) -> list[Term]:
    """Return the terms with their meanings."""
    found = inputs.evaluation
    said = {"many": inputs.words.many, "positive": inputs.words.positive, "warnings": inputs.words.warning.many,
            "risk": inputs.words.speech.risk}  # fmt: skip
    terms = {term: meaning.format(**said) for term, meaning in OWN[found.task].items()}
    sure = percent(comparison.confidence(inputs))
    terms["Interval"] = f"range that would hold the value in {sure} of tests like this one"
    if isinstance(found, RegressionEvaluation) and found.interval_share is not None:
        share = percent(found.interval_share)
        terms[f"{share} interval"] = (
            f"range of a prediction that should hold the value of {share} of the {said['many']}"
        )
    if found.block not in ("", "row"):
        terms["Block"] = f"{inputs.words.many} of one {found.block.replace('_', ' ')}, resampled together"
    if is_cross_validated(inputs):
        terms["Cross-validation"] = "each row is scored by models that were not fitted on it"
    else:
        terms["Hold-out"] = f"{inputs.words.many} kept apart for this test"
    terms["Baseline"] = a("rule that needs no model")
    if inputs.plots.shift:
        terms["PSI"] = "how far an input's distribution moved"
    terms["Gate"] = "rule fixed before training"
    return [Term(word, meaning) for word, meaning in terms.items()]
