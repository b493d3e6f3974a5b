"""Train: choose the estimator and its size on rows it was not fitted on, fit it, keep it whole.

Reads `data/features.csv`, `data/features.json` and the task and target of `data/schema.json`. Writes
`model/trained.pkl` (the whole pipeline, features to prediction), `metrics/train.json` and `metrics/learning_curve.csv`.
Killed at any point and started again it goes on from its last checkpoint and ends with the same bytes.
"""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec
import numpy as np
import sklearn

from stages.contracts.train_metrics import PATH as METRICS
from stages.core import params, run
from stages.core.files import write_bytes, write_json
from stages.model import estimators, fitting, folds
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


def key_of(section: Train, columns: Schema) -> str:
    """The checkpoint's key: all that boosting depends on, but for how many rounds there may be."""
    settings = msgspec.structs.replace(  # more rounds go on from where fewer ended; the rest is for what comes after
        section, max_rounds=1, patience=1, estimator="boosting", refit=False, interval=0.5, trees=1
    )
    versions = f"{sklearn.__version__} {np.__version__}"
    read = [path.read_bytes() for path in (FEATURES, DEFINITION, *CODE)]
    asked = msgspec.json.encode([columns.task, columns.target.positive, columns.target.classes])
    return checkpoint.key(*read, asked, versions.encode(), msgspec.json.encode(settings))


def work() -> None:
    """Train on the features, from the last checkpoint of the same data, code and params if there is one."""
    section = params.load("train", Train)
    columns, defined = schema.read(), definition.read()
    target = {columns.target.name: "number"} if columns.task == "regression" else {}
    rows = csv_io.read(FEATURES, {**defined.types, **target})
    model, metrics, curve = fit_model(rows, columns, defined, section, key_of(section, columns))
    write_bytes(MODEL, checkpoint.pack(model))
    write_json(METRICS, msgspec.to_builtins(metrics))
    csv_io.write(CURVE, curve)
    logging.info("train: %s, validation %s", metrics.estimator, metrics.validation)


def main() -> None:
    """`python -m stages.train`."""
    run.stage("train", work)


if __name__ == "__main__":
    main()
