"""Evaluate: how good the candidate is on rows it never saw, against the baseline and the champion, and by its gates.

Reads `model/trained.pkl`, `metrics/train.json`, `data/features.csv`, `data/clean.csv` and the champion. Writes
`metrics/evaluation.json` and what DVC shows of it, `metrics/summary.json`, the data of the plots in `metrics/plots/`,
`data/predictions.csv` and `data/out_of_fold.csv`.
The hold-out rows, which the former holds, are looked at here only. Where folds are asked for, the scores are those of
cross-validation over all rows, and the latter holds each of its predictions, so that anyone can compute them again; the
champion, which may have learnt from any other row, is compared on the hold-out all the same.
"""

from __future__ import annotations

import logging
import sys
from importlib.metadata import version as package_version
from pathlib import Path

import joblib
import msgspec
from sklearn.pipeline import Pipeline

from stages.contracts.evaluation import PATH as METRICS
from stages.contracts.evaluation import AnyEvaluation
from stages.contracts.summary import PATH as SUMMARY
from stages.contracts.summary import Summary
from stages.contracts.train_metrics import PATH as TRAINED
from stages.contracts.train_metrics import TrainMetrics
from stages.core import params, run
from stages.core.errors import ModelError
from stages.core.files import read_struct, sha256, write_json
from stages.evaluate.comparison import InUse
from stages.evaluate.evaluation import evaluate_model
from stages.evaluate.params import Evaluate, check
from stages.model import champion, memo
from stages.model.onnx_predict import VERSION_DIGITS
from stages.table import csv_io, schema
from stages.transform import definition
from stages.transform.definition import DEFINITION

CLEAN = Path("data/clean.csv")
FEATURES = Path("data/features.csv")
MODEL = Path("model/trained.pkl")
PREDICTIONS = Path("data/predictions.csv")
OUT_OF_FOLD = Path("data/out_of_fold.csv")
PLOTS = Path("metrics/plots")
PACKAGES = ("joblib", "numpy", "onnxruntime", "pandas", "pyarrow", "scikit-learn", "scipy", "threadpoolctl")
ROOMS = ("contracts", "core", "evaluate", "model", "table", "transform", "wording")
"""Folders of code, below stages/, by which a score may differ."""


def read_model() -> Pipeline:
    """Return the pipeline that train wrote in this very run of the DAG."""
    try:
        return joblib.load(MODEL)
    except FileNotFoundError:
        raise ModelError(f"{MODEL} is missing. Run `dvc repro train`.") from None
    except Exception as error:  # a damaged pickle may raise anything
        raise ModelError(f"{MODEL} is damaged ({type(error).__name__}). Run `dvc repro --force train`.") from None


def read_in_use(candidate: str) -> InUse:
    """Return the model in use, with its files where it is another one than the candidate."""
    version = champion.read_pointer().version
    if version in (None, candidate):
        return InUse(version)
    return InUse(version, champion.read_verified(), (champion.FOLDER / "model.onnx").read_bytes())


def key_of(section: Evaluate) -> str:
    """Return the key of all that decides how good the candidate is: neither the model in use nor the gates."""
    read = [sha256(path).encode() for path in (MODEL, CLEAN, FEATURES, DEFINITION, schema.SCHEMA, TRAINED)]
    asked = msgspec.json.encode(msgspec.structs.replace(section, gates={}))
    versions = " ".join([sys.version, *map(package_version, PACKAGES)])
    return memo.make_key(*read, asked, versions.encode(), memo.read_code(*ROOMS))


def summarize(trained: TrainMetrics, evaluation: AnyEvaluation) -> Summary:
    """Return what DVC shows of the candidate."""
    if evaluation.estimate.by == "cross-validation":
        return Summary(trained.validation, cross_validation=evaluation.candidate)
    return Summary(trained.validation, hold_out=evaluation.candidate)


def work() -> None:
    """Score the candidate, the baseline and the champion; judge the gates; write it all down."""
    section = params.load("evaluate", Evaluate)
    columns, defined = schema.read(), definition.read()
    check(section, columns)
    number = {columns.target.name: "number"} if columns.task == "regression" else {}
    clean, features = csv_io.read(CLEAN, columns.types), csv_io.read(FEATURES, {**defined.types, **number})
    model = read_model()
    version = sha256(MODEL)[:VERSION_DIGITS]
    trained = read_struct(TRAINED, TrainMetrics)
    evaluation, plots, predictions, out_of_fold = evaluate_model(
        model, version, clean, features, columns, defined, trained, section, read_in_use(version), key_of(section)
    )
    csv_io.write(PREDICTIONS, predictions)
    csv_io.write(OUT_OF_FOLD, out_of_fold)
    for name, rows in plots.items():
        csv_io.write(PLOTS / f"{name}.csv", rows)
    write_json(METRICS, msgspec.to_builtins(evaluation))
    write_json(SUMMARY, msgspec.to_builtins(summarize(trained, evaluation)))
    for name, gate in evaluation.gates.items():
        logging.info("evaluate: gate %s (%s): %s", name, gate.level, gate.result)


def main() -> None:
    """`python -m stages.evaluate`."""
    run.stage("evaluate", work)


if __name__ == "__main__":
    main()
