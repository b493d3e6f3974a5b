"""Writes the pickled pipeline as an MLflow model: `python mlflow_model.py model.pkl folder task`."""

from __future__ import annotations

import sys

import joblib
import mlflow.sklearn

pickled, folder, task = sys.argv[1:]
mlflow.sklearn.save_model(
    joblib.load(pickled),
    folder,
    pip_requirements=[],
    serialization_format="cloudpickle",
    pyfunc_predict_fn="predict" if task == "regression" else "predict_proba",
)
