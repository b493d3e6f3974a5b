"""From the features to the model to keep, without a file but for checkpoints."""

from __future__ import annotations

import logging
import math
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from stages.core.files import rounded
from stages.model.estimators import Labels, Train, answers, fit_encoder, labels
from stages.table.schema import Schema
from stages.train import selection
from stages.train.boosting import State
from stages.train.folds import Encoder, pairs, splits
from stages.train.leakage import suspects
from stages.train.losses import interval, scores
from stages.train.selection import Judged
from stages.transform.definition import Definition


class Trained(NamedTuple):
    """The model, what metrics/train.json says of it, and its learning curve: round, train_loss, validation_loss."""

    model: Pipeline
    metrics: dict[str, Any]
    curve: pd.DataFrame


def fit_model(
    rows: pd.DataFrame, columns: Schema, defined: Definition, section: Train, checkpoint: str | None = None
) -> Trained:
    """Return the estimator that `section` names, or the one with the lowest loss on validation rows, fitted.

    rows: the features, the target and the split, as `make_features` gives them. checkpoint: the name under which
    boosting is kept in .checkpoints/ and goes on from there, None for nowhere. Raises DataError for rows that cannot be
    learned from, TrainError for what scikit-learn refuses.
    """
    target, task, types = columns.target, columns.task, defined.types
    frame, part = rows[list(types)], rows[defined.split].to_numpy(dtype=object)
    y_true = labels(rows[target.name], task, target)
    where = splits(part, y_true, section, task)
    encode = partial(fit_encoder, types=types, section=section)
    sides = pairs(frame, y_true, where, encode, (task, len(target.classes)))
    names = list(map(str, encode(frame.iloc[where[0][0]]).get_feature_names_out()))
    leaks = suspects(names, sides[0].fit, sides[0].judge, task)
    for name, reached in leaks.items():
        logging.warning(
            "train: %s alone tells the target of the validation rows (%s %.3f). If it is known only afterwards, list "
            "it in clean.drop_leaks of params.yaml.",
            name,
            "R²" if task == "regression" else "AUC",
            reached,
        )
    categories = sum(kind == "category" for kind in types.values())
    candidates, state = selection.tried(section, categories, sides, checkpoint)
    chosen = selection.chosen(candidates, section.estimator)
    own = np.flatnonzero(part != "test" if section.refit else part == "train")
    model = _final(chosen, frame.iloc[own], y_true[own], encode, whole=not section.folds and not section.refit)
    said = answers(model, frame.iloc[own], task, len(target.classes))
    judge = selection.judge_labels(sides)
    metrics: dict[str, Any] = {
        "train": scores(said, y_true[own], task),
        "validation": scores(chosen.answers, judge, task),
        "estimator": chosen.name,
        "losses": {one.name: one.loss for one in candidates},
        "shares": chosen.shares or {chosen.name: 1.0},
        "rounds": chosen.rounds,
        "rounds_tried": state.rounds if state else 0,
        "suspected_leaks": leaks,
    }
    if task == "regression":
        metrics["interval"] = interval(chosen.answers, judge, section.interval)
    digits = digits_of(y_true[own]) if task == "regression" else 6
    loss = metrics["train"]["rmse"] ** 2 if task == "regression" else metrics["train"]["log_loss"]
    return Trained(model, rounded(metrics, digits), _curve(state, chosen, loss).round(digits))


def _final(chosen: Judged, frame: pd.DataFrame, known: Labels, encode: Encoder, whole: bool) -> Pipeline:
    """The pipeline to keep, fitted on these rows; `whole` where the recipe's one fit, if any, was on just these."""
    fresh = encode(frame)
    model = (
        chosen.fitted
        if whole and chosen.fitted is not None
        else selection.fitted(chosen.recipe, fresh.transform(frame), known)
    )
    return Pipeline([("encode", fresh), ("model", model)])


def _curve(state: State | None, chosen: Judged, train_loss: float) -> pd.DataFrame:
    """The learning curve: boosting's, or one point of an estimator that has none."""
    alone = [{"round": 0, "train_loss": train_loss, "validation_loss": chosen.loss}]
    return pd.DataFrame(state.curve if state else alone).astype({"round": np.int64})


def digits_of(values: Labels) -> int:
    """Decimals that show six digits of what such values differ by, squared; six at least."""
    spread = float(values.std())
    return 6 if not 0 < spread < 1 else 6 + math.ceil(-2 * math.log10(spread))
