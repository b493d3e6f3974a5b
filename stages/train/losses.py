"""How far answers are from labels: the loss that chooses, and the scores that tell a person."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import roc_auc_score

from stages.contracts.metric_key import MetricKey
from stages.model.fitting import Floats, Labels
from stages.table.schema import Task

SMALLEST = float(np.finfo(np.float64).eps)
"""The least probability a label is taken to have had: a certain mistake costs much, but not all."""


def losses(predictions: Floats, y_true: Labels, task: Task) -> Floats:
    """Return each row's loss: the squared error of a value, or minus the logarithm of its class's probability."""
    if task == "regression":
        return np.square(predictions[:, 0] - y_true)
    first = predictions[:, 0]
    of_class = np.where(y_true, first, 1 - first) if task == "binary" else predictions[np.arange(len(y_true)), y_true]
    return np.asarray(-np.log(np.clip(of_class, SMALLEST, 1 - SMALLEST)))


def score(predictions: Floats, y_true: Labels, task: Task) -> dict[MetricKey, float]:
    """Return what metrics/train.json says of some rows."""
    loss = float(losses(predictions, y_true, task).mean())
    if task == "binary":
        return {"log_loss": loss, "auc": float(roc_auc_score(y_true, predictions[:, 0]))}
    if task == "multiclass":
        return {"log_loss": loss, "accuracy": float((predictions.argmax(axis=1) == y_true).mean())}
    error, spread = predictions[:, 0] - y_true, float(np.square(y_true - y_true.mean()).sum())
    explained = 1 - float(np.square(error).sum()) / spread if spread > 0 else 0.0
    return {"rmse": float(np.sqrt(loss)), "mae": float(np.abs(error).mean()), "r2": explained}
