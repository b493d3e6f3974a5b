"""Train: choose the estimator and its size on rows it was not fitted on, fit it, keep it whole.

Reads `data/features.csv`, `data/features.json` and the task and target of `data/schema.json`. Writes
`model/trained.pkl` (the whole pipeline, features to prediction), `metrics/train.json` and `metrics/learning_curve.csv`.
Killed at any point and started again it goes on from its last checkpoint and ends with the same bytes.
"""

from __future__ import annotations

import logging
import math
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import sklearn
from sklearn.pipeline import Pipeline

from stages.core import params, run
from stages.core.files import rounded, write_bytes, write_json
from stages.model import estimators
from stages.model.estimators import Labels, Train, answers, fit_encoder, labels
from stages.table import csv_io, schema
from stages.table.schema import Schema
from stages.train import checkpoint, selection
from stages.train.boosting import State
from stages.train.folds import Encoder, pairs, splits
from stages.train.leakage import suspects
from stages.train.losses import interval, scores
from stages.train.selection import Judged
from stages.transform import definition
from stages.transform.definition import DEFINITION

FEATURES = Path("data/features.csv")
MODEL = Path("model/trained.pkl")
METRICS = Path("metrics/train.json")
CURVE = Path("metrics/learning_curve.csv")
SHAPING = ("folds", "boosting", "losses", "checkpoint")
CODE = [Path(__file__), Path(estimators.__file__), *(Path(__file__).with_name(f"{name}.py") for name in SHAPING)]


def key_of(section: Train, columns: Schema) -> str:
    """The checkpoint's key: all that boosting depends on, but for how many rounds there may be."""
    settings = msgspec.structs.replace(  # more rounds go on from where fewer ended; the rest is for what comes after
        section, max_rounds=1, patience=1, estimator="boosting", refit=False, interval=0.5, trees=1
    )
    versions = f"{sklearn.__version__} {np.__version__}"
    read = [path.read_bytes() for path in (FEATURES, DEFINITION, *CODE)]
    asked = msgspec.json.encode([columns.task, columns.target.positive, columns.target.classes])
    return checkpoint.key(*read, asked, versions.encode(), msgspec.json.encode(settings))


def final(chosen: Judged, frame: pd.DataFrame, known: Labels, encode: Encoder, whole: bool) -> Pipeline:
    """The pipeline to keep, fitted on these rows; `whole` where the recipe's one fit, if any, was on just these."""
    fresh = encode(frame)
    model = (
        chosen.fitted
        if whole and chosen.fitted is not None
        else selection.fitted(chosen.recipe, fresh.transform(frame), known)
    )
    return Pipeline([("encode", fresh), ("model", model)])


def curve_of(state: State | None, chosen: Judged, train_loss: float) -> pd.DataFrame:
    """The learning curve: boosting's, or one point of an estimator that has none."""
    alone = [{"round": 0, "train_loss": train_loss, "validation_loss": chosen.loss}]
    return pd.DataFrame(state.curve if state else alone).astype({"round": np.int64})


def work() -> None:
    """Train on the features, from the last checkpoint of the same data, code and params if there is one."""
    section = params.load("train", Train)
    columns = schema.read()
    target, task, defined = columns.target, columns.task, definition.read()
    types = defined.types
    rows = csv_io.read(FEATURES, {**types, **({target.name: "number"} if task == "regression" else {})})
    frame, part = rows[list(types)], rows[defined.split].to_numpy(dtype=object)
    known = labels(rows[target.name], task, target)
    where = splits(part, known, section, task)
    encode = partial(fit_encoder, types=types, section=section)
    sides = pairs(frame, known, where, encode, (task, len(target.classes)))
    names = list(map(str, encode(frame.iloc[where[0][0]]).get_feature_names_out()))
    told = suspects(names, sides[0].fit, sides[0].judge, task)
    for name, reached in told.items():
        logging.warning(
            "train: %s alone tells the target of the validation rows (%s %.3f). If it is known only afterwards, list "
            "it in clean.drop_leaks of params.yaml.",
            name,
            "R²" if task == "regression" else "AUC",
            reached,
        )
    categories = sum(kind == "category" for kind in types.values())
    found, state = selection.tried(section, categories, sides, key_of(section, columns))
    chosen = selection.chosen(found, section.estimator)
    own = np.flatnonzero(part != "test" if section.refit else part == "train")
    model = final(chosen, frame.iloc[own], known[own], encode, whole=not section.folds and not section.refit)
    write_bytes(MODEL, checkpoint.packed(model))
    said = answers(model, frame.iloc[own], task, len(target.classes))
    judge = selection.judge_labels(sides)
    metrics: dict[str, Any] = {
        "train": scores(said, known[own], task),
        "validation": scores(chosen.answers, judge, task),
        "estimator": chosen.name,
        "losses": {one.name: one.loss for one in found},
        "shares": chosen.shares or {chosen.name: 1.0},
        "rounds": chosen.rounds,
        "rounds_tried": state.rounds if state else 0,
        "suspected_leaks": told,
    }
    if task == "regression":
        metrics["interval"] = interval(chosen.answers, judge, section.interval)
    digits = digits_of(known[own]) if task == "regression" else 6
    write_json(METRICS, rounded(metrics, digits))
    loss = metrics["train"]["rmse"] ** 2 if task == "regression" else metrics["train"]["log_loss"]
    csv_io.write(CURVE, curve_of(state, chosen, loss).round(digits))
    logging.info("train: %s, validation %s", chosen.name, metrics["validation"])


def digits_of(values: Labels) -> int:
    """Decimals that show six digits of what such values differ by, squared; six at least."""
    spread = float(values.std())
    return 6 if not 0 < spread < 1 else 6 + math.ceil(-2 * math.log10(spread))


def main() -> None:
    """`python -m stages.train`."""
    run.stage("train", work)


if __name__ == "__main__":
    main()
