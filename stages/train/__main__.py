"""Train: choose the estimator and its size on rows it was not fitted on, fit it, keep it whole.

Reads `data/features.csv`, `data/features.json` and the task and target of `data/schema.json`. Writes
`model/trained.pkl` (the whole pipeline, features to prediction), `metrics/train.json` and `metrics/learning_curve.csv`.
Killed at any point and started again it goes on from its last checkpoint and ends with the same bytes. Where only the
hold-out changed, or what is told of columns, it has nothing to learn: what the last fit made is taken.
"""

from __future__ import annotations

import logging
import sys
from importlib.metadata import version
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import sklearn

from stages.contracts.train_metrics import PATH as METRICS
from stages.contracts.train_metrics import TrainMetrics
from stages.core import params, run
from stages.core.files import json_text, read_struct, write_together
from stages.model import estimators, fitting, folds, memo
from stages.model.params import Train
from stages.table import csv_io, schema
from stages.table.schema import Schema
from stages.train import boosting, checkpoint, fit, losses, splits
from stages.train.fit import fit_model
from stages.transform import definition
from stages.transform.definition import DEFINITION

FEATURES = Path("data/features.csv")
MODEL = Path("model/trained.pkl")
CURVE = Path("metrics/learning_curve.csv")
MODULES = (fit, splits, boosting, losses, checkpoint, estimators, fitting, folds)
CODE = [Path(__file__), *(Path(str(module.__file__)) for module in MODULES)]
PACKAGES = ("joblib", "numpy", "pandas", "pyarrow", "scikit-learn", "scipy", "threadpoolctl")
ROOMS = ("contracts", "core", "model", "table", "train", "transform")
"""Folders of code, below stages/, by which a fit may differ."""


def key_of(section: Train, columns: Schema, rows: pd.DataFrame) -> str:
    """The checkpoint's key: all that boosting depends on, but for how many rounds there may be."""
    settings = msgspec.structs.replace(  # more rounds go on from where fewer ended; the rest is for what comes after
        section, max_rounds=1, patience=1, estimator="boosting", refit=False, interval=0.5, trees=1
    )
    versions = f"{sklearn.__version__} {np.__version__}"
    read = [path.read_bytes() for path in (DEFINITION, *CODE)]
    return memo.make_key(*read, *_encode(columns, rows), versions.encode(), msgspec.json.encode(settings))


def key_of_all(section: Train, columns: Schema, rows: pd.DataFrame) -> str:
    """The key of what a fit ends with: the rows, what is asked of them, all code and all packages."""
    versions = " ".join([sys.version, *map(version, PACKAGES)])
    asked = [*_encode(columns, rows), DEFINITION.read_bytes(), msgspec.json.encode(section)]
    return memo.make_key(*asked, versions.encode(), memo.read_code(*ROOMS))


def _encode(columns: Schema, rows: pd.DataFrame) -> tuple[bytes, bytes]:
    asked = msgspec.json.encode([columns.task, columns.target.positive, columns.target.classes])
    return asked, csv_io.encode_csv(rows)


def work() -> None:
    """Train on the features, from the last checkpoint of the same rows, code and params if there is one."""
    section = params.load("train", Train)
    columns, defined = schema.read(), definition.read()
    target = {columns.target.name: "number"} if columns.task == "regression" else {}
    rows = csv_io.read(FEATURES, {**defined.types, **target})
    rows = rows[rows[defined.split] != "test"].reset_index(drop=True)  # evaluate alone sees the others

    def fit() -> dict[str, bytes]:
        model, metrics, curve = fit_model(rows, columns, defined, section, key_of(section, columns, rows))
        told = json_text(msgspec.to_builtins(metrics)).encode()
        return {str(MODEL): checkpoint.pack(model), str(METRICS): told, str(CURVE): csv_io.encode_csv(curve)}

    outputs = memo.recall("train", key_of_all(section, columns, rows), dict[str, bytes], fit)
    write_together({Path(path): content for path, content in outputs.items()})
    metrics = read_struct(METRICS, TrainMetrics)
    logging.info("train: %s, validation %s", metrics.estimator, metrics.validation)


def main() -> None:
    """`python -m stages.train`."""
    run.stage("train", work)


if __name__ == "__main__":
    main()
