"""How the scores were estimated: on rows held out, or, where the table is small, by repeated cross-validation."""

from __future__ import annotations

import msgspec

from stages.report.findings import comparison
from stages.report.findings.inputs import Inputs
from stages.report.findings.plots import ModelName
from stages.wording.numbers import count, plural
from stages.wording.vocabulary import sentence


class Item(msgspec.Struct, frozen=True):
    """A line of a table of two columns."""

    item: str
    value: str


class CrossValidation(msgspec.Struct, frozen=True):
    """What a reader must know of it, as numbers and as a table."""

    title: str
    folds: int
    repeats: int
    rows: int
    table: list[Item]


def is_cross_validated(inputs: Inputs) -> bool:
    """Whether the scores come from cross-validation."""
    return inputs.evaluation.estimate.by == "cross-validation"


def beside(inputs: Inputs) -> ModelName:
    """What stands beside the candidate on the very rows its scores come from: the baseline, where the model in use may
    have learnt from some of them.
    """
    return "baseline" if comparison.champion_rows(inputs) else comparison.reference(inputs)


def count_scored(inputs: Inputs) -> int:
    """The number of rows the scores come from."""
    found = inputs.evaluation
    return found.estimate.rows if is_cross_validated(inputs) else found.rows["test"]


def begin_summary(inputs: Inputs) -> str:
    """How a sentence on the scores begins."""
    many = inputs.words.many
    if is_cross_validated(inputs):
        return f"Over {count(count_scored(inputs))} {many}, each predicted by models that had not seen it"
    return f"Tested on {count(count_scored(inputs))} {many} that played no part in its training"


def where(inputs: Inputs) -> str:
    """Where the scores come from, after `on the` or `in the`."""
    return "cross-validation" if is_cross_validated(inputs) else "hold-out"


def during(inputs: Inputs) -> str:
    """The rows the scores come from, at the beginning of a sentence."""
    return "In cross-validation" if is_cross_validated(inputs) else "Over the hold-out"


def estimate(inputs: Inputs) -> CrossValidation | None:
    """What a reader must know of cross-validation; nothing where the scores are those of the hold-out."""
    if not is_cross_validated(inputs):
        return None
    found, many = inputs.evaluation.estimate, inputs.words.many
    folds, repeats = found.folds, found.repeats
    held = plural(inputs.evaluation.rows["test"], inputs.words.one, many)
    again = f"{count(repeats)} times, cut anew each time" if repeats > 1 else "once"
    table = [
        Item(sentence(many), f"{count(found.rows)}, each scored {again}"),
        Item("Folds", f"{folds}: fitted on {folds - 1}, scored on the one left out, in turn"),
        Item("Why", f"The hold-out of {held} alone would tell too little"),
    ]
    if on := comparison.champion_rows(inputs):
        table.append(
            Item("Model in use", f"Compared on {on} alone" + (f", {held}" if on == comparison.HOLD_OUT else ""))
        )
    return CrossValidation(f"Estimated by {folds}-fold cross-validation", folds, repeats, found.rows, table)
