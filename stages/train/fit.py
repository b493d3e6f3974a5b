"""From the features to the model to keep, without a file but for checkpoints."""

from __future__ import annotations

import logging
import math
from functools import partial
from typing import NamedTuple

import msgspec
import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from stages.contracts.train_metrics import TrainMetrics
from stages.core.files import round_floats
from stages.model.estimators import fit_encoder
from stages.model.fitting import Labels, encode_labels, predict
from stages.model.interval import measure_interval
from stages.model.params import Train
from stages.table.schema import Schema
from stages.train import selection
from stages.train.boosting import State
from stages.train.leakage import find_leaks
from stages.train.losses import score
from stages.train.selection import CandidateResult
from stages.train.splits import Encoder, encode_splits, split_rows
from stages.transform.definition import Definition


class Trained(NamedTuple):
    """The model, what metrics/train.json says of it, and its learning curve: round, train_loss, validation_loss."""

    model: Pipeline
    metrics: TrainMetrics
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
    y_true = encode_labels(rows[target.name], task, target)
    encode = partial(fit_encoder, types=types, section=section)
    positions = split_rows(part, y_true, section, task)
    splits = encode_splits(frame, y_true, positions, encode, task, len(target.classes))
    names = list(map(str, encode(frame.iloc[positions[0][0]]).get_feature_names_out()))
    leaks = find_leaks(names, splits[0].train, splits[0].validation, task)
    for name, reached in leaks.items():
        logging.warning(
            "train: %s alone tells the target of the validation rows (%s %.3f). If it is known only afterwards, list "
            "it in clean.drop_leaks of params.yaml.",
            name,
            "R²" if task == "regression" else "AUC",
            reached,
        )
    categories = sum(kind == "category" for kind in types.values())
    results, state = selection.evaluate_candidates(section, categories, splits, checkpoint)
    best = selection.select_best(results, section.estimator)
    own = np.flatnonzero(part != "test" if section.refit else part == "train")
    model = _fit_final(best, frame.iloc[own], y_true[own], encode, whole=not section.folds and not section.refit)
    validation = selection.validation_labels(splits)
    metrics = TrainMetrics(
        train=score(predict(model, frame.iloc[own], task, len(target.classes)), y_true[own], task),
        validation=score(best.predictions, validation, task),
        estimator=best.name,
        losses={result.name: result.loss for result in results},
        shares=best.weights or {best.name: 1.0},
        rounds=best.rounds,
        rounds_tried=state.rounds if state else 0,
        suspected_leaks=leaks,
        interval=measure_interval(best.predictions[:, 0], validation, section.interval, y_true[part != "test"])
        if task == "regression"
        else None,
    )
    digits = digits_of(y_true[own]) if task == "regression" else 6
    loss = metrics.train["rmse"] ** 2 if task == "regression" else metrics.train["log_loss"]
    shown = msgspec.convert(round_floats(msgspec.to_builtins(metrics), digits), TrainMetrics)
    if metrics.interval and shown.interval:  # an end that was rounded would leave out the rows that lie on it
        ends = {"least": metrics.interval.least, "most": metrics.interval.most}
        shown = msgspec.structs.replace(shown, interval=msgspec.structs.replace(shown.interval, **ends))
    return Trained(model, shown, _learning_curve(state, best, loss).round(digits))


def _fit_final(best: CandidateResult, frame: pd.DataFrame, y_true: Labels, encode: Encoder, whole: bool) -> Pipeline:
    """Return the pipeline to keep, fitted on these rows; `whole` where the one fit there may be was on just these."""
    encoder = encode(frame)
    model = (
        best.fitted
        if whole and best.fitted is not None
        else selection.fit_clone(best.estimator, encoder.transform(frame), y_true)
    )
    return Pipeline([("encode", encoder), ("model", model)])


def _learning_curve(state: State | None, best: CandidateResult, train_loss: float) -> pd.DataFrame:
    """Return boosting's curve, or one point of an estimator that has none."""
    alone = [{"round": 0, "train_loss": train_loss, "validation_loss": best.loss}]
    return pd.DataFrame(state.curve if state else alone).astype({"round": np.int64})


def digits_of(values: Labels) -> int:
    """Return the decimals that show six digits of what such values differ by, squared; six at least."""
    spread = float(values.std())
    return 6 if not 0 < spread < 1 else 6 + math.ceil(-2 * math.log10(spread))
